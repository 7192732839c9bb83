import Domain
import Storage
import TestSupport
import Testing

@testable import ChatServer

/// A node whose broker loses Postgres, while everything else goes on: real connections, cut by a proxy; time moves by hand.
@Suite struct FeedFaultTests {
  private func end(_ account: AccountID, _ database: TestDatabase) async throws {
    try await database.app.run { session in
      try AccessChange.run(in: session) {
        let membership: MembershipID = try session.one("SELECT id FROM membership WHERE account_id = \(account)").decode(at: 0)
        _ = try Accounts.endMembership(membership, in: session)
      }
    }
  }

  @Test(.timeLimit(.minutes(10))) func aNodeThatIsCutOffFromTheFeedStopsPushingWithinTwoSeconds() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let proxy = try await DatabaseProxy(database)
      defer { proxy.stop() }
      let clock = HandClock()
      let node = try TestNode(database, clock: clock, feed: proxy.configuration)
      defer { node.stop() }
      let topic = #""topic":\#(world.topic)"#
      let client = try await node.connect(world.client)
      let revoked = try await node.connect(world.secondClient)
      let accountant = try await node.connect(world.accountant)
      for each in [client, revoked, accountant] { try await each.ok("subscribe", topic) }
      try await revoked.ok("inbox")
      try await client.send("1", to: world.topic)
      try await node.until("the row") { try accountant.rows().count == 1 && revoked.rows().count == 1 }
      proxy.set(.dead)
      try await end(world.secondClient, database)
      clock.advance(2_000)
      // A heartbeat from before the cut may still have come; after that there is none.
      node.hubs[0].collectMail()
      clock.advance(2_001)
      #expect(node.hubs[0].isFeedSilent)
      let before = [revoked, accountant].map(\.transcript.count)
      client.push(#"{"do":"typing",\#(topic),"on":true}"#)
      try await client.send("2", to: world.topic)
      try await client.ok("read", #"\#(topic),"seq":2"#)
      #expect([revoked, accountant].map(\.transcript.count) == before)
      proxy.set(.open)
      try await node.until("what was held") { try accountant.rows().count == 2 && !revoked.events("inbox").isEmpty }
      #expect(try revoked.rows().count == 1 && revoked.events("read").isEmpty && revoked.events("typing").isEmpty)
    }
  }

  /// A heartbeat says how things were when it was asked for, not when it came.
  @Test(.timeLimit(.minutes(10))) func anOldHeartbeatIsNoNewOne() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let proxy = try await DatabaseProxy(database)
      defer { proxy.stop() }
      let clock = HandClock()
      let node = try TestNode(database, clock: clock, feed: proxy.configuration)
      defer { node.stop() }
      let topic = #""topic":\#(world.topic)"#
      let client = try await node.connect(world.client)
      let revoked = try await node.connect(world.secondClient)
      for each in [client, revoked] { try await each.ok("subscribe", topic) }
      proxy.set(.late)
      await proxy.keepsAnAnswer()
      // The answer is on its way when the access ends.
      try await end(world.secondClient, database)
      clock.advance(1_900)
      proxy.letThrough()
      // The next question is asked only after the last answer has been heard.
      await proxy.keepsAnAnswer()
      node.hubs[0].collectMail()
      #expect(!node.hubs[0].isFeedSilent)
      clock.advance(200)
      #expect(node.hubs[0].isFeedSilent)
      client.push(#"{"do":"typing",\#(topic),"on":true}"#)
      #expect(try revoked.events("typing").isEmpty)
    }
  }

  @Test(.timeLimit(.minutes(10))) func marksAreToldAgainWhenTheListenerIsBack() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let proxy = try await DatabaseProxy(database)
      defer { proxy.stop() }
      let (clock, wakes) = (HandClock(), TestWakes())
      let near = try TestNode(database, clock: clock, number: 1, wakes: wakes)
      defer { near.stop() }
      let far = try TestNode(database, clock: clock, number: 2, wakes: wakes, feed: proxy.configuration)
      defer { far.stop() }
      let topic = #""topic":\#(world.topic)"#
      let client = try await near.connect(world.client)
      let reader = try await far.connect(world.accountant)
      let device = try await far.connect(world.client)
      try await reader.ok("subscribe", topic)
      try await device.ok("inbox")
      try await reader.send("1", to: world.topic)
      try await far.until("the row") { try reader.rows().count == 1 && device.events("topic").count == 1 }
      proxy.set(.down)
      // Said while the other node cannot hear, and said once.
      try await client.ok("read", #"\#(topic),"seq":1"#)
      let heard = try await near.connect(world.secondClient)
      try await heard.ok("subscribe", topic)
      #expect(try reader.events("read").isEmpty)
      proxy.set(.open)
      try await far.until("the mark") {
        try reader.events("read").contains { $0["account"]?.number == world.client.rawValue && $0["seq"]?.number == 1 }
      }
      try await far.until("the own device's mark") { try device.events("read").last?["unread"]?.number == 0 }
    }
  }

  @Test(.timeLimit(.minutes(10))) func whatCouldNotBePublishedIsPublishedOnceMore() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let proxy = try await DatabaseProxy(database)
      defer { proxy.stop() }
      let (clock, wakes) = (HandClock(), TestWakes())
      let near = try TestNode(database, clock: clock, number: 1, wakes: wakes, feed: proxy.configuration)
      defer { near.stop() }
      let far = try TestNode(database, clock: clock, number: 2, wakes: wakes)
      defer { far.stop() }
      let topic = #""topic":\#(world.topic)"#
      let client = try await near.connect(world.client)
      let reader = try await far.connect(world.accountant)
      try await reader.ok("subscribe", topic)
      try await reader.send("1", to: world.topic)
      try await client.ok("subscribe", topic)
      proxy.set(.down)
      try await client.ok("read", #"\#(topic),"seq":1"#)
      proxy.set(.open)
      try await far.until("the mark") { try !reader.events("read").isEmpty }
      let readers = try reader.events("read").map { $0["account"] }
      #expect(readers == [.number(world.client.rawValue)])
    }
  }

  /// Whoever stops the server does not wait for a Postgres that says nothing any more.
  @Test(.timeLimit(.minutes(10))) func aNodeStopsAlthoughItsFeedIsCutOff() async throws {
    try await withTestDatabase { database in
      let proxy = try await DatabaseProxy(database)
      defer { proxy.stop() }
      let node = try TestNode(database, clock: HandClock(), feed: proxy.configuration)
      proxy.set(.late)
      await proxy.keepsAnAnswer()
      node.stop()
      node.hubs[0].collectMail()
      proxy.set(.open)
      #expect(node.hubs[0].port.collect().isEmpty)
    }
  }
}
