import Foundation

/// Any JSON value, as a client sent it.
enum JSONValue: Decodable, Sendable, Equatable {
  case null
  case flag(Bool)
  case integer(Int64)
  case number(Double)
  case text(String)
  case list([JSONValue])
  case object([String: JSONValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let flag = Self.decode(Bool.self, container) {
      self = .flag(flag)
    } else if let integer = Self.decode(Int64.self, container) {
      self = .integer(integer)
    } else if let number = Self.decode(Double.self, container) {
      self = .number(number)
    } else if let text = Self.decode(String.self, container) {
      self = .text(text)
    } else if let list = Self.decode([JSONValue].self, container) {
      self = .list(list)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  /// Trying one type after the other is how `Decodable` tells them apart; a mismatch is no failure.
  private static func decode<Value: Decodable>(_ type: Value.Type, _ container: any SingleValueDecodingContainer) -> Value? {
    do { return try container.decode(type) } catch { return nil }
  }
}
