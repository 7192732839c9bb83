import Domain
import Storage
import Synchronization

/// Reads the topics that people open: what waits goes into one statement.
///
/// A look alone runs at once. When everybody comes back at the same moment the connections are busy, what waits for them grows, and each takes many
/// looks together, for hardly more than one of them costs.
final class TopicReader: Sendable {
  /// The most looks of one statement. An answer may have a megabyte of text.
  static let batchLimit = 32

  typealias Completion = @Sendable (Result<TopicState, any Error>) -> Void

  private struct Waiting {
    var look: TopicLook
    var completion: Completion
  }

  private struct State {
    var waiting: [Waiting] = []
    /// Requests to the pool that have not come to their end.
    var running = 0
  }

  private let state = Mutex(State())
  private let database: Postgres
  private let clock: ChatClock
  private let lanes: Int
  private let queueLimit: Int

  /// A reader that uses half of the pool's connections, so that other reads get theirs; at most `queueLimit` looks wait.
  init(_ database: Postgres, clock: ChatClock, queueLimit: Int = 100_000) {
    (self.database, self.clock, self.queueLimit) = (database, clock, queueLimit)
    lanes = max(1, database.configuration.poolSize / 2)
  }

  /// Opens a topic. Never blocks; `completion` is called once, on a thread of the pool or, when the look is refused, possibly on the calling one.
  func read(_ look: TopicLook, completion: @escaping Completion) {
    let (isTaken, isNeeded) = state.withLock { state in
      guard state.waiting.count < queueLimit else { return (false, false) }
      state.waiting.append(Waiting(look: look, completion: completion))
      guard state.running < lanes else { return (true, false) }
      state.running += 1
      return (true, true)
    }
    guard isTaken else { return completion(.failure(DomainError.unavailable)) }
    if isNeeded { readWaiting() }
  }

  private func readWaiting() {
    database.submit { [self] session in
      let batch = take(Self.batchLimit)
      let results: Result<[Result<TopicState, DomainError>], any Error> = Result {
        batch.isEmpty ? [] : try TopicLog.states(batch.map(\.look), at: clock.now(), in: session)
      }
      return (batch, results)
    } completion: { [self] result in
      switch result {
      case .success((let batch, .success(let answers))):
        for (waiting, answer) in zip(batch, answers) { waiting.completion(answer.mapError { $0 }) }
      case .success((let batch, .failure(let error))):
        for waiting in batch { waiting.completion(.failure(error)) }
      case .failure(let error):
        // There was no connection: neither is there one for those who came meanwhile.
        for waiting in take(.max) { waiting.completion(.failure(error)) }
      }
      let goesOn = state.withLock { state in
        if state.waiting.isEmpty { state.running -= 1 }
        return !state.waiting.isEmpty
      }
      if goesOn { readWaiting() }
    }
  }

  private func take(_ limit: Int) -> [Waiting] {
    state.withLock { state in
      let batch = Array(state.waiting.prefix(limit))
      state.waiting.removeFirst(batch.count)
      return batch
    }
  }
}
