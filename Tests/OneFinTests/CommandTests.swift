import Domain
import ServerKit
import Storage
import TestSupport
import Testing

@testable import OneFin

/// The commands against a real Postgres.
struct CommandTests {
  private static let now = Timestamp.now

  @Test("The demo fills an empty database, with chains that verify, and refuses another time")
  func demo() async throws {
    try await withTestDatabase { database in
      try await database.app.run { session in
        try DemoSeeder(now: Self.now, cost: .least).run(in: session)
        let report = try AuditCommand.Verify.verify(in: session)
        #expect(report.topics == 20 && report.faults == [])
        #expect(try session.value("SELECT count(*) FROM account", as: Int64.self) == Int64(DemoFirm.people.count))
        let rated = try session.value("SELECT count(*) FROM topic_case WHERE stars IS NOT NULL", as: Int64.self)
        let unrated = try session.value(
          "SELECT count(*) FROM topic_case WHERE closed_at IS NOT NULL AND stars IS NULL", as: Int64.self)
        #expect(rated ?? 0 > 5 && unrated ?? 0 > 0)
        #expect(throws: Sentence.self) { try DemoSeeder(now: Self.now, cost: .least).run(in: session) }
        #expect(try session.value("SELECT count(*) FROM account", as: Int64.self) == Int64(DemoFirm.people.count))
      }
    }
  }

  @Test("Somebody has unread messages, nobody has read past the head")
  func unread() async throws {
    try await withTestDatabase { database in
      try await database.app.run { session in
        try DemoSeeder(now: Self.now, cost: .least).run(in: session)
        let waiting = try session.value(
          """
          SELECT count(*) FROM topic t JOIN topic_participant p ON p.topic_id = t.id
            LEFT JOIN read_mark r ON r.topic_id = t.id AND r.account_id = p.account_id WHERE coalesce(r.seq, 0) < t.head
          """, as: Int64.self)
        #expect(waiting ?? 0 >= 5)
        #expect(
          try session.value(
            "SELECT count(*) FROM read_mark r JOIN topic t ON t.id = r.topic_id WHERE r.seq > t.head", as: Int64.self) == 0)
      }
    }
  }

  @Test("A changed row is found")
  func broken() async throws {
    try await withTestDatabase { database in
      try await database.app.run { try DemoSeeder(now: Self.now, cost: .least).run(in: $0) }
      let faults = try await database.superuser.run { root in
        try root.execute("ALTER TABLE topic_body DISABLE TRIGGER USER")
        try root.execute(
          "UPDATE topic_body SET body = body || '!' WHERE seq = 1 AND topic_id = (SELECT min(topic_id) FROM topic_body)")
        return try AuditCommand.Verify.verify(in: root).faults
      }
      #expect(faults.count == 1 && faults.first?.reason == "its body is another one")
    }
  }

  @Test("An administrator is made, once per login, and can sign in")
  func admin() async throws {
    try await withTestDatabase { database in
      try await database.app.run { session in
        let id = try AdminCommand.Create.create(
          login: " Boss ", name: "Karim", language: "ru", password: "long enough 1", cost: .least, in: session)
        let candidate = try #require(try Accounts.candidate(login: "boss", device: nil, in: session))
        #expect(candidate.id == id)
        #expect(try Argon2.verify("long enough 1", against: candidate.passwordHash))
        #expect(try Accounts.liveAdmins(in: session) == [id])
        #expect(try AuditCommand.Verify.verify(in: session).faults == [])
        #expect(throws: Sentence.self) {
          try AdminCommand.Create.create(
            login: "BOSS", name: "Other", language: "uz", password: "long enough 1", cost: .least, in: session)
        }
      }
    }
  }

  @Test(
    "A phone number is a login by its digits, as the pages send it",
    arguments: ["998901234567", "+998 90 123-45-67", "(998) 90 1234567"])
  func phone(login: String) async throws {
    try await withTestDatabase { database in
      try await database.app.run { session in
        let id = try AdminCommand.Create.create(
          login: login, name: "Karim", language: "ru", password: "long enough 1", cost: .least, in: session)
        #expect(try Accounts.candidate(login: "998901234567", device: nil, in: session)?.id == id)
      }
    }
  }

  @Test(
    "What can't be an administrator is refused with a sentence",
    arguments: [
      ("x", "Karim", "uz", "long enough 1"), ("boss", " ", "uz", "long enough 1"), ("boss", "Karim", "de", "long enough 1"),
      ("boss", "Karim", "uz", "short"), ("бос", "Karim", "uz", "long enough 1"),
    ])
  func refused(login: String, name: String, language: String, password: String) async throws {
    try await withTestDatabase { database in
      try await database.app.run { session in
        #expect(throws: Sentence.self) {
          try AdminCommand.Create.create(
            login: login, name: name, language: language, password: password, cost: .least, in: session)
        }
        let exists = try Accounts.anyExists(in: session)
        #expect(!exists)
      }
    }
  }
}
