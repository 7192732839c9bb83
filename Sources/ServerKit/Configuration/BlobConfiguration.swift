/// Where files are kept, as every program that reads or writes them is told.
public struct BlobConfiguration: Sendable, Equatable {
  /// Which store, and where in it.
  public enum Place: Sendable, Equatable {
    /// A folder of this machine, or of a file server that it has mounted.
    case folder(path: String)
    /// A bucket, and what the names of our objects begin with in it: empty, or ending with `/`.
    case bucket(name: String, prefix: String)

    /// Reads `folder:PATH` or `s3:BUCKET[/PREFIX]`; nil for anything else.
    public init?(_ text: String) {
      if text.hasPrefix("folder:"), text.count > "folder:".count {
        self = .folder(path: String(text.dropFirst("folder:".count)))
        return
      }
      guard text.hasPrefix("s3:") else { return nil }
      let parts = text.dropFirst("s3:".count).split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = parts.first, Self.isBucket(name) else { return nil }
      let prefix = parts.count > 1 ? parts[1] : ""
      guard prefix.utf8.count <= 500, Self.isPrefix(prefix) else { return nil }
      self = .bucket(name: String(name), prefix: prefix.isEmpty || prefix.hasSuffix("/") ? String(prefix) : prefix + "/")
    }

    /// What buckets are called everywhere: 3 to 63 lower-case letters, digits, dots and hyphens.
    private static func isBucket(_ name: Substring) -> Bool {
      (3...63).contains(name.utf8.count) && name.first != "-" && name.first != "." && name.last != "-" && name.last != "."
        && !name.contains("..")
        && name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 46 }
    }

