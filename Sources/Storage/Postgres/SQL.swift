/// A statement and its parameters: the only way to give SQL to Postgres.
///
/// ```swift
/// "SELECT name FROM account WHERE id = \(id)"          // binds: the value travels beside the text, in binary
/// "SELECT \(columns) FROM account \(filter)"           // another SQL is spliced in, with its own parameters
/// "INSERT INTO t SELECT * FROM unnest(\(numbers), \(texts))"  // arrays bind as Postgres arrays
/// ```
/// Plain text can only come from literals in the program, so no value of a user can become SQL. A parameter has the type of its Swift value
/// (`Int64` is `bigint`, `String` is `text`, …); Postgres casts on assignment. `text` is not cast to `jsonb`, `numeric`, `date` by itself: use
/// `\(json:)`, `\(numeric:)` or a Swift type that fits.
public struct SQL: Sendable {
  /// The text, with a NUL byte where each parameter goes. It is also the key of the statement cache.
  private(set) var text: String
  /// The parameters' values in binary, one after the other.
  private(set) var bytes: [UInt8]
  /// Where each parameter lies in `bytes`.
  private(set) var parameters: [Parameter]

  /// One parameter: its type and its place in `bytes`.
  struct Parameter: Sendable {
    var type: SQLType
    var offset: Int32
    /// -1 stands for NULL.
    var length: Int32
  }

  /// NUL cannot occur in SQL, so it marks the parameters; they are numbered only when a statement is prepared.
  static let marker: Unicode.Scalar = "\u{0}"

  /// No text at all: for building up a statement with `+=`.
  public init() { (text, bytes, parameters) = ("", [], []) }

  fileprivate init(capacity: Int, parameters count: Int) {
    self.init()
    text.reserveCapacity(capacity + count)
    parameters.reserveCapacity(count)
  }

  /// Text of the program, not of a user.
  public init(_ text: StaticString) {
    self.init()
    self.text = text.description
  }

  /// The first statement followed by the second.
  public static func + (left: SQL, right: SQL) -> SQL {
    var joined = left
    joined += right
    return joined
  }

  /// Appends `right` and its parameters.
  public static func += (left: inout SQL, right: SQL) {
    left.text += right.text
    let base = Int32(left.bytes.count)
    left.bytes += right.bytes
    left.parameters += right.parameters.map { Parameter(type: $0.type, offset: $0.offset + base, length: $0.length) }
  }

  /// Whether there is no text.
  public var isEmpty: Bool { text.isEmpty }

  /// The text as Postgres gets it, with `$1`, `$2`, … where the values go. Holds no values, so it may be logged.
  public var statement: String {
    var numbered = ""
    numbered.reserveCapacity(text.utf8.count + parameters.count * 2)
    var number = 0
    for scalar in text.unicodeScalars {
      if scalar == Self.marker {
        number += 1
        numbered += "$\(number)"
      } else {
        numbered.unicodeScalars.append(scalar)
      }
    }
    return numbered
  }

  fileprivate mutating func append(text more: String) { text += more }

  fileprivate mutating func bind(_ value: some SQLValue) {
    var writer = SQLWriter(bytes: bytes)
    bytes = []
    let offset = writer.bytes.count
    value.write(to: &writer)
    let length = writer.isNull ? -1 : Int32(writer.bytes.count - offset)
    bytes = writer.bytes
    parameters.append(Parameter(type: type(of: value).sqlType, offset: Int32(offset), length: length))
    text.unicodeScalars.append(Self.marker)
  }
}

extension SQL: ExpressibleByStringInterpolation {
  /// Text of the program.
  public init(stringLiteral value: String) {
    self.init()
    text = value
  }

  /// The finished interpolation.
  public init(stringInterpolation: Interpolation) { self = stringInterpolation.sql }

  /// Collects the pieces of a statement.
  public struct Interpolation: StringInterpolationProtocol {
    fileprivate var sql: SQL

    /// Makes room for the literal and its parameters.
    public init(literalCapacity: Int, interpolationCount: Int) {
      sql = SQL(capacity: literalCapacity, parameters: interpolationCount)
    }

    /// Text of the program.
    public mutating func appendLiteral(_ literal: String) { sql.append(text: literal) }

    /// Binds `value` as a parameter.
    public mutating func appendInterpolation(_ value: some SQLValue) { sql.bind(value) }

    /// Binds `value` as a parameter; nil is NULL.
    public mutating func appendInterpolation<T: SQLValue>(_ value: T?) { sql.bind(value) }

    /// Splices another statement in.
    public mutating func appendInterpolation(_ other: SQL) { sql += other }

    /// Splices text of the program in.
    public mutating func appendInterpolation(unsafe text: StaticString) { sql.append(text: text.description) }

    /// Binds JSON text as `jsonb`.
    public mutating func appendInterpolation(json text: String?) { sql.bind(text.map(JSONText.init)) }

    /// Binds decimal digits as `numeric`, exactly. Postgres refuses what is no number.
    public mutating func appendInterpolation(numeric text: String?) {
      sql.append(text: "CAST(")
      sql.bind(text)
      sql.append(text: " AS numeric)")
    }

    /// A quoted name, for statements that take no parameters (`CREATE DATABASE`).
    public mutating func appendInterpolation(identifier name: String) { sql.append(text: Self.quoted(name, with: "\"")) }

    /// A quoted text, for statements that take no parameters (`ALTER ROLE … PASSWORD`). Elsewhere bind.
    public mutating func appendInterpolation(literal text: String) {
      let escapes = text.contains("\\")
      sql.append(
        text: (escapes ? " E" : "")
          + Self.quoted(
            escapes ? text.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\") : text, with: "'"))
    }

    private static func quoted(_ text: String, with mark: Character) -> String {
      var quoted = String(mark)
      for character in text.unicodeScalars {
        if Character(character) == mark { quoted.append(mark) }
        quoted.unicodeScalars.append(character == SQL.marker ? "\u{FFFD}" : character)
      }
      quoted.append(mark)
      return quoted
    }
  }
}

extension Sequence where Element == SQL {
  /// The statements one after the other with `separator` between: conditions with `" AND "`, columns with `", "`.
  public func joined(separator: StaticString) -> SQL {
    var joined = SQL()
    for (index, piece) in enumerated() {
      if index > 0 { joined += SQL(separator) }
      joined += piece
    }
    return joined
  }
}
