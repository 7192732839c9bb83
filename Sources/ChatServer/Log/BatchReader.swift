import Domain
import Storage
import Synchronization

/// Asks the database what many clients want to know: what waits goes into one statement.
///
/// A question alone is asked at once. When everybody comes back at the same moment the connections are busy, what waits for them grows, and each takes
/// many questions together, for hardly more than one of them costs.
final class BatchReader<Question: Sendable, Answer: Sendable>: Sendable {
  typealias Completion = @Sendable (Result<Answer, any Error>) -> Void
  /// Asks; one answer for each question, in order.
  typealias Statement = @Sendable ([Question], Session) throws -> [Result<Answer, DomainError>]

  private struct Waiting {
    var question: Question
    var completion: Completion
  }

  private struct State {
    /// Who came last.
    private var incoming: [Waiting] = []
    /// Who came first, the first one last: taken out one by one without moving the others, of which there may be a hundred thousand.
    private var outgoing: [Waiting] = []
    /// Requests to the pool that have not come to their end.
    var running = 0

    var count: Int { incoming.count + outgoing.count }

    mutating func append(_ waiting: Waiting) { incoming.append(waiting) }

    mutating func take(_ limit: Int) -> [Waiting] {
      var batch: [Waiting] = []
      while batch.count < limit, count > 0 {
        if outgoing.isEmpty { (outgoing, incoming) = (incoming.reversed(), []) }
        batch.append(outgoing.removeLast())
      }
      // Not even the room for those stays who came back together after a restart.
      if outgoing.isEmpty { outgoing = [] }
      return batch
    }
  }

  private let state = Mutex(State())
  private let database: Postgres
  private let (lanes, batchLimit, queueLimit): (Int, Int, Int)
  private let statement: Statement

  /// A reader.
  ///
  /// - Parameters:
  ///   - lanes: how many of the pool's connections it uses at once.
  ///   - batchLimit: the most questions of one statement.
  ///   - queueLimit: the most that wait; more are refused as `unavailable`.
  init(_ database: Postgres, lanes: Int, batchLimit: Int, queueLimit: Int = 100_000, statement: @escaping Statement) {
    (self.database, self.lanes, self.batchLimit, self.queueLimit) = (database, max(1, lanes), batchLimit, queueLimit)
    self.statement = statement
  }

  /// Asks. Never blocks; `completion` is called once, on a thread of the pool or, when the question is refused, possibly on the calling one.
  func read(_ question: Question, completion: @escaping Completion) {
    let (isTaken, isNeeded) = state.withLock { state in
      guard state.count < queueLimit else { return (false, false) }
      state.append(Waiting(question: question, completion: completion))
      guard state.running < lanes else { return (true, false) }
      state.running += 1
      return (true, true)
    }
    guard isTaken else { return completion(.failure(DomainError.unavailable)) }
    if isNeeded { readWaiting() }
  }

  /// The same for tasks. Throws: the `DomainError` of the answer; `DatabaseError`.
  func read(_ question: Question) async throws -> Answer {
    try await withCheckedThrowingContinuation { continuation in
      read(question) { continuation.resume(with: $0) }
    }
  }

  private func readWaiting() {
    database.submit { [self] session in
      let batch = take(batchLimit)
      let results: Result<[Result<Answer, DomainError>], any Error> = Result {
        batch.isEmpty ? [] : try statement(batch.map(\.question), session)
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
        if state.count == 0 { state.running -= 1 }
        return state.count > 0
      }
      if goesOn { readWaiting() }
    }
  }

  private func take(_ limit: Int) -> [Waiting] { state.withLock { $0.take(limit) } }
}
