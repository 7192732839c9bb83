import Domain
import Storage
import TestSupport
import Testing

@testable import ChatServer

/// For every request, state applied from events equals a fresh look: random requests of several people on two nodes.
@Suite struct HubRefetchTests {
  private struct Random: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
      return mixed ^ (mixed >> 31)
    }
  }

  /// A reader with what it keeps, and how much of its transcript is applied.
  private final class Reader {
    let client: TestClient
    let opensDeleted: Bool
    var topic: FoldedTopic
    var inbox: FoldedInbox
    var applied = 0

    init(_ client: TestClient, opensDeleted: Bool, topic: JSONValue, inbox: JSONValue, applied: Int) {
      (self.client, self.opensDeleted, self.applied) = (client, opensDeleted, applied)
      (self.topic, self.inbox) = (FoldedTopic(topic, opensDeleted: opensDeleted), FoldedInbox(inbox))
    }

    func catchUp() throws {
      let transcript = client.transcript
      for text in transcript[applied...] {
        let frame = try JSONValue(text)
        topic.apply(frame)
        inbox.apply(frame)
      }
      applied = transcript.count
    }
  }

  @Test(arguments: [11, 12, 13, 14, 15, 16] as [UInt64]) func stateAndEventsAreAFreshLook(seed: UInt64) async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let clock = HandClock()
      let wakes = TestWakes()
      let exchange = MemoryExchange()
      let nodes = try (1...2).map { number in
        try seed.isMultiple(of: 2)
          ? TestNode(database, clock: clock, exchange: exchange, loops: 2, number: number, wakes: wakes)
          : TestNode(database, clock: clock, loops: 2, number: number, wakes: wakes)
      }
      defer { for node in nodes { node.stop() } }
      var random = Random(state: seed)
      let topic = #""topic":\#(world.topic)"#
      let people = [world.client, world.secondClient, world.accountant]
      var readers: [Reader] = []
      for (place, account) in (people + [world.supervisor]).enumerated() {
        let client = try await nodes[place % 2].connect(account, loop: place / 2)
        let isGhost = account == world.supervisor
        let inbox = try await client.ok("inbox")
        // What comes between the two first answers belongs to the list.
        let applied = client.transcript.count
        let state = try await client.ok(isGhost ? "observe" : "subscribe", isGhost ? #"\#(topic),"reason":"sinov""# : topic)
        readers.append(Reader(client, opensDeleted: isGhost, topic: state, inbox: inbox, applied: applied))
      }
      var extras: [TestClient] = []
      for round in 0..<5 {
        var pending: [(TestClient, Int64)] = []
        for _ in 0..<25 {
          clock.advance(Int64.random(in: 0..<20, using: &random))
          let actor = readers[Int.random(in: 0..<3, using: &random)].client
          let key = #""key":"\#(Key.random(using: &random))""#
          let seq = Int64.random(in: 1...30, using: &random)
          let request: Int64? =
            switch Int.random(in: 0..<20, using: &random) {
            case 0..<8: actor.request("send", #"\#(topic),\#(key),"body":"\#(seq)""#)
            case 8: actor.request("edit", #"\#(topic),\#(key),"message":\#(seq),"body":"e\#(seq)""#)
            case 9: actor.request("delete", #"\#(topic),\#(key),"message":\#(seq)"#)
            case 10: actor.request("close", #"\#(topic),\#(key)"#)
            case 11: actor.request("reopen", #"\#(topic),\#(key)"#)
            case 12: actor.request("rate", #"\#(topic),\#(key),"case":\#(1 + seq % 3),"stars":4"#)
            case 13..<17: actor.request("read", #"\#(topic),"seq":\#(seq + Int64(round) * 10)"#)
            default: nil
            }
          if let request {
            pending.append((actor, request))
          } else if Bool.random(using: &random) {
            actor.push(#"{"do":"typing",\#(topic),"on":\#(Bool.random(using: &random))}"#)
          } else if extras.count < 2 {
            let account = people.randomElement(using: &random) ?? world.client
            extras.append(try await nodes[Int.random(in: 0..<2, using: &random)].connect(account))
          } else {
            let extra = extras.removeFirst()
            extra.node.hubs[extra.loop].closed(extra.socket)
          }
        }
        for (client, request) in pending { _ = try await client.answer(request) }
        for reader in readers { try await compare(reader, world, nodes) }
      }
    }
  }

  /// Looks afresh through another socket until what is kept is the same; news that are only on their way may take another look.
  private func compare(_ reader: Reader, _ world: ChatWorld, _ nodes: [TestNode]) async throws {
    let client = reader.client
    var fresh: (topic: JSONValue, inbox: [Int64: JSONValue])?
    for _ in 0..<40 {
      let other = try await client.node.connect(client.account, loop: client.loop, session: client.session)
      let inbox = try await other.ok("inbox")
      // With a mark of epoch the whole log comes, since it is short.
      let epoch = inbox["epoch"]?.text ?? ""
      let state = try await other.ok("subscribe", #""topic":\#(world.topic),"epoch":"\#(epoch)","after":0"#)
      client.node.hubs[client.loop].closed(other.socket)
      try reader.catchUp()
      let look = (topic: FoldedTopic(state, opensDeleted: reader.opensDeleted).value, inbox: FoldedInbox(inbox).value)
      fresh = look
      if reader.topic.value == look.topic && reader.inbox.value == look.inbox { return }
    }
    for part in ["entries", "hash", "reads", "typing", "presence", "people", "case"] {
      #expect(reader.topic.value[part] == fresh?.topic[part], "\(part) of \(client.account)")
    }
    for (topic, value) in fresh?.inbox ?? [:] { #expect(reader.inbox.value[topic] == value, "list of \(client.account)") }
    throw CancellationError()
  }
}
