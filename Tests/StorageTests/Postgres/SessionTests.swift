import Domain
import Storage
import TestSupport
import Testing

@Suite("Session")
struct SessionTests {
  /// Runs `body` on a session of its own, as the owner, who may create tables.
  private func session(_ body: @escaping @Sendable (Session, TestDatabase) throws -> Void) async throws {
    try await withTestDatabase { database in try await database.owner.run { try body($0, database) } }
  }

  @Test("Violations are told apart and name the constraint")
  func violations() async throws {
    try await session { session, _ in
      try session.execute("CREATE TABLE parent (id integer CONSTRAINT parent_key PRIMARY KEY)")
      try session.execute(
        """
        CREATE TABLE child (id integer CONSTRAINT child_parent REFERENCES parent, size integer NOT NULL CONSTRAINT positive CHECK (size > 0),
          span int4range, CONSTRAINT apart EXCLUDE USING gist (span WITH &&))
        """)
      #expect(try session.execute("INSERT INTO parent SELECT generate_series(1, 3)") == 3)
      #expect(try session.execute("UPDATE parent SET id = id WHERE id > 1") == 2)
      expectFailure(.uniqueViolation(constraint: "parent_key")) { try session.execute("INSERT INTO parent VALUES (1)") }
      expectFailure(.foreignKeyViolation(constraint: "child_parent")) { try session.execute("INSERT INTO child VALUES (9, 1)") }
      expectFailure(.checkViolation(constraint: "positive")) { try session.execute("INSERT INTO child VALUES (1, 0)") }
      expectFailure(.notNullViolation(column: "size")) { try session.execute("INSERT INTO child VALUES (1, NULL)") }
      try session.execute("INSERT INTO child VALUES (1, 1, '[1,5]')")
      expectFailure(.exclusionViolation(constraint: "apart")) { try session.execute("INSERT INTO child VALUES (1, 1, '[5,6]')") }
      expectFailure(.other) { _ = try session.rows("SELECT * FROM nothing") }
      expectFailure(.invalidValue) { _ = try session.rows("SELECT \("x")::integer") }
      expectFailure(.invalidValue) { _ = try session.rows("SELECT \("a\u{0}b")") }
      expectFailure(.misuse) { _ = try session.rows("") }
      expectFailure(.misuse) { _ = try session.rows("COPY parent TO STDOUT") }
      #expect(!session.isAlive, "the pool makes another one")
    }
  }

  @Test("An error's description holds no value of a row; its detail does")
  func privacy() async throws {
    try await session { session, _ in
      try session.execute("CREATE TABLE secret (word text UNIQUE)")
      try session.execute("INSERT INTO secret VALUES ('hunter2')")
      for sql in ["INSERT INTO secret VALUES (\("hunter2"))", "SELECT \("hunter2")::integer", "SELECT \("hunter2")::uuid"]
        as [SQL]
      {
        let error = databaseError { try session.execute(sql) }
        let text = error?.description ?? "hunter2"
        #expect(!text.contains("hunter2"))
      }
      let error = databaseError { try session.execute("INSERT INTO secret VALUES ('hunter2')") }
      #expect(error?.detail.contains("hunter2") == true)
      #expect((error?.table, error?.constraint) == ("secret", "secret_word_key"))
    }
  }

