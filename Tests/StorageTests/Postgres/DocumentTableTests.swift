import Domain
import Storage
import TestSupport
import Testing

@Suite("What the document tables refuse")
struct DocumentTableTests {
  private static let hash = [UInt8](repeating: 7, count: 32)

  /// Where documents can be: two companies with a topic each, somebody, a session.
  private struct Place {
    var here: TestOrganisation
    var there: TestOrganisation
    var account: AccountID
    var session: SessionID
    var topic: TopicID { here.topic(.bank) }
  }

  private func place(_ database: TestDatabase) async throws -> Place {
    let department = try await database.makeDepartment()
    let here = try await database.makeOrganisation("Here", department: department)
    let there = try await database.makeOrganisation("There", department: department)
    let account = try await database.makeClient("aziza", of: here)
    return Place(here: here, there: there, account: account, session: try await database.makeSession(account))
  }

  private func insert(
    _ place: Place, organisation: OrganisationID? = nil, topic: TopicID? = nil, name: String = "Hisob.pdf", replaces: Int64? = nil
  ) -> SQL {
    """
    INSERT INTO document (organisation_id, topic_id, uploader_id, staff, name, type, size, hash, replaces)
    VALUES (\(organisation ?? place.here.id), \(topic ?? place.topic), \(place.account), false, \(name), 'pdf', 3, \(Self.hash), \(replaces))
    """
  }

  private func kind(_ change: SQL, on pool: Postgres) async -> DatabaseError.Kind? {
    let error = await databaseError { try await pool.run { try $0.execute(change) } }
    return error?.kind
  }

  /// One row in each append-only table, written by the app.
  private func fill(_ place: Place, _ database: TestDatabase) async throws {
    let statements: [SQL] = [
      "INSERT INTO blob (hash, size) VALUES (\(Self.hash), 3)", insert(place),
      "INSERT INTO rendition (document_id, kind, hash, type, size) VALUES (1, 'clean', \(Self.hash), 'pdf', 3)",
      "INSERT INTO stamp (document_id, token_hash, rendition_hash) VALUES (1, \(Self.hash), \(Self.hash))",
      "INSERT INTO document_mark VALUES (\(place.topic), 1, 1, 'processed', \(place.account), now())",
      "INSERT INTO thumbnail_view VALUES (\(place.session), 1, current_date)",
      "INSERT INTO setting_change (name, version, value, changed_by) VALUES ('watermark', 1, '{}', \(place.account))",
      "INSERT INTO server_key (name, key) VALUES ('files', \(Self.hash))",
      """
      INSERT INTO upload (id, account_id, session_id, topic_id, name, size)
      VALUES (\(Key.random()), \(place.account), \(place.session), \(place.topic), 'a.pdf', 3)
      """,
      "INSERT INTO job (kind, document_id) VALUES ('document', 1)",
    ]
    for statement in statements { try await database.app.run { try $0.execute(statement) } }
  }

  @Test("Neither the app nor the owner changes, removes or truncates what is append-only")
  func appendOnly() async throws {
    try await withTestDatabase { database in
      try await fill(try await place(database), database)
      let tables = [
        ("blob", "size"), ("rendition", "size"), ("stamp", "at"), ("document_mark", "state"), ("thumbnail_view", "day"),
        ("setting_change", "value"), ("server_key", "key"),
      ]
      for (name, column) in tables {
        let attempts: [SQL] = [
          "UPDATE \(identifier: name) SET \(identifier: column) = \(identifier: column)", "DELETE FROM \(identifier: name)",
          "TRUNCATE \(identifier: name)", "TRUNCATE \(identifier: name) CASCADE",
        ]
        for attempt in attempts {
          let app = await databaseError { try await database.app.run { try $0.execute(attempt) } }
          #expect(app?.kind == .insufficientPrivilege, "app: \(attempt.statement)")
          #expect(app?.message.contains("permission denied") == true, "by its role: \(attempt.statement)")
          // Postgres itself refuses a TRUNCATE without CASCADE of what others refer to.
          let owner = await kind(attempt, on: database.owner)
          #expect(owner != nil, "owner: \(attempt.statement)")
        }
        let owner = await databaseError { try await database.owner.run { try $0.execute("DELETE FROM \(identifier: name)") } }
        #expect(owner?.message == "\(name) is append-only", "by the trigger")
      }
    }
  }

  @Test("Documents, uploads and jobs are never removed")
  func nothingGoes() async throws {
    try await withTestDatabase { database in
      try await fill(try await place(database), database)
      for name in ["document", "upload", "job"] {
        let attempts: [SQL] = ["DELETE FROM \(identifier: name)", "TRUNCATE \(identifier: name) CASCADE"]
        for attempt in attempts {
          #expect(await kind(attempt, on: database.app) == .insufficientPrivilege, "app: \(attempt.statement)")
          #expect(await kind(attempt, on: database.owner) == .insufficientPrivilege, "owner: \(attempt.statement)")
        }
      }
    }
  }

