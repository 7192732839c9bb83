/// A UUID (RFC 9562) as two words: what clients name their requests by. Without Foundation, for the chat's hot path.
public struct Key: Hashable, Sendable, CustomStringConvertible {
  /// The first eight bytes, big-endian.
  public let high: UInt64
  /// The last eight bytes, big-endian.
  public let low: UInt64

  /// The UUID of these two words.
  public init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

  /// A random UUID of version 4.
  public static func random() -> Key {
    var generator = SystemRandomNumberGenerator()
    return random(using: &generator)
  }

  /// A UUID of version 4 from `generator`, so that tests can repeat it.
  public static func random(using generator: inout some RandomNumberGenerator) -> Key {
    let high: UInt64 = generator.next()
    let low: UInt64 = generator.next()
    return Key(high: high & 0xffff_ffff_ffff_0fff | 0x4000, low: low & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000)
  }

  /// Sixteen bytes as they lie in Postgres' `uuid`; nil for another count.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 16 else { return nil }
    high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    low = bytes.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The text form 8-4-4-4-12 in hexadecimal, of either case; nil for anything else.
  public init?(_ text: String) {
    var text = text
    let key = text.withUTF8 { Key(utf8: UnsafeRawBufferPointer($0)) }
    guard let key else { return nil }
    self = key
  }

  /// The same as `init(_:)` for bytes of ASCII. Every message has one: so no generic code here.
  public init?(utf8 text: UnsafeRawBufferPointer) {
    guard text.count == 36 else { return nil }
    var (high, low): (UInt64, UInt64) = (0, 0)
    for offset in 0..<36 {
      if offset == 8 || offset == 13 || offset == 18 || offset == 23 {
        guard text[offset] == UInt8(ascii: "-") else { return nil }
        continue
      }
      guard let value = Hex.value(text[offset]) else { return nil }
      high = high << 4 | low >> 60
      low = low << 4 | UInt64(value)
    }
    (self.high, self.low) = (high, low)
  }

  /// The sixteen bytes, most significant first.
  public var bytes: [UInt8] {
    [high, low].flatMap { word in stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> UInt64($0)) } }
  }

  /// The text form in lower case.
  public var description: String {
    let digits = Hex.string(bytes).utf8
    var text: [UInt8] = []
    for (offset, digit) in digits.enumerated() {
      if offset == 8 || offset == 12 || offset == 16 || offset == 20 { text.append(UInt8(ascii: "-")) }
      text.append(digit)
    }
    return String(decoding: text, as: UTF8.self)
  }
}
