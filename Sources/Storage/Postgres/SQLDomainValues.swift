public import Domain

extension Identifier: SQLValue, SQLArrayElement, SQLScalar {
  /// `bigint`
  public static var sqlType: SQLType { .int8 }
  /// `bigint[]`
  public static var arrayType: SQLType { .int8Array }
  /// Eight bytes.
  public func write(to writer: inout SQLWriter) { writer.write(rawValue) }
  /// Reads every integer type.
  public static func read(_ cell: SQLCell) throws(SQLMismatch) -> Self { Self(try Int64.read(cell)) }
}

extension Key: SQLScalar {
  /// `uuid`
  public static var sqlType: SQLType { .uuid }
  /// `uuid[]`
  public static var arrayType: SQLType { .uuidArray }
  /// Sixteen bytes.
  public func write(to writer: inout SQLWriter) {
    writer.write(high)
    writer.write(low)
  }
  /// Reads `uuid`.
  public static func read(_ cell: SQLCell) throws(SQLMismatch) -> Key {
    guard cell.type == .uuid else { throw .type }
    return Key(high: try cell.integer(at: 0), low: try cell.integer(at: 8))
  }
}

extension Timestamp: SQLScalar {
  /// `timestamptz`
  public static var sqlType: SQLType { .timestamptz }
  /// `timestamptz[]`
  public static var arrayType: SQLType { .timestamptzArray }
  /// From 1970 to Postgres' own start, 2000-01-01.
  private static var postgresStart: Int64 { 946_684_800_000_000 }

  /// Microseconds since 2000; what is out of Postgres' range is refused there.
  public func write(to writer: inout SQLWriter) {
    let (value, overflow) = microseconds.subtractingReportingOverflow(Self.postgresStart)
    // The ends of the range mean -infinity and infinity, which a moment is not.
    writer.write(overflow || value == .min ? Int64.min + 1 : value)
  }
  /// Reads `timestamptz`; `infinity` is refused.
  public static func read(_ cell: SQLCell) throws(SQLMismatch) -> Timestamp {
    guard cell.type == .timestamptz else { throw .type }
    let value: Int64 = try cell.integer()
    let (sum, overflow) = value.addingReportingOverflow(postgresStart)
    guard value != .min, !overflow else { throw .value("it is infinity") }
    return Timestamp(microseconds: sum)
  }
}

extension LocalDate: SQLScalar {
  /// `date`
  public static var sqlType: SQLType { .date }
  /// `date[]`
  public static var arrayType: SQLType { .dateArray }
  /// From 1970 to Postgres' own start, 2000-01-01.
  private static var postgresStart: Int { 10_957 }

  /// Days since 2000.
  public func write(to writer: inout SQLWriter) { writer.write(Int32(daysSince1970 - Self.postgresStart)) }
  /// Reads `date`; `infinity` and years outside 1…9999 are refused.
  public static func read(_ cell: SQLCell) throws(SQLMismatch) -> LocalDate {
    guard cell.type == .date else { throw .type }
    let days: Int32 = try cell.integer()
    guard days != .min, days != .max else { throw .value("it is infinity") }
    let date = LocalDate(daysSince1970: Int(days) + postgresStart)
    guard (1...9999).contains(date.year) else { throw .value("its year is not in 1…9999") }
    return date
  }
}

extension SQLValue where Self: RawRepresentable, RawValue: SQLValue {
  /// That of the raw value.
  public static var sqlType: SQLType { RawValue.sqlType }
  /// As the raw value.
  public func write(to writer: inout SQLWriter) { rawValue.write(to: &writer) }
  /// Reads the raw value; one that names no case is refused.
  public static func read(_ cell: SQLCell) throws(SQLMismatch) -> Self {
    guard let value = Self(rawValue: try RawValue.read(cell)) else { throw .value("it names no \(Self.self)") }
    return value
  }
}

extension SQLScalar where Self: RawRepresentable, RawValue: SQLScalar {
  /// That of the raw value.
  public static var arrayType: SQLType { RawValue.arrayType }
}

extension TopicKind: SQLScalar {}
extension EntryKind: SQLScalar {}

extension BlobHash: SQLScalar {
  /// `bytea`
  public static var sqlType: SQLType { .bytea }
  /// `bytea[]`
  public static var arrayType: SQLType { .byteaArray }
  /// The 32 bytes.
  public func write(to writer: inout SQLWriter) { writer.write(bytes: bytes) }
  /// Reads `bytea` of 32 bytes.
  public static func read(_ cell: SQLCell) throws(SQLMismatch) -> BlobHash {
    guard cell.type == .bytea else { throw .type }
    guard let hash = BlobHash(bytes: cell.bytes) else { throw .value("it has \(cell.bytes.count) bytes and not 32") }
    return hash
  }
}
