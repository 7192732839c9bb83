import Domain
import TestSupport
import Testing

@testable import ChatServer

/// The main road: two people, one topic.
@Suite struct HubFirstTests {
  @Test func aMessageIsAnsweredAndFannedOut() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let node = try TestNode(database, clock: HandClock())
      defer { node.stop() }
      let client = try await node.connect(world.client)
      let accountant = try await node.connect(world.accountant)
      let state = try await client.ok("subscribe", #""topic":\#(world.topic)"#)
      #expect(state["head"]?.number == 0)
      #expect(state["me"]?["write"]?.flag == true)
      try await accountant.ok("inbox")
      try await accountant.ok("subscribe", #""topic":\#(world.topic)"#)
      let sent = try await client.send("Salom!", to: world.topic)
      #expect(sent["seq"]?.number == 1)
      try await node.until("the row") { try !accountant.rows().isEmpty && !accountant.events("topic").isEmpty }
      #expect(try accountant.rows().first?["body"]?.text == "Salom!")
      #expect(try client.rows().first?["hash"] == sent["hash"])
      let names = try client.frames.map { $0["event"]?.text ?? "answer" }
      #expect(names.suffix(2) == ["answer", "entry"])
    }
  }
}
