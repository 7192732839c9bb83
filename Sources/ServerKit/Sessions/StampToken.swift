/// The secret of a stamp, in its QR code: 16 random bytes. Whoever holds the paper has it; the database keeps only its hash.
public struct StampToken: Sendable, Hashable {
  private let secret: Secret

  /// A new random token.
  public init() { secret = Secret(count: 16) }

  /// Reads the text form; nil when it isn't exactly 22 characters of it.
  public init?(_ text: some StringProtocol) {
    guard let secret = Secret(text, count: 16) else { return nil }
    self.secret = secret
  }

  /// The text form: 22 characters of base64url, the end of the address `/v/…`.
  public var text: String { secret.text }

  /// What the database keeps: SHA-256 of the 16 bytes.
  public var hash: [UInt8] { secret.hash() }
}
