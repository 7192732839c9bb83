internal import CLibPQ
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Musl
#endif

/// Asks Postgres to cancel what a connection is running, from any thread.
///
/// Unchecked: libpq allows `PQcancel` from any thread at any time while the PGcancel lives.
final class CancelHandle: @unchecked Sendable {
  private let raw: OpaquePointer?
  /// Whether a cancellation was asked for since the last `reset`.
  private let requested = Atomic(false)

  init(_ connection: OpaquePointer) { raw = PQgetCancel(connection) }

  deinit { if let raw { PQfreeCancel(raw) } }

  var wasRequested: Bool { requested.load(ordering: .acquiring) }

  func reset() { requested.store(false, ordering: .releasing) }

  /// Blocks until Postgres took the request, which says nothing about whether it came in time. A failure needs no answer: the statement
  /// then runs to its own end or time-out.
  func cancel() {
    guard let raw else { return }
    requested.store(true, ordering: .releasing)
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      _ = PQcancel(raw, buffer.baseAddress, 256)
    }
  }
}

/// The bare libpq connection: calls in, results or typed errors out. Used by one thread at a time.
final class Connection {
  let raw: OpaquePointer
  let cancelHandle: CancelHandle
  // Kept between calls, so that a statement allocates nothing for its parameters.
  private var values: [UnsafePointer<CChar>?] = []
  private var lengths: [Int32] = []
  private var formats: [Int32] = []
  private var isCondemned = false
  /// How long Postgres may be silent while it owes an answer, in milliseconds; -1: for ever.
  private let patience: Int32

  /// Connects, blocking for at most the connect time-out per address. Throws: `.connectionLost` with libpq's reason, free of the password.
  init(_ configuration: PostgresConfiguration) throws(DatabaseError) {
    let parameters = try configuration.parameters()
    let keywords = parameters.map { strdup($0.keyword) } + [nil]
    let values = parameters.map { strdup($0.value) } + [nil]
    defer { (keywords + values).forEach { free($0) } }
    let connection = PQconnectdbParams(keywords.map { UnsafePointer($0) }, values.map { UnsafePointer($0) }, 0)
    guard let connection else { throw DatabaseError(.outOfResources, "no memory for a connection") }
    guard PQstatus(connection) == CONNECTION_OK else {
      var message = Self.message(of: connection)
      PQfinish(connection)
      for (keyword, value) in parameters where keyword.contains("password") && !value.isEmpty {
        message = message.split(separator: value, omittingEmptySubsequences: false).joined(separator: "…")
      }
      throw DatabaseError(.connectionLost, message)
    }
    raw = connection
    patience = configuration.silenceLimit > .zero ? Int32(clamping: configuration.silenceLimit.milliseconds) : -1
    cancelHandle = CancelHandle(connection)
    // libpq would print notices to standard error.
    PQsetNoticeReceiver(connection, { _, _ in }, nil)
    // It must not wait inside of sending, where nobody could say for how long; `awaitResult` does all the waiting.
    PQsetnonblocking(connection, 1)
  }

  deinit { PQfinish(raw) }

  var isAlive: Bool { !isCondemned && PQstatus(raw) == CONNECTION_OK }
  var transactionStatus: PGTransactionStatusType { PQtransactionStatus(raw) }
  var processID: Int32 { PQbackendPID(raw) }
  var socket: Int32 { PQsocket(raw) }

  /// Gives the connection up: its state is no longer known.
  func condemn() { isCondemned = true }

  /// Whether the idle connection has been closed by the other side, as far as this side already knows. Costs one system call when nothing came.
  func noticeHangUp() -> Bool {
    guard isAlive else { return true }
    var poller = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    guard poll(&poller, 1, 0) > 0 else { return false }
    // A farewell, or only news of a changed setting: a round trip tells.
    do throws(DatabaseError) {
      _ = try simple("SELECT")
      return false
    } catch {
      return true
    }
  }

  /// Runs text as it is, possibly several statements, without parameters.
  func simple(_ text: String) throws(DatabaseError) -> ResultStorage {
    try checkUsable()
    return try finish(PQsendQuery(raw, text))
  }

  /// Throws: `.connectionLost` when the connection was given up. (libpq itself notices one that broke.)
  func checkUsable() throws(DatabaseError) {
    if isCondemned { throw DatabaseError(.connectionLost, "the connection was given up") }
  }

  /// Prepares `sql` under `name`.
  func prepare(_ sql: SQL, name: String) throws(DatabaseError) {
    try sendPrepare(sql, name: name)
    _ = try finish(1)
  }

  /// Runs a prepared statement.
  func execute(_ name: String, _ sql: SQL) throws(DatabaseError) -> ResultStorage {
    try send(name, sql)
    return try finish(1)
  }

  /// Reads all that Postgres has to say to what was sent: the last result, or the first error. (PQexec would return the last error, which
  /// after «terminating connection» is only that the connection broke.)
  private func finish(_ sent: Int32) throws(DatabaseError) -> ResultStorage {
    guard sent == 1 else { throw sendFailure() }
    var last: ResultStorage?
    var failure: DatabaseError?
    while let result = try nextResult() {
      do throws(DatabaseError) {
        last = try checked(result)
      } catch {
        if failure == nil { failure = error }
        if isCondemned { break }
      }
    }
    if var failure {
      if !isAlive, failure.kind != .misuse { failure.kind = .connectionLost }
      throw failure
    }
    guard let last else { throw sendFailure() }
    return last
  }

