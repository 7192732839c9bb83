/// What a log row says beyond its columns: canonical JSON (RFC 8785) in `topic_entry.meta`, so that the chain covers it.
///
/// Only this type writes it, and it reads nothing that it would not have written itself: there is one text for each value and salt. What some
/// readers of the topic may not know (files of a hidden message, what a close was about) has a salt in it, since those readers get its digest,
/// and there are too few other texts that it could be.
public enum EntryMeta: Sendable, Hashable {
  /// The documents of a message, in the order in which they were attached.
  case documents([EntryDocument])
  /// A document has reached a state of the work on it.
  case mark(DocumentID, DocumentState)
  /// Somebody closed the case; `noAnswer`: over a waiting client, since no answer was needed. Each close says which of both it is, so that
  /// whoever may not know can't tell by there being something.
  case close(noAnswer: Bool)
  /// The system closed the case because the company has left the firm, which is no news to anybody of it.
  case left
  /// A pause was ended: why.
  case resume(PauseEnd)

  /// The text in `topic_entry.meta`. `salt` is 16 bytes (`HashChain.metaSalt`); what everybody in the topic may know takes none.
  public func encoded(salt: [UInt8]) -> String {
    switch self {
    case .documents(let documents):
      #"{"documents":["# + documents.map(\.encoded).joined(separator: ",") + #"],"salt":"\#(Hex.string(salt))"}"#
    case .mark(let document, let state): #"{"document":\#(document),"state":"\#(state.rawValue)"}"#
    case .close(noAnswer: true): #"{"answer":"none","salt":"\#(Hex.string(salt))"}"#
    case .close(noAnswer: false): #"{"salt":"\#(Hex.string(salt))"}"#
    case .left: Self.leftText
    case .resume(.ended): Self.endedText
    case .resume(.rejected): Self.rejectedText
    }
  }

  private static let leftText = #"{"why":"left"}"#
  private static let endedText = #"{"why":"ended"}"#
  private static let rejectedText = #"{"why":"rejected"}"#

  /// Reads `encoded` back; nil for the empty text of a row without more to say, and for whatever this version does not know.
  public init?(decoding text: String) {
    switch text {
    case "": return nil
    case Self.leftText: self = .left
    case Self.endedText: self = .resume(.ended)
    case Self.rejectedText: self = .resume(.rejected)
    default:
      guard let meta = Self.read(text) else { return nil }
      self = meta
    }
  }

  private static func read(_ text: String) -> EntryMeta? {
    var text = text
    return text.withUTF8 { CanonicalReader.meta($0) }
  }
}

/// Why a pause is over. A client's next message ends one without a row.
public enum PauseEnd: String, Sendable, Hashable {
  /// The client rejected it: it counts as if it had never been.
  case rejected
  /// Staff ended it.
  case ended
}

/// A document as the row of its message names it: what was sent stays so, whatever is worked out from it later.
public struct EntryDocument: Sendable, Hashable {
  /// Which one.
  public var document: DocumentID
  /// The name of the file as its uploader had it.
  public var name: String
  /// SHA-256 of the original, 64 hexadecimal digits.
  public var sha256: String
  /// The original's size in bytes.
  public var size: Int64
  /// The type that its content showed: `pdf`, `jpeg`, …
  public var type: String

  /// A document of a message.
  public init(document: DocumentID, name: String, sha256: String, size: Int64, type: String) {
    (self.document, self.name, self.sha256, self.size, self.type) = (document, name, sha256, size, type)
  }

  fileprivate var encoded: String {
    #"{"document":\#(document),"name":"# + Self.quoted(name) + #","sha256":"# + Self.quoted(sha256)
      + #","size":\#(size),"type":"# + Self.quoted(type) + "}"
  }

  /// A string of RFC 8785: only what must be escaped is, in the shortest way.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{08}": result += "\\b"
      case "\u{09}": result += "\\t"
      case "\u{0a}": result += "\\n"
      case "\u{0c}": result += "\\f"
      case "\u{0d}": result += "\\r"
      case "\u{00}"..<"\u{20}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

/// Walks over canonical JSON whose shape is known in advance.
private struct CanonicalReader {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0

  private init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  static func meta(_ bytes: UnsafeBufferPointer<UInt8>) -> EntryMeta? {
    var reader = CanonicalReader(bytes)
    guard let meta = reader.meta(), reader.position == bytes.count else { return nil }
    return meta
  }

  private mutating func meta() -> EntryMeta? {
    if take(#"{"documents":["#) { return documents() }
    if take(#"{"document":"#) { return mark() }
    if take(#"{"answer":"none","#) { return salt() ? .close(noAnswer: true) : nil }
    return take("{") && salt() ? .close(noAnswer: false) : nil
  }

  /// The end of an object that has a salt: 16 bytes in hexadecimal digits.
  private mutating func salt() -> Bool {
    guard take(#""salt":""#) else { return false }
    let start = position
    while position < bytes.count, (48...57).contains(bytes[position]) || (97...102).contains(bytes[position]) { position += 1 }
    return position - start == 32 && take(#""}"#)
  }

  private mutating func documents() -> EntryMeta? {
    var documents: [EntryDocument] = []
    repeat {
      guard take(#"{"document":"#), let document = integer(), take(#","name":"#), let name = string(), take(#","sha256":"#),
        let sha256 = string(), take(#","size":"#), let size = integer(), take(#","type":"#), let type = string(), take("}")
      else { return nil }
      documents.append(EntryDocument(document: DocumentID(document), name: name, sha256: sha256, size: size, type: type))
    } while take(",")
    return take("],") && salt() ? .documents(documents) : nil
  }

  private mutating func mark() -> EntryMeta? {
    guard let document = integer(), take(#","state":"#), let word = string(), take("}"),
      let state = DocumentState(rawValue: word)
    else { return nil }
    return .mark(DocumentID(document), state)
  }

  private mutating func take(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard bytes.count - position >= count else { return false }
    for offset in 0..<count where bytes[position + offset] != word.utf8Start[offset] { return false }
    position += count
    return true
  }

  private mutating func integer() -> Int64? {
    let start = position
    while position < bytes.count, (48...57).contains(bytes[position]) { position += 1 }
    return Int64(String(decoding: bytes[start..<position], as: UTF8.self))
  }

  private mutating func string() -> String? {
    guard take("\"") else { return nil }
    var text: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        guard let byte = escaped() else { return nil }
        text.append(byte)
      default: text.append(byte)
      }
    }
    return nil
  }

  private mutating func escaped() -> UInt8? {
    guard position < bytes.count else { return nil }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): return byte
    case UInt8(ascii: "b"): return 0x08
    case UInt8(ascii: "t"): return 0x09
    case UInt8(ascii: "n"): return 0x0a
    case UInt8(ascii: "f"): return 0x0c
    case UInt8(ascii: "r"): return 0x0d
    case UInt8(ascii: "u"):
      guard bytes.count - position >= 4 else { return nil }
      defer { position += 4 }
      return UInt8(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
    default: return nil
    }
  }
}
