import Domain
import Storage
import TestSupport
import Testing

@testable import ChatServer

/// Whoever takes no part reads a topic only inside an observation of it: every way of reading that the socket has, with every kind of observation that
/// isn't the right one.
@Suite struct HubReadingTests {
  /// A verb that shows something of a topic.
  private struct Way: Sendable {
    let verb: String
    let fields: String

    static let all = [
      Way(verb: "subscribe", fields: ""), Way(verb: "subscribe", fields: #","after":0"#),
      Way(verb: "history", fields: #","before":9"#), Way(verb: "history", fields: #","after":0"#),
      Way(verb: "versions", fields: #","message":1"#),
    ]
  }

  private struct Scene {
    let database: TestDatabase
    let world: ChatWorld
    let node: TestNode
    let clock: HandClock
    let client: TestClient

    static func run(_ body: (Scene) async throws -> Void) async throws {
      try await withTestDatabase { database in
        let world = try await ChatWorld.make(database)
        let clock = HandClock()
        let node = try TestNode(database, clock: clock)
        defer { node.stop() }
        let client = try await node.connect(world.client)
        try await client.send("maxfiy", to: world.topic)
        try await client.ok("edit", #""topic":\#(world.topic),"message":1,"key":"\#(Key.random())","body":"maxfiy 2""#)
        try await body(Scene(database: database, world: world, node: node, clock: clock, client: client))
      }
    }

    func topic(_ id: TopicID? = nil) -> String { #""topic":\#(id ?? world.topic)"# }

    /// What each way of reading gives: the code of its refusal, or nothing.
    func codes(_ ghost: TestClient) async throws -> [String?] {
      var codes: [String?] = []
      for way in Way.all { codes.append(try await ghost.code(way.verb, topic() + way.fields)) }
      return codes
    }

    func observe(_ ghost: TestClient, _ id: TopicID? = nil) async throws {
      try await ghost.ok("observe", topic(id) + #","reason":"tekshiruv""#)
    }

    /// That none of the text has come through.
    func expectNothing(_ ghost: TestClient, sourceLocation: SourceLocation = #_sourceLocation) {
      #expect(!ghost.transcript.contains { $0.contains("maxfiy") }, sourceLocation: sourceLocation)
    }
  }

  private static let forbidden: [String?] = Array(repeating: "forbidden", count: Way.all.count)

  @Test func nothingIsReadWithoutOne() async throws {
    try await Scene.run { scene in
      for account in [scene.world.supervisor, scene.world.admin] {
        let ghost = try await scene.node.connect(account)
        #expect(try await scene.codes(ghost) == Self.forbidden)
        try await ghost.ok("inbox")
        try await scene.client.send("maxfiy 3", to: scene.world.topic)
        try await scene.node.until("the list") { try ghost.events("topic").count == 1 }
        scene.expectNothing(ghost)
        // A reason is needed, and one that says something.
        for reason in [#""""#, #""  ""#, #""ab""#, #"" a ""#, "null", "5"] {
          #expect(try await ghost.code("observe", scene.topic() + #","reason":\#(reason)"#) == "malformed")
        }
        #expect(try await ghost.code("observe", scene.topic()) == "malformed")
      }
    }
  }

  @Test func anotherTopicsIsNoneHere() async throws {
    try await Scene.run { scene in
      let ghost = try await scene.node.connect(scene.world.supervisor)
      for kind in TopicKind.allCases where kind != .bank { try await scene.observe(ghost, scene.world.organisation.topic(kind)) }
      #expect(try await scene.codes(ghost) == Self.forbidden)
      try await scene.client.send("maxfiy 3", to: scene.world.topic)
      scene.client.request("typing", scene.topic() + #","on":true"#)
      try await scene.client.ok("ping")
      try await ghost.ok("ping")
      #expect(try ghost.rows(scene.world.topic).isEmpty && ghost.events("typing").isEmpty)
      scene.expectNothing(ghost)
    }
  }

  @Test func anotherSessionsIsNoneHere() async throws {
    try await Scene.run { scene in
      let ghost = try await scene.node.connect(scene.world.supervisor)
      let phone = try await scene.node.connect(scene.world.supervisor)
      try await scene.observe(ghost)
      #expect(try await scene.codes(phone) == Self.forbidden)
      // And somebody else's neither.
      let admin = try await scene.node.connect(scene.world.admin)
      #expect(try await scene.codes(admin) == Self.forbidden)
      scene.expectNothing(phone)
      scene.expectNothing(admin)
    }
  }

  @Test func oneThatIsOverIsNone() async throws {
    try await Scene.run { scene in
      let left = try await scene.node.connect(scene.world.supervisor)
      try await scene.observe(left)
      try await left.ok("unobserve", scene.topic())
      let before = left.transcript.count
      #expect(try await scene.codes(left) == Self.forbidden)
      #expect(!left.transcript.dropFirst(before).contains { $0.contains("maxfiy") })
      // By its time.
      let late = try await scene.node.connect(scene.world.admin)
      try await scene.observe(late)
      scene.clock.advance(TopicLog.observationTime.components.seconds * 1_000)
      #expect(try await scene.codes(late) == Self.forbidden)
    }
  }

  @Test func theOwnShowsEverything() async throws {
    try await Scene.run { scene in
      let ghost = try await scene.node.connect(scene.world.supervisor)
      try await scene.observe(ghost)
      for way in Way.all {
        let answer = try await ghost.ok(way.verb, scene.topic() + way.fields)
        #expect(answer["entries"]?.list.isEmpty == false, "\(way)")
      }
      // All of it stands in the ledger.
      let rows = try await scene.database.app.run { try GhostLedger.rows(after: 0, limit: 100, in: $0) }
      #expect(rows.map(\.kind) == [.start, .rows])
      #expect(rows.last.map { "\($0.lowest)-\($0.highest)" } == "1-2")
      #expect(try await scene.database.app.run { try GhostLedger.verify(in: $0) } == nil)
    }
  }

  @Test func aPageThatComesAfterTheEndIsNotShown() async throws {
    try await Scene.run { scene in
      let ghost = try await scene.node.connect(scene.world.supervisor)
      try await scene.observe(ghost)
      let before = ghost.transcript.count
      let asked = [
        ghost.request("history", scene.topic() + #","after":0"#), ghost.request("versions", scene.topic() + #","message":1"#),
      ]
      // The pages are on their way when the half hour is over.
      var late: [HubMail] = []
      while late.count(where: { if case .page = $0 { true } else { false } }) < 2 {
        late += scene.node.hubs[0].port.collect()
        await Task.yield()
      }
      scene.clock.advance(TopicLog.observationTime.components.seconds * 1_000)
      for mail in late { scene.node.hubs[0].port.post(mail) }
      for id in asked { #expect(try await ghost.answer(id)["error"]?["code"]?.text == "forbidden") }
      #expect(!ghost.transcript.dropFirst(before).contains { $0.contains("maxfiy") })
    }
  }

  @Test func whoJoinsIsNoGhostAnyMoreAndWhoLeavesIsNone() async throws {
    try await Scene.run { scene in
      let (supervisor, organisation) = (scene.world.supervisor, scene.world.organisation.id)
      try await scene.client.ok("subscribe", scene.topic())
      let ghost = try await scene.node.connect(supervisor)
      try await scene.observe(ghost)
      #expect(try scene.client.events("person").isEmpty)
      try await scene.database.app.run { session in
        try AccessChange.run(in: session) {
          _ = try Assignments.create(
            account: supervisor, organisation: organisation, topics: [.bank], from: LocalDate(inTashkentAt: .now), to: nil,
            by: supervisor, in: session)
        }
      }
      try await scene.node.until("the joining") {
        try !scene.client.events("person").isEmpty && !ghost.events("observation").isEmpty
      }
      let people = try scene.client.events("person").last?["people"]?.list ?? []
      #expect(people.contains { $0["account"]?.number == supervisor.rawValue && $0["participant"]?.flag == true })
      #expect(try await ghost.code("observe", scene.topic() + #","reason":"yana""#) == "forbidden")
      #expect(try await ghost.ok("subscribe", scene.topic())["me"]?["participant"]?.flag == true)
      try await ghost.send("salom", to: scene.world.topic)
      // The stay ended when they joined.
      let open = try await scene.database.app.run {
        try $0.one("SELECT count(*) FROM observation WHERE ended_at IS NULL").decode(at: 0, as: Int.self)
      }
      #expect(open == 0)
    }
  }

  @Test func whoOverseesRedactsInsideAnObservationOrOutside() async throws {
    try await Scene.run { scene in
      try await scene.client.ok("subscribe", scene.topic())
      let ghost = try await scene.node.connect(scene.world.supervisor)
      try await scene.observe(ghost)
      let redact = scene.topic() + #","message":1,"key":"\#(Key.random())""#
      #expect(try await ghost.code("redact", redact) == "malformed")
      #expect(try await ghost.code("redact", redact + #","reason":"  a ""#) == "malformed")
      #expect(try await scene.client.code("redact", redact + #","reason":"karta raqami""#) == "forbidden")
      let done = try await ghost.ok("redact", redact + #","reason":"karta raqami""#)
      #expect(done["message"]?.number == 1 && done["version"]?.number == 3)
      try await scene.node.until("the row") { try scene.client.rows().last?["kind"]?.text == "redact" }
      let entry = try #require(try scene.client.rows().last)
      #expect(entry["body"]?.text == "karta raqami" && entry["by"]?.number == scene.world.supervisor.rawValue)
      let bodies = try await scene.client.ok("versions", scene.topic() + #","message":1"#)["entries"]?.list ?? []
      #expect(bodies.filter { $0["kind"]?.text != "redact" }.allSatisfy { $0["hidden"]?.flag == true && $0["body"] == nil })
      let stranger = try await scene.node.connect(scene.world.stranger)
      #expect(
        try await stranger.code("redact", scene.topic() + #","message":1,"key":"\#(Key.random())","reason":"yoʻq""#)
          == "not_found")
    }
  }

  @Test func everyNodeDropsWhatWasErased() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let (clock, wakes, exchange) = (HandClock(), TestWakes(), MemoryExchange())
      let nodes = [
        try TestNode(database, clock: clock, exchange: exchange, wakes: wakes),
        try TestNode(database, clock: clock, exchange: exchange, number: 2, wakes: wakes),
      ]
      defer { for node in nodes { node.stop() } }
      let topic = #""topic":\#(world.topic)"#
      let client = try await nodes[0].connect(world.client)
      let accountant = try await nodes[1].connect(world.accountant)
      for each in [client, accountant] {
        try await each.ok("inbox")
        try await each.ok("subscribe", topic)
      }
      try await client.send("maxfiy", to: world.topic)
      try await nodes[0].until("the row") { try client.rows().count == 1 && accountant.rows().count == 1 }
      let (admin, supervisor, id) = (world.admin, world.supervisor, world.topic)
      let session = try await database.makeSession(supervisor)
      try await database.app.run { open in
        try AccessChange.run(in: open) {
          let erasure = try Erasures.request(1, in: id, reason: "sud qarori", by: admin, open)
          try Erasures.confirm(erasure, by: supervisor, session: session, at: .now, in: open)
        }
      }
      // As the feed tells it to every node.
      for node in nodes { node.hubs[0].accessChanged(accounts: [], topics: [id]) }
      try await nodes[0].until("the erasure") {
        try [client, accountant].allSatisfy {
          try $0.rows().last?["kind"]?.text == "erase" && $0.events("topic").last?["row"]?["kind"]?.text == "erase"
        }
      }
      for each in [client, accountant] {
        let last = try each.events("topic").last?["last"]
        #expect(last?["seq"]?.number == 1 && last?["text"] == nil)
        #expect(try each.rows().last?["message"]?.number == 1 && each.rows().last?["body"] == nil)
        let state = try await each.ok("subscribe", topic)
        #expect(state["entries"]?.list.first?["hidden"]?.flag == true && state["entries"]?.list.first?["body"] == nil)
      }
    }
  }

  @Test func nothingIsRememberedOfWhatWasErasedWhereNobodyLooks() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let node = try TestNode(database, clock: HandClock())
      defer { node.stop() }
      let client = try await node.connect(world.client)
      try await client.ok("subscribe", #""topic":\#(world.topic)"#)
      try await client.send("maxfiy", to: world.topic)
      try await client.ok("unsubscribe", #""topic":\#(world.topic)"#)
      let reader = try await node.connect(world.accountant)
      try await reader.ok("subscribe", #""topic":\#(world.topic)"#)
      try await reader.ok("unsubscribe", #""topic":\#(world.topic)"#)
      #expect(node.memory.bytes > 0)
      let (admin, supervisor, id) = (world.admin, world.supervisor, world.topic)
      let session = try await database.makeSession(supervisor)
      try await node.until("the feed") { node.hubs.allSatisfy { !$0.isFeedSilent } }
      try await database.app.run { open in
        try AccessChange.run(in: open) {
          let erasure = try Erasures.request(1, in: id, reason: "sud qarori", by: admin, open)
          try Erasures.confirm(erasure, by: supervisor, session: session, at: .now, in: open)
        }
      }
      try await node.until("the word of it") { node.memory.bytes == 0 }
    }
  }
}