    /// Letters that stand for themselves in every address.
    private static func isPrefix(_ text: Substring) -> Bool {
      !text.hasPrefix("/") && !text.contains("//") && !text.split(separator: "/").contains { $0.allSatisfy { $0 == "." } }
        && text.utf8.allSatisfy {
          (97...122).contains($0) || (65...90).contains($0) || (48...57).contains($0) || [45, 46, 47, 95].contains($0)
        }
    }
  }

  /// How the server of the bucket is reached.
  public struct Server: Sendable, Equatable {
    /// Its address.
    public var endpoint: ServiceAddress
    /// The region that signatures name.
    public var region: String
    /// Whether the bucket stands in the path, and not in the host's name.
    public var usesPath: Bool
    /// Who we are there.
    public var accessKey: String
    /// What we sign with.
    public var secretKey: String
    /// What the server encrypts objects with: empty, `AES256` or `aws:kms`.
    public var encryption: String
    /// The key that `aws:kms` uses; empty: the bucket's.
    public var encryptionKey: String

    /// A server.
    public init(
      endpoint: ServiceAddress, region: String, usesPath: Bool, accessKey: String, secretKey: String, encryption: String = "",
      encryptionKey: String = ""
    ) {
      (self.endpoint, self.region, self.usesPath) = (endpoint, region, usesPath)
      (self.accessKey, self.secretKey) = (accessKey, secretKey)
      (self.encryption, self.encryptionKey) = (encryption, encryptionKey)
    }
  }

  /// Which store.
  public var place: Place
  /// How its server is reached; nil for a folder.
  public var server: Server?

  /// A place and how to reach it.
  public init(place: Place, server: Server?) { (self.place, self.server) = (place, server) }

  /// Reads and checks the keys.
  ///
  /// - Parameter place: a place as in `BLOB_STORE` that counts instead of that key.
  /// - Throws: `ConfigurationFailure` on the first value that cannot be used.
  public init(_ reader: ConfigurationReader, place named: String? = nil) throws(ConfigurationFailure) {
    let text: String
    if let named { text = named } else { text = try reader.text(Self.storeKey) }
    guard let place = Place(text) else {
      throw ConfigurationFailure("A blob store is folder:PATH or s3:BUCKET or s3:BUCKET/PREFIX, but it is “\(text)”.")
    }
    self.place = place
    if case .bucket(let name, _) = place { server = try Self.server(reader, bucket: name) }
  }

  private static func server(_ reader: ConfigurationReader, bucket: String) throws(ConfigurationFailure) -> Server {
    let region = try reader.text(regionKey)
    let written = try reader.text(endpointKey)
    guard let endpoint = ServiceAddress(written.isEmpty ? "https://s3.\(region).amazonaws.com" : written) else {
      throw ConfigurationFailure("BLOB_S3_ENDPOINT must be http://HOST[:PORT] or https://HOST[:PORT], but it is “\(written)”.")
    }
    let addressing = try reader.choice(addressingKey)
    // The certificate of *.example.com is for one label and no more.
    guard addressing == "path" || !endpoint.isSecure || !bucket.contains(".") else {
      throw ConfigurationFailure("The bucket “\(bucket)” has a dot, so BLOB_S3_ADDRESSING must be path.")
    }
    let encryption = try reader.choice(encryptionKey)
    let server = Server(
      endpoint: endpoint, region: region, usesPath: addressing == "path", accessKey: try reader.text(accessKeyKey),
      secretKey: try reader.text(secretKeyKey), encryption: encryption == "none" ? "" : encryption,
      encryptionKey: try reader.text(encryptionKeyKey))
    guard !server.accessKey.isEmpty, !server.secretKey.isEmpty else {
      throw ConfigurationFailure("A blob store in S3 needs BLOB_S3_ACCESS_KEY and BLOB_S3_SECRET_KEY.")
    }
    return server
  }

  /// `BLOB_STORE`.
  public static let storeKey = ConfigurationKey(
    "BLOB_STORE", .text(maximum: 1_000), default: "folder:.onefin/blobs",
    doc:
      "Where files are kept: `folder:PATH`, made if there is none (one file system with hard links and locks), or `s3:BUCKET` or `s3:BUCKET/PREFIX`. `onefin-cli blobs copy` moves from one to the other."
  )
  /// `BLOB_S3_ENDPOINT`.
  public static let endpointKey = ConfigurationKey(
    "BLOB_S3_ENDPOINT", .text(maximum: 300), default: "",
    doc: "The S3 server, as `https://minio.example.uz:9000`. Empty: that of AWS in `BLOB_S3_REGION`.")
  /// `BLOB_S3_REGION`.
  public static let regionKey = ConfigurationKey(
    "BLOB_S3_REGION", .text(maximum: 60), default: "us-east-1", doc: "The region that signatures name.")
  /// `BLOB_S3_ADDRESSING`.
  public static let addressingKey = ConfigurationKey(
    "BLOB_S3_ADDRESSING", .choice(["path", "host"]), default: "path",
    doc: "Whether the bucket stands in the path (`https://HOST/BUCKET/…`) or in the host's name (`https://BUCKET.HOST/…`).")
  /// `BLOB_S3_ACCESS_KEY`.
  public static let accessKeyKey = ConfigurationKey(
    "BLOB_S3_ACCESS_KEY", .text(maximum: 200), default: "",
    doc:
      "Who 1fin is at the S3 server. It needs the rights to list the bucket and its unfinished uploads, and to get, put and abort uploads of objects; none to delete."
  )
  /// `BLOB_S3_SECRET_KEY`.
  public static let secretKeyKey = ConfigurationKey(
    "BLOB_S3_SECRET_KEY", .text(maximum: 200), default: "", secret: true, doc: "What requests to the S3 server are signed with.")
  /// `BLOB_S3_ENCRYPTION`.
  public static let encryptionKey = ConfigurationKey(
    "BLOB_S3_ENCRYPTION", .choice(["none", "AES256", "aws:kms"]), default: "none",
    doc: "Server-side encryption to ask for with every object. `none`: whatever the bucket does by itself.")
  /// `BLOB_S3_ENCRYPTION_KEY`.
  public static let encryptionKeyKey = ConfigurationKey(
    "BLOB_S3_ENCRYPTION_KEY", .text(maximum: 300), default: "",
    doc: "The identifier of the key for `aws:kms`. Empty: the bucket's own.")

  /// Every key of this part.
  public static let keys = [
    storeKey, endpointKey, regionKey, addressingKey, accessKeyKey, secretKeyKey, encryptionKey, encryptionKeyKey,
  ]
}
