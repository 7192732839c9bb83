internal import CLibPQ

/// Where Postgres is and how to behave towards it.
///
/// Printing or dumping it shows no part of the conninfo, which may hold a password.
public struct PostgresConfiguration: Sendable, CustomStringConvertible, CustomReflectable {
  /// A libpq conninfo string or `postgresql://` address.
  public var conninfo: String
  /// What `pg_stat_activity` shows.
  public var applicationName: String
  /// The most connections of a pool, 1 or more. Default 8.
  public var poolSize = 8
  /// The most requests that wait for a connection; a further one is refused at once. Default 1000.
  public var queueLimit = 1000
  /// The longest that a request waits for a connection. Default 5 s.
  public var acquireTimeout: Duration = .seconds(5)
  /// The longest that a connection takes to be made; whole seconds, 2 or more. Default 5 s.
  public var connectTimeout: Duration = .seconds(5)
  /// The longest that a statement runs; zero: no limit. Default 30 s.
  public var statementTimeout: Duration = .seconds(30)
  /// The longest that Postgres may say nothing while it owes an answer; then the connection is given up, as if it had broken. It has to be longer
  /// than `statementTimeout`, after which a Postgres that lives does say something. Zero: no limit, which is the default.
  public var silenceLimit: Duration = .zero
  /// The longest that a statement waits for one lock; zero: no limit. Default 10 s.
  public var lockTimeout: Duration = .seconds(10)
  /// The longest that a transaction stands idle before Postgres ends it; zero: no limit. Default 60 s.
  public var idleTransactionTimeout: Duration = .seconds(60)
  /// How long a connection is idle before it is looked at. Default 30 s.
  public var idleCheck: Duration = .seconds(30)
  /// How many prepared statements each connection keeps. Default 256.
  public var statementCacheSize = 256
  /// Whether a statement is planned once for each connection and not anew for its values, and always by index: for servers whose few statements cost
  /// less to run than to plan. A table that was empty when a plan was made may be large when it runs. Default false.
  public var plansOnce = false
  /// How reconnecting slows down while Postgres is away.
  public var backoff = Backoff()
  /// How often a transaction is run in all when it meets 40001 or 40P01. Default 5.
  public var transactionAttempts = 5

  /// Defaults for all but the place and the name.
  public init(conninfo: String, applicationName: String) { (self.conninfo, self.applicationName) = (conninfo, applicationName) }

  /// The application's name only.
  public var description: String { "PostgresConfiguration(\(applicationName))" }
  /// The application's name only.
  public var customMirror: Mirror { Mirror(self, children: ["applicationName": applicationName]) }

  /// The keywords and values that libpq is given. Throws: `.misuse` when the conninfo cannot be read; the message quotes nothing of it.
  func parameters() throws(DatabaseError) -> [(keyword: String, value: String)] {
    var pairs: [(keyword: String, value: String)] = []
    var message: UnsafeMutablePointer<CChar>?
    guard let options = PQconninfoParse(conninfo, &message) else {
      PQfreemem(message)
      throw DatabaseError(.misuse, "the database's conninfo cannot be read; it is not shown because it may hold a password")
    }
    defer { PQconninfoFree(options) }
    var userOptions = ""
    var given: Set<String> = []
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val {
        let (keyword, value) = (String(cString: keyword), String(cString: value))
        if keyword == "options" { userOptions = value } else { pairs.append((keyword, value)) }
        given.insert(keyword)
      }
      option += 1
    }
    func add(_ keyword: String, _ value: String) {
      if !given.contains(keyword) { pairs.append((keyword, value)) }
    }
    add("application_name", applicationName)
    add("connect_timeout", String(max(2, connectTimeout.milliseconds / 1000)))
    // A peer that vanished without a word is noticed after about half a minute.
    add("keepalives_idle", "15")
    add("keepalives_interval", "5")
    add("keepalives_count", "3")
    add("tcp_user_timeout", "30000")
    pairs.append(("client_encoding", "UTF8"))
    // The planner's guesses about a young database are far too high, and compiling a query of a millisecond then takes seconds.
    let settings =
      "-c jit=off -c statement_timeout=\(statementTimeout.milliseconds) -c lock_timeout=\(lockTimeout.milliseconds)"
      + " -c idle_in_transaction_session_timeout=\(idleTransactionTimeout.milliseconds)"
    // Last, so that no default of a role or database and no conninfo turns it off: what is answered as committed is on the disk.
    let planning =
      plansOnce
      ? "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off" : ""
    let merged = [settings, planning, userOptions, "-c synchronous_commit=on"].filter { !$0.isEmpty }
    pairs.append(("options", merged.joined(separator: " ")))
    return pairs
  }
}

extension Duration {
  /// Whole milliseconds, cut off.
  var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
  /// Whole nanoseconds, cut off.
  var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
