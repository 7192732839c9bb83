import CSodium

/// The secret that a signed-in device shows: 32 random bytes, in the cookie `onefin_session` or as a bearer. Only its hash is stored.
public struct SessionToken: Sendable, Hashable {
  /// The cookie that carries it.
  public static let cookieName = "onefin_session"

  private let secret: Secret

  /// A new random token.
  public init() { secret = Secret(count: 32) }

  /// Reads the text form; nil when it isn't exactly 43 characters of it.
  public init?(_ text: some StringProtocol) {
    guard let secret = Secret(text, count: 32) else { return nil }
    self.secret = secret
  }

  /// The text form: 43 characters of base64url. A secret.
  public var text: String { secret.text }

  /// What the database keeps: SHA-256 of the 32 bytes.
  public var hash: [UInt8] { secret.hash() }

  /// What the page sends as `X-CSRF-Token` with each write by cookie: base64url of SHA-256("csrf" ‖ token).
  public var csrf: String { Base64URL.string(secret.hash(after: "csrf")) }

  /// What the token of a device is called where its name is kept in memory: it says nothing of the token, and is no CSRF token.
  public var fingerprint: String { Base64URL.string(secret.hash(after: "device")) }

  /// Whether a text is this token's CSRF token, compared in constant time.
  public func isCSRF(_ text: String) -> Bool {
    let expected = Array(csrf.utf8)
    let given = Array(text.utf8)
    return given.count == expected.count && sodium_memcmp(expected, given, expected.count) == 0
  }
}
