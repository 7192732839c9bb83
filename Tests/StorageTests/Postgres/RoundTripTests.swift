import Domain
import Storage
import TestSupport
import Testing

@Suite("Types there and back")
struct RoundTripTests {
  /// Sends each value as a parameter and reads it back; where `text` is given, Postgres must print the value so.
  private func check<T: SQLValue & Equatable & Sendable>(
    _ database: TestDatabase, _ values: [T], sourceLocation: SourceLocation = #_sourceLocation,
    text: (@Sendable (T) -> String)? = nil
  ) async throws {
    try await database.app.run { session in
      for value in values {
        let row = try session.one("SELECT \(value) AS value, \(value)::text AS text, \(nil as T?) AS null")
        #expect(try row["value", as: T.self] == value, sourceLocation: sourceLocation)
        #expect(try row["value", as: T?.self] == value, sourceLocation: sourceLocation)
        #expect(try row["null", as: T?.self] == nil, sourceLocation: sourceLocation)
        expectFailure(.decoding, sourceLocation: sourceLocation) { try row["null", as: T.self] }
        if let text { #expect(try row["text", as: String.self] == text(value), sourceLocation: sourceLocation) }
      }
    }
  }

  private func some<T: FixedWidthInteger & Sendable>(_: T.Type) -> [T] {
    [.min, .max, 0, 1, T.max / 2] + (0..<50).map { _ in .random(in: .min ... .max) }
  }

  @Test("smallint, integer, bigint")
  func integers() async throws {
    try await withTestDatabase { database in
      try await check(database, some(Int16.self)) { "\($0)" }
      try await check(database, some(Int32.self)) { "\($0)" }
      try await check(database, some(Int64.self)) { "\($0)" }
      try await check(database, some(Int.self)) { "\($0)" }
      try await check(database, some(Int64.self).map { AccountID($0) }) { "\($0)" }
      try await check(database, TopicKind.allCases) { "\($0.rawValue)" }
    }
  }

  @Test("boolean and double precision")
  func others() async throws {
    try await withTestDatabase { database in
      try await check(database, [true, false]) { "\($0)" }
      let doubles = [0, -0.0, 1.5, .pi, .infinity, -.infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude]
      try await check(
        database, doubles + (0..<50).map { _ in Double(bitPattern: .random(in: 0...(.max >> 2))) }.filter { !$0.isNaN })
    }
  }

  @Test("text: empty, long, every kind of scalar")
  func texts() async throws {
    try await withTestDatabase { database in
      let random = (0..<50).map { _ in
        String(
          String.UnicodeScalarView(
            (0..<Int.random(in: 1...200)).compactMap { _ in Unicode.Scalar(UInt32.random(in: 1...0x10FFFF)) }))
      }
      try await check(
        database,
        ["", "a", "O'zbek ‘tili’", "ў қ ғ ҳ", "👩‍👩‍👧", "\\ \" ' $1 %", String(repeating: "x", count: 1_000_000)] + random
      ) { $0 }
    }
  }

  @Test("bytea")
  func bytes() async throws {
    try await withTestDatabase { database in
      try await check(
        database,
        [[], [0], Array(0...255)] + (0..<20).map { _ in (0..<Int.random(in: 0...300)).map { _ in UInt8.random(in: 0...255) } }
      ) {
        "\\x" + Hex.string($0)
      }
    }
  }

  @Test("uuid")
  func keys() async throws {
    try await withTestDatabase { database in
      try await check(database, (0..<50).map { _ in Key.random() } + [Key(high: 0, low: 0), Key(high: .max, low: .max)]) {
        "\($0)"
      }
    }
  }

  @Test("date, also before 2000 and 1970")
  func dates() async throws {
    try await withTestDatabase { database in
      let days = [0, -1, 10_957, 10_956, -719_162, 2_932_896] + (0..<50).map { _ in Int.random(in: -700_000...2_900_000) }
      try await check(database, days.map { LocalDate(daysSince1970: $0) }) { "\($0)" }
    }
  }

  @Test("timestamptz, also before 2000 and 1970")
  func moments() async throws {
    try await withTestDatabase { database in
      let moments =
        [0, -1, 946_684_800_000_000, 946_684_799_999_999]
        + (0..<50).map { _ in Int64.random(in: -60_000_000_000_000_000...250_000_000_000_000_000) }
      try await check(database, moments.map { Timestamp(microseconds: $0) })
      let text = try await database.app.run { session in
        try session.value(
          "SELECT to_char(\(Timestamp(microseconds: 1_795_079_553_123_456)) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
          as: String.self)
      }
      #expect(text == Timestamp(microseconds: 1_795_079_553_123_456).rfc3339)
    }
  }

  @Test("Arrays, empty, with and without NULL")
  func arrays() async throws {
    try await withTestDatabase { database in
      try await check(database, [[], [1], some(Int64.self)])
      try await check(database, [[], some(Int32.self)])
      try await check(database, [[], some(Int16.self)])
      try await check(database, [[], [true, false]])
      try await check(database, [[], ["", "a", "{\",\\}", "NULL"]])
      try await check(database, [[], [[], [1, 2, 3]] as [[UInt8]]])
      try await check(database, [(0..<20).map { _ in Key.random() }])
      try await check(database, [[Timestamp(microseconds: 5), .now]])
      try await check(database, [[LocalDate(daysSince1970: 20_000)]])
      try await check(database, [[1.5, -2]])
      try await check(database, [TopicKind.allCases])
      try await check(database, [[nil, 1, nil], [], [nil]] as [[Int64?]])
      try await check(database, [[nil, "a"]] as [[String?]])
      try await check(database, [[nil, [1]]] as [[[UInt8]?]])
      try await check(database, [[nil, AccountID(1)]] as [[AccountID?]])
    }
  }

  @Test("unnest takes columns apart in one statement")
  func unnest() async throws {
    try await withTestDatabase { database in
      let rows = try await database.app.run { session in
        try session.rows(
          "SELECT a, b, c FROM unnest(\([1, 2] as [Int64]), \(["x", nil] as [String?]), \([[1], [2, 3]] as [[UInt8]])) AS t (a, b, c)"
        ).map { row in
          "\(try row["a", as: Int64.self]) \(try row["b", as: String?.self] ?? "-") \(try row["c", as: [UInt8].self])"
        }
      }
      #expect(rows == ["1 x [1]", "2 - [2, 3]"])
    }
  }

  @Test("numeric arrives as Postgres prints it, digit for digit")
  func numerics() async throws {
    try await withTestDatabase { database in
      var values = [
        "0", "0.00", "1", "-1", "10000", "9999.9999", "0.0001", "0.00001", "-0.5", "123456789012345678901234567890.123456789",
        "1e20", "1.50", "NaN", "Infinity", "-Infinity", "10000.0000", "100000000",
      ]
      for _ in 0..<200 {
        let whole = String((0..<Int.random(in: 1...12)).map { _ in Character("\(Int.random(in: 0...9))") })
        let part = String((0..<Int.random(in: 1...12)).map { _ in Character("\(Int.random(in: 0...9))") })
        values.append((Bool.random() ? "-" : "") + whole + "." + part)
      }
      let all = values
      try await database.app.run { session in
        for value in all {
          let row = try session.one("SELECT \(numeric: value) AS number, (\(numeric: value))::text AS text")
          #expect(try row["number", as: String.self] == row["text", as: String.self])
        }
        #expect(try session.value("SELECT \(numeric: nil) AS number", as: String?.self) == .some(nil))
      }
    }
  }

  @Test("jsonb goes and comes as text")
  func json() async throws {
    try await withTestDatabase { database in
      let row = try await database.app.run {
        try $0.one("SELECT \(json: #"{"a": [1, "ў"]}"#) AS a, \(json: nil) AS b, '[1]'::json AS c")
      }
      #expect(try row["a", as: String.self] == #"{"a": [1, "ў"]}"#)
      #expect(try row["b", as: String?.self] == nil)
      #expect(try row["c", as: String.self] == "[1]")
    }
  }

  @Test("A column that does not fit says which, what it is and what was expected")
  func mismatches() async throws {
    try await withTestDatabase { database in
      let row = try await database.app.run {
        try $0.one(
          """
          SELECT 1::bigint AS number, NULL::text AS nothing, 'infinity'::timestamptz AS never, 9::smallint AS kind, ARRAY[1, NULL] AS list,
            18446744073709551615::text::xid8 AS xid
          """)
      }
      func message<T: SQLValue & Sendable>(_ column: String, _ type: T.Type) -> String {
        let error = databaseError { try row[column, as: type] }
        #expect(error?.kind == .decoding)
        return error?.message ?? ""
      }
      #expect(message("number", Int32.self) == "column «number» is bigint, which is not read as Int32")
      #expect(message("number", String.self) == "column «number» is bigint, which is not read as String")
      #expect(message("number", [Int64].self) == "column «number» is bigint, which is not read as Array<Int64>")
      #expect(message("nothing", String.self) == "column «nothing» is NULL, expected String")
      #expect(message("never", Timestamp.self) == "column «never» (timestamptz) is not read as Timestamp: it is infinity")
      #expect(message("kind", TopicKind.self) == "column «kind» (smallint) is not read as TopicKind: it names no TopicKind")
      #expect(message("list", [Int32].self) == "column «list» (integer[]) is not read as Array<Int32>: an element is NULL")
      #expect(message("xid", Int64.self) == "column «xid» (xid8) is not read as Int64: it is over 2^63")
      #expect(message("none", Int64.self) == "the result has no column «none»; it has number, nothing, never, kind, list, xid")
      expectFailure(.decoding) { try row.decode(at: 6, as: Int64.self) }
      expectFailure(.decoding) { try row.decode(at: -1, as: Int64.self) }
    }
  }
}
