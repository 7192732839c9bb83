import Domain
import Foundation

/// Reads the fields of a request's body and collects what is wrong with them, so that a form hears of everything at once.
///
/// A reader of a field that is wrong returns an empty value; call `finish()` before using any.
struct Fields {
  private let object: [String: JSONValue]
  /// By field name: `required`, `type`, `too_short`, `too_long`, `invalid`, `unknown`.
  private(set) var problems: [String: String] = [:]

  init(_ object: [String: JSONValue]) { self.object = object }

  /// Whether the field is there at all, also as null.
  func has(_ name: String) -> Bool { object[name] != nil }

  /// Whether the field is there and null.
  func isNull(_ name: String) -> Bool { object[name] == .null }

  /// The field as it is, for what has a shape of its own; nil when it is absent or null.
  func json(_ name: String) -> JSONValue? { isNull(name) ? nil : object[name] }

  /// Notes something that is wrong with a field; the first word stays.
  mutating func refuse(_ name: String, _ code: String) { if problems[name] == nil { problems[name] = code } }

  /// One line of text, trimmed, without control characters, of so many characters.
  mutating func text(_ name: String, _ length: ClosedRange<Int>) -> String {
    guard let text = optionalText(name, length) else {
      refuse(name, "required")
      return ""
    }
    return text
  }

