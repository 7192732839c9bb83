import CSodium
import Crypto

/// The secret that a signed-in device shows: 32 random bytes, in the cookie `onefin_session` or as a bearer. Only its hash is stored.
public struct SessionToken: Sendable, Hashable {
  /// The cookie that carries it.
  public static let cookieName = "onefin_session"

  private let bytes: [UInt8]

  /// A new random token.
  public init() {
    var generator = SystemRandomNumberGenerator()
    bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
  }

  /// Reads the text form; nil when it isn't exactly 43 characters of it.
  public init?(_ text: some StringProtocol) {
    guard text.utf8.count == 43, let bytes = Base64URL.bytes(text), bytes.count == 32 else { return nil }
    self.bytes = bytes
  }

  /// The text form: 43 characters of base64url. A secret.
  public var text: String { Base64URL.string(bytes) }

  /// What the database keeps: SHA-256 of the 32 bytes.
  public var hash: [UInt8] { Array(SHA256.hash(data: bytes)) }

  /// What the page sends as `X-CSRF-Token` with each write by cookie: base64url of SHA-256("csrf" ‖ token).
  public var csrf: String { Base64URL.string(Array(SHA256.hash(data: Array("csrf".utf8) + bytes))) }

  /// Whether a text is this token's CSRF token, compared in constant time.
  public func isCSRF(_ text: String) -> Bool {
    let expected = Array(csrf.utf8)
    let given = Array(text.utf8)
    return given.count == expected.count && sodium_memcmp(expected, given, expected.count) == 0
  }
}

extension SessionToken: CustomStringConvertible, CustomDebugStringConvertible {
  /// Doesn't show the secret.
  public var description: String { "SessionToken(…)" }
  /// Doesn't show the secret.
  public var debugDescription: String { description }
}
