/// Reads JSON (RFC 8259, strictly) from bytes that are known to be valid UTF-8, without allocating and without recursion.
///
/// It checks everything, also what nobody asked for: a frame is either JSON to its last byte or none.
struct JSONReader {
  /// How deep arrays and objects may be nested.
  static let maximumDepth = 32

  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  /// A reader of `bytes`, which must outlive it.
  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// Reads one whole document. When it is an object, `field` gets each member in order: its name as a string token, and its value.
  /// Returns what kind of value the document is.
  mutating func document(_ field: (JSONToken, JSONToken) -> Void) throws(JSONFault) -> JSONToken.Kind {
    skipSpace()
    let kind: JSONToken.Kind
    if peek() == UInt8(ascii: "{") {
      kind = .object
      try members(field)
    } else {
      kind = try value(depth: 0).kind
    }
    skipSpace()
    guard position == bytes.count else { throw .syntax }
    return kind
  }

  private mutating func members(_ field: (JSONToken, JSONToken) -> Void) throws(JSONFault) {
    position += 1
    skipSpace()
    if take(UInt8(ascii: "}")) { return }
    while true {
      let name = try memberName()
      field(name, try value(depth: 1))
      skipSpace()
      if take(UInt8(ascii: "}")) { return }
      guard take(UInt8(ascii: ",")) else { throw .syntax }
      skipSpace()
    }
  }

  private mutating func memberName() throws(JSONFault) -> JSONToken {
    let name = try string()
    skipSpace()
    guard take(UInt8(ascii: ":")) else { throw .syntax }
    skipSpace()
    return name
  }

  private mutating func value(depth: Int) throws(JSONFault) -> JSONToken {
    switch peek() {
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      let start = position
      let kind: JSONToken.Kind = peek() == UInt8(ascii: "{") ? .object : .array
      try container(outer: depth)
      return JSONToken(kind: kind, start: start, end: position)
    default: return try scalar()
    }
  }

  /// Walks over an array or object; `nesting` holds one bit for each open one, 1 for objects.
  private mutating func container(outer: Int) throws(JSONFault) {
    var nesting: UInt64 = 0
    var depth = 0
    repeat {
      // At a value.
      var atEnd = true
      if peek() == UInt8(ascii: "{") || peek() == UInt8(ascii: "[") {
        let isObject = peek() == UInt8(ascii: "{")
        position += 1
        depth += 1
        guard outer + depth <= Self.maximumDepth else { throw .tooDeep }
        nesting = nesting << 1 | (isObject ? 1 : 0)
        skipSpace()
        if take(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
          depth -= 1
          nesting >>= 1
        } else {
          if isObject { _ = try memberName() }
          atEnd = false
        }
      } else {
        _ = try scalar()
      }
      // After a value.
      while atEnd && depth > 0 {
        let isObject = nesting & 1 == 1
        skipSpace()
        if take(UInt8(ascii: ",")) {
          skipSpace()
          if isObject { _ = try memberName() }
          atEnd = false
        } else if take(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
          depth -= 1
          nesting >>= 1
        } else {
          throw .syntax
        }
      }
    } while depth > 0
  }

  private mutating func scalar() throws(JSONFault) -> JSONToken {
    let start = position
    switch peek() {
    case UInt8(ascii: "\""): return try string()
    case UInt8(ascii: "t"):
      try word("true")
      return JSONToken(kind: .yes, start: start, end: position)
    case UInt8(ascii: "f"):
      try word("false")
      return JSONToken(kind: .no, start: start, end: position)
    case UInt8(ascii: "n"):
      try word("null")
      return JSONToken(kind: .null, start: start, end: position)
    default: return try number()
    }
  }

  private mutating func word(_ word: StaticString) throws(JSONFault) {
    for offset in 0..<word.utf8CodeUnitCount {
      guard take(word.utf8Start[offset]) else { throw .syntax }
    }
  }

  private mutating func number() throws(JSONFault) -> JSONToken {
    let start = position
    var kind = JSONToken.Kind.integer
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) { try digits() }
    if take(UInt8(ascii: ".")) {
      kind = .decimal
      try digits()
    }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      kind = .decimal
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try digits()
    }
    return JSONToken(kind: kind, start: start, end: position)
  }

  private mutating func digits() throws(JSONFault) {
    let start = position
    while let byte = peek(), (48...57).contains(byte) { position += 1 }
    guard position > start else { throw .syntax }
  }

  private mutating func string() throws(JSONFault) -> JSONToken {
    guard take(UInt8(ascii: "\"")) else { throw .syntax }
    let start = position
    var kind = JSONToken.Kind.plainString
    while let byte = peek() {
      position += 1
      if byte == UInt8(ascii: "\"") { return JSONToken(kind: kind, start: start, end: position - 1) }
      guard byte >= 0x20 else { throw .syntax }
      guard byte == UInt8(ascii: "\\") else { continue }
      kind = .escapedString
      guard let escape = peek() else { throw .syntax }
      position += 1
      switch escape {
      case UInt8(ascii: "u"):
        for _ in 0..<4 {
          guard let digit = peek(), JSONString.hexadecimal(digit) != nil else { throw .syntax }
          position += 1
        }
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
        UInt8(ascii: "r"), UInt8(ascii: "t"):
        break
      default: throw .syntax
      }
    }
    throw .syntax
  }

  @inline(__always) private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

  @inline(__always) private mutating func take(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = peek(), byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
  }
}
