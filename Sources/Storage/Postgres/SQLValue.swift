/// A Swift type that travels to and from Postgres in binary.
///
/// `Optional` of each is one too (nil is NULL), and so are arrays of scalars.
public protocol SQLValue {
  /// The Postgres type that a parameter of this Swift type has.
  static var sqlType: SQLType { get }

  /// Appends the value in Postgres' binary format.
  func write(to writer: inout SQLWriter)

  /// Reads a value that is not NULL. Throws: what was found instead, when the column's type does not fit or the bytes make no such value.
  static func read(_ cell: SQLCell) throws(SQLMismatch) -> Self

  /// What NULL is read as. Throws: `.null`, for all but optionals.
  static func readNull() throws(SQLMismatch) -> Self
}

extension SQLValue {
  /// NULL is refused.
  public static func readNull() throws(SQLMismatch) -> Self { throw .null }
}

/// What arrays are made of.
public protocol SQLArrayElement: SQLValue {
  /// The Postgres type of an array of these.
  static var arrayType: SQLType { get }

  /// Appends the array in Postgres' binary format.
  static func writeArray(_ values: [Self], to writer: inout SQLWriter)

  /// Reads an array that is not NULL.
  static func readArray(_ cell: SQLCell) throws(SQLMismatch) -> [Self]
}

/// Why a value could not be read.
public enum SQLMismatch: Error, Hashable, Sendable {
  /// The column holds NULL and the Swift type is not optional.
  case null
  /// The column has another type.
  case type
  /// The type fits but the value does not: why.
  case value(String)
}

/// Where parameters are written to.
public struct SQLWriter {
  var bytes: [UInt8]
  /// Set by a value that is NULL.
  var isNull = false

  init(bytes: [UInt8]) { self.bytes = bytes }

  /// Makes the whole parameter NULL.
  public mutating func writeNull() { isNull = true }

  /// Appends big-endian bytes.
  @inline(__always)
  public mutating func write(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
  }

  /// Appends bytes as they are.
  public mutating func write(bytes more: some Collection<UInt8>) { bytes.append(contentsOf: more) }
}

/// One value of a result that is not NULL. Valid only while it is being read.
public struct SQLCell {
  /// The column's type.
  public let type: SQLType
  /// The value in Postgres' binary format.
  public let bytes: UnsafeRawBufferPointer

  /// The first bytes as a big-endian integer. Throws: `.value` when there are too few.
  @inline(__always)
  public func integer<T: FixedWidthInteger>(at offset: Int = 0, as: T.Type = T.self) throws(SQLMismatch) -> T {
    guard offset >= 0, offset + MemoryLayout<T>.size <= bytes.count else { throw .value("\(bytes.count) bytes are too few") }
    return T(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self))
  }

  /// The bytes from `offset` on as a cell of their own.
  func slice(_ type: SQLType, _ range: Range<Int>) throws(SQLMismatch) -> SQLCell {
    guard range.upperBound <= bytes.count else { throw .value("\(bytes.count) bytes are too few") }
    return SQLCell(type: type, bytes: UnsafeRawBufferPointer(rebasing: bytes[range]))
  }
}

extension Optional: SQLValue where Wrapped: SQLValue {
  /// That of the wrapped type.
  public static var sqlType: SQLType { Wrapped.sqlType }
  /// nil is NULL.
  public func write(to writer: inout SQLWriter) {
    if let self { self.write(to: &writer) } else { writer.writeNull() }
  }
  /// A value.
  public static func read(_ cell: SQLCell) throws(SQLMismatch) -> Self { .some(try Wrapped.read(cell)) }
  /// nil.
  public static func readNull() throws(SQLMismatch) -> Self { .none }
}

extension Array: SQLValue where Element: SQLArrayElement {
  /// The array type of the elements; `[UInt8]` is `bytea`.
  public static var sqlType: SQLType { Element.arrayType }
  /// One dimension, counted from 1.
  public func write(to writer: inout SQLWriter) { Element.writeArray(self, to: &writer) }
  /// An array of one dimension, or an empty one.
  public static func read(_ cell: SQLCell) throws(SQLMismatch) -> Self { try Element.readArray(cell) }
}

