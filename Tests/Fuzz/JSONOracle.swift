@testable import ChatServer

/// JSON by the grammar of RFC 8259, rule by rule and with recursion: slow, and too plain to be wrong in the way that the reader could be.
struct JSONOracle {
  private let text: [UInt8]
  private var at = 0

  init(_ text: [UInt8]) { self.text = text }

  mutating func document() -> Result<JSONToken.Kind, JSONFault> {
    do throws(JSONFault) {
      space()
      let kind = try value(depth: 0)
      space()
      guard at == text.count else { throw .syntax }
      return .success(kind)
    } catch {
      return .failure(error)
    }
  }

  private mutating func value(depth: Int) throws(JSONFault) -> JSONToken.Kind {
    if take("{") {
      try list(depth, "}") { (oracle: inout JSONOracle) throws(JSONFault) in
        _ = try oracle.string()
        oracle.space()
        guard oracle.take(":") else { throw .syntax }
        oracle.space()
        _ = try oracle.value(depth: depth + 1)
      }
      return .object
    }
    if take("[") {
      try list(depth, "]") { (oracle: inout JSONOracle) throws(JSONFault) in _ = try oracle.value(depth: depth + 1) }
      return .array
    }
    if take("true") { return .yes }
    if take("false") { return .no }
    if take("null") { return .null }
    if at < text.count, text[at] == UInt8(ascii: "\"") { return try string() }
    return try number()
  }

  private mutating func list(_ depth: Int, _ end: String, _ member: (inout JSONOracle) throws(JSONFault) -> Void)
    throws(JSONFault)
  {
    guard depth < JSONReader.maximumDepth else { throw .tooDeep }
    space()
    if take(end) { return }
    while true {
      try member(&self)
      space()
      if take(end) { return }
      guard take(",") else { throw .syntax }
      space()
    }
  }

  private mutating func string() throws(JSONFault) -> JSONToken.Kind {
    guard take("\"") else { throw .syntax }
    var kind = JSONToken.Kind.plainString
    while !take("\"") {
      if take("\\") {
        kind = .escapedString
        if take("u") {
          for _ in 0..<4 {
            guard at < text.count, Character(Unicode.Scalar(text[at])).isHexDigit, text[at] < 128 else { throw .syntax }
            at += 1
          }
        } else {
          guard ["\"", "\\", "/", "b", "f", "n", "r", "t"].contains(where: { take($0) }) else { throw .syntax }
        }
      } else {
        guard at < text.count, text[at] >= 0x20 else { throw .syntax }
        at += 1
      }
    }
    return kind
  }

  private mutating func number() throws(JSONFault) -> JSONToken.Kind {
    _ = take("-")
    if !take("0") { try digits() }
    var kind = JSONToken.Kind.integer
    if take(".") {
      kind = .decimal
      try digits()
    }
    if take("e") || take("E") {
      kind = .decimal
      _ = take("+") || take("-")
      try digits()
    }
    return kind
  }

  private mutating func digits() throws(JSONFault) {
    let start = at
    while at < text.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= text[at] { at += 1 }
    guard at > start else { throw .syntax }
  }

  private mutating func space() { while take(" ") || take("\t") || take("\n") || take("\r") {} }

  private mutating func take(_ word: String) -> Bool {
    guard text[at...].starts(with: word.utf8) else { return false }
    at += word.utf8.count
    return true
  }
}
