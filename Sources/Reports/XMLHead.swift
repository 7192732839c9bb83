/// What is looked at in somebody's XML before a parser sees it.
enum XMLHead {
  /// The most bytes of one tag with its attributes. Office's own are below a thousand; a parser keeps all attributes of an element at once.
  static let longestTag = 64 << 10

  /// Whether a parser will read the bytes as UTF-8, and they are: nothing else is declared, and nothing looks like UTF-16 or UTF-32.
  static func isUTF8(_ part: [UInt8]) -> Bool {
    guard String(validating: part, as: UTF8.self) != nil, !part.contains(0) else { return false }
    let text = part.starts(with: [0xEF, 0xBB, 0xBF]) ? part.dropFirst(3) : part[...]
    guard text.starts(with: "<?xml".utf8) else { return true }
    // What ends later than this is no declaration that any program writes.
    let head = text.prefix(256)
    guard let end = head.firstIndex(of: UInt8(ascii: ">")) else { return false }
    let declaration = String(decoding: head[..<end], as: UTF8.self).lowercased()
    guard let name = declaration.firstRange(of: "encoding") else { return true }
    let value = declaration[name.upperBound...].filter { !$0.isWhitespace }
    return value.hasPrefix("=\"utf-8\"") || value.hasPrefix("='utf-8'")
  }

  /// Whether no tag is longer than `longestTag`. What stands in quotes ends no tag.
  static func hasShortTags(_ part: [UInt8]) -> Bool {
    var start: Int?
    var quote: UInt8?
    for (place, byte) in part.enumerated() {
      guard let from = start else {
        if byte == UInt8(ascii: "<") { start = place }
        continue
      }
      if place - from > longestTag { return false }
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        quote = byte
      } else if byte == UInt8(ascii: ">") {
        start = nil
      }
    }
    return true
  }
}
