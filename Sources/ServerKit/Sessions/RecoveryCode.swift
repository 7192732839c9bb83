/// A code on paper that takes the place of an authenticator once: 80 random bits, so that its plain SHA-256 tells nobody anything.
public struct RecoveryCode: Sendable, Hashable {
  /// How many an account gets at once.
  public static let count = 10

  private let secret: Secret

  /// A new random code.
  public init() { secret = Secret(count: 10) }

  /// Reads what somebody typed: of either case, with or without dashes and blanks; nil when it isn't one.
  public init?(_ text: some StringProtocol) {
    let letters = String(text.filter { $0 != "-" && !$0.isWhitespace })
    guard letters.utf8.count == 16, let bytes = Base32.bytes(letters), let secret = Secret(bytes, count: 10) else { return nil }
    self.secret = secret
  }

  /// The text form: four groups of four letters and digits.
  public var text: String {
    let letters = Array(secret.base32)
    return stride(from: 0, to: letters.count, by: 4).map { String(letters[$0..<min($0 + 4, letters.count)]) }.joined(
      separator: "-")
  }

  /// What the database keeps: SHA-256 of a prefix and the 10 bytes.
  public var hash: [UInt8] { secret.hash(after: "1fin.recovery.v1") }
}
