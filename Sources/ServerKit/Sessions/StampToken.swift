import Crypto

/// The secret of a stamp, in its QR code: 16 random bytes. Whoever holds the paper has it; the database keeps only its hash.
public struct StampToken: Sendable, Hashable {
  private let bytes: [UInt8]

  /// A new random token.
  public init() {
    var generator = SystemRandomNumberGenerator()
    bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
  }

  /// Reads the text form; nil when it isn't exactly 22 characters of it.
  public init?(_ text: some StringProtocol) {
    guard text.utf8.count == 22, let bytes = Base64URL.bytes(text), bytes.count == 16 else { return nil }
    self.bytes = bytes
  }

  /// The text form: 22 characters of base64url, the end of the address `/v/…`.
  public var text: String { Base64URL.string(bytes) }

  /// What the database keeps: SHA-256 of the 16 bytes.
  public var hash: [UInt8] { Array(SHA256.hash(data: bytes)) }
}
