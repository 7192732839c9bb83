import Domain
import Storage
import TestSupport
import Testing

@Suite("What the chat leaves in the action log")
struct ChatActionTests {
  @Test("Edits, deletions, redactions, closes, ratings: in the row's own transaction. Plain messages: nothing")
  func rows() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      let session = try await database.makeSession(world.client)
      try await database.app.run { try $0.execute("UPDATE session SET address = '10.1.1.1' WHERE id = \(session)") }
      try await database.append(world.request(world.client, .send(body: "salom", reply: 0, holding: false), session: session))
      try await database.append(world.request(world.client, .send(body: "yana", reply: 0, holding: false)))
      #expect(try await actions(database).isEmpty)
      try await database.append(world.request(world.client, .edit(message: 1, body: "salom!"), session: session))
      try await database.append(world.request(world.client, .delete(message: 2)))
      try await database.append(world.request(world.admin, .redact(message: 1, reason: "karta \"raqami\"")))
      try await database.append(world.request(world.accountant, .dismiss))
      try await database.append(world.request(world.client, .rate(caseNumber: 1, stars: 4, comment: "rahmat")))
      #expect(
        try await actions(database) == [
          "message.edit \(world.client) 10.1.1.1 {\"seq\": 3, \"topic\": \(world.topic), \"message\": 1, \"version\": 2}",
          "message.delete \(world.client)  {\"seq\": 4, \"topic\": \(world.topic), \"message\": 2, \"version\": 2}",
          "message.redact \(world.admin)  {\"seq\": 5, \"topic\": \(world.topic), \"reason\": \"karta \\\"raqami\\\"\", \"message\": 1, \"version\": 3}",
          "case.close \(world.accountant)  {\"seq\": 6, \"case\": 1, \"topic\": \(world.topic)}",
          "case.rate \(world.client)  {\"seq\": 7, \"case\": 1, \"stars\": 4, \"topic\": \(world.topic)}",
        ])
    }
  }

  @Test("A refused request, and the same one again, leave none")
  func refused() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      try await database.append(world.request(world.client, .send(body: "salom", reply: 0, holding: false)))
      #expect(try await database.refusal(world.request(world.accountant, .edit(message: 1, body: "x"))) == .forbidden)
      let edit = world.request(world.client, .edit(message: 1, body: "salom!"))
      try await database.append(edit)
      try await database.append(edit)
      #expect(try await actions(database).count == 1)
    }
  }

  @Test("A ghost's stay begins and ends in it, whoever ends it")
  func observations() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      let session = try await database.makeSession(world.admin)
      let (topic, admin, at) = (world.topic, world.admin, world.start)
      try await database.app.run {
        _ = try TopicLog.observe(topic: topic, account: admin, session: session, reason: "shikoyat", at: at, in: $0)
        try TopicLog.endObservations(topic: topic, account: admin, session: session, at: at, in: $0)
      }
      #expect(
        try await actions(database) == [
          "observation.start \(admin)  {\"topic\": \(topic), \"reason\": \"shikoyat\", \"observation\": 1}",
          "observation.end \(admin)  {\"topic\": \(topic), \"observation\": 1}",
        ])
    }
  }

  private func actions(_ database: TestDatabase) async throws -> [String] {
    try await database.app.run { session in
      try session.rows(
        "SELECT action || ' ' || account_id || ' ' || address || ' ' || detail::text AS line FROM action_log ORDER BY id"
      )
      .map { try $0["line"] }
    }
  }
}
