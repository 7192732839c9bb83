import Domain

/// Writes JSON straight to bytes. The caller writes structure; this type only puts commas where a member follows another.
struct JSONWriter {
  /// What has been written.
  private(set) var bytes: [UInt8] = []
  private var needsComma = false

  /// An empty writer with room for `capacity` bytes.
  init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

  /// `{`
  mutating func openObject() { open(UInt8(ascii: "{")) }
  /// `}`
  mutating func closeObject() { close(UInt8(ascii: "}")) }
  /// `[`
  mutating func openArray() { open(UInt8(ascii: "[")) }
  /// `]`
  mutating func closeArray() { close(UInt8(ascii: "]")) }

  /// A member's name, which must need no escape.
  mutating func name(_ name: StaticString) {
    comma()
    bytes.append(UInt8(ascii: "\""))
    bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  /// An integer.
  mutating func value(_ value: some FixedWidthInteger & SignedInteger) {
    comma()
    appendDigits(Int64(value))
    needsComma = true
  }

  /// `true` or `false`.
  mutating func value(_ value: Bool) { raw(value ? "true" : "false") }

  /// `null`
  mutating func null() { raw("null") }

  /// A word that needs no escape, as a string.
  mutating func word(_ word: StaticString) {
    comma()
    bytes.append(UInt8(ascii: "\""))
    bytes.append(contentsOf: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    bytes.append(UInt8(ascii: "\""))
    needsComma = true
  }

  /// A string with its escapes.
  mutating func value(_ text: String) {
    comma()
    var text = text
    text.withUTF8 { appendString($0) }
    needsComma = true
  }

  /// A moment in RFC 3339.
  mutating func value(_ time: Timestamp) {
    comma()
    var text: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    withUnsafeMutableBytes(of: &text) { buffer in
      buffer.withMemoryRebound(to: UInt8.self) { time.write(into: UnsafeMutableBufferPointer(rebasing: $0[..<27])) }
      bytes.append(UInt8(ascii: "\""))
      bytes.append(contentsOf: buffer[..<27])
      bytes.append(UInt8(ascii: "\""))
    }
    needsComma = true
  }

  /// Bytes as hexadecimal.
  mutating func hexadecimal(_ value: [UInt8]) {
    comma()
    bytes.append(UInt8(ascii: "\""))
    for byte in value {
      bytes.append(Self.digit(byte >> 4))
      bytes.append(Self.digit(byte & 15))
    }
    bytes.append(UInt8(ascii: "\""))
    needsComma = true
  }

  /// A UUID.
  mutating func value(_ key: Key) { value(key.description) }

  /// Bytes that are JSON already.
  mutating func json(_ fragment: [UInt8]) {
    comma()
    bytes.append(contentsOf: fragment)
    needsComma = true
  }

  /// A value that was written before.
  mutating func written(_ value: [UInt8]) {
    comma()
    bytes.append(contentsOf: value)
    needsComma = true
  }

  private mutating func raw(_ word: StaticString) {
    comma()
    bytes.append(contentsOf: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    needsComma = true
  }

  private mutating func open(_ bracket: UInt8) {
    comma()
    bytes.append(bracket)
    needsComma = false
  }

  private mutating func close(_ bracket: UInt8) {
    bytes.append(bracket)
    needsComma = true
  }

  @inline(__always) private mutating func comma() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
  }

  private mutating func appendDigits(_ value: Int64) {
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    var rest = value.magnitude
    var digits: (UInt64, UInt64, UInt32) = (0, 0, 0)
    withUnsafeMutableBytes(of: &digits) { buffer in
      var start = 20
      repeat {
        start -= 1
        buffer[start] = UInt8(48 + rest % 10)
        rest /= 10
      } while rest > 0
      bytes.append(contentsOf: buffer[start..<20])
    }
  }

  private mutating func appendString(_ text: UnsafeBufferPointer<UInt8>) {
    bytes.append(UInt8(ascii: "\""))
    var start = 0
    for (offset, byte) in text.enumerated() where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<offset]))
      appendEscape(byte)
      start = offset + 1
    }
    bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start...]))
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func appendEscape(_ byte: UInt8) {
    bytes.append(UInt8(ascii: "\\"))
    switch byte {
    case 0x0a: bytes.append(UInt8(ascii: "n"))
    case 0x0d: bytes.append(UInt8(ascii: "r"))
    case 0x09: bytes.append(UInt8(ascii: "t"))
    case 0x00..<0x20:
      bytes.append(contentsOf: [UInt8(ascii: "u"), 48, 48, Self.digit(byte >> 4), Self.digit(byte & 15)])
    default: bytes.append(byte)
    }
  }

  private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 48 + value : 87 + value }
}