  @Test("A hot statement is prepared once, and the cache is bounded on the server too")
  func preparedOnce() async throws {
    try await withTestDatabase { database in
      var configuration = database.configuration()
      configuration.statementCacheSize = 4
      let session = try Session.open(configuration)
      for number in 0..<10 { #expect(try session.value("SELECT \(number) + 1", as: Int.self) == number + 1) }
      let count: SQL = "SELECT count(*) FROM pg_prepared_statements"
      // The counting one and the other.
      #expect(try session.value(count, as: Int.self) == 2)
      for number in 0..<10 {
        try session.execute("SELECT \(identifier: "c\(number)") FROM (SELECT 1) AS t (\(identifier: "c\(number)"))")
      }
      #expect(try session.value(count, as: Int.self) == 4)
      #expect(try session.value("SELECT \(1) + 1", as: Int.self) == 2)
    }
  }

  @Test("A prepared statement whose table has changed is prepared again")
  func changedTable() async throws {
    try await session { session, _ in
      try session.execute("CREATE TABLE shape (a integer)")
      try session.execute("INSERT INTO shape VALUES (1)")
      #expect(try session.rows("SELECT * FROM shape").first?.columns == ["a"])
      try session.execute("ALTER TABLE shape ADD b integer DEFAULT 2")
      #expect(try session.rows("SELECT * FROM shape").first?.columns == ["a", "b"])
      try session.execute("DEALLOCATE ALL")
      #expect(try session.rows("SELECT * FROM shape").count == 1)
    }
  }

  @Test("At most one row means at most one")
  func counts() async throws {
    try await session { session, _ throws in
      #expect(try session.row("SELECT 1 WHERE false") == nil)
      #expect(try session.value("SELECT 1 WHERE false", as: Int32.self) == nil)
      expectFailure(.misuse) { _ = try session.one("SELECT 1 WHERE false") }
      expectFailure(.misuse) { _ = try session.row("SELECT generate_series(1, 2)") }
      let numbers = try session.result("SELECT generate_series(1, 5) AS n").map { try $0["n", as: Int32.self] }
      #expect(numbers == [1, 2, 3, 4, 5])
    }
  }

  @Test("A transaction rolls back when its body throws, a nested one only itself")
  func rollback() async throws {
    struct Oops: Error {}
    try await session { session, _ in
      try session.execute("CREATE TABLE t (n integer)")
      func fail(_ number: Int) throws {
        try session.execute("INSERT INTO t VALUES (\(number))")
        throw Oops()
      }
      func oops(_ number: Int) -> Bool {
        do {
          try session.transaction { try fail(number) }
          return false
        } catch {
          return error is Oops
        }
      }
      #expect(oops(1))
      #expect(!session.isInTransaction)
      try session.transaction {
        try session.execute("INSERT INTO t VALUES (2)")
        #expect(oops(3))
        expectFailure(.invalidValue) { try session.transaction { try session.execute("SELECT 1/0") } }
        try session.transaction { try session.execute("INSERT INTO t VALUES (4)") }
      }
      let numbers = try session.rows("SELECT n FROM t ORDER BY n").map { try $0["n", as: Int32.self] }
      #expect(numbers == [2, 4])
    }
  }

  @Test("A swallowed error is not a commit")
  func swallowed() async throws {
    try await session { session, _ in
      try session.execute("CREATE TABLE t (n integer)")
      expectFailure(.misuse) {
        try session.transaction {
          try session.execute("INSERT INTO t VALUES (1)")
          expectFailure(.invalidValue) { try session.execute("SELECT 1/0") }
        }
      }
      #expect(try session.value("SELECT count(*) FROM t", as: Int.self) == 0)
    }
  }

  @Test("A read-only transaction does not write, a repeatable one sees one moment")
  func isolation() async throws {
    try await session { session, database in
      try session.execute("CREATE TABLE t (n integer)")
      let error = databaseError {
        try session.transaction(readOnly: true) { try session.execute("INSERT INTO t VALUES (1)") }
      }
      #expect(error?.sqlState == "25006")
      let other = try Session.open(database.configuration(role: "onefin_owner"))
      try session.transaction(isolation: .repeatableRead) {
        #expect(try session.value("SELECT count(*) FROM t", as: Int.self) == 0)
        try other.execute("INSERT INTO t VALUES (1)")
        #expect(try session.value("SELECT count(*) FROM t", as: Int.self) == 0)
      }
      #expect(try session.value("SELECT count(*) FROM t", as: Int.self) == 1)
    }
  }

  @Test("A statement ends after the statement time-out, a wait for a lock after the lock time-out")
  func timeouts() async throws {
    try await withTestDatabase { database in
      var configuration = database.configuration(role: "onefin_owner")
      configuration.statementTimeout = .milliseconds(50)
      let slow = try Session.open(configuration)
      expectFailure(.statementTimeout) { _ = try slow.rows("SELECT pg_sleep(60)") }
      #expect(try slow.value("SELECT 1", as: Int32.self) == 1)

      configuration.statementTimeout = .seconds(30)
      configuration.lockTimeout = .milliseconds(50)
      let waiting = configuration
      try await database.owner.transaction { holder in
        let waiter = try Session.open(waiting)
        try holder.execute("LOCK TABLE department")
        expectFailure(.lockTimeout) { try waiter.rows("SELECT * FROM department") }
      }
    }
  }

  @Test("A connection lost in COMMIT is an unknown outcome, lost before it is not")
  func unknownOutcome() async throws {
    try await session { session, database in
      try session.execute("CREATE TABLE t (n integer)")
      try session.execute(
        """
        CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(60); RETURN NEW; END'
        """)
      try session.execute(
        "CREATE CONSTRAINT TRIGGER die AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die()")
      for attempt in 0..<2 {
        let victim = try Session.open(database.configuration(role: "onefin_owner"))
        let error = databaseError {
          if attempt == 0 {
            try victim.transaction { try victim.execute("INSERT INTO t VALUES (1)") }
          } else {
            try victim.pipelinedTransaction({ $0.add("SELECT 1") }, then: { $1.add("INSERT INTO t VALUES (1)") })
          }
        }
        #expect(error?.kind == .commitOutcomeUnknown)
        #expect(error?.isTemporary == true)
        #expect(!victim.isAlive)
      }
      let victim = try Session.open(database.configuration(role: "onefin_owner"))
      expectFailure(.connectionLost) {
        try victim.transaction { try victim.execute("SELECT pg_terminate_backend(pg_backend_pid())") }
      }
      expectFailure(.connectionLost) { _ = try victim.rows("SELECT 1") }
    }
  }
}
