import Domain
import Storage
import TestSupport
import Testing

@testable import ChatServer

/// What is unread stays right, whatever overtakes what.
@Suite struct HubMarksTests {
  @Test func afterSilenceMarksAreCountedAndPeopleShownAnew() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let clock = HandClock()
      let node = try TestNode(database, clock: clock, exchange: MemoryExchange())
      defer { node.stop() }
      let topic = #""topic":\#(world.topic)"#
      let client = try await node.connect(world.client)
      let accountant = try await node.connect(world.accountant)
      let device = try await node.connect(world.accountant)
      for each in [client, accountant] { try await each.ok("subscribe", topic) }
      try await device.ok("inbox")
      node.node.isDeaf = true
      _ = node.hubs[0].port.collect()
      clock.advance(2_001)
      for number in 0..<3 { try await client.send("\(number)", to: world.topic) }
      try await accountant.ok("read", #"\#(topic),"seq":1"#)
      _ = try await node.connect(world.secondClient)
      #expect(try device.events("read").isEmpty && client.events("presence").isEmpty)
      node.node.isDeaf = false
      try await node.until("the marks") {
        try !device.events("read").isEmpty && !accountant.events("read").isEmpty && !client.events("read").isEmpty
      }
      #expect(try device.events("read").last?["unread"]?.number == 2)
      #expect(try accountant.events("read").last?["unread"]?.number == 2)
      let presence = try client.events("person").last?["presence"]?.list
      let second = presence?.first { $0["account"]?.number == world.secondClient.rawValue }
      #expect(second?["online"]?.flag == true)
    }
  }

  @Test func aMarkThatWasHeldBackKnowsTheRowsThatOvertookIt() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let node = try TestNode(database, clock: HandClock(), exchange: MemoryExchange())
      defer { node.stop() }
      let topic = #""topic":\#(world.topic)"#
      let client = try await node.connect(world.client)
      let accountant = try await node.connect(world.accountant)
      let slow = try await node.connect(world.accountant)
      for each in [client, accountant] { try await each.ok("subscribe", topic) }
      try await slow.ok("inbox")
      for number in 0..<3 { try await client.send("\(number)", to: world.topic) }
      node.writers[0].queued[slow.socket] = node.hubs[0].limits.softQueue + 1
      try await accountant.ok("read", #"\#(topic),"seq":1"#)
      try await node.until("the mark") { try !accountant.events("read").isEmpty }
      try await client.send("3", to: world.topic)
      try await node.until("the row") { try slow.events("topic").count == 4 }
      #expect(try slow.events("read").isEmpty)
      node.writers[0].queued[slow.socket] = 0
      node.hubs[0].drained(slow.socket)
      let counted = try slow.events("read").compactMap { $0["unread"]?.number }
      #expect(counted == [3])
    }
  }

  @Test func whoOpensWhileTheFeedComesBackIsToldTheRightCount() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let clock = HandClock()
      let node = try TestNode(database, clock: clock, exchange: MemoryExchange())
      defer { node.stop() }
      let hub = node.hubs[0]
      let topic = #""topic":\#(world.topic)"#
      let client = try await node.connect(world.client)
      let accountant = try await node.connect(world.accountant)
      try await accountant.ok("subscribe", topic)
      try await client.send("read by its author", to: world.topic)
      try await accountant.send("unread", to: world.topic)
      node.node.isDeaf = true
      hub.collectMail()
      clock.advance(2_001)
      let asked = client.request("subscribe", topic)
      // Handled before the topic has been read: what was missed is read while somebody is on the way in.
      node.node.isDeaf = false
      node.node.heartbeat(age: 0)
      hub.collectMail()
      #expect(try await client.answer(asked)["ok"]?["me"]?["unread"]?.number == 1)
      try await node.until("rest") {
        hub.stale.isEmpty && hub.topics.values.allSatisfy { !$0.isRefreshing && !$0.needsRefresh }
      }
      let counts = try client.events("read").compactMap { $0["unread"]?.number }
      #expect(Set(counts).isSubset(of: [1]))
    }
  }

  @Test func marksAreToldAgainWhenTheFeedWasInterrupted() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let node = try TestNode(database, clock: HandClock(), exchange: MemoryExchange())
      defer { node.stop() }
      let client = try await node.connect(world.client)
      try await client.send("1", to: world.topic)
      try await client.ok("subscribe", #""topic":\#(world.topic)"#)
      // A mark of another node, of which no word came.
      let ids = (world.topic, world.accountant)
      try await database.superuser.run { session in
        try session.execute("INSERT INTO read_mark (topic_id, account_id, seq, at) VALUES (\(ids.0), \(ids.1), 1, now())")
      }
      node.node.heardAgain()
      try await node.until("the mark") {
        try client.events("read").contains { $0["account"]?.number == world.accountant.rawValue }
      }
    }
  }

  @Test func aMarkThatComesLaterThanTheListThatPassedItIsNotTold() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let node = try TestNode(database, clock: HandClock(), exchange: MemoryExchange())
      defer { node.stop() }
      let client = try await node.connect(world.client)
      for number in 0..<3 { try await client.send("\(number)", to: world.topic) }
      let device = try await node.connect(world.accountant)
      try await device.ok("subscribe", #""topic":\#(world.topic)"#)
      // Two marks of another node, of which no word has come: the subscription knows none, the list the newer one.
      let ids = (world.topic, world.accountant)
      try await database.superuser.run { session in
        try session.execute("INSERT INTO read_mark (topic_id, account_id, seq, at) VALUES (\(ids.0), \(ids.1), 3, now())")
      }
      try await device.ok("inbox")
      func mark(_ seq: Int64) -> ReadMark {
        ReadMark(topic: ids.0, account: ids.1, seq: seq, at: .now, unread: Int(3 - seq), head: 3, didMove: true)
      }
      for seq in [1, 3] as [Int64] { node.hubs[0].distribute(mark(seq)) }
      let told = try device.events("read").compactMap { $0["seq"]?.number }
      #expect(told == [3])
    }
  }
}
