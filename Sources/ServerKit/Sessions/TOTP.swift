import Crypto
public import Domain
import Foundation

/// One-time codes by time, RFC 6238, in the form that every authenticator knows: HMAC-SHA-1, six digits, steps of 30 s. A pure function of the
/// secret and the time, which is passed in.
public struct TOTP: Sendable {
  /// Digits of a code.
  public static let digits = 6
  /// Seconds of a step.
  public static let period: Int64 = 30
  /// How many steps a device's clock may be off, either way.
  public static let tolerance: Int64 = 1

  /// The shared secret.
  public let secret: [UInt8]

  /// From a secret that is kept.
  public init(secret: [UInt8]) { self.secret = secret }

  /// With a new random secret of 160 bits, as RFC 4226 recommends.
  public init() {
    var generator = SystemRandomNumberGenerator()
    secret = (0..<20).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
  }

  /// The step of a time.
  public static func step(at time: Timestamp) -> Int64 { time.microseconds / (period * 1_000_000) }

  /// The code of a step: six digits, leading zeros included.
  public func code(of step: Int64) -> String {
    let counter = withUnsafeBytes(of: step.bigEndian) { Data($0) }
    let mac = Array(HMAC<Insecure.SHA1>.authenticationCode(for: counter, using: SymmetricKey(data: secret)))
    let offset = Int(mac[19] & 15)
    let number = mac[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7fff_ffff
    let text = String(number % 1_000_000)
    return String(repeating: "0", count: Self.digits - text.count) + text
  }

  /// The step whose code this is, among the present one and its neighbours; nil when it is none of theirs, or of a step up to `last`, whose
  /// code has been taken already: whoever looks over a shoulder must not use it again.
  public func step(of code: String, at now: Timestamp, after last: Int64) -> Int64? {
    let given = Array(code.utf8)
    guard given.count == Self.digits else { return nil }
    let present = Self.step(at: now)
    var found: Int64?
    // All are compared, each in constant time.
    for step in present - Self.tolerance...present + Self.tolerance {
      let difference = zip(Array(self.code(of: step).utf8), given).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) }
      if difference == 0 && step > last && found == nil { found = step }
    }
    return found
  }

  /// What the QR code says to an authenticator (Key URI format).
  ///
  /// - Parameters:
  ///   - issuer: the firm.
  ///   - account: the login.
  public func address(issuer: String, account: String) -> String {
    var allowed = CharacterSet.alphanumerics
    allowed.insert(charactersIn: "-._~")
    func escaped(_ text: String) -> String { text.addingPercentEncoding(withAllowedCharacters: allowed) ?? "" }
    return "otpauth://totp/\(escaped(issuer)):\(escaped(account))?secret=\(Base32.string(secret))&issuer=\(escaped(issuer))"
      + "&algorithm=SHA1&digits=\(Self.digits)&period=\(Self.period)"
  }
}
