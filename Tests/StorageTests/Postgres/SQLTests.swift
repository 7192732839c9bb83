import Testing

@testable import Storage

@Suite("SQL")
struct SQLTests {
  @Test("Values become numbered parameters and never text")
  func binds() {
    let evil = "'; DROP TABLE account; --"
    let sql: SQL = "SELECT \(evil), \(7 as Int64) FROM t WHERE a = \(nil as Int32?)"
    #expect(sql.statement == "SELECT $1, $2 FROM t WHERE a = $3")
    #expect(sql.parameters.map(\.type) == [.text, .int8, .int4])
    #expect(sql.parameters.map(\.length) == [Int32(evil.utf8.count), 8, -1])
    #expect(!sql.statement.contains("DROP"))
  }

  @Test("A spliced statement brings its parameters, and numbers go on")
  func splices() {
    let condition: SQL = "b = \(2 as Int16) AND c = \("three")"
    let sql: SQL = "SELECT \(1 as Int32) WHERE \(condition) LIMIT \(4 as Int64)"
    #expect(sql.statement == "SELECT $1 WHERE b = $2 AND c = $3 LIMIT $4")
    #expect(sql.parameters.map(\.type) == [.int4, .int2, .text, .int8])
    #expect(sql.bytes == [0, 0, 0, 1, 0, 2] + Array("three".utf8) + [0, 0, 0, 0, 0, 0, 0, 4])
    #expect(sql.parameters.map(\.offset) == [0, 4, 6, 11])
  }

  @Test("Joining puts the separator between only")
  func joins() {
    let parts: [SQL] = ["a = \(1)", "b = \(2)", "c"]
    #expect(parts.joined(separator: " AND ").statement == "a = $1 AND b = $2 AND c")
    #expect([SQL]().joined(separator: ", ").isEmpty)
    #expect(("x = \(1)" + SQL(" OR ") + "y = \(2)" as SQL).statement == "x = $1 OR y = $2")
  }

  @Test("Static text, names and literals")
  func texts() {
    #expect(("SELECT \(unsafe: "now()")" as SQL).statement == "SELECT now()")
    #expect(("DROP TABLE \(identifier: "a\"b")" as SQL).statement == "DROP TABLE \"a\"\"b\"")
    #expect(("PASSWORD \(literal: "it's")" as SQL).statement == "PASSWORD 'it''s'")
    #expect(("PASSWORD \(literal: "a\\b'")" as SQL).statement == "PASSWORD  E'a\\\\b'''")
    #expect(("DROP TABLE \(identifier: "a\u{0}b")" as SQL).statement == "DROP TABLE \"a\u{FFFD}b\"")
    #expect(("\(json: "{}") \(numeric: "1.5")" as SQL).statement == "$1 CAST($2 AS numeric)")
  }

  @Test("The conninfo is not in what is printed or dumped")
  func secrets() {
    let configuration = PostgresConfiguration(conninfo: "host=db password=geheim", applicationName: "app")
    var dumped = "\(configuration) \(String(reflecting: configuration))"
    dump(configuration, to: &dumped)
    dump([configuration], to: &dumped)
    #expect(!dumped.contains("geheim"))
    let broken = PostgresConfiguration(conninfo: "host=db geheim", applicationName: "app")
    let error = #expect(throws: DatabaseError.self) { try Session.open(broken) }
    #expect(error?.kind == .misuse)
    #expect(error.map { "\($0)".contains("geheim") } == false)
  }

  @Test(
    "Each SQLSTATE has its meaning",
    arguments: [
      ("23505", DatabaseError.Kind.uniqueViolation(constraint: "c"), false),
      ("23503", .foreignKeyViolation(constraint: "c"), false),
      ("23514", .checkViolation(constraint: "c"), false), ("23502", .notNullViolation(column: "k"), false),
      ("23P01", .exclusionViolation(constraint: "c"), false), ("40001", .serializationFailure, true), ("40P01", .deadlock, true),
      ("42501", .insufficientPrivilege, false), ("57014", .statementTimeout, false), ("55P03", .lockTimeout, true),
      ("08006", .connectionLost, true), ("57P01", .connectionLost, true), ("57P03", .connectionLost, true),
      ("53300", .outOfResources, true), ("53100", .outOfResources, true), ("22P02", .invalidValue, false),
      ("42601", .other, false),
    ])
  func kinds(state: String, kind: DatabaseError.Kind, temporary: Bool) {
    let found = DatabaseError.kind(sqlState: state, constraint: "c", column: "k", wasCancelled: false)
    #expect(found == kind)
    #expect(DatabaseError(found, "").isTemporary == temporary)
  }
}

@Suite("StatementCache")
struct StatementCacheTests {
  @Test("The statement used longest ago makes room")
  func leastRecentlyUsed() {
    var cache = StatementCache(limit: 2)
    #expect(cache.insert("SELECT 1", name: "a") == nil)
    #expect(cache.insert("SELECT 2", name: "b") == nil)
    #expect(cache.name(of: "SELECT 1") == "a")
    #expect(cache.insert("SELECT 3", name: "c") == "b")
    #expect(cache.name(of: "SELECT 2") == nil)
    #expect(cache.name(of: "SELECT 1") == "a")
    #expect(cache.count == 2)
    cache.remove("SELECT 1")
    #expect((cache.count, cache.name(of: "SELECT 1")) == (1, nil))
  }

  @Test("The same text with parameters of other types is another statement")
  func types() {
    var cache = StatementCache(limit: 8)
    _ = cache.insert("SELECT \(1 as Int64)", name: "a")
    #expect(cache.name(of: "SELECT \(2 as Int64)") == "a")
    #expect(cache.name(of: "SELECT \("2")") == nil)
    #expect(cache.name(of: "SELECT \(nil as Int64?)") == "a")
  }
}
