/// Validates UTF-8 that arrives in pieces: no overlong forms, no surrogates, nothing past U+10FFFF.
public struct UTF8Validator: Sendable {
  /// Continuation bytes that are still to come.
  private var missing: UInt8 = 0
  /// The range of the next continuation byte; narrower than 80…BF only right after some leads.
  private var lowest: UInt8 = 0x80
  private var highest: UInt8 = 0xBF

  /// Starts before the first byte.
  public init() {}

  /// Whether the bytes so far end between two characters.
  @inlinable
  public var isComplete: Bool { pending == 0 }

  @usableFromInline
  var pending: UInt8 { missing }

  /// Takes the next piece.
  ///
  /// - Returns: false as soon as no further byte could make it UTF-8; the validator is of no use then.
  public mutating func consume(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let base = bytes.baseAddress else { return true }
    let count = bytes.count
    var at = 0
    while at < count {
      if missing > 0 {
        let byte = unsafe base.load(fromByteOffset: at, as: UInt8.self)
        guard byte >= lowest, byte <= highest else { return false }
        (missing, lowest, highest) = (missing - 1, 0x80, 0xBF)
        at += 1
        continue
      }
      while at + 8 <= count, unsafe base.loadUnaligned(fromByteOffset: at, as: UInt64.self) & 0x8080_8080_8080_8080 == 0 {
        at += 8
      }
      guard at < count else { break }
      let byte = unsafe base.load(fromByteOffset: at, as: UInt8.self)
      if byte >= 0xC2, byte <= 0xDF, at + 1 < count {
        // Two bytes inside the piece: what Cyrillic is made of.
        guard unsafe base.load(fromByteOffset: at + 1, as: UInt8.self) & 0xC0 == 0x80 else { return false }
        at += 2
        continue
      }
      guard byte < 0x80 || begin(byte) else { return false }
      at += 1
    }
    return true
  }

  private mutating func begin(_ lead: UInt8) -> Bool {
    switch lead {
    case 0xC2...0xDF: missing = 1
    case 0xE0: (missing, lowest) = (2, 0xA0)
    case 0xED: (missing, highest) = (2, 0x9F)
    case 0xE1...0xEF: missing = 2
    case 0xF0: (missing, lowest) = (3, 0x90)
    case 0xF1...0xF3: missing = 3
    case 0xF4: (missing, highest) = (3, 0x8F)
    default: return false
    }
    return true
  }
}
