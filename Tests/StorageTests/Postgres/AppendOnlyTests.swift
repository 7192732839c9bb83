import Domain
import Storage
import TestSupport
import Testing

@Suite("What is written once stays")
struct AppendOnlyTests {
  private static let tables: [(name: String, column: String)] = [
    ("topic_entry", "case_number"), ("topic_body", "body"), ("send_key", "seq"), ("read_advance", "at"), ("action_log", "action"),
  ]

  /// One row in each of the tables, written by the app.
  private func fill(_ session: Session) throws {
    let hash = [UInt8](repeating: 7, count: 32)
    try session.execute(
      """
      INSERT INTO topic_entry (topic_id, seq, kind, at, author_id, staff, case_number, message, version, body_hash, prev_hash, hash)
      VALUES (1, 1, \(EntryKind.message), \(Timestamp.now), 1, false, 1, 1, 1, \(hash), \(hash), \(hash))
      """)
    try session.execute("INSERT INTO topic_body VALUES (1, 1, \([UInt8](repeating: 1, count: 16)), 'text')")
    try session.execute("INSERT INTO send_key VALUES (1, \(Key.random()), 1, 1, \(hash))")
    try session.execute("INSERT INTO read_advance VALUES (1, 1, 0, 1, now())")
    try session.execute("INSERT INTO action_log (action) VALUES ('test')")
  }

  @Test("No function of ours is led astray by a table that a session makes for itself")
  func paths() async throws {
    try await withTestDatabase { database in
      let open = try await database.superuser.run { session in
        try session.rows(
          """
          SELECT p.oid::regprocedure::text FROM pg_proc p
           WHERE p.pronamespace = 'public'::regnamespace
             AND NOT EXISTS (SELECT FROM unnest(p.proconfig) c WHERE c LIKE 'search_path=pg_catalog,%')
             AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
          """
        ).map { try $0.decode(at: 0, as: String.self) }
      }
      #expect(open == [])
      // An empty copy of what a guard asks, in the schema that is looked through first.
      let month = LocalDate(year: 2026, month: 10, day: 1)
      try await database.superuser.run { session in
        try session.execute("SET session_replication_role = replica")
        try session.execute(
          "INSERT INTO month_close (month, closed_by, closed_at, calendar, hash) VALUES (\(month), 1, now(), '', sha256('x'))")
        try session.execute("RESET session_replication_role")
      }
      let error = await databaseError {
        try await database.owner.run { session in
          try session.execute("CREATE TEMPORARY TABLE month_close (month date)")
          try session.execute(
            "INSERT INTO salary (account_id, version, month, amount, made_by) VALUES (1, 1, \(month), 1, 1)")
        }
      }
      #expect(error?.kind == .insufficientPrivilege)
    }
  }

  @Test("Neither the app nor the owner updates, deletes or truncates a log")
  func logs() async throws {
    try await withTestDatabase { database in
      try await database.app.run { try fill($0) }
      for (name, column) in Self.tables {
        let attempts: [SQL] = [
          "UPDATE \(identifier: name) SET \(identifier: column) = \(identifier: column)", "DELETE FROM \(identifier: name)",
          "TRUNCATE \(identifier: name)", "TRUNCATE \(identifier: name) CASCADE",
        ]
        for attempt in attempts {
          let app = await databaseError { try await database.app.run { try $0.execute(attempt) } }
          #expect(app?.kind == .insufficientPrivilege, "app: \(attempt.statement)")
          #expect(app?.message.contains("permission denied") == true, "by its role: \(attempt.statement)")
          let owner = await databaseError { try await database.owner.run { try $0.execute(attempt) } }
          #expect(owner?.kind == .insufficientPrivilege, "owner: \(attempt.statement)")
          #expect(owner?.message == "\(name) is append-only", "by the trigger: \(attempt.statement)")
        }
        let count = try await database.app.run { try $0.value("SELECT count(*) FROM \(identifier: name)", as: Int.self) }
        #expect(count == 1)
      }
    }
  }

  @Test("ON CONFLICT DO UPDATE is no way round")
  func upsert() async throws {
    try await withTestDatabase { database in
      try await database.app.run { try fill($0) }
      let upsert: SQL =
        "INSERT INTO topic_body VALUES (1, 1, \([UInt8](repeating: 1, count: 16)), 'x') ON CONFLICT (topic_id, seq) DO UPDATE SET body = 'x'"
      for pool in [database.app, database.owner] {
        let error = await databaseError { try await pool.run { try $0.execute(upsert) } }
        #expect(error?.kind == .insufficientPrivilege)
      }
    }
  }

