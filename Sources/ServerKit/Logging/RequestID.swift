/// The name of a request in the logs of every program that it passes through.
public struct RequestID: Sendable, Hashable, CustomStringConvertible {
  /// 1 to 64 letters, digits, `-` and `_`.
  public let description: String

  /// Makes a new random one of 16 hexadecimal digits.
  public init() {
    let digits = String(UInt64.random(in: .min ... .max), radix: 16)
    description = String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Takes over one that came with a request; nil when it isn't well-formed.
  public init?(_ text: String) {
    guard (1...64).contains(text.utf8.count) else { return nil }
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "-"), UInt8(ascii: "_"):
        continue
      default: return nil
      }
    }
    description = text
  }
}
