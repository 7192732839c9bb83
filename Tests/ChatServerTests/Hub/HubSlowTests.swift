import Domain
import Storage
import TestSupport
import Testing

@testable import ChatServer

/// What a slow receiver is told once it has caught up: what is so then, and nothing is lost for good.
@Suite struct HubSlowTests {
  private func limits(held: Int) -> ChatLimits {
    var limits = ChatLimits()
    limits.heldEvents = held
    return limits
  }

  /// However many events had to be held back, a mark among them is known in the end.
  @Test func marksBeyondTheHeldEventsAreNotLost() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let node = try TestNode(database, clock: HandClock(), exchange: MemoryExchange(), limits: limits(held: 2))
      defer { node.stop() }
      let topic = #""topic":\#(world.topic)"#
      let client = try await node.connect(world.client)
      let second = try await node.connect(world.secondClient)
      let accountant = try await node.connect(world.accountant)
      let slow = try await node.connect(world.accountant)
      for each in [client, second, accountant, slow] { try await each.ok("subscribe", topic) }
      let sent = try await accountant.send("1", to: world.topic)
      try await node.until("the row") { try slow.rows().count == 1 }
      node.writers[0].queued[slow.socket] = node.hubs[0].limits.softQueue + 1
      for each in [client, second] { each.push(#"{"do":"typing",\#(topic),"on":true}"#) }
      try await client.ok("read", #"\#(topic),"seq":1"#)
      try await node.until("the mark") { try !accountant.events("read").isEmpty }
      node.writers[0].queued[slow.socket] = 0
      node.hubs[0].drained(slow.socket)
      // What could not be held stopped the topic, and the client resumes.
      let lagging = try slow.events("lag").map { $0["topic"] }
      #expect(lagging == [.number(world.topic.rawValue)])
      let state = try await slow.ok("subscribe", topic)
      let mark = state["reads"]?.list.first { $0["account"]?.number == world.client.rawValue }
      #expect(mark?["seq"] == sent["seq"])
      try await second.ok("read", #"\#(topic),"seq":1"#)
      try await node.until("the next mark") {
        try slow.events("read").contains { $0["account"]?.number == world.secondClient.rawValue }
      }
    }
  }

  /// The same for the own mark of another device, in a list.
  @Test func ownMarksBeyondTheHeldEventsAreNotLost() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let node = try TestNode(database, clock: HandClock(), exchange: MemoryExchange(), limits: limits(held: 1))
      defer { node.stop() }
      let topics = [world.topic, world.organisation.topic(.dogovor)]
      let client = try await node.connect(world.client)
      let accountant = try await node.connect(world.accountant)
      let slow = try await node.connect(world.accountant)
      try await slow.ok("inbox")
      for topic in topics {
        try await accountant.ok("subscribe", #""topic":\#(topic)"#)
        try await client.send("1", to: topic)
      }
      try await node.until("the rows") { try slow.events("topic").count == 2 }
      node.writers[0].queued[slow.socket] = node.hubs[0].limits.softQueue + 1
      for topic in topics { try await accountant.ok("read", #""topic":\#(topic),"seq":1"#) }
      try await node.until("the marks") { try accountant.events("read").count == 2 }
      node.writers[0].queued[slow.socket] = 0
      node.hubs[0].drained(slow.socket)
      #expect(try slow.events("inbox").count == 1)
      let unread = try await slow.ok("inbox")["topics"]?.list.compactMap { $0["unread"]?.number }
      #expect(unread == [0, 0, 0, 0, 0])
    }
  }

  /// Typing that was held back until it was over is no news any more.
  @Test func typingThatIsOverIsNotShown() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let node = try TestNode(database, clock: HandClock(), exchange: MemoryExchange())
      defer { node.stop() }
      let topic = #""topic":\#(world.topic)"#
      let client = try await node.connect(world.client)
      let slow = try await node.connect(world.accountant)
      for each in [client, slow] { try await each.ok("subscribe", topic) }
      node.writers[0].queued[slow.socket] = node.hubs[0].limits.softQueue + 1
      client.push(#"{"do":"typing",\#(topic),"on":true}"#)
      try await node.advance(node.hubs[0].limits.typingLife)
      node.writers[0].queued[slow.socket] = 0
      node.hubs[0].drained(slow.socket)
      let typing = try slow.events("typing").compactMap { $0["on"]?.flag }
      #expect(typing != [true])
      #expect(try await slow.ok("subscribe", topic)["typing"]?.list.isEmpty == true)
    }
  }

  /// Nothing that was held back goes out after the access to it has ended.
  @Test func whatWasHeldBackIsNotDeliveredAfterARevocation() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let exchange = MemoryExchange()
      let node = try TestNode(database, clock: HandClock(), exchange: exchange)
      defer { node.stop() }
      let topic = #""topic":\#(world.topic)"#
      let client = try await node.connect(world.client)
      let slow = try await node.connect(world.secondClient)
      for each in [client, slow] { try await each.ok("subscribe", topic) }
      node.writers[0].queued[slow.socket] = node.hubs[0].limits.softQueue + 1
      client.push(#"{"do":"typing",\#(topic),"on":true}"#)
      _ = try await node.connect(world.accountant)
      let account = world.secondClient
      try await database.app.run { session in
        try AccessChange.run(in: session) {
          let membership: MembershipID = try session.one("SELECT id FROM membership WHERE account_id = \(account)").decode(at: 0)
          _ = try Accounts.endMembership(membership, in: session)
        }
      }
      let before = slow.transcript.count
      exchange.publish(.access(accounts: [world.secondClient], topics: [world.topic]))
      // Once for the news, once for the subscription that ended.
      try await node.until("the end of it") { try slow.events("inbox").count == 2 }
      node.writers[0].queued[slow.socket] = 0
      node.hubs[0].drained(slow.socket)
      let later = try slow.frames.dropFirst(before).compactMap { $0["event"]?.text }
      #expect(later == ["inbox", "inbox"])
    }
  }
}