  @Test("The app owns nothing, creates nothing, and is nobody else")
  func role() async throws {
    try await withTestDatabase { database in
      let owned = try await database.app.run {
        try $0.value("SELECT count(*) FROM pg_class WHERE relowner = 'onefin_app'::regrole", as: Int.self)
      }
      #expect(owned == 0)
      let attempts: [SQL] = [
        "CREATE TABLE mine (n integer)", "ALTER TABLE topic_entry DISABLE TRIGGER ALL", "DROP TABLE topic_entry",
        "DROP TRIGGER append_only ON topic_entry", "SET ROLE onefin_owner", "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
      ]
      for attempt in attempts {
        let error = await databaseError { try await database.app.run { try $0.execute(attempt) } }
        #expect(error?.kind == .insufficientPrivilege, "\(attempt.statement)")
      }
    }
  }

  @Test("An observation ends once and its range grows; nothing else about it changes, and it never goes")
  func observation() async throws {
    try await withTestDatabase { database in
      let organisation = try await database.makeOrganisation(department: try await database.makeDepartment())
      let ghost = try await database.makeAccount("ghost")
      let session = try await database.makeSession(ghost)
      let topic = organisation.topic(.bank)
      try await database.app.run {
        try $0.execute(
          """
          INSERT INTO observation (account_id, session_id, topic_id, reason, ends_at)
          VALUES (\(ghost), \(session), \(topic), 'a complaint', now() + interval '1 hour')
          """)
      }
      func attempt(_ change: SQL, on pool: Postgres) async -> DatabaseError.Kind? {
        let error = await databaseError { try await pool.run { try $0.execute(change) } }
        return error?.kind
      }
      let refused: [SQL] = [
        "UPDATE observation SET reason = 'another'", "UPDATE observation SET account_id = account_id + 1",
        "UPDATE observation SET topic_id = topic_id + 1", "UPDATE observation SET session_id = session_id + 1",
        "UPDATE observation SET started_at = started_at - interval '1 hour'",
        "UPDATE observation SET ends_at = ends_at + interval '1 hour'", "DELETE FROM observation", "TRUNCATE observation CASCADE",
      ]
      for change in refused {
        #expect(await attempt(change, on: database.app) == .insufficientPrivilege, "app: \(change.statement)")
        #expect(await attempt(change, on: database.owner) == .insufficientPrivilege, "owner: \(change.statement)")
      }
      #expect(await attempt("UPDATE observation SET from_seq = 10, to_seq = 20", on: database.app) == nil)
      #expect(await attempt("UPDATE observation SET from_seq = 5, to_seq = 30", on: database.app) == nil)
      let shrinking: [SQL] = [
        "UPDATE observation SET from_seq = 6", "UPDATE observation SET from_seq = NULL", "UPDATE observation SET to_seq = 29",
        "UPDATE observation SET to_seq = NULL",
      ]
      let ended: [SQL] = [
        "UPDATE observation SET from_seq = 4, to_seq = 31", "UPDATE observation SET ended_at = NULL",
        "UPDATE observation SET ended_at = ended_at + interval '1 second'",
      ]
      func areRefused(_ changes: [SQL]) async {
        for change in changes {
          #expect(await attempt(change, on: database.app) == .insufficientPrivilege, "app: \(change.statement)")
          #expect(await attempt(change, on: database.owner) == .insufficientPrivilege, "owner: \(change.statement)")
        }
      }
      await areRefused(shrinking)
      #expect(await attempt("UPDATE observation SET ended_at = now()", on: database.app) == nil)
      await areRefused(ended)
    }
  }

  @Test("A read mark only grows; neither it nor a case goes")
  func marksAndCases() async throws {
    try await withTestDatabase { database in
      let organisation = try await database.makeOrganisation(department: try await database.makeDepartment())
      let topic = organisation.topic(.bank)
      try await database.app.run {
        try $0.execute("INSERT INTO read_mark VALUES (\(topic), 1, 5, now())")
        try $0.execute("INSERT INTO topic_case (topic_id, number, opened_seq, opened_at) VALUES (\(topic), 1, 1, now())")
        try $0.execute("UPDATE read_mark SET seq = 6")
      }
      let refused: [SQL] = ["UPDATE read_mark SET seq = 5", "UPDATE read_mark SET account_id = 2"]
      let owners: [SQL] = ["DELETE FROM read_mark", "TRUNCATE read_mark", "DELETE FROM topic_case", "TRUNCATE topic_case"]
      for change in refused + owners {
        let app = await databaseError { try await database.app.run { try $0.execute(change) } }
        #expect(app?.kind == .insufficientPrivilege, "app: \(change.statement)")
        let owner = await databaseError { try await database.owner.run { try $0.execute(change) } }
        #expect(owner?.kind == .insufficientPrivilege, "owner: \(change.statement)")
      }
    }
  }
}
