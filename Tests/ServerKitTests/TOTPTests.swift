import Domain
import ServerKit
import Testing

@Suite struct TOTPTests {
  /// RFC 6238, appendix B, for SHA-1: the last six of its eight digits.
  private static let vectors: [(seconds: Int64, code: String)] = [
    (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"), (2_000_000_000, "279037"),
    (20_000_000_000, "353130"),
  ]
  private static let totp = TOTP(secret: Array("12345678901234567890".utf8))

  private static func time(_ seconds: Int64) -> Timestamp { Timestamp(microseconds: seconds * 1_000_000) }

  @Test func theStandardsVectors() {
    for (seconds, code) in Self.vectors {
      let step = TOTP.step(at: Self.time(seconds))
      #expect(Self.totp.code(of: step) == code)
      #expect(Self.totp.step(of: code, at: Self.time(seconds), after: 0) == step)
    }
  }

  @Test func aClockMayBeOneStepOffAndNotTwo() {
    let now = Self.time(1_234_567_890)
    let step = TOTP.step(at: now)
    for offset: Int64 in [-1, 0, 1] {
      #expect(Self.totp.step(of: Self.totp.code(of: step + offset), at: now, after: 0) == step + offset)
    }
    for offset: Int64 in [-2, 2] { #expect(Self.totp.step(of: Self.totp.code(of: step + offset), at: now, after: 0) == nil) }
  }

  @Test func aStepThatWasTakenCountsNoMore() {
    let now = Self.time(1_234_567_890)
    let step = TOTP.step(at: now)
    let code = Self.totp.code(of: step)
    #expect(Self.totp.step(of: code, at: now, after: step - 1) == step)
    #expect(Self.totp.step(of: code, at: now, after: step) == nil)
    // Nor does the one before it.
    #expect(Self.totp.step(of: Self.totp.code(of: step - 1), at: now, after: step) == nil)
  }

  @Test func otherTextsArent() {
    let now = Self.time(1_234_567_890)
    for text in ["", "5924", "05924", "0005924", "00592x", "００５９２４"] {
      #expect(Self.totp.step(of: text, at: now, after: 0) == nil)
    }
  }

  @Test func theAddressIsWhatAuthenticatorsRead() {
    #expect(
      Self.totp.address(issuer: "Hisob & Co", account: "a@b") == "otpauth://totp/Hisob%20%26%20Co:a%40b"
        + "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Hisob%20%26%20Co&algorithm=SHA1&digits=6&period=30")
    #expect(TOTP().secret.count == 20 && TOTP().secret != TOTP().secret)
  }

  /// RFC 4648 §10, without padding.
  @Test func base32MatchesTheStandard() {
    for (text, coded) in [
      ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"),
      ("foobar", "MZXW6YTBOI"),
    ] {
      #expect(Base32.string(Array(text.utf8)) == coded)
      #expect(Base32.bytes(coded.lowercased()) == Array(text.utf8))
    }
    for text in ["M", "MZ1", "MZ=", "MX"] { #expect(Base32.bytes(text) == nil) }
  }

  @Test func recoveryCodesAreReadAsPeopleTypeThem() throws {
    let code = RecoveryCode()
    #expect(code.text.count == 19 && code.text.split(separator: "-").map(\.count) == [4, 4, 4, 4])
    for text in [
      code.text, code.text.lowercased(), code.text.replacing("-", with: ""), " " + code.text.replacing("-", with: " "),
    ] {
      #expect(RecoveryCode(text)?.hash == code.hash)
    }
    #expect(RecoveryCode(String(code.text.dropLast())) == nil && RecoveryCode("") == nil && RecoveryCode("123456") == nil)
  }
}
