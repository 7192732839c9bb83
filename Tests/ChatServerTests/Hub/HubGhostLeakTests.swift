import Domain
import Storage
import TestSupport
import Testing

@testable import ChatServer

/// What a ghost keeps alive on a loop (a topic, who takes part, who types) must not show in what anybody else gets.
@Suite struct HubGhostLeakTests {
  /// Comings and goings on three loops, the last of which holds the topic only for the ghost.
  private func play(start: Timestamp, hasGhost: Bool) async throws -> [[String]] {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let clock = HandClock(start)
      let node = try TestNode(database, clock: clock, loops: 3)
      defer { node.stop() }
      try await database.superuser.run { try $0.execute("UPDATE chat_epoch SET epoch = \(Key(high: 1, low: 2))") }
      let topic = #""topic":\#(world.topic)"#
      func key(_ number: UInt64) -> String { #""key":"\#(Key(high: 9, low: number))""# }
      func publish(_ accounts: [AccountID]) async throws {
        let id = world.topic
        try await database.app.run { session in
          try AccessChange.run(in: session) { try AccessChange.publish(accounts: accounts, topics: [id], in: session) }
        }
      }
      let (joiner, later) = (try await database.makeAccount("joiner"), try await database.makeAccount("later"))
      try await node.until("the feed") { node.hubs.allSatisfy { !$0.isFeedSilent } }
      var ghosts: [TestClient] = []
      if hasGhost {
        for loop in 0..<3 { ghosts.append(try await node.connect(loop == 2 ? world.admin : world.supervisor, loop: loop)) }
      }
      for ghost in ghosts {
        try await ghost.ok("inbox")
        try await ghost.ok("observe", #"\#(topic),"reason":"tekshiruv""#)
      }
      // Somebody types and goes; who comes then sees it, on whichever loop.
      let second = try await node.connect(world.secondClient)
      try await second.ok("inbox")
      second.push(#"{"do":"typing",\#(topic),"on":true}"#)
      node.hubs[0].closed(second.socket)
      let joining = try await node.connect(joiner, loop: 2)
      let coming = try await node.connect(later, loop: 2)
      for each in [joining, coming] { try await each.ok("inbox") }
      let accountant = try await node.connect(world.accountant, loop: 1)
      let typing = try await accountant.ok("subscribe", topic)["typing"]
      #expect(typing?.list == [.number(world.secondClient.rawValue)])
      let client = try await node.connect(world.client)
      try await client.ok("subscribe", topic)
      func persons() throws -> [Int] { try [client, accountant].map { try $0.events("person").count } }
      // A membership.
      try await database.makeMembership(joiner, role: "client", organisation: world.organisation.id)
      try await publish([joiner])
      try await node.until("the newcomer") { try persons() == [1, 1] && !joining.events("inbox").isEmpty }
      #expect(try await joining.ok("inbox")["topics"]?.list.count == 5)
      // A name that is news to a ghost before it is to anybody else.
      let named = world.client
      try await database.app.run { try $0.execute("UPDATE account SET name = 'Yangi ism' WHERE id = \(named)") }
      for ghost in ghosts {
        try await ghost.ok("unobserve", topic)
        try await ghost.ok("observe", #"\#(topic),"reason":"yana""#)
      }
      try await client.ok("send", #"\#(topic),\#(key(1)),"body":"birinchi""#)
      try await node.until("the row") { try accountant.rows().count == 1 }
      #expect(try persons() == [1, 1])
      try await publish([named])
      try await node.until("the name") { try persons() == [2, 2] }
      let verbs = [
        ("send", #","body":"buu""#), ("edit", #","message":1,"body":"x""#), ("delete", #","message":1"#), ("close", ""),
        ("reopen", ""), ("rate", #","case":1,"stars":1"#), ("read", #","seq":1"#), ("typing", #","on":true"#),
      ]
      for ghost in ghosts {
        for (number, verb) in verbs.enumerated() {
          let code = try await ghost.code(verb.0, #"\#(topic),\#(key(UInt64(50 + number)))\#(verb.1)"#)
          #expect(code == "forbidden", "\(verb.0)")
        }
      }
      // Midnight, and nobody says that it changes anything.
      try await database.makeMembership(later, role: "client", organisation: world.organisation.id)
      try await node.advance(61_000)
      try await node.until("everything anew") { try persons() == [3, 3] }
      for hub in node.hubs { hub.tick() }
      try await node.until("the day") {
        try coming.events("inbox").count == 1 && joining.events("inbox").count == 2
      }
      #expect(try await coming.ok("inbox")["topics"]?.list.count == 5)
      try await accountant.ok("read", #"\#(topic),"seq":1"#)
      try await client.ok("send", #"\#(topic),\#(key(2)),"body":"oxirgi""#)
      let everybody = [second, joining, coming, accountant, client]
      try await node.until("the last row") {
        try [joining, coming].allSatisfy { try $0.events("topic").last?["head"]?.number == 2 }
          && [accountant, client].allSatisfy { try $0.rows().count == 2 } && !client.events("read").isEmpty
      }
      for each in everybody.dropFirst() { try await each.ok("ping") }
      return everybody.map(\.transcript)
    }
  }

  @Test func everybodyGetsTheSameBytes() async throws {
    // A minute before midnight in Tashkent.
    let today = LocalDate(inTashkentAt: .now)
    let midnight = Int64(today.advanced(by: 1).daysSince1970) * 86_400_000_000 - 5 * 3_600_000_000
    let start = Timestamp(microseconds: midnight - 60_000_000)
    let without = try await play(start: start, hasGhost: false)
    let with = try await play(start: start, hasGhost: true)
    for (place, transcript) in with.enumerated() { #expect(transcript == without[place]) }
  }
}