/// A value with an array type of its own; arrays may hold NULL as `[T?]`.
public protocol SQLScalar: SQLArrayElement {}

extension SQLScalar {
  /// One dimension.
  public static func writeArray(_ values: [Self], to writer: inout SQLWriter) {
    PostgresArray.write(values, element: sqlType, to: &writer) { value, writer in value.write(to: &writer) }
  }
  /// One dimension, no NULL.
  public static func readArray(_ cell: SQLCell) throws(SQLMismatch) -> [Self] {
    try PostgresArray.read(cell) { element throws(SQLMismatch) in
      guard let element else { throw .value("an element is NULL") }
      return try read(element)
    }
  }
}

extension Optional: SQLArrayElement where Wrapped: SQLScalar {
  /// That of the wrapped type.
  public static var arrayType: SQLType { Wrapped.arrayType }
  /// One dimension; nil is NULL.
  public static func writeArray(_ values: [Self], to writer: inout SQLWriter) {
    PostgresArray.write(values, element: sqlType, to: &writer) { value, writer in value.write(to: &writer) }
  }
  /// One dimension; NULL is nil.
  public static func readArray(_ cell: SQLCell) throws(SQLMismatch) -> [Self] {
    try PostgresArray.read(cell) { element throws(SQLMismatch) in
      guard let element else { return nil }
      return .some(try Wrapped.read(element))
    }
  }
}

/// The binary format of arrays: dimensions, whether it has NULLs, the element's type, length and lower bound, then each value with its length.
enum PostgresArray {
  static func write<T>(_ values: [T], element: SQLType, to writer: inout SQLWriter, _ body: (T, inout SQLWriter) -> Void) {
    guard !values.isEmpty else {
      writer.write(Int32(0))
      writer.write(Int32(0))
      writer.write(element.rawValue)
      return
    }
    writer.bytes.reserveCapacity(writer.bytes.count + 20 + values.count * 12)
    writer.write(Int32(1))
    let nullFlag = writer.bytes.count
    writer.write(Int32(0))
    writer.write(element.rawValue)
    writer.write(Int32(values.count))
    writer.write(Int32(1))
    var hasNull = false
    for value in values {
      let start = writer.bytes.count
      writer.write(Int32(-1))
      body(value, &writer)
      if writer.isNull {
        hasNull = true
        writer.isNull = false
      } else {
        let length = UInt32(writer.bytes.count - start - 4)
        for index in 0..<4 { writer.bytes[start + index] = UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * index)) }
      }
    }
    if hasNull { writer.bytes[nullFlag + 3] = 1 }
  }

  static func read<T>(_ cell: SQLCell, _ body: (SQLCell?) throws(SQLMismatch) -> T) throws(SQLMismatch) -> [T] {
    guard elements[cell.type] != nil else { throw .type }
    let dimensions: Int32 = try cell.integer()
    guard dimensions > 0 else { return [] }
    guard dimensions == 1 else { throw .value("an array of \(dimensions) dimensions") }
    let element = SQLType(rawValue: try cell.integer(at: 8))
    let count: Int32 = try cell.integer(at: 12)
    var values: [T] = []
    values.reserveCapacity(Int(count))
    var offset = 20
    for _ in 0..<count {
      let length: Int32 = try cell.integer(at: offset)
      offset += 4
      if length < 0 {
        values.append(try body(nil))
      } else {
        values.append(try body(try cell.slice(element, offset..<offset + Int(length))))
        offset += Int(length)
      }
    }
    return values
  }

  /// The array types that are read; anything else has another binary format.
  private static let elements: [SQLType: SQLType] = [
    .boolArray: .bool, .byteaArray: .bytea, .int2Array: .int2, .int4Array: .int4, .int8Array: .int8, .textArray: .text,
    .float4Array: .float4, .float8Array: .float8, .dateArray: .date, .timestamptzArray: .timestamptz, .uuidArray: .uuid,
    .jsonbArray: .jsonb, SQLType(1014): .bpchar, SQLType(1015): .varchar, SQLType(1231): .numeric, SQLType(1003): .name,
    SQLType(1028): .oid, SQLType(199): .json, SQLType(271): .xid8,
  ]
}
