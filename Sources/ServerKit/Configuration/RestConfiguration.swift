/// What RestAPI is told.
public struct RestConfiguration: Sendable {
  /// What all programs are told.
  public var shared: SharedConfiguration
  /// Where it listens.
  public var listen: HostPort
  /// Whether every connection must begin with a PROXY protocol v2 header.
  public var proxyProtocol: Bool
  /// The folder with the built pages.
  public var webRoot: String
  /// How many new password hashes may be computed at once.
  public var passwordHashes: Int
  /// How many sign-ins may wait for their turn.
  public var passwordQueue: Int

  /// Where files are kept.
  public var blobs: BlobConfiguration
  /// The folder with uploads that are under way.
  public var uploadFolder: String
  /// MiB that stay free on the disk of that folder.
  public var uploadReserve: Int
  /// The folder that gets a file with the ghost ledger's root each day. Empty: none.
  public var ghostRoots: String
  /// Where clamd listens: a path or HOST:PORT. Empty: files aren't scanned.
  public var scanner: String
  /// The folder that gets a file of each daily root. Empty: none.
  public var rootFolder: String
  /// The file with the private key that signs bundles of the action log. Empty: none are made here.
  public var auditKey: String

  /// Reads and checks the keys.
  ///
  /// - Throws: `ConfigurationFailure` on the first value that cannot be used.
  public init(_ reader: ConfigurationReader) throws(ConfigurationFailure) {
    shared = try SharedConfiguration(reader)
    listen = try reader.address(Self.listenKey)
    proxyProtocol = try reader.boolean(Self.proxyProtocolKey)
    webRoot = try reader.text(Self.webRootKey)
    passwordHashes = try reader.integer(Self.passwordHashesKey)
    passwordQueue = try reader.integer(Self.passwordQueueKey)
    blobs = try BlobConfiguration(reader)
    uploadFolder = try reader.text(Self.uploadFolderKey)
    uploadReserve = try reader.integer(Self.uploadReserveKey)
    ghostRoots = try reader.text(Self.ghostRootsKey)
    scanner = try reader.text(Self.scannerKey)
    rootFolder = try reader.text(Self.rootFolderKey)
    auditKey = try reader.text(Self.auditKeyKey)
    guard scanner.isEmpty || scanner.hasPrefix("/") || HostPort(scanner) != nil else {
      throw ConfigurationFailure(
        "The environment variable REST_CLAMAV must be a path that begins with / or HOST:PORT, but it is “\(scanner)”.")
    }
  }

  /// `REST_LISTEN`.
  public static let listenKey = ConfigurationKey(
    "REST_LISTEN", .address(mayBeEmpty: false), default: "127.0.0.1:8081",
    doc: "Where RestAPI listens. Port 0 lets the kernel choose.")
  /// `REST_PROXY_PROTOCOL`.
  public static let proxyProtocolKey = ConfigurationKey(
    "REST_PROXY_PROTOCOL", .boolean, default: "true",
    doc:
      "Whether every connection must begin with a PROXY protocol v2 header, as those of ChatServer do. Turn it off behind another proxy."
  )
  /// `REST_WEB_ROOT`.
  public static let webRootKey = ConfigurationKey(
    "REST_WEB_ROOT", .text(maximum: 1000), default: "web/dist", doc: "The folder with the built pages. Empty: no pages.")
  /// `REST_PASSWORD_HASHES`.
  public static let passwordHashesKey = ConfigurationKey(
    "REST_PASSWORD_HASHES", .integer(1...8), default: "2",
    doc: "How many password hashes are computed at once; each takes 64 MiB.")
  /// `REST_PASSWORD_QUEUE`.
  public static let passwordQueueKey = ConfigurationKey(
    "REST_PASSWORD_QUEUE", .integer(0...1000), default: "32",
    doc: "How many sign-ins may wait for a hash; those past it are told to come back (503).")

  /// `REST_UPLOAD_FOLDER`.
  public static let uploadFolderKey = ConfigurationKey(
    "REST_UPLOAD_FOLDER", .text(maximum: 1000), default: ".onefin/uploads",
    doc: """
      The folder with uploads that are under way, made if there is none. What is in it outlives a restart. Several RestAPIs must share one, or \
      each upload's requests must all reach the same: another has none of the bytes, and says so (409).
      """)
  /// `REST_UPLOAD_RESERVE`.
  public static let uploadReserveKey = ConfigurationKey(
    "REST_UPLOAD_RESERVE", .integer(0...1_000_000), default: "1024",
    doc: "MiB that stay free on the disk of `REST_UPLOAD_FOLDER`; uploads that would take them are refused (507).")
  /// `REST_CLAMAV`.
  public static let scannerKey = ConfigurationKey(
    "REST_CLAMAV", .text(maximum: 1000), default: "",
    doc:
      "Where clamd listens, such as `/run/clamav/clamd.ctl` or `127.0.0.1:3310`: every upload is scanned there, and none is taken while it is away. Its `StreamMaxLength` must be at least the largest upload. Empty: uploads aren't scanned."
  )
  /// `REST_ROOT_FOLDER`.
  public static let rootFolderKey = ConfigurationKey(
    "REST_ROOT_FOLDER", .text(maximum: 1000), default: "",
    doc: """
      A folder that gets a file `root-YYYY-MM-DD.json` for each daily root of the audit, made if there is none: to be mailed or copied to where nobody \
      who has the database can reach it (docs/audit.md). Empty: no files.
      """)
  /// `REST_AUDIT_KEY`.
  public static let auditKeyKey = ConfigurationKey(
    "REST_AUDIT_KEY", .text(maximum: 1000), default: "",
    doc: """
      The file with the private Ed25519 key, in PEM, that signs what the admin exports from the action log as a bundle (`onefin-cli audit key` makes \
      one). Empty: no bundles from the page.
      """)

  /// `REST_GHOST_ROOTS`.
  public static let ghostRootsKey = ConfigurationKey(
    "REST_GHOST_ROOTS", .text(maximum: 1000), default: "",
    doc:
      "A folder that gets a file with the root of the ledger of ghosts for each day, to be mailed out of the house. Empty: no files."
  )

  /// Every key of this part, without the shared ones.
  public static let keys = [
    listenKey, proxyProtocolKey, webRootKey, passwordHashesKey, passwordQueueKey, uploadFolderKey, uploadReserveKey, scannerKey,
    rootFolderKey, auditKeyKey, ghostRootsKey,
  ]
}
