import Domain
import Storage
import TestSupport
import Testing

@testable import ChatServer

/// A ghost's existence changes not one byte of what anybody else gets.
@Suite struct HubGhostTests {
  private struct Transcripts: Equatable {
    var participants: [[String]]
    /// What rang for each of them. Bells have the database's own time and come when the feed brings them: only what they say can be the same.
    var bells: [[String?]]
    var ghost: [String]
  }

  /// Everything that participants can do, with or without somebody who watches; clock, salts and keys are the same in every run.
  private func play(start: Timestamp, hasGhost: Bool) async throws -> Transcripts {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let clock = HandClock(start)
      let node = try TestNode(database, clock: clock)
      defer { node.stop() }
      let topic = #""topic":\#(world.topic)"#
      func key(_ number: UInt64) -> String { #""key":"\#(Key(high: 9, low: number))""# }
      // The epoch of a database is random; this one's is not.
      try await database.superuser.run { try $0.execute("UPDATE chat_epoch SET epoch = \(Key(high: 1, low: 2))") }
      let client = try await node.connect(world.client)
      let accountant = try await node.connect(world.accountant)
      let ghosts = hasGhost ? [try await node.connect(world.supervisor), try await node.connect(world.admin)] : []
      func haunt(_ body: (TestClient) async throws -> Void) async throws {
        for ghost in ghosts { try await body(ghost) }
        // Twice the same moment for everybody, whoever watches.
        clock.advance(10)
      }
      func fail(_ verb: String, _ fields: String) async throws {
        try await haunt { ghost in
          let code = try await ghost.code(verb, fields)
          #expect(code == "forbidden", "\(verb)")
        }
      }
      try await haunt { try await $0.ok("inbox") }
      try await client.ok("inbox")
      try await client.ok("subscribe", topic)
      try await haunt { try await $0.ok("observe", #"\#(topic),"reason":"tekshiruv""#) }
      try await accountant.ok("inbox")
      try await accountant.ok("subscribe", topic)
      let second = try await node.connect(world.secondClient)
      try await second.ok("subscribe", topic)
      client.request("typing", #"\#(topic),"on":true"#)
      try await fail("typing", #"\#(topic),"on":true"#)
      try await client.ok("send", #"\#(topic),\#(key(1)),"body":"birinchi""#)
      try await fail("send", #"\#(topic),\#(key(50)),"body":"buu""#)
      try await accountant.ok("send", #"\#(topic),\#(key(2)),"body":"ikkinchi","reply":1,"holding":true"#)
      try await fail("read", #"\#(topic),"seq":2"#)
      try await accountant.ok("read", #"\#(topic),"seq":2"#)
      try await client.ok("edit", #"\#(topic),\#(key(3)),"message":1,"body":"birinchi!""#)
      try await fail("edit", #"\#(topic),\#(key(51)),"message":1,"body":"x""#)
      try await haunt { try await $0.ok("history", #"\#(topic),"before":3"#) }
      try await haunt { try await $0.ok("versions", #"\#(topic),"message":1"#) }
      try await client.ok("history", #"\#(topic),"before":3"#)
      try await second.ok("versions", #"\#(topic),"message":1"#)
      try await client.ok("delete", #"\#(topic),\#(key(4)),"message":1"#)
      let document = try await database.makeUploadedDocument(in: world.topic, by: world.client, at: start)
      try await client.ok("send", #"\#(topic),\#(key(11)),"documents":[\#(document)]"#)
      try await accountant.ok("mark", #"\#(topic),\#(key(12)),"document":\#(document),"state":"inWork""#)
      try await fail("mark", #"\#(topic),\#(key(54)),"document":\#(document),"state":"processed""#)
      try await database.app.run { session in
        try session.transaction { try DocumentNews.publish([document], in: session) }
        try Outbox.wake(in: session)
      }
      try await node.until("the document") {
        try ([client, accountant, second] + ghosts).allSatisfy { try $0.events("document").count == 1 }
      }
      try await accountant.ok("pause", #"\#(topic),\#(key(13)),"body":"akt""#)
      try await fail("pause", #"\#(topic),\#(key(55)),"body":"yana""#)
      try await client.ok("resume", #"\#(topic),\#(key(14)),"reason":"bor""#)
      try await accountant.ok("close", #"\#(topic),\#(key(5)),"answer":"none""#)
      try await fail("reopen", #"\#(topic),\#(key(52))"#)
      try await client.ok("reopen", #"\#(topic),\#(key(6))"#)
      try await haunt { try await $0.ok("unobserve", topic) }
      try await haunt { try await $0.ok("observe", #"\#(topic),"reason":"yana""#) }
      try await accountant.ok("close", #"\#(topic),\#(key(7)),"answer":"none""#)
      try await second.ok("rate", #"\#(topic),\#(key(8)),"case":1,"stars":5,"comment":"zo'r""#)
      try await fail("rate", #"\#(topic),\#(key(53)),"case":1,"stars":1"#)
      try await second.ok("unsubscribe", topic)
      try await second.ok("subscribe", #"\#(topic),"after":4"#)
      #expect(try await client.code("send", topic) == "malformed")
      #expect(try await client.code("edit", #"\#(topic),\#(key(9)),"message":1,"body":"x""#) == "case_closed")
      for ghost in ghosts { node.hubs[0].closed(ghost.socket) }
      try await client.ok("send", #"\#(topic),\#(key(10)),"body":"oxirgi""#)
      try await node.until("the last row") {
        try [client, accountant, second].allSatisfy { try $0.rows().last?["body"]?.text == "oxirgi" }
      }
      let seats = [client, accountant, second]
      try await node.until("the bells") { try seats.allSatisfy { try $0.events("notification").count == 1 } }
      return Transcripts(
        participants: seats.map { seat in seat.transcript.filter { !$0.contains(#""event":"notification""#) } },
        bells: try seats.map { seat in try seat.events("notification").map { $0["notification"]?["kind"]?.text } },
        ghost: ghosts.first?.transcript ?? [])
    }
  }

  @Test func participantsGetTheSameBytes() async throws {
    let start = Timestamp.now
    let without = try await play(start: start, hasGhost: false)
    let with = try await play(start: start, hasGhost: true)
    for (place, transcript) in with.participants.enumerated() {
      #expect(transcript == without.participants[place])
      #expect(transcript.count > 10)
    }
    #expect(without.bells == [["pause.wanted"], ["pause.rejected"], ["pause.wanted"]] && with.bells == without.bells)
    // And the ghost did see it all, typing too.
    #expect(with.ghost.contains { $0.contains(#""event":"typing""#) })
    #expect(with.ghost.count { $0.contains(#""event":"entry""#) } == 12)
    #expect(with.ghost.count { $0.contains(#""event":"document""#) } == 1)
  }

  @Test func anObservationEndsByItselfAndWasWrittenDownBefore() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let clock = HandClock()
      let node = try TestNode(database, clock: clock)
      defer { node.stop() }
      let client = try await node.connect(world.client)
      let ghost = try await node.connect(world.supervisor)
      try await client.send("1", to: world.topic)
      try await ghost.ok("observe", #""topic":\#(world.topic),"reason":"tekshiruv""#)
      try await client.send("2", to: world.topic)
      try await node.until("the row") { try ghost.rows().count == 1 }
      clock.advance(1_001)
      node.hubs[0].tick()
      func range() async throws -> String {
        try await database.app.run { session in
          let row = try session.one("SELECT account_id, reason, from_seq, to_seq, ended_at IS NULL AS open FROM observation")
          return
            "\(try row["from_seq", as: Int64?.self] ?? 0)-\(try row["to_seq", as: Int64?.self] ?? 0) \(try row["open", as: Bool.self])"
        }
      }
      // One more answer on the same pool of one connection at a time comes after the range was written.
      try await ghost.ok("history", #""topic":\#(world.topic),"before":3"#)
      var found = try await range()
      for _ in 0..<1_000 where found != "1-2 true" {
        try await ghost.ok("inbox")
        found = try await range()
      }
      #expect(found == "1-2 true")
      clock.advance(30 * 60 * 1000)
      node.hubs[0].tick()
      #expect(try ghost.events("observation").first?["state"]?.text == "ended")
      try await client.send("3", to: world.topic)
      #expect(try ghost.rows().count == 1)
      #expect(try await ghost.code("subscribe", #""topic":\#(world.topic)"#) == "forbidden")
    }
  }

  @Test func aGhostComesBackToItsObservation() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let node = try TestNode(database, clock: HandClock())
      defer { node.stop() }
      let client = try await node.connect(world.client)
      let ghost = try await node.connect(world.supervisor)
      let first = try await ghost.ok("observe", #""topic":\#(world.topic),"reason":"tekshiruv""#)
      node.hubs[0].closed(ghost.socket)
      try await client.send("meanwhile", to: world.topic)
      let again = try await node.connect(world.supervisor, session: ghost.session)
      let state = try await again.ok("subscribe", #""topic":\#(world.topic),"epoch":"\#(first["epoch"]?.text ?? "")","after":0"#)
      #expect(state["entries"]?.list.count == 1 && state["observation"]?["until"] == first["observation"]?["until"])
      // Another device of the same person has no observation.
      let other = try await node.connect(world.supervisor)
      #expect(try await other.code("subscribe", #""topic":\#(world.topic)"#) == "forbidden")
    }
  }

  @Test func whoComesWhileAWatcherIsOnTheWayInIsKnownToIt() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let node = try TestNode(database, clock: HandClock(), exchange: MemoryExchange())
      defer { node.stop() }
      let hub = node.hubs[0]
      let client = try await node.connect(world.client)
      try await client.ok("subscribe", #""topic":\#(world.topic)"#)
      let ghost = try await node.connect(world.supervisor)
      let asked = ghost.request("observe", #""topic":\#(world.topic),"reason":"tekshiruv""#)
      // What it has read is kept on its way until somebody has come and everybody else knows.
      var late: [HubMail] = []
      while !late.contains(where: { if case .state = $0 { true } else { false } }) {
        late += hub.port.collect()
        await Task.yield()
      }
      let (account, organisation) = (world.stranger, world.organisation.id)
      try await database.app.run { session in
        try AccessChange.run(in: session) {
          _ = try Accounts.addMembership(account, role: .client, organisation: organisation, department: nil, in: session)
        }
      }
      hub.accessChanged(accounts: [account], topics: [world.topic])
      try await node.until("who came") { try !client.events("person").isEmpty }
      for mail in late { hub.port.post(mail) }
      let state = try await ghost.answer(asked)
      try await node.until("rest") { hub.openingCount == 0 && hub.topics[world.topic]?.isRefreshing == false }
      let known = try ghost.events("person").last?["people"]?.list ?? state["ok"]?["people"]?.list ?? []
      let participants = known.filter { $0["participant"]?.flag == true }.compactMap { $0["account"]?.number }
      #expect(participants.contains(account.rawValue))
    }
  }
}
