import Domain
import Storage
import TestSupport
import Testing

@testable import ChatServer

/// After a revocation is committed nothing is accepted or delivered.
@Suite struct HubRevocationTests {
  @Test func anEndedSessionClosesItsSocketsOnEveryNode() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let wakes = TestWakes()
      let nodes = try (1...2).map { try TestNode(database, clock: HandClock(), number: $0, wakes: wakes) }
      defer { for node in nodes { node.stop() } }
      let first = try await nodes[0].connect(world.client)
      let same = try await nodes[1].connect(world.client, session: first.session)
      let other = try await nodes[1].connect(world.client)
      let session = first.session
      // Until the feeds stand, news from before do not count.
      try await nodes[0].until("the feed") { nodes.allSatisfy { $0.hubs.allSatisfy { !$0.isFeedSilent } } }
      try await database.app.run { database in
        try AccessChange.run(in: database) { _ = try Sessions.end(session, reason: "test", in: database) }
      }
      #expect(try await other.ok("inbox")["topics"]?.list.count == 5)
      try await nodes[0].until("4001 on both") { first.closeCode == 4001 && same.closeCode == 4001 }
      #expect(try first.frames.last?["event"]?.text == "session")
      #expect(other.closeCode == nil)
    }
  }

  @Test func aSessionThatEndedBeforeItsSocketCameClosesItAtOnce() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let node = try TestNode(database, clock: HandClock(), exchange: MemoryExchange())
      defer { node.stop() }
      let session = try await database.makeSession(world.client)
      node.hubs[0].ended([session])
      let late = try await node.connect(world.client, session: session)
      #expect(late.closeCode == 4001)
      #expect(try late.frames.last?["event"]?.text == "session")
    }
  }

  /// A row overtakes the word of a session's end: the topic's access number says that there is something to look up first.
  @Test func noRowReachesASessionThatEndedBeforeIt() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      // Nothing of the outbox comes through this exchange by itself.
      let node = try TestNode(database, clock: HandClock(), exchange: MemoryExchange(), loops: 2)
      defer { node.stop() }
      let topic = #""topic":\#(world.topic)"#
      let client = try await node.connect(world.client)
      let looking = try await node.connect(world.accountant, loop: 1)
      let holding = try await node.connect(world.accountant, session: looking.session)
      let other = try await node.connect(world.accountant)
      for each in [client, looking, other] { try await each.ok("subscribe", topic) }
      try await holding.ok("inbox")
      let session = looking.session
      try await database.app.run { database in
        try AccessChange.run(in: database) { _ = try Sessions.end(session, reason: "test", in: database) }
      }
      try await client.send("after", to: world.topic)
      try await node.until("4001") { looking.closeCode == 4001 && holding.closeCode == 4001 }
      try await node.until("the row") { try other.rows().count == 1 }
      #expect(try looking.rows().isEmpty && holding.events("topic").isEmpty && other.closeCode == nil)
    }
  }

  @Test func whoJoinedAsASupervisorLosesTheTopicWithTheRole() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let node = try TestNode(database, clock: HandClock())
      defer { node.stop() }
      let (account, topic, organisation) = (world.supervisor, world.topic, world.organisation)
      let membership: MembershipID = try await database.app.run { session in
        try AccessChange.run(in: session) {
          _ = try Assignments.join(
            topic, of: organisation.id, kind: .bank, by: account, today: LocalDate(inTashkentAt: .now), at: .now, in: session)
        }
        return try session.one("SELECT id FROM membership WHERE account_id = \(account)").decode(at: 0)
      }
      let (client, supervisor) = (try await node.connect(world.client), try await node.connect(account))
      for each in [client, supervisor] { try await each.ok("subscribe", #""topic":\#(topic)"#) }
      try await supervisor.send("as one who joined", to: topic)
      try await node.until("the feed") { node.hubs.allSatisfy { !$0.isFeedSilent } }
      try await database.app.run { session in
        try AccessChange.run(in: session) {
          _ = try Accounts.endMembership(membership, in: session)
          _ = try Accounts.addMembership(
            account, role: .accountant, organisation: nil, department: organisation.department, in: session)
        }
      }
      #expect(try await supervisor.code("send", #""topic":\#(topic),"key":"\#(Key.random())","body":"x""#) == "not_found")
      try await client.send("after", to: topic)
      try await node.until("the row") { try client.rows().count == 2 }
      #expect(try supervisor.rows().count == 1)
      #expect(try await supervisor.code("subscribe", #""topic":\#(topic)"#) == "not_found")
    }
  }

  @Test func anExpiredSessionSendsNothingAndItsSocketCloses() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let node = try TestNode(database, clock: HandClock(), exchange: MemoryExchange())
      defer { node.stop() }
      let client = try await node.connect(world.client)
      let other = try await node.connect(world.client)
      let topic = #""topic":\#(world.topic)"#
      let session = client.session
      try await database.superuser.run { database in
        try database.execute(
          "UPDATE session SET created_at = now() - interval '2 s', last_used_at = now() - interval '2 s', expires_at = now() - interval '1 s' WHERE id = \(session)"
        )
      }
      #expect(try await client.code("send", #"\#(topic),"key":"\#(Key.random())","body":"x""#) == "not_found")
      try await other.send("y", to: world.topic)
      #expect(client.closeCode == nil)
      node.clock.advance(30_000)
      node.hubs[0].tick()
      try await node.until("4001") { client.closeCode == 4001 }
      #expect(other.closeCode == nil)
    }
  }

  @Test func aRevokedParticipantGetsAndSendsNothingMore() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let node = try TestNode(database, clock: HandClock(), loops: 2)
      defer { node.stop() }
      let topic = #""topic":\#(world.topic)"#
      let client = try await node.connect(world.client)
      let revoked = try await node.connect(world.secondClient, loop: 1)
      for each in [client, revoked] {
        try await each.ok("inbox")
        try await each.ok("subscribe", topic)
      }
      let account = world.secondClient
      // Writes go on all the time, from both.
      for number in 0..<20 {
        client.request("send", #"\#(topic),"key":"\#(Key.random())","body":"before \#(number)""#)
        revoked.request("send", #"\#(topic),"key":"\#(Key.random())","body":"own \#(number)""#)
      }
      let head = try await database.app.run { session in
        try AccessChange.run(in: session) {
          guard let membership: MembershipID = try session.value("SELECT id FROM membership WHERE account_id = \(account)") else {
            throw DomainError.notFound
          }
          _ = try Accounts.endMembership(membership, in: session)
          return try session.one("SELECT head FROM topic WHERE id = \(world.topic)").decode(at: 0, as: Int64.self)
        }
      }
      for number in 0..<20 {
        client.request("send", #"\#(topic),"key":"\#(Key.random())","body":"after \#(number)""#)
        revoked.request("send", #"\#(topic),"key":"\#(Key.random())","body":"own after \#(number)""#)
      }
      let last = try await client.send("last", to: world.topic)
      try await node.until("the last row") { try client.rows().last?["seq"] == last["seq"] }
      try await node.until("word of it") { try !revoked.events("inbox").isEmpty && !client.events("person").isEmpty }
      let early = try revoked.rows().allSatisfy { $0["seq"]?.number ?? 0 <= head }
      #expect(early)
      let late = try client.rows().filter { $0["seq"]?.number ?? 0 > head }
      let writers = Set(late.map { $0["by"]?.number })
      #expect(writers == [world.client.rawValue])
      #expect(try await revoked.code("subscribe", topic) == "not_found")
      #expect(try await revoked.code("send", #"\#(topic),"key":"\#(Key.random())","body":"x""#) == "not_found")
      #expect(try await revoked.ok("inbox")["topics"]?.list.isEmpty == true)
      let people = try client.events("person").last?["people"]?.list.compactMap { $0["account"]?.number }
      #expect(people == [world.client.rawValue, world.accountant.rawValue])
    }
  }

  @Test func aNewParticipantIsShownAndMayWrite() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let node = try TestNode(database, clock: HandClock())
      defer { node.stop() }
      let topic = #""topic":\#(world.topic)"#
      let client = try await node.connect(world.client)
      let supervisor = try await node.connect(world.supervisor)
      try await client.ok("subscribe", topic)
      try await supervisor.ok("inbox")
      try await supervisor.ok("observe", #"\#(topic),"reason":"tekshiruv""#)
      try await node.until("the feed") { !node.hubs[0].isFeedSilent }
      try await database.makeAssignment(world.supervisor, organisation: world.organisation.id)
      let ids = (world.supervisor, world.topic)
      try await database.app.run { session in
        try AccessChange.run(in: session) { try AccessChange.publish(accounts: [ids.0], topics: [ids.1], in: session) }
      }
      try await node.until("the joining") { try !client.events("person").isEmpty && !supervisor.events("inbox").isEmpty }
      let people = try client.events("person").last?["people"]?.list.compactMap { $0["account"]?.number }
      #expect(people?.contains(world.supervisor.rawValue) == true)
      #expect(try supervisor.events("observation").count == 1)
      #expect(try await supervisor.ok("subscribe", topic)["me"]?["write"]?.flag == true)
      try await supervisor.send("visible now", to: world.topic)
      try await node.until("the row") { try client.rows().count == 1 }
    }
  }

  /// Assignments begin and end with the day, which no process announces.
  @Test func aNewDayIsARevocationToo() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let node = try TestNode(database, clock: HandClock())
      defer { node.stop() }
      let topic = #""topic":\#(world.topic)"#
      let client = try await node.connect(world.client)
      let accountant = try await node.connect(world.accountant)
      for each in [client, accountant] { try await each.ok("subscribe", topic) }
      let account = world.accountant
      try await database.app.run { try $0.execute("UPDATE assignment SET ended_at = now() WHERE account_id = \(account)") }
      try await node.advance(24 * 3600 * 1000)
      node.hubs[0].tick()
      try await node.until("the end of it") { try !accountant.events("inbox").isEmpty && !client.events("person").isEmpty }
      try await client.send("alone", to: world.topic)
      try await node.until("the row") { try client.rows().count == 1 }
      #expect(try accountant.rows().isEmpty)
    }
  }

  @Test func aNodeThatDoesNotHearTheFeedIsSilentAndThenCatchesUp() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let clock = HandClock()
      let node = try TestNode(database, clock: clock, exchange: MemoryExchange())
      defer { node.stop() }
      let hub = node.hubs[0]
      let topic = #""topic":\#(world.topic)"#
      let client = try await node.connect(world.client)
      let accountant = try await node.connect(world.accountant)
      for each in [client, accountant] { try await each.ok("subscribe", topic) }
      try await accountant.ok("inbox")
      // From here on no heartbeat gets through.
      node.node.isDeaf = true
      _ = hub.port.collect()
      clock.advance(2_001)
      #expect(hub.isFeedSilent)
      try await client.send("held", to: world.topic)
      try await accountant.ok("read", #"\#(topic),"seq":1"#)
      client.push(#"{"do":"typing",\#(topic),"on":true}"#)
      #expect(
        try accountant.rows().isEmpty && client.rows().isEmpty && accountant.events("typing").isEmpty
          && client.events("read").isEmpty)
      node.node.isDeaf = false
      try await node.until("what was held") {
        try accountant.rows().count == 1 && client.rows().count == 1 && accountant.events("topic").count == 1
          && !client.events("read").isEmpty
      }
      try await client.send("next", to: world.topic)
      try await node.until("the next") { try accountant.rows().compactMap { $0["seq"]?.number } == [1, 2] }
    }
  }
}