  /// The same; nil when the field is absent or null.
  mutating func optionalText(_ name: String, _ length: ClosedRange<Int>) -> String? {
    guard let raw = raw(name) else { return nil }
    let text = raw.trimmingCharacters(in: .whitespacesAndNewlines)
    let count = text.unicodeScalars.count
    if count < length.lowerBound { refuse(name, text.isEmpty ? "required" : "too_short") }
    if count > length.upperBound { refuse(name, "too_long") }
    if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) { refuse(name, "invalid") }
    return text
  }

  /// A secret: taken as it is.
  mutating func secret(_ name: String, maximumBytes: Int) -> String {
    guard let text = raw(name) else {
      refuse(name, "required")
      return ""
    }
    if text.isEmpty { refuse(name, "required") }
    if text.utf8.count > maximumBytes { refuse(name, "too_long") }
    return text
  }

  private mutating func raw(_ name: String) -> String? {
    switch object[name] {
    case nil, .null?: return nil
    case .text(let text)?: return text
    default:
      refuse(name, "type")
      return ""
    }
  }

  /// True or false; nil when absent.
  mutating func optionalFlag(_ name: String) -> Bool? {
    switch object[name] {
    case nil, .null?: return nil
    case .flag(let flag)?: return flag
    default:
      refuse(name, "type")
      return nil
    }
  }

  /// A whole number within a range.
  mutating func integer(_ name: String, _ range: ClosedRange<Int64>) -> Int64 {
    switch object[name] {
    case nil, .null?: refuse(name, "required")
    case .integer(let number)?:
      if range.contains(number) { return number }
      refuse(name, "invalid")
    default: refuse(name, "type")
    }
    return range.lowerBound
  }

  /// A number within a range.
  mutating func number(_ name: String, _ range: ClosedRange<Double>) -> Double {
    let number: Double
    switch object[name] {
    case nil, .null?:
      refuse(name, "required")
      return range.lowerBound
    case .integer(let integer)?: number = Double(integer)
    case .number(let double)?: number = double
    default:
      refuse(name, "type")
      return range.lowerBound
    }
    if range.contains(number) { return number }
    refuse(name, "invalid")
    return range.lowerBound
  }

  /// A UUID, of either case.
  mutating func key(_ name: String) -> Key {
    guard let text = raw(name) else {
      refuse(name, "required")
      return Key(high: 0, low: 0)
    }
    guard let key = Key(text) else {
      refuse(name, "invalid")
      return Key(high: 0, low: 0)
    }
    return key
  }

  /// Words of a fixed set, each once.
  mutating func words(_ name: String, of allowed: Set<String>) -> [String] {
    guard case .list(let items)? = object[name] else {
      refuse(name, has(name) ? "type" : "required")
      return []
    }
    var words: [String] = []
    for item in items {
      guard case .text(let word) = item, allowed.contains(word), !words.contains(word) else {
        refuse(name, "invalid")
        return []
      }
      words.append(word)
    }
    return words
  }

  /// Whole numbers by words of a fixed set.
  mutating func integers(_ name: String, by allowed: Set<String>, _ range: ClosedRange<Int64>) -> [String: Int64] {
    guard case .object(let items)? = object[name] else {
      refuse(name, has(name) ? "type" : "required")
      return [:]
    }
    var numbers: [String: Int64] = [:]
    for (word, item) in items {
      guard case .integer(let number) = item, allowed.contains(word), range.contains(number) else {
        refuse(name, "invalid")
        return [:]
      }
      numbers[word] = number
    }
    return numbers
  }

  /// The fields of an object within; nil when there is none, which is refused.
  mutating func object(_ name: String) -> Fields? {
    guard case .object(let inner)? = object[name] else {
      refuse(name, has(name) ? "type" : "required")
      return nil
    }
    return Fields(inner)
  }

  /// What `read` makes of each object of a list; an empty list when one of them has a problem, which is refused.
  mutating func objects<Value>(_ name: String, atMost limit: Int, _ read: (inout Fields) -> Value) -> [Value] {
    guard case .list(let items)? = object[name] else {
      refuse(name, has(name) ? "type" : "required")
      return []
    }
    var values: [Value] = []
    for item in items {
      guard case .object(let inner) = item, values.count < limit else {
        refuse(name, "invalid")
        return []
      }
      var fields = Fields(inner)
      values.append(read(&fields))
      if !fields.problems.isEmpty {
        refuse(name, "invalid")
        return []
      }
    }
    return values
  }

  /// The id of something.
  mutating func id<Table>(_ name: String) -> Identifier<Table> {
    guard let id: Identifier<Table> = optionalID(name) else {
      refuse(name, "required")
      return Identifier(0)
    }
    return id
  }

  /// The same; nil when the field is absent or null.
  mutating func optionalID<Table>(_ name: String) -> Identifier<Table>? {
    switch object[name] {
    case nil, .null?: return nil
    case .integer(let number)?:
      if number <= 0 { refuse(name, "unknown") }
      return Identifier(number)
    default:
      refuse(name, "type")
      return nil
    }
  }

  /// Ids of several things, at least one.
  mutating func ids<Table>(_ name: String, atMost limit: Int) -> [Identifier<Table>] {
    guard case .list(let items)? = object[name] else {
      refuse(name, has(name) ? "type" : "required")
      return []
    }
    var ids: [Identifier<Table>] = []
    for item in items {
      guard case .integer(let number) = item, number > 0, ids.count < limit else {
        refuse(name, "invalid")
        return []
      }
      ids.append(Identifier(number))
    }
    if ids.isEmpty { refuse(name, "required") }
    return ids
  }

  /// A word of a fixed set.
  mutating func choice<Value: RawRepresentable<String>>(_ name: String, of type: Value.Type, or fallback: Value) -> Value {
    guard let text = raw(name) else {
      refuse(name, "required")
      return fallback
    }
    guard let value = Value(rawValue: text) else {
      refuse(name, "invalid")
      return fallback
    }
    return value
  }

  /// A day, as YYYY-MM-DD; nil when the field is absent or null.
  mutating func optionalDate(_ name: String) -> LocalDate? {
    guard let text = raw(name) else { return nil }
    guard let date = LocalDate(text) else {
      refuse(name, "invalid")
      return nil
    }
    return date
  }

  /// Kinds of topics by their slugs, at least one, each once.
  mutating func topics(_ name: String) -> [TopicKind] {
    guard case .list(let items)? = object[name] else {
      refuse(name, has(name) ? "type" : "required")
      return []
    }
    var kinds: [TopicKind] = []
    for item in items {
      guard case .text(let slug) = item, let kind = TopicKind(slug: slug), !kinds.contains(kind) else {
        refuse(name, "invalid")
        return []
      }
      kinds.append(kind)
    }
    if kinds.isEmpty { refuse(name, "required") }
    return kinds
  }

  /// Throws: a 422 problem that lists the fields, when one was refused.
  func finish() throws(Problem) { if !problems.isEmpty { throw .invalid(problems) } }
}
