internal import Synchronization

/// One request to the pool, from its arrival to its answer.
final class PoolJob: Sendable {
  private enum Phase {
    case waiting
    case running(CancelHandle)
    case over
  }
  private struct State {
    var phase = Phase.waiting
    var isCancelled = false
    var wasCancelSent = false
  }

  /// Unique in the process.
  let id: UInt64
  private let state = Mutex(State())
  private let body: @Sendable (Session) -> @Sendable () -> Void
  private let refusal: @Sendable (any Error) -> Void

  private static let ids = Atomic<UInt64>(0)
  static func nextID() -> UInt64 { ids.add(1, ordering: .relaxed).newValue }

  /// `body` uses the session and returns how to tell the result, which happens after the connection has gone back; `refusal` tells an error
  /// instead. One of the two is called, once.
  init(id: UInt64, body: @escaping @Sendable (Session) -> @Sendable () -> Void, refusal: @escaping @Sendable (any Error) -> Void)
  {
    (self.id, self.body, self.refusal) = (id, body, refusal)
  }

  /// A job around a throwing closure.
  static func make<T: Sendable>(
    id: UInt64, _ work: @escaping @Sendable (Session) throws -> T, completion: @escaping @Sendable (Result<T, any Error>) -> Void
  ) -> PoolJob {
    PoolJob(
      id: id,
      body: { session in
        var result = Result { try work(session) }
        if session.leftTransactionOpen(), case .success = result {
          result = .failure(DatabaseError(.misuse, "a transaction was left open and has been rolled back"))
        }
        let answer = result
        return { completion(answer) }
      }, refusal: { completion(.failure($0)) })
  }

  var isCancelled: Bool { state.withLock { $0.isCancelled } }

  /// Runs on the connection's thread. Returns what is to be called after the connection went back.
  func run(_ session: Session) -> @Sendable () -> Void {
    session.connection.cancelHandle.reset()
    let mayRun = state.withLock { state in
      guard !state.isCancelled else { return false }
      state.phase = .running(session.connection.cancelHandle)
      return true
    }
    guard mayRun else { return { [refusal] in refusal(CancellationError()) } }
    let answer = body(session)
    // Waits while a cancellation is being sent: afterwards none can be under way.
    let wasCancelSent = state.withLock { state in
      state.phase = .over
      return state.wasCancelSent
    }
    // One that Postgres got but has not looked at yet must not hit the next request.
    if wasCancelSent { session.absorbCancellation() }
    session.connection.cancelHandle.reset()
    return answer
  }

  func refuse(_ error: any Error) {
    state.withLock { $0.phase = .over }
    refusal(error)
  }

  /// Marks the job as not wanted any longer. Returns whether a statement may be running that has to be cancelled with `sendCancellation`.
  func cancel() -> Bool {
    state.withLock { state in
      guard !state.isCancelled else { return false }
      state.isCancelled = true
      if case .running = state.phase { return true }
      return false
    }
  }

  /// Blocks while Postgres is told; call it on a thread of its own.
  func sendCancellation() {
    state.withLock { state in
      guard case .running(let handle) = state.phase else { return }
      state.wasCancelSent = true
      handle.cancel()
    }
  }
}

extension Session {
  /// Rolls back what a request left open. Returns whether there was something, on a connection that still works.
  fileprivate func leftTransactionOpen() -> Bool {
    guard isAlive, isInTransaction else { return false }
    rollback()
    return true
  }

  /// Lets a cancellation that came too late hit an empty statement.
  fileprivate func absorbCancellation() {
    guard isAlive else { return }
    for _ in 0..<2 {
      do throws(DatabaseError) {
        _ = try connection.simple("SELECT")
        return
      } catch {
        if error.sqlState != "57014" { return connection.condemn() }
      }
    }
  }
}
