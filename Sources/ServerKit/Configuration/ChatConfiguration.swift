/// What ChatServer is told.
public struct ChatConfiguration: Sendable {
  /// Where the certificate and its key lie.
  public struct TLSFiles: Sendable, Equatable {
    /// Path of the PEM file with the certificate and those between it and the root.
    public var certificate: String
    /// Path of the PEM file with the private key.
    public var key: String
  }

  /// What all programs are told.
  public var shared: SharedConfiguration
  /// Where it listens: the public address.
  public var listen: HostPort
  /// How many loops serve sockets, each on a thread.
  public var loops: Int
  /// The files of the certificate; nil: plain.
  public var tls: TLSFiles?
  /// Whether the connections of the listed proxies begin with a PROXY protocol v2 header.
  public var proxyProtocol: Bool
  /// RestAPI's address, to which everything but `/ws` is tunnelled; nil: no tunnel.
  public var upstream: HostPort?
  /// The origins whose pages may open a socket by cookie; empty: the request's own host.
  public var allowedOrigins: [String]
  /// The most sockets of one account.
  public var socketsPerAccount: Int
  /// The most sockets of one address.
  public var socketsPerAddress: Int

  /// Reads and checks the keys.
  ///
  /// - Throws: `ConfigurationFailure` on the first value that cannot be used.
  public init(_ reader: ConfigurationReader) throws(ConfigurationFailure) {
    shared = try SharedConfiguration(reader)
    listen = try reader.address(Self.listenKey)
    loops = try reader.integer(Self.loopsKey)
    tls = try Self.tlsFiles(reader)
    proxyProtocol = try reader.boolean(Self.proxyProtocolKey)
    guard !proxyProtocol || !shared.trustedProxies.isEmpty else {
      throw ConfigurationFailure(
        "CHAT_PROXY_PROTOCOL believes only the proxies that ONEFIN_TRUSTED_PROXIES lists, but it lists none.")
    }
    upstream = try reader.optionalAddress(Self.upstreamKey)
    allowedOrigins = reader.list(Self.allowedOriginsKey)
    socketsPerAccount = try reader.integer(Self.socketsPerAccountKey)
    socketsPerAddress = try reader.integer(Self.socketsPerAddressKey)
  }

  private static func tlsFiles(_ reader: ConfigurationReader) throws(ConfigurationFailure) -> TLSFiles? {
    let files = TLSFiles(certificate: try reader.text(tlsCertificateKey), key: try reader.text(tlsKeyKey))
    guard files.certificate.isEmpty == files.key.isEmpty else {
      throw ConfigurationFailure("CHAT_TLS_CERTIFICATE and CHAT_TLS_KEY belong together, but only one of them is set.")
    }
    return files.certificate.isEmpty ? nil : files
  }

  /// `CHAT_LISTEN`.
  public static let listenKey = ConfigurationKey(
    "CHAT_LISTEN", .address(mayBeEmpty: false), default: "127.0.0.1:8080",
    doc: "Where ChatServer listens. Unless another proxy stands in front, this is the public address.")
  /// `CHAT_LOOPS`.
  public static let loopsKey = ConfigurationKey(
    "CHAT_LOOPS", .integer(1...64), default: "1", doc: "How many loops serve sockets, each on a thread of its own.")
  /// `CHAT_TLS_CERTIFICATE`.
  public static let tlsCertificateKey = ConfigurationKey(
    "CHAT_TLS_CERTIFICATE", .text(maximum: 1_000), default: "",
    doc:
      "Path of a PEM file: the certificate, then those between it and the root. With it ChatServer itself speaks TLS 1.2 and 1.3. SIGHUP reads both files anew; connections stay. Empty: plain, for loopback behind a proxy."
  )
  /// `CHAT_TLS_KEY`.
  public static let tlsKeyKey = ConfigurationKey(
    "CHAT_TLS_KEY", .text(maximum: 1_000), default: "",
    doc: "Path of a PEM file: the certificate's private key, without a passphrase.")
  /// `CHAT_PROXY_PROTOCOL`.
  public static let proxyProtocolKey = ConfigurationKey(
    "CHAT_PROXY_PROTOCOL", .boolean, default: "false",
    doc:
      "Whether every connection of the proxies in `ONEFIN_TRUSTED_PROXIES` begins with a PROXY protocol v2 header. Anybody else's header is refused."
  )
  /// `CHAT_UPSTREAM`.
  public static let upstreamKey = ConfigurationKey(
    "CHAT_UPSTREAM", .address(mayBeEmpty: true), default: "127.0.0.1:8081",
    doc: "RestAPI's address, to which everything but `/ws` is tunnelled. Empty: no tunnel.")
  /// `CHAT_ALLOWED_ORIGINS`.
  public static let allowedOriginsKey = ConfigurationKey(
    "CHAT_ALLOWED_ORIGINS", .list, default: "",
    doc:
      "Origins, such as `https://chat.example.uz`, whose pages may open a socket by cookie. Empty: only the host that the request names."
  )

  /// `CHAT_SOCKETS_PER_ACCOUNT`.
  public static let socketsPerAccountKey = ConfigurationKey(
    "CHAT_SOCKETS_PER_ACCOUNT", .integer(1...10_000), default: "32",
    doc: "The most sockets that one account may have open at this process: devices and pages together.")
  /// `CHAT_SOCKETS_PER_ADDRESS`.
  public static let socketsPerAddressKey = ConfigurationKey(
    "CHAT_SOCKETS_PER_ADDRESS", .integer(1...1_000_000), default: "2000",
    doc: "The most sockets from one address. Generous: all customers of a mobile operator may share one. Loopback is not bounded."
  )

  /// Every key of this part, without the shared ones.
  public static let keys = [
    listenKey, loopsKey, tlsCertificateKey, tlsKeyKey, proxyProtocolKey, upstreamKey, allowedOriginsKey, socketsPerAccountKey,
    socketsPerAddressKey,
  ]
}
