/// What MediaWorker is told.
public struct MediaConfiguration: Sendable {
  /// What all programs are told.
  public var shared: SharedConfiguration
  /// The address that stamps lead to, without a slash at its end.
  public var publicAddress: String
  /// How many files are worked on at once.
  public var children: Int
  /// Where the folders of the files under way are made.
  public var folder: String
  /// The user and group that children become when the worker is root; 0: they stay root.
  public var user: Int
  /// MiB of address space that a child may have.
  public var memory: Int
  /// Seconds that a child may take.
  public var seconds: Int
  /// Millions of pixels that a picture may have.
  public var megapixels: Int
  /// Pages that a PDF may have.
  public var pages: Int

  /// Reads and checks the keys.
  ///
  /// - Throws: `ConfigurationFailure` on the first value that cannot be used.
  public init(_ reader: ConfigurationReader) throws(ConfigurationFailure) {
    shared = try SharedConfiguration(reader)
    let address = try reader.text(Self.publicAddressKey)
    guard Self.isAddress(address) else {
      throw ConfigurationFailure(
        "The environment variable MEDIA_PUBLIC_ADDRESS must be http://HOST[:PORT] or https://HOST[:PORT], but it is “\(address)”."
      )
    }
    publicAddress = address.hasSuffix("/") ? String(address.dropLast()) : address
    children = try reader.integer(Self.childrenKey)
    folder = try reader.text(Self.folderKey)
    user = try reader.integer(Self.userKey)
    memory = try reader.integer(Self.memoryKey)
    seconds = try reader.integer(Self.secondsKey)
    megapixels = try reader.integer(Self.megapixelsKey)
    pages = try reader.integer(Self.pagesKey)
  }

  private static func isAddress(_ text: String) -> Bool {
    guard let scheme = ["https://", "http://"].first(where: { text.hasPrefix($0) }) else { return false }
    let rest = text.dropFirst(scheme.count)
    let host = rest.hasSuffix("/") ? rest.dropLast() : rest
    return !host.isEmpty && host.utf8.allSatisfy { (33...126).contains($0) && ![35, 47, 63, 64, 92].contains($0) }
  }

  /// `MEDIA_PUBLIC_ADDRESS`.
  public static let publicAddressKey = ConfigurationKey(
    "MEDIA_PUBLIC_ADDRESS", .text(maximum: 100), default: "http://127.0.0.1:8080",
    doc:
      "The address under which people reach 1fin: the QR code of a stamp leads there. What was stamped keeps the address of its day."
  )
  /// `MEDIA_CHILDREN`.
  public static let childrenKey = ConfigurationKey(
    "MEDIA_CHILDREN", .integer(1...64), default: "2",
    doc: "How many files one MediaWorker works on at once, each in a process of its own.")
  /// `MEDIA_FOLDER`.
  public static let folderKey = ConfigurationKey(
    "MEDIA_FOLDER", .text(maximum: 500), default: "/tmp",
    doc:
      "Where the files under way lie. Every user must be able to pass through it; it needs room for a few times the largest file."
  )
  /// `MEDIA_USER`.
  public static let userKey = ConfigurationKey(
    "MEDIA_USER", .integer(0...60_000_000), default: "61931",
    doc:
      "The number of the user that looks at strangers' files when MediaWorker is root. Nobody else should have it; it needs no account."
  )
  /// `MEDIA_MEMORY`.
  public static let memoryKey = ConfigurationKey(
    "MEDIA_MEMORY", .integer(512...65_536), default: "2048",
    doc: "MiB of address space for the process that looks at a file. LibreOffice gets twice that.")
  /// `MEDIA_SECONDS`.
  public static let secondsKey = ConfigurationKey(
    "MEDIA_SECONDS", .integer(5...3_600), default: "60",
    doc: "Seconds that a file may take. A file that LibreOffice converts gets twice that.")
  /// `MEDIA_MEGAPIXELS`.
  public static let megapixelsKey = ConfigurationKey(
    "MEDIA_MEGAPIXELS", .integer(1...1_000), default: "120", doc: "Millions of pixels that a picture may have, alone or in a PDF."
  )
  /// `MEDIA_PAGES`.
  public static let pagesKey = ConfigurationKey(
    "MEDIA_PAGES", .integer(1...20_000), default: "2000", doc: "Pages that a PDF may have.")

  /// Every key of this part, without the shared ones.
  public static let keys = [publicAddressKey, childrenKey, folderKey, userKey, memoryKey, secondsKey, megapixelsKey, pagesKey]
}
