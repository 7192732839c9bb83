/// Reads the few elements that we want out of a server's answer. No parser of XML: the answers have a fixed form, no attributes on what we read,
/// and nothing in them is trusted further than text.
struct S3XML: Sendable {
  private let text: Substring

  init(_ text: some StringProtocol) { self.text = Substring(text) }

  init(_ bytes: [UInt8]) { self.init(String(decoding: bytes, as: UTF8.self)) }

  /// The first element of that name, wherever it stands; nil when there is none.
  func first(_ name: String) -> S3XML? { Self.next(name, in: text).map { S3XML($0.content) } }

  /// All elements of that name.
  func all(_ name: String) -> [S3XML] {
    var found: [S3XML] = []
    var rest = text
    while let (content, after) = Self.next(name, in: rest) {
      found.append(S3XML(content))
      rest = rest[after...]
    }
    return found
  }

  /// The text of the first element of that name, decoded; nil when there is none.
  func value(_ name: String) -> String? { first(name)?.decoded }

  private static func next(_ name: String, in text: Substring) -> (content: Substring, after: Substring.Index)? {
    guard let open = text.firstRange(of: "<\(name)>"),
      let close = text[open.upperBound...].firstRange(of: "</\(name)>")
    else { return nil }
    return (text[open.upperBound..<close.lowerBound], close.upperBound)
  }

  /// The text with its five entities and numbers resolved.
  private var decoded: String {
    var result = ""
    var rest = text
    while let start = rest.firstIndex(of: "&") {
      result += rest[..<start]
      guard let end = rest[start...].firstIndex(of: ";"), let scalar = Self.scalar(rest[rest.index(after: start)..<end]) else {
        result += "&"
        rest = rest[rest.index(after: start)...]
        continue
      }
      result.unicodeScalars.append(scalar)
      rest = rest[rest.index(after: end)...]
    }
    return result + rest
  }

  private static func scalar(_ entity: Substring) -> Unicode.Scalar? {
    switch entity {
    case "amp": return "&"
    case "lt": return "<"
    case "gt": return ">"
    case "quot": return "\""
    case "apos": return "'"
    default:
      guard entity.first == "#" else { return nil }
      let digits = entity.dropFirst()
      let number = digits.first == "x" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
      return number.flatMap(Unicode.Scalar.init)
    }
  }
}
