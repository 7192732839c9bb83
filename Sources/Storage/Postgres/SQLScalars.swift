extension Int64: SQLScalar {
  /// `bigint`
  public static var sqlType: SQLType { .int8 }
  /// `bigint[]`
  public static var arrayType: SQLType { .int8Array }
  /// Eight bytes.
  public func write(to writer: inout SQLWriter) { writer.write(self) }
  /// Reads every integer type, `oid` and `xid8`.
  public static func read(_ cell: SQLCell) throws(SQLMismatch) -> Int64 {
    switch cell.type {
    case .int8: return try cell.integer(as: Int64.self)
    case .int4: return Int64(try cell.integer(as: Int32.self))
    case .int2: return Int64(try cell.integer(as: Int16.self))
    case .oid: return Int64(try cell.integer(as: UInt32.self))
    case .xid8:
      guard let value = Int64(exactly: try cell.integer(as: UInt64.self)) else { throw .value("it is over 2^63") }
      return value
    default: throw .type
    }
  }
}

extension Int: SQLScalar {
  /// `bigint`
  public static var sqlType: SQLType { .int8 }
  /// `bigint[]`
  public static var arrayType: SQLType { .int8Array }
  /// Eight bytes.
  public func write(to writer: inout SQLWriter) { writer.write(Int64(self)) }
  /// Reads every integer type.
  public static func read(_ cell: SQLCell) throws(SQLMismatch) -> Int { Int(try Int64.read(cell)) }
}

extension Int32: SQLScalar {
  /// `integer`
  public static var sqlType: SQLType { .int4 }
  /// `integer[]`
  public static var arrayType: SQLType { .int4Array }
  /// Four bytes.
  public func write(to writer: inout SQLWriter) { writer.write(self) }
  /// Reads `integer` and `smallint`.
  public static func read(_ cell: SQLCell) throws(SQLMismatch) -> Int32 {
    switch cell.type {
    case .int4: return try cell.integer(as: Int32.self)
    case .int2: return Int32(try cell.integer(as: Int16.self))
    default: throw .type
    }
  }
}

extension Int16: SQLScalar {
  /// `smallint`
  public static var sqlType: SQLType { .int2 }
  /// `smallint[]`
  public static var arrayType: SQLType { .int2Array }
  /// Two bytes.
  public func write(to writer: inout SQLWriter) { writer.write(self) }
  /// Reads `smallint`.
  public static func read(_ cell: SQLCell) throws(SQLMismatch) -> Int16 {
    guard cell.type == .int2 else { throw .type }
    return try cell.integer(as: Int16.self)
  }
}

extension Bool: SQLScalar {
  /// `boolean`
  public static var sqlType: SQLType { .bool }
  /// `boolean[]`
  public static var arrayType: SQLType { .boolArray }
  /// One byte.
  public func write(to writer: inout SQLWriter) { writer.write(UInt8(self ? 1 : 0)) }
  /// Reads `boolean`.
  public static func read(_ cell: SQLCell) throws(SQLMismatch) -> Bool {
    guard cell.type == .bool else { throw .type }
    return try cell.integer(as: UInt8.self) != 0
  }
}

extension Double: SQLScalar {
  /// `double precision`
  public static var sqlType: SQLType { .float8 }
  /// `double precision[]`
  public static var arrayType: SQLType { .float8Array }
  /// IEEE 754.
  public func write(to writer: inout SQLWriter) { writer.write(bitPattern) }
  /// Reads `double precision` and `real`.
  public static func read(_ cell: SQLCell) throws(SQLMismatch) -> Double {
    switch cell.type {
    case .float8: return Double(bitPattern: try cell.integer())
    case .float4: return Double(Float(bitPattern: try cell.integer()))
    default: throw .type
    }
  }
}

extension String: SQLScalar {
  /// `text`
  public static var sqlType: SQLType { .text }
  /// `text[]`
  public static var arrayType: SQLType { .textArray }
  /// UTF-8. Postgres refuses a NUL inside.
  public func write(to writer: inout SQLWriter) { writer.write(bytes: utf8) }
  /// Reads text types, `json` and `jsonb` as their text, `numeric` as its exact decimal digits.
  public static func read(_ cell: SQLCell) throws(SQLMismatch) -> String {
    switch cell.type {
    case .text, .varchar, .bpchar, .name, .json, .unknown: return String(decoding: cell.bytes, as: UTF8.self)
    case .jsonb:
      guard cell.bytes.first == 1 else { throw .value("jsonb of an unknown version") }
      return String(decoding: cell.bytes.dropFirst(), as: UTF8.self)
    case .numeric: return try Numeric.text(cell)
    default: throw .type
    }
  }
}

/// Bytes by themselves are no value; `[UInt8]` is `bytea` and `[[UInt8]]` is `bytea[]`.
extension UInt8: SQLArrayElement {
  /// A single byte travels as `smallint`.
  public static var sqlType: SQLType { .int2 }
  /// `bytea`
  public static var arrayType: SQLType { .bytea }
  /// Two bytes.
  public func write(to writer: inout SQLWriter) { writer.write(Int16(self)) }
  /// Reads `smallint` from 0 to 255.
  public static func read(_ cell: SQLCell) throws(SQLMismatch) -> UInt8 {
    guard let value = UInt8(exactly: try Int16.read(cell)) else { throw .value("it is not in 0…255") }
    return value
  }
  /// The bytes as they are.
  public static func writeArray(_ values: [UInt8], to writer: inout SQLWriter) { writer.write(bytes: values) }
  /// Reads `bytea`.
  public static func readArray(_ cell: SQLCell) throws(SQLMismatch) -> [UInt8] {
    guard cell.type == .bytea else { throw .type }
    return [UInt8](cell.bytes)
  }
}

extension Array: SQLArrayElement where Element == UInt8 {
  /// `bytea[]`
  public static var arrayType: SQLType { .byteaArray }
}

extension Array: SQLScalar where Element == UInt8 {}

/// JSON text on its way to a `jsonb` parameter.
struct JSONText: SQLScalar {
  var text: String

  static var sqlType: SQLType { .jsonb }
  static var arrayType: SQLType { .jsonbArray }

  func write(to writer: inout SQLWriter) {
    writer.write(UInt8(1))
    writer.write(bytes: text.utf8)
  }

  static func read(_ cell: SQLCell) throws(SQLMismatch) -> JSONText { JSONText(text: try String.read(cell)) }

  /// A string of JSON.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      // jsonb cannot hold NUL at all.
      case "\u{0}": result += "\u{FFFD}"
      case "\u{1}"..."\u{1f}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
