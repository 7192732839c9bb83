/// What every program of 1fin is told.
public struct SharedConfiguration: Sendable {
  /// When the session cookie is marked Secure.
  public enum CookieSecurity: String, Sendable, CaseIterable {
    /// When the request came over HTTPS, as ChatServer or a trusted proxy says.
    case auto
    /// Always.
    case always
    /// Never: for a test bench without TLS.
    case never
  }

  /// How to reach Postgres as the application's role.
  public var database: String
  /// How many connections the pool holds at most.
  public var databaseConnections: Int
  /// The least severe level that is logged.
  public var logLevel: String
  /// How log lines look.
  public var logFormat: LogFormat
  /// When cookies are Secure.
  public var cookieSecurity: CookieSecurity
  /// The addresses of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` count.
  public var trustedProxies: [String]
  /// The addresses that may read `/metrics`.
  public var metricsReaders: [String]
  /// The firm's name, shown on the sign-in page.
  public var firmName: String

  /// Reads and checks the keys.
  ///
  /// - Throws: `ConfigurationFailure` on the first value that cannot be used.
  public init(_ reader: ConfigurationReader) throws(ConfigurationFailure) {
    database = try reader.text(Self.databaseKey)
    databaseConnections = try reader.integer(Self.databaseConnectionsKey)
    logLevel = try reader.choice(Self.logLevelKey)
    switch try reader.choice(Self.logFormatKey) {
    case "human": logFormat = .human
    case "json": logFormat = .json
    default: logFormat = .forStandardError
    }
    cookieSecurity = CookieSecurity(rawValue: try reader.choice(Self.cookieSecureKey)) ?? .auto
    trustedProxies = reader.list(Self.trustedProxiesKey)
    metricsReaders = reader.list(Self.metricsReadersKey)
    firmName = try reader.text(Self.firmNameKey)
  }

  /// `ONEFIN_DATABASE`.
  public static let databaseKey = ConfigurationKey(
    "ONEFIN_DATABASE", .text(maximum: 2000), default: "dbname=onefin user=onefin_app", secret: true,
    doc: "How to reach Postgres as the application's role: a libpq conninfo string or address. A password in it is secret.")
  /// `ONEFIN_DATABASE_CONNECTIONS`.
  public static let databaseConnectionsKey = ConfigurationKey(
    "ONEFIN_DATABASE_CONNECTIONS", .integer(1...64), default: "4",
    doc: "How many connections to Postgres the pool of one process holds at most; each has a thread of its own.")
  /// `ONEFIN_LOG_LEVEL`.
  public static let logLevelKey = ConfigurationKey(
    "ONEFIN_LOG_LEVEL", .choice(["trace", "debug", "info", "notice", "warning", "error", "critical"]), default: "info",
    doc: "The least severe level that is logged.")
  /// `ONEFIN_LOG_FORMAT`.
  public static let logFormatKey = ConfigurationKey(
    "ONEFIN_LOG_FORMAT", .choice(["auto", "human", "json"]), default: "auto",
    doc: "How log lines look. `auto`: one short line each at a terminal, else one JSON object each.")
  /// `ONEFIN_COOKIE_SECURE`.
  public static let cookieSecureKey = ConfigurationKey(
    "ONEFIN_COOKIE_SECURE", .choice(CookieSecurity.allCases.map(\.rawValue)), default: "auto",
    doc:
      "Whether cookies are marked Secure. `auto`: when ChatServer speaks TLS itself, or a trusted proxy says that the request came over HTTPS."
  )
  /// `ONEFIN_TRUSTED_PROXIES`.
  public static let trustedProxiesKey = ConfigurationKey(
    "ONEFIN_TRUSTED_PROXIES", .list, default: "",
    doc: "Addresses of the proxies in front whose `X-Forwarded-For` and `X-Forwarded-Proto` count. Nobody else's do.")
  /// `ONEFIN_METRICS_READERS`.
  public static let metricsReadersKey = ConfigurationKey(
    "ONEFIN_METRICS_READERS", .list, default: "127.0.0.1,::1",
    doc: "Addresses that may read `/metrics`; for all others it doesn't exist.")
  /// `ONEFIN_FIRM_NAME`.
  public static let firmNameKey = ConfigurationKey(
    "ONEFIN_FIRM_NAME", .text(maximum: 100), default: "1fin", doc: "The firm's name, shown on the sign-in page.")

  /// Every key of this part.
  public static let keys = [
    databaseKey, databaseConnectionsKey, logLevelKey, logFormatKey, cookieSecureKey, trustedProxiesKey, metricsReadersKey,
    firmNameKey,
  ]
}
