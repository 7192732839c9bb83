/// Decodes the strings and integers that `JSONReader` found.
enum JSONString {
  /// The text of a string token; nil when it is no string or holds half of a surrogate pair, which no Unicode text can.
  static func decode(_ token: JSONToken, in bytes: UnsafeRawBufferPointer) -> String? {
    let range = UnsafeRawBufferPointer(rebasing: bytes[token.start..<token.end])
    switch token.kind {
    case .plainString: return String(decoding: range, as: UTF8.self)
    case .escapedString: return unescape(range).map { String(decoding: $0, as: UTF8.self) }
    default: return nil
    }
  }

  /// The value of an integer token; nil when it is none or does not fit 64 bits.
  static func integer(_ token: JSONToken, in bytes: UnsafeRawBufferPointer) -> Int64? {
    guard token.kind == .integer else { return nil }
    var position = token.start
    let isNegative = bytes[position] == UInt8(ascii: "-")
    if isNegative { position += 1 }
    var value: Int64 = 0
    while position < token.end {
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let digit = Int64(bytes[position] - 48)
      let (sum, carry) = isNegative ? tens.subtractingReportingOverflow(digit) : tens.addingReportingOverflow(digit)
      if overflow || carry { return nil }
      value = sum
      position += 1
    }
    return value
  }

  /// The values of an array token, which the reader has checked to be JSON; nil when one of them is no integer, or when there are more than `limit`.
  static func integers(_ token: JSONToken, in bytes: UnsafeRawBufferPointer, atMost limit: Int) -> [Int64]? {
    var values: [Int64] = []
    var position = token.start + 1
    let end = token.end - 1
    while position < end {
      let byte = bytes[position]
      guard byte == UInt8(ascii: "-") || (48...57).contains(byte) else {
        // Between the values there are commas and spaces; anything else begins a value of another kind.
        guard byte == UInt8(ascii: ",") || byte <= 0x20 else { return nil }
        position += 1
        continue
      }
      let start = position
      position += 1
      while position < end, bytes[position] != UInt8(ascii: ","), bytes[position] > 0x20 {
        guard (48...57).contains(bytes[position]) else { return nil }
        position += 1
      }
      guard values.count < limit, let value = integer(JSONToken(kind: .integer, start: start, end: position), in: bytes) else {
        return nil
      }
      values.append(value)
    }
    return values
  }

  /// What a hexadecimal digit is worth, nil for anything else.
  static func hexadecimal(_ digit: UInt8) -> UInt16? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(digit - 48)
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(digit - 87)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(digit - 55)
    default: nil
    }
  }

  /// The bytes of UTF-8 that a checked string body stands for; nil for half of a surrogate pair.
  private static func unescape(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count)
    var position = 0
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      guard byte == UInt8(ascii: "\\") else {
        text.append(byte)
        continue
      }
      let escape = bytes[position]
      position += 1
      switch escape {
      case UInt8(ascii: "b"): text.append(0x08)
      case UInt8(ascii: "f"): text.append(0x0c)
      case UInt8(ascii: "n"): text.append(0x0a)
      case UInt8(ascii: "r"): text.append(0x0d)
      case UInt8(ascii: "t"): text.append(0x09)
      case UInt8(ascii: "u"):
        guard let scalar = scalar(bytes, &position) else { return nil }
        text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      default: text.append(escape)
      }
    }
    return text
  }

  private static func scalar(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) -> Unicode.Scalar? {
    let first = unit(bytes, &position)
    guard UTF16.isLeadSurrogate(first) else { return Unicode.Scalar(first) }
    guard position + 6 <= bytes.count, bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u") else {
      return nil
    }
    position += 2
    let second = unit(bytes, &position)
    guard UTF16.isTrailSurrogate(second) else { return nil }
    return Unicode.Scalar(0x10000 + (UInt32(first & 0x3ff) << 10 | UInt32(second & 0x3ff)))
  }

  /// Four hexadecimal digits, which the reader has checked.
  private static func unit(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      unit = unit << 4 | (hexadecimal(bytes[position]) ?? 0)
      position += 1
    }
    return unit
  }
}
