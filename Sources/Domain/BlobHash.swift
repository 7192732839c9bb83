private import Crypto

/// The SHA-256 of a file's bytes: its name in the blob store and its identity in the log.
///
/// Its order is that of the bytes, which is that of the hexadecimal text and of `bytea` in Postgres, so that listings of all three can be
/// walked side by side.
public struct BlobHash: Hashable, Comparable, Sendable, CustomStringConvertible {
  // Big-endian words: no allocation, and their order is that of the bytes.
  private let words: (UInt64, UInt64, UInt64, UInt64)

  /// The hash of these 32 bytes; nil when they are more or fewer.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 32 else { return nil }
    var words: [UInt64] = [0, 0, 0, 0]
    for (offset, byte) in bytes.enumerated() { words[offset / 8] = words[offset / 8] << 8 | UInt64(byte) }
    self.words = (words[0], words[1], words[2], words[3])
  }

  /// Reads 64 hexadecimal digits; nil for anything else. Upper case is refused: one hash, one name.
  public init?(hex: some StringProtocol) {
    guard hex.utf8.count == 64, hex.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }),
      let bytes = Hex.bytes(String(hex))
    else { return nil }
    self.init(bytes: bytes)
  }

  /// The hash of `content`.
  public init(of content: some Collection<UInt8>) {
    var hasher = Hasher()
    hasher.update(Array(content))
    self = hasher.finalize()
  }

  /// The 32 bytes.
  public var bytes: [UInt8] {
    [words.0, words.1, words.2, words.3].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) } }
  }

  /// 64 lower-case hexadecimal digits.
  public var hex: String { Hex.string(bytes) }

  /// The same as `hex`.
  public var description: String { hex }

  /// Whether both are the same 32 bytes.
  public static func == (left: Self, right: Self) -> Bool { left.words == right.words }

  /// As the bytes are ordered.
  public static func < (left: Self, right: Self) -> Bool { left.words < right.words }

  /// Feeds the first word: SHA-256 is evenly spread already.
  public func hash(into hasher: inout Swift.Hasher) { hasher.combine(words.0) }

  /// Hashes a file piece by piece.
  public struct Hasher: Sendable {
    private var state = SHA256()

    /// A hasher that has seen nothing yet.
    public init() {}

    /// Takes the next bytes.
    public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { state.update(bufferPointer: $0) } }

    /// Takes the next bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) { state.update(bufferPointer: bytes) }

    /// The hash of all bytes so far; more may follow.
    public func finalize() -> BlobHash {
      let digest = state.finalize()
      guard let hash = BlobHash(bytes: Array(digest)) else { preconditionFailure("a SHA-256 has 32 bytes") }
      return hash
    }
  }
}
