/// A pool of connections to Postgres; each connection owns a thread, on which everything that uses it runs.
///
/// Connections are made when they are first needed. While Postgres is away, requests fail at once with a temporary error and the pool
/// reconnects by itself. Dropping the last reference closes the pool, as `close` does.
public final class Postgres: Sendable {
  private let core: PoolCore

  /// A pool without connections yet. `onEvent` hears of connections made and lost, for logs and metrics, on the pool's threads.
  public init(_ configuration: PostgresConfiguration, onEvent: (@Sendable (PoolEvent) -> Void)? = nil) {
    core = PoolCore(configuration, onEvent: onEvent)
  }

  deinit { core.close() }

  /// What it was made with.
  public var configuration: PostgresConfiguration { core.configuration }

  /// What the pool does at this moment, for metrics and readiness.
  public var status: PoolStatus { core.status }

  /// Runs `body` on a connection; each statement is a transaction of its own unless `body` opens one.
  ///
  /// Throws: what `body` throws; `DatabaseError`; `CancellationError` when the task was cancelled, which also cancels the running statement.
  @discardableResult
  public func run<T: Sendable>(_ body: @escaping @Sendable (Session) throws -> T) async throws -> T {
    let id = PoolJob.nextID()
    let slot = Handoff()
    return try await withTaskCancellationHandler {
      do {
        return try await withCheckedThrowingContinuation { continuation in
          let job = PoolJob.make(id: id, body) { continuation.resume(with: $0) }
          if slot.put(job) { core.submit(job) } else { job.refuse(CancellationError()) }
        }
      } catch let error as DatabaseError where error.kind == .cancelled && Task.isCancelled {
        throw CancellationError()
      }
    } onCancel: {
      if let job = slot.cancel() { core.cancel(job) }
    }
  }

  /// Runs `body` in a transaction, and again when it meets 40001 or 40P01, at most `transactionAttempts` times.
  ///
  /// `body` must have no lasting effects but its statements. Throws: as `run` does; `.commitOutcomeUnknown` when the connection broke during COMMIT.
  @discardableResult
  public func transaction<T: Sendable>(
    isolation: Isolation = .readCommitted, readOnly: Bool = false, _ body: @escaping @Sendable (Session) throws -> T
  ) async throws -> T {
    try await run { session in
      try session.retryingConflicts {
        try session.transaction(isolation: isolation, readOnly: readOnly) { try body(session) }
      }
    }
  }

  /// The same as `run` for threads without async. Never blocks; `completion` is called once, on a thread of the pool or, when the request is
  /// refused, possibly on the calling one, and must not block.
  public func submit<T: Sendable>(
    _ body: @escaping @Sendable (Session) throws -> T, completion: @escaping @Sendable (Result<T, any Error>) -> Void
  ) {
    core.submit(PoolJob.make(id: PoolJob.nextID(), body, completion: completion))
  }

  /// Refuses further requests, lets those come to their end that run, and returns when every connection is closed.
  public func close() async {
    await withCheckedContinuation { continuation in core.close { continuation.resume() } }
  }
}

/// What a pool does at one moment.
public struct PoolStatus: Sendable, Hashable {
  /// Connections that exist.
  public var connections: Int
  /// Connections that run something.
  public var inUse: Int
  /// Requests that wait for one.
  public var waiting: Int
  /// Postgres could not be reached lately and no connection is left.
  public var isAway: Bool
}

/// What happens to a pool's connections.
public enum PoolEvent: Sendable {
  /// A connection was made.
  case connected
  /// A connection could not be made: why.
  case connectFailed(DatabaseError)
  /// A connection broke.
  case lost
}