  /// The next result of what was sent; nil after the last one. Throws: `.connectionLost` when the connection was given up, which is also what becomes
  /// of one on which Postgres is silent for longer than `silenceLimit`: it is frozen, or cut off.
  func nextResult() throws(DatabaseError) -> OpaquePointer? {
    try checkUsable()
    while isAlive {
      let unsent = PQflush(raw)
      if unsent < 0 || (unsent == 0 && PQisBusy(raw) == 0) { break }
      var poller = pollfd(fd: socket, events: Int16(unsent > 0 ? POLLIN | POLLOUT : POLLIN), revents: 0)
      let ready = poll(&poller, 1, patience)
      if ready == 0 {
        condemn()
        throw DatabaseError(.connectionLost, "Postgres was silent for \(patience) ms")
      }
      if ready < 0 && errno == EINTR { continue }
      // What it has to say about a broken connection is in the result.
      if ready < 0 || PQconsumeInput(raw) != 1 { break }
    }
    return PQgetResult(raw)
  }

  /// The same as `prepare`, only sent.
  func sendPrepare(_ sql: SQL, name: String) throws(DatabaseError) {
    try checkUsable()
    let types = sql.parameters.map(\.type.rawValue)
    guard PQsendPrepare(raw, name, try Self.text(sql), Int32(types.count), types) == 1 else { throw sendFailure() }
  }

  /// The same as `execute`, only sent.
  func send(_ name: String, _ sql: SQL) throws(DatabaseError) {
    try checkUsable()
    guard withParameters(sql, { PQsendQueryPrepared(raw, name, $0, values, lengths, formats, 1) }) == 1 else {
      throw sendFailure()
    }
  }

  /// What went wrong while sending: nearly always that the connection broke.
  func sendFailure() -> DatabaseError { DatabaseError(isAlive ? .misuse : .connectionLost, Self.message(of: raw)) }

  /// Takes a result over and throws what it says.
  func checked(_ result: OpaquePointer?) throws(DatabaseError) -> ResultStorage {
    guard let result else { throw sendFailure() }
    let storage = ResultStorage(result)
    switch PQresultStatus(result) {
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_PIPELINE_SYNC: return storage
    case PGRES_EMPTY_QUERY: throw DatabaseError(.misuse, "the statement is empty")
    case PGRES_PIPELINE_ABORTED: throw DatabaseError(.other, "an earlier statement of the pipeline failed")
    case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
      // It would have to be spoken to its end.
      condemn()
      throw DatabaseError(.misuse, "COPY is not supported")
    default: throw error(of: result)
    }
  }

  private func error(of result: OpaquePointer) -> DatabaseError {
    func field(_ code: Character) -> String {
      guard let code = code.asciiValue, let text = PQresultErrorField(result, Int32(code)) else { return "" }
      return String(cString: text)
    }
    let state = field("C")
    var message = field("M")
    // «invalid input syntax for type uuid: "…"»: what is quoted is a value.
    if state.hasPrefix("22"), let quote = message.firstIndex(of: "\"") { message = String(message[..<quote]) + "…" }
    if message.isEmpty { message = Self.message(of: raw) }
    var kind = DatabaseError.kind(
      sqlState: state, constraint: field("n"), column: field("c"), wasCancelled: cancelHandle.wasRequested)
    if !isAlive { kind = .connectionLost }
    return DatabaseError(
      kind, sqlState: state, message: message, detail: field("D"), table: field("t"), column: field("c"), constraint: field("n"))
  }

  private static func text(_ sql: SQL) throws(DatabaseError) -> String {
    let markers = sql.text.utf8.count { $0 == 0 }
    guard markers == sql.parameters.count else { throw DatabaseError(.misuse, "a statement's text holds a NUL character") }
    return sql.statement
  }

  private static func message(of connection: OpaquePointer) -> String {
    let text = PQerrorMessage(connection).map { String(cString: $0) } ?? ""
    let lines = text.split(separator: "\n").map { $0.drop { $0 == " " || $0 == "\t" } }
    return lines.isEmpty ? "the connection broke" : lines.joined(separator: " ")
  }

  private func withParameters<R>(_ sql: SQL, _ body: (Int32) -> R) -> R {
    values.removeAll(keepingCapacity: true)
    lengths.removeAll(keepingCapacity: true)
    return sql.bytes.withUnsafeBytes { bytes in
      // An empty value needs an address too: NULL would be SQL's NULL.
      let base = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1)
      for parameter in sql.parameters {
        let start = parameter.length < 0 ? nil : base?.advanced(by: Int(parameter.offset))
        values.append(start?.assumingMemoryBound(to: CChar.self))
        lengths.append(max(0, parameter.length))
      }
      while formats.count < sql.parameters.count { formats.append(1) }
      return body(Int32(sql.parameters.count))
    }
  }
}
