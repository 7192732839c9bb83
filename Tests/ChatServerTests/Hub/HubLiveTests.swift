import Domain
import Storage
import TestSupport
import Testing

@testable import ChatServer

/// Typing, presence, marks, and slow receivers.
@Suite struct HubLiveTests {
  @Test func typingIsLimitedAndExpires() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let clock = HandClock()
      let node = try TestNode(database, clock: clock, loops: 2)
      defer { node.stop() }
      let topic = #""topic":\#(world.topic)"#
      let client = try await node.connect(world.client)
      let ownDevice = try await node.connect(world.client, loop: 1)
      let subscriber = try await node.connect(world.accountant, loop: 1)
      let holder = try await node.connect(world.secondClient)
      let stranger = try await node.connect(world.stranger)
      for each in [client, ownDevice, subscriber] { try await each.ok("subscribe", topic) }
      for each in [holder, stranger, subscriber] { try await each.ok("inbox") }
      func type(_ isOn: Bool) { client.push(#"{"do":"typing",\#(topic),"on":\#(isOn)}"#) }
      func heard() throws -> [Bool] { try subscriber.events("typing").compactMap { $0["on"]?.flag } }
      type(true)
      type(true)
      try await node.until("one event") { try heard() == [true] }
      try await node.advance(2_999)
      type(true)
      type(false)
      type(false)
      type(true)
      try await node.until("the end") { try heard() == [true, false] }
      try await node.advance(1)
      type(true)
      try await node.until("the next") { try heard() == [true, false, true] }
      #expect(try holder.events("typing").count == 3)
      #expect(try client.events("typing").isEmpty && ownDevice.events("typing").isEmpty && stranger.events("typing").isEmpty)
      let fresh = try await node.connect(world.accountant, loop: 1)
      #expect(try await fresh.ok("subscribe", topic)["typing"]?.list == [.number(world.client.rawValue)])
      try await node.advance(6_000)
      #expect(try await fresh.ok("subscribe", topic)["typing"]?.list == [])
      type(false)
      #expect(try heard() == [true, false, true])
    }
  }

  @Test func presenceIsOfParticipantsOnly() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let wakes = TestWakes()
      let exchange = MemoryExchange()
      let clock = HandClock()
      let nodes = try (1...2).map { try TestNode(database, clock: clock, exchange: exchange, number: $0, wakes: wakes) }
      defer { for node in nodes { node.stop() } }
      let client = try await nodes[0].connect(world.client)
      let state = try await client.ok("subscribe", #""topic":\#(world.topic)"#)
      func online(_ state: JSONValue) -> [Int64: Bool] {
        (state["presence"]?.list ?? []).reduce(into: [:]) { $0[$1["account"]?.number ?? 0] = $1["online"]?.flag }
      }
      #expect(
        online(state) == [world.client.rawValue: true, world.secondClient.rawValue: false, world.accountant.rawValue: false])
      func last(_ account: AccountID) throws -> JSONValue? {
        try client.events("presence").last { $0["account"]?.number == account.rawValue }
      }
      let first = try await nodes[1].connect(world.accountant)
      let second = try await nodes[0].connect(world.accountant)
      _ = try await nodes[1].connect(world.supervisor)
      try await nodes[0].until("they are there") { try last(world.accountant)?["online"]?.flag == true }
      nodes[1].hubs[0].closed(first.socket)
      nodes[0].hubs[0].closed(second.socket)
      try await nodes[0].until("they are gone") { try last(world.accountant)?["online"]?.flag == false }
      #expect(try last(world.accountant)?["seen"]?.text == clock.now.rfc3339)
      #expect(try last(world.supervisor) == nil)
      // What another node had goes when the node is not there any more.
      _ = try await nodes[1].connect(world.secondClient)
      try await nodes[0].until("the other is there") { try last(world.secondClient)?["online"]?.flag == true }
      nodes[1].stop()
      try await nodes[0].until("the other is gone") { try last(world.secondClient)?["online"]?.flag == false }
    }
  }

  @Test func ownDevicesHearWhatIsUnread() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let node = try TestNode(database, clock: HandClock())
      defer { node.stop() }
      let topic = #""topic":\#(world.topic)"#
      let accountant = try await node.connect(world.accountant)
      let ownDevice = try await node.connect(world.accountant)
      let client = try await node.connect(world.client)
      try await accountant.ok("subscribe", topic)
      try await ownDevice.ok("inbox")
      try await client.ok("subscribe", topic)
      for number in 0..<3 { try await client.send("\(number)", to: world.topic) }
      try await accountant.ok("read", #"\#(topic),"seq":1"#)
      try await node.until("marks") { try !ownDevice.events("read").isEmpty && !client.events("read").isEmpty }
      #expect(try ownDevice.events("read").first?["unread"]?.number == 2)
      #expect(try accountant.events("read").first?["unread"]?.number == 2)
      #expect(try client.events("read").first?["unread"] == nil)
      try await accountant.ok("read", #"\#(topic),"seq":1"#)
      try await client.send("last", to: world.topic)
      try await node.until("the row") { try ownDevice.events("topic").count == 4 }
      #expect(try ownDevice.events("read").count == 1)
    }
  }

  @Test func aSlowReceiverLosesEphemeralsThenLagsAndNobodyElseNotices() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let clock = HandClock()
      let node = try TestNode(database, clock: clock)
      defer { node.stop() }
      let topic = #""topic":\#(world.topic)"#
      let client = try await node.connect(world.client)
      let slow = try await node.connect(world.accountant)
      let quick = try await node.connect(world.secondClient)
      for each in [client, slow, quick] { try await each.ok("subscribe", topic) }
      let writer = node.writers[0]
      writer.queued[slow.socket] = node.hubs[0].limits.softQueue + 1
      client.push(#"{"do":"typing",\#(topic),"on":true}"#)
      client.push(#"{"do":"typing",\#(topic),"on":false}"#)
      try await client.send("1", to: world.topic)
      try await node.until("the row") { try slow.rows().count == 1 && quick.rows().count == 1 }
      #expect(try slow.events("typing").isEmpty && quick.events("typing").count == 2)
      writer.queued[slow.socket] = 0
      node.hubs[0].drained(slow.socket)
      let typing = try slow.events("typing").compactMap { $0["on"]?.flag }
      #expect(typing == [false])
      writer.queued[slow.socket] = node.hubs[0].limits.hardQueue + 1
      try await client.send("2", to: world.topic)
      try await client.send("3", to: world.topic)
      try await node.until("the rows") { try quick.rows().count == 3 }
      #expect(try slow.rows().count == 1 && slow.events("lag").count == 1)
      writer.queued[slow.socket] = 0
      node.hubs[0].drained(slow.socket)
      let epoch = try await quick.ok("subscribe", topic)["epoch"]?.text ?? ""
      let state = try await slow.ok("subscribe", #"\#(topic),"epoch":"\#(epoch)","after":1"#)
      let numbers = state["entries"]?.list.compactMap { $0["seq"]?.number }
      #expect(numbers == [2, 3] && state["reset"] == nil)
      writer.queued[slow.socket] = node.hubs[0].limits.hardQueue + 1
      try await client.send("4", to: world.topic)
      try await node.until("lag") { try slow.events("lag").count == 2 }
      clock.advance(node.hubs[0].limits.slowTime)
      node.hubs[0].tick()
      #expect(slow.closeCode == 1013 && quick.closeCode == nil)
    }
  }
}
