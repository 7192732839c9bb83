import Domain
import Storage
import TestSupport
import Testing

@testable import ChatServer

@Suite struct HubRefusalTests {
  private func rows(_ database: TestDatabase) async throws -> [String] {
    try await database.app.run { session in
      try session.rows(
        """
        SELECT account_id || ' ' || (detail->>'code') || ' ' || (detail->>'count') AS line
          FROM action_log WHERE action = 'access.refuse' ORDER BY id
        """
      ).map { try $0["line"] }
    }
  }

  @Test("Asking for topics that are not one's own is written down, once a minute with its number")
  func tried() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let clock = HandClock()
      let node = try TestNode(database, clock: clock)
      defer { node.stop() }
      let client = try await node.connect(world.client)
      for number in 0..<20 {
        #expect(
          try await client.code("subscribe", #""topic":\#(world.foreignTopic.rawValue + Int64(number * 1000))"#) == "not_found")
      }
      #expect(try await client.code("close", #""topic":\#(world.topic),"key":"\#(Key.random())""#) == "forbidden")
      try await client.ok("subscribe", #""topic":\#(world.topic)"#)
      let firsts = ["\(world.client) not_found 1", "\(world.client) forbidden 1"]
      while try await rows(database).count < 2 { await Task.yield() }
      #expect(try await Set(rows(database)) == Set(firsts))
      clock.advance(61_000)
      node.hubs[0].tick()
      while try await rows(database).count < 3 { await Task.yield() }
      #expect(try await rows(database).last == "\(world.client) not_found 19")
    }
  }
}