  @Test("A document gets its message once, and its renditions until they are ready")
  func document() async throws {
    try await withTestDatabase { database in
      try await fill(try await place(database), database)
      let both = [database.app, database.owner]
      let fixed: [SQL] = [
        "UPDATE document SET name = 'other.pdf'", "UPDATE document SET staff = true", "UPDATE document SET size = 4",
        "UPDATE document SET hash = decode(repeat('08', 32), 'hex')", "UPDATE document SET uploader_id = uploader_id + 1",
        "UPDATE document SET topic_id = topic_id + 1", "UPDATE document SET at = now()", "UPDATE document SET type = 'xml'",
        "UPDATE document SET unstamped = true", "UPDATE document SET replaces = 1",
      ]
      for change in fixed {
        for pool in both { #expect(await kind(change, on: pool) == .insufficientPrivilege, "\(change.statement)") }
      }
      #expect(await kind("UPDATE document SET message = 5", on: database.app) == nil)
      let again: [SQL] = ["UPDATE document SET message = 6", "UPDATE document SET message = NULL"]
      for change in again {
        for pool in both { #expect(await kind(change, on: pool) == .insufficientPrivilege, "\(change.statement)") }
      }
      // Without a reason it is not pending; ready it is for good.
      #expect(await kind("UPDATE document SET media = 'pending'", on: database.app) != nil)
      let way: [SQL] = [
        "UPDATE document SET media = 'pending', media_reason = 'no_converter'",
        "UPDATE document SET media = 'ready', media_reason = NULL, width = 10, height = 20, pages = 2",
      ]
      for change in way { #expect(await kind(change, on: database.app) == nil, "\(change.statement)") }
      let back: [SQL] = ["UPDATE document SET media = 'waiting'", "UPDATE document SET pages = 3"]
      for change in back {
        for pool in both { #expect(await kind(change, on: pool) == .insufficientPrivilege, "\(change.statement)") }
      }
    }
  }

  @Test("No document, version or mark hangs on another company's topic; no name is a path")
  func places() async throws {
    try await withTestDatabase { database in
      let place = try await place(database)
      try await fill(place, database)
      let foreign = place.there.topic(.bank)
      let astray: [SQL] = [
        insert(place, topic: foreign), insert(place, organisation: place.there.id),
        insert(place, organisation: place.there.id, topic: foreign, replaces: 1),
        "INSERT INTO document_mark VALUES (\(foreign), 1, 1, 'processed', \(place.account), now())",
        """
        INSERT INTO upload (id, account_id, session_id, topic_id, name, size, replaces)
        VALUES (\(Key.random()), \(place.account), \(place.session), \(foreign), 'a.pdf', 3, 1)
        """,
      ]
      for change in astray {
        let error = await databaseError { try await database.app.run { try $0.execute(change) } }
        guard case .foreignKeyViolation = error?.kind else {
          Issue.record("\(change.statement): \(String(describing: error))")
          continue
        }
      }
      for name in ["", "a/b", "a\\b", "a\nb", "a\u{7f}b", "a\u{0}b", String(repeating: "x", count: 256)] {
        #expect(await kind(insert(place, name: name), on: database.app) != nil, "\(name.debugDescription)")
      }
      #expect(await kind(insert(place, name: "Счёт-фактура №1 [нусха] (1).pdf"), on: database.app) == nil)
    }
  }

  @Test("An upload ends once; its id is another account's business")
  func upload() async throws {
    try await withTestDatabase { database in
      let place = try await place(database)
      try await fill(place, database)
      let (id, other) = (Key.random(), try await database.makeClient("bobur", of: place.here))
      func begin(_ account: AccountID) -> SQL {
        """
        INSERT INTO upload (id, account_id, session_id, topic_id, name, size)
        VALUES (\(id), \(account), \(place.session), \(place.topic), 'a.pdf', 3)
        """
      }
      #expect(await kind(begin(place.account), on: database.app) == nil)
      #expect(await kind(begin(other), on: database.app) == nil)
      #expect(await kind(begin(place.account), on: database.app) == .uniqueViolation(constraint: "upload_pkey"))
      #expect(await kind("UPDATE upload SET size = 4 WHERE id = \(id)", on: database.owner) == .insufficientPrivilege)
      #expect(await kind("UPDATE upload SET finished_at = now() WHERE id = \(id)", on: database.app) != nil)
      #expect(
        await kind("UPDATE upload SET finished_at = now(), refusal = 'too_large' WHERE id = \(id)", on: database.app) == nil)
      for pool in [database.app, database.owner] {
        #expect(await kind("UPDATE upload SET refusal = 'other' WHERE id = \(id)", on: pool) == .insufficientPrivilege)
      }
    }
  }

  @Test("Never two jobs at work on the same thing, and what is done stays done")
  func job() async throws {
    try await withTestDatabase { database in
      try await fill(try await place(database), database)
      let again: SQL = "INSERT INTO job (kind, document_id) VALUES ('document', 1)"
      #expect(await kind(again, on: database.app) == .uniqueViolation(constraint: "job_once"))
      #expect(await kind("UPDATE job SET state = 'leased'", on: database.app) == .checkViolation(constraint: "job_check1"))
      let way: [SQL] = [
        "UPDATE job SET state = 'leased', leased_until = now(), worker = 'w', attempts = attempts + 1",
        "UPDATE job SET state = 'done', finished_at = now()", again,
      ]
      for change in way { #expect(await kind(change, on: database.app) == nil, "\(change.statement)") }
      #expect(
        await kind("UPDATE job SET state = 'waiting', finished_at = NULL WHERE state = 'done'", on: database.app)
          == .insufficientPrivilege)
    }
  }

  @Test("The newest version of a setting counts")
  func setting() async throws {
    try await withTestDatabase { database in
      let place = try await place(database)
      for version in [1, 2] as [Int32] {
        try await database.app.run {
          try $0.execute(
            """
            INSERT INTO setting_change (name, version, value, changed_by)
            VALUES ('watermark', \(version), jsonb_build_object('n', \(version)), \(place.account))
            """)
        }
      }
      let value = try await database.app.run {
        try $0.value("SELECT value->>'n' FROM setting WHERE name = 'watermark'", as: String.self)
      }
      #expect(value == "2")
    }
  }
}
