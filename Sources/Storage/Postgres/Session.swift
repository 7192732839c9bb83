internal import CLibPQ

/// One connection in use, on the one thread that owns it: every call blocks until Postgres has answered.
///
/// Not Sendable: it never leaves the closure (or, when opened directly, the thread) that it was given to.
public final class Session {
  let connection: Connection
  let configuration: PostgresConfiguration
  var cache: StatementCache
  /// Open scopes of `transaction`: 1 is the transaction, more are savepoints.
  var depth = 0

  /// Connects on the calling thread. Throws: `.connectionLost` when Postgres is away, `.misuse` when the conninfo cannot be read.
  public static func open(_ configuration: PostgresConfiguration) throws(DatabaseError) -> Session {
    Session(try Connection(configuration), configuration)
  }

  private init(_ connection: Connection, _ configuration: PostgresConfiguration) {
    (self.connection, self.configuration) = (connection, configuration)
    cache = StatementCache(limit: configuration.statementCacheSize)
  }

  /// Whether the connection still works, as far as is known.
  public var isAlive: Bool { connection.isAlive }
  /// The process on Postgres' side.
  public var processID: Int32 { connection.processID }
  /// Whether a transaction is open.
  public var isInTransaction: Bool { connection.transactionStatus != PQTRANS_IDLE }

  /// Runs a statement. Throws: `DatabaseError`.
  public func rows(_ sql: SQL) throws -> [Row] { Array(try result(sql)) }

  /// Runs a statement; the rows are read in place, without an array of them. Throws: `DatabaseError`.
  public func result(_ sql: SQL) throws -> Rows { Rows(storage: try perform(sql)) }

  /// Runs a statement that returns at most one row. Throws: `DatabaseError`, `.misuse` when there are more.
  public func row(_ sql: SQL) throws -> Row? {
    let rows = try result(sql)
    guard rows.count <= 1 else { throw DatabaseError(.misuse, "\(rows.count) rows where at most one was expected") }
    return rows.first
  }

  /// Runs a statement that returns one row. Throws: `DatabaseError`, `.misuse` when there are none or more.
  public func one(_ sql: SQL) throws -> Row {
    guard let row = try row(sql) else { throw DatabaseError(.misuse, "no row where one was expected") }
    return row
  }

  /// The first column of at most one row, nil without a row. Throws: as `row` and `Row.decode` do.
  public func value<T: SQLValue>(_ sql: SQL, as type: T.Type = T.self) throws -> T? {
    guard let row = try row(sql) else { return nil }
    return try row.decode(at: 0, as: T.self)
  }

  /// Runs a statement. Returns how many rows it changed. Throws: `DatabaseError`.
  @discardableResult
  public func execute(_ sql: SQL) throws -> Int { try perform(sql).affected }

  /// Wakes whoever listens on `channel`, at the commit when a transaction is open. `payload` is under 8000 bytes. Throws: `DatabaseError`.
  public func notify(_ channel: String, _ payload: String = "") throws {
    _ = try perform("SELECT pg_notify(\(channel), \(payload))")
  }

  /// Runs statements of the program one after the other in one simple query: for migrations. Throws: `DatabaseError`.
  func script(_ text: String) throws(DatabaseError) { _ = try connection.simple(text) }

  /// One empty round trip. Throws: `.connectionLost`.
  public func ping() throws { _ = try connection.simple("SELECT") }

  /// A cancellation that came between two statements ends the work at the next one; COMMIT and ROLLBACK go on.
  func checkNotCancelled() throws(DatabaseError) {
    if connection.cancelHandle.wasRequested { throw DatabaseError(.cancelled, "the task was cancelled") }
  }

  private func perform(_ sql: SQL) throws(DatabaseError) -> ResultStorage {
    try checkNotCancelled()
    guard let name = cache.name(of: sql) else { return try connection.execute(try prepare(sql), sql) }
    do {
      return try connection.execute(name, sql)
    } catch {
      // After a migration «cached plan must not change result type», after DISCARD ALL «prepared statement does not exist».
      guard error.sqlState == "0A000" || error.sqlState == "26000" else { throw error }
      cache.remove(sql)
      guard !isInTransaction else { throw error }
      return try connection.execute(try prepare(sql), sql)
    }
  }

  private func prepare(_ sql: SQL) throws(DatabaseError) -> String {
    let name = cache.newName()
    try connection.prepare(sql, name: name)
    try keep(sql, name: name)
    return name
  }

  /// Puts a prepared statement into the cache; what makes room for it is deallocated on the server too.
  func keep(_ sql: SQL, name: String) throws(DatabaseError) {
    if let evicted = cache.insert(sql, name: name) { _ = try connection.simple("DEALLOCATE \(evicted)") }
  }
}
