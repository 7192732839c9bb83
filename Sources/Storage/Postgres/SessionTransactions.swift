internal import CLibPQ

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Musl
#endif

/// How much of other transactions a transaction sees.
public enum Isolation: String, Sendable {
  /// Each statement sees what was committed before it. The default.
  case readCommitted = "READ COMMITTED"
  /// Every statement sees what was committed before the first; writes in between end in 40001.
  case repeatableRead = "REPEATABLE READ"
  /// As if transactions ran one after the other; conflicts end in 40001.
  case serializable = "SERIALIZABLE"
}

extension Session {
  /// Runs `body` between BEGIN and COMMIT; rolls back when it throws. Inside another transaction it is a savepoint, and the arguments are ignored.
  ///
  /// Throws: what `body` throws; `DatabaseError`, and of it `.commitOutcomeUnknown` when the connection broke during COMMIT.
  @discardableResult
  public func transaction<T>(
    isolation: Isolation = .readCommitted, readOnly: Bool = false, _ body: () throws -> T
  ) throws -> T {
    guard depth == 0 else { return try savepoint(body) }
    _ = try connection.simple(Self.begin(isolation, readOnly))
    depth = 1
    defer { depth = 0 }
    let value: T
    do {
      value = try body()
    } catch {
      rollback()
      throw error
    }
    try commit()
    return value
  }

  /// Runs `body`, and again when it ends in 40001 or 40P01, at most `transactionAttempts` times with short random pauses between.
  ///
  /// `body` is a whole transaction and must have no other lasting effects. Throws: what the last run threw.
  @discardableResult
  public func retryingConflicts<T>(_ body: () throws -> T) throws -> T {
    var attempt = 1
    while true {
      do {
        return try body()
      } catch let error as DatabaseError where error.isRetryable && attempt < configuration.transactionAttempts && depth == 0 {
        let pause = Backoff(first: .milliseconds(2), limit: .milliseconds(50)).delay(after: attempt, random: .random(in: 0...1))
        // The thread belongs to this connection: nobody else waits for it.
        usleep(UInt32(pause.nanoseconds / 1000))
        attempt += 1
      }
    }
  }

  /// Rolls back what is open; does nothing otherwise. A failure means that the connection is gone, and the transaction with it.
  func rollback() {
    guard isAlive, isInTransaction else { return }
    do {
      _ = try connection.simple("ROLLBACK")
    } catch {
      connection.condemn()
    }
  }

  private func savepoint<T>(_ body: () throws -> T) throws -> T {
    let name = "s\(depth)"
    _ = try connection.simple("SAVEPOINT \(name)")
    depth += 1
    defer { depth -= 1 }
    let value: T
    do {
      value = try body()
    } catch {
      if isAlive { _ = try connection.simple("ROLLBACK TO \(name); RELEASE \(name)") }
      throw error
    }
    _ = try connection.simple("RELEASE \(name)")
    return value
  }

  static func begin(_ isolation: Isolation, _ readOnly: Bool) -> String {
    if isolation == .readCommitted && !readOnly { return "BEGIN" }
    return "BEGIN ISOLATION LEVEL \(isolation.rawValue)" + (readOnly ? " READ ONLY" : "")
  }

  private func commit() throws(DatabaseError) {
    guard isInTransaction || !isAlive else { throw DatabaseError(.misuse, "the transaction was ended inside its own scope") }
    // Lost before COMMIT was sent: it cannot have happened.
    guard isAlive else { throw DatabaseError(.connectionLost, "the connection broke before COMMIT") }
    let result: ResultStorage
    do {
      result = try connection.simple("COMMIT")
    } catch {
      throw outcome(ofCommit: error)
    }
    // A transaction in which a statement failed is rolled back by COMMIT without an error.
    guard result.commandTag == "COMMIT" else {
      throw DatabaseError(.misuse, "a statement of the transaction had failed, and its error was swallowed")
    }
  }

  /// What an error in answer to COMMIT means.
  func outcome(ofCommit error: DatabaseError) -> DatabaseError {
    guard !isAlive else { return error }
    return DatabaseError(
      .commitOutcomeUnknown, sqlState: error.sqlState, message: "the connection broke during COMMIT: \(error.message)")
  }
}
