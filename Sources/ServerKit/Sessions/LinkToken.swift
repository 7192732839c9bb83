/// The secret of a one-time link: 32 random bytes. It stands behind the `#` of the address, which no browser sends to any server; only its
/// hash is stored.
public struct LinkToken: Sendable, Hashable {
  private let secret: Secret

  /// A new random token.
  public init() { secret = Secret(count: 32) }

  /// Reads the text form; nil when it isn't exactly 43 characters of it.
  public init?(_ text: some StringProtocol) {
    guard let secret = Secret(text, count: 32) else { return nil }
    self.secret = secret
  }

  /// The text form: 43 characters of base64url.
  public var text: String { secret.text }

  /// What the database keeps: SHA-256 of the 32 bytes.
  public var hash: [UInt8] { secret.hash() }
}
