/// The head of an HTTP/1.1 request.
public struct RequestHead: Sendable, Equatable {
  /// One header field.
  public struct Field: Sendable, Equatable {
    /// The name in lower case.
    public let name: String
    /// The value without the white space around it.
    public let value: String
  }

  /// The method, as sent: methods are case-sensitive.
  public let method: String
  /// The request target, as sent.
  public let target: String
  /// The HTTP version's minor number: 0 or 1.
  public let minorVersion: Int
  /// The header fields in their order.
  public let fields: [Field]

  /// The target without its query.
  public var path: Substring { target.prefix { $0 != "?" } }

  /// The values of every field of that name (in lower case), in their order.
  public func values(of name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

  /// The value of a field that may be there only once; nil when it is missing or repeated.
  public func value(of name: String) -> String? {
    let all = values(of: name)
    return all.count == 1 ? all.first : nil
  }

  /// The members of a comma-separated list, over all fields of that name, without empty ones, as sent.
  public func list(of name: String) -> [String] {
    values(of: name).flatMap { $0.utf8.split(separator: UInt8(ascii: ",")) }.compactMap { part in
      let trimmed = RequestHead.trim(part)
      return trimmed.isEmpty ? nil : String(decoding: trimmed, as: UTF8.self)
    }
  }

  /// A cookie's value; the first one when several have that name.
  public func cookie(_ name: String) -> String? {
    for value in values(of: "cookie") {
      for pair in value.utf8.split(separator: UInt8(ascii: ";")) {
        guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { continue }
        guard Self.trim(pair[..<equals]).elementsEqual(name.utf8) else { continue }
        return String(decoding: Self.trim(pair[pair.index(after: equals)...]), as: UTF8.self)
      }
    }
    return nil
  }

  /// The token of `Authorization: Bearer`; nil when there is none or another scheme.
  public var bearer: String? {
    guard let value = value(of: "authorization"), let space = value.utf8.firstIndex(of: UInt8(ascii: " ")) else { return nil }
    guard value[..<space].lowercased() == "bearer" else { return nil }
    let token = Self.trim(value.utf8[space...])
    return token.isEmpty ? nil : String(decoding: token, as: UTF8.self)
  }

  /// Cuts spaces and tabs at both ends.
  static func trim<Bytes: BidirectionalCollection<UInt8>>(_ bytes: Bytes) -> Bytes.SubSequence {
    let isBlank: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    guard let first = bytes.firstIndex(where: { !isBlank($0) }), let last = bytes.lastIndex(where: { !isBlank($0) }) else {
      return bytes[bytes.startIndex..<bytes.startIndex]
    }
    return bytes[first...last]
  }
}
