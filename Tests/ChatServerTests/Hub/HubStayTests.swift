import Domain
import Storage
import TestSupport
import Testing

@testable import ChatServer

/// A ghost's stays on several sockets and loops: each ends by itself, and who watches by one that has ended stops.
@Suite struct HubStayTests {
  private func ledger(_ database: TestDatabase) async throws -> [String] {
    try await database.app.run { session in
      try session.rows("SELECT reason, from_seq, to_seq, ended_at IS NULL FROM observation ORDER BY id").map { row in
        let range = (try row.decode(at: 1, as: Int64?.self) ?? 0, try row.decode(at: 2, as: Int64?.self) ?? 0)
        return "\(try row.decode(at: 0, as: String.self)) \(range.0)-\(range.1)\(try row.decode(at: 3) ? " open" : "")"
      }
    }
  }

  @Test func leavingOneStayLeavesTheOther() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let node = try TestNode(database, clock: HandClock())
      defer { node.stop() }
      let topic = #""topic":\#(world.topic)"#
      let client = try await node.connect(world.client)
      try await client.send("1", to: world.topic)
      let first = try await node.connect(world.supervisor)
      let second = try await node.connect(world.supervisor, session: first.session)
      try await first.ok("observe", #"\#(topic),"reason":"birinchi""#)
      try await second.ok("observe", #"\#(topic),"reason":"ikkinchi""#)
      try await client.send("2", to: world.topic)
      try await node.until("the row") { try first.rows().count == 1 && second.rows().count == 1 }
      try await first.ok("unobserve", topic)
      // What was pushed is in the row, although nothing had been written since.
      #expect(try await ledger(database).first == "birinchi 1-2")
      try await client.send("3", to: world.topic)
      try await node.until("the third row") { try second.rows().count == 2 }
      #expect(try first.rows().count == 1 && second.events("observation").isEmpty)
      try await second.ok("unobserve", topic)
      #expect(try await ledger(database) == ["birinchi 1-2", "ikkinchi 1-3"])
    }
  }

  @Test func whoWatchesByAnEndedStayStops() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let clock = HandClock()
      let node = try TestNode(database, clock: clock)
      defer { node.stop() }
      let topic = #""topic":\#(world.topic)"#
      let client = try await node.connect(world.client)
      try await client.send("1", to: world.topic)
      let ghost = try await node.connect(world.supervisor)
      try await ghost.ok("observe", #"\#(topic),"reason":"birinchi""#)
      // As another node does it.
      try await database.app.run { try $0.execute("UPDATE observation SET ended_at = now()") }
      try await client.send("2", to: world.topic)
      try await node.until("the row") { try ghost.rows().count == 1 }
      clock.advance(1_001)
      node.hubs[0].tick()
      try await node.until("the end") { try ghost.events("observation").count == 1 }
      try await client.send("3", to: world.topic)
      #expect(try ghost.rows().count == 1)
      #expect(try await ledger(database) == ["birinchi 1-1"])
    }
  }

  @Test func anotherReasonIsAnotherStay() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let node = try TestNode(database, clock: HandClock())
      defer { node.stop() }
      let topic = #""topic":\#(world.topic)"#
      let client = try await node.connect(world.client)
      try await client.send("1", to: world.topic)
      let ghost = try await node.connect(world.supervisor)
      try await ghost.ok("observe", #"\#(topic),"reason":"birinchi""#)
      try await ghost.ok("observe", #"\#(topic),"reason":"ikkinchi""#)
      try await ghost.ok("unobserve", topic)
      // The first one's end travels by itself.
      for _ in 0..<100 where try await ledger(database).first != "birinchi 1-1" { try await ghost.ok("inbox") }
      #expect(try await ledger(database) == ["birinchi 1-1", "ikkinchi 1-1"])
    }
  }
}
