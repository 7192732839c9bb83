/// A type of Postgres by its number in `pg_type`; the built-in ones never change theirs.
public struct SQLType: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  /// The oid.
  public let rawValue: UInt32

  /// The type of that oid.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  init(_ oid: UInt32) { rawValue = oid }

  /// `boolean`
  public static let bool = SQLType(16)
  /// `bytea`
  public static let bytea = SQLType(17)
  /// `name`
  public static let name = SQLType(19)
  /// `bigint`
  public static let int8 = SQLType(20)
  /// `smallint`
  public static let int2 = SQLType(21)
  /// `integer`
  public static let int4 = SQLType(23)
  /// `text`
  public static let text = SQLType(25)
  /// `oid`
  public static let oid = SQLType(26)
  /// `json`
  public static let json = SQLType(114)
  /// `real`
  public static let float4 = SQLType(700)
  /// `double precision`
  public static let float8 = SQLType(701)
  /// An untyped literal.
  public static let unknown = SQLType(705)
  /// `character(n)`
  public static let bpchar = SQLType(1042)
  /// `character varying`
  public static let varchar = SQLType(1043)
  /// `date`
  public static let date = SQLType(1082)
  /// `timestamp with time zone`
  public static let timestamptz = SQLType(1184)
  /// `numeric`
  public static let numeric = SQLType(1700)
  /// `uuid`
  public static let uuid = SQLType(2950)
  /// `jsonb`
  public static let jsonb = SQLType(3802)
  /// `xid8`
  public static let xid8 = SQLType(5069)

  /// `boolean[]`
  public static let boolArray = SQLType(1000)
  /// `bytea[]`
  public static let byteaArray = SQLType(1001)
  /// `smallint[]`
  public static let int2Array = SQLType(1005)
  /// `integer[]`
  public static let int4Array = SQLType(1007)
  /// `text[]`
  public static let textArray = SQLType(1009)
  /// `bigint[]`
  public static let int8Array = SQLType(1016)
  /// `double precision[]`
  public static let float8Array = SQLType(1022)
  /// `real[]`
  public static let float4Array = SQLType(1021)
  /// `date[]`
  public static let dateArray = SQLType(1182)
  /// `timestamptz[]`
  public static let timestamptzArray = SQLType(1185)
  /// `uuid[]`
  public static let uuidArray = SQLType(2951)
  /// `jsonb[]`
  public static let jsonbArray = SQLType(3807)

  /// The SQL name where it is known, else the number.
  public var description: String { Self.names[self] ?? "type \(rawValue)" }

  private static let names: [SQLType: String] = [
    .bool: "boolean", .bytea: "bytea", .name: "name", .int8: "bigint", .int2: "smallint", .int4: "integer", .text: "text",
    .oid: "oid",
    .json: "json", .float4: "real", .float8: "double precision", .unknown: "unknown", .bpchar: "character", .varchar: "varchar",
    .date: "date", .timestamptz: "timestamptz", .numeric: "numeric", .uuid: "uuid", .jsonb: "jsonb", .xid8: "xid8",
    .boolArray: "boolean[]", .byteaArray: "bytea[]", .int2Array: "smallint[]", .int4Array: "integer[]", .textArray: "text[]",
    .int8Array: "bigint[]", .float8Array: "double precision[]", .float4Array: "real[]", .dateArray: "date[]",
    .timestamptzArray: "timestamptz[]", .uuidArray: "uuid[]", .jsonbArray: "jsonb[]",
  ]
}
