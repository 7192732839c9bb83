import Domain
import ServerKit
import Storage
import TestSupport
import Testing

@testable import ChatServer

/// Rule 10 under load: sessions end and access is taken at random moments while messages fly, on two servers.
///
/// What is checked: each revocation reads the topic's head in its own transaction, once it holds the topic's row lock, as every append does. Rows
/// past that head were therefore committed after the revocation, and only those. None of them is by the one who lost access, and none of them
/// reaches that one's sockets: neither as an `entry` nor in the list.
@Suite struct LiveRevocationTests {
  private enum Way: String, CaseIterable, Sendable { case session, membership, assignment, department }

  private struct Victim: Sendable {
    let name: String
    let way: Way
    let account: AccountID
    let session: SessionID
    let client: LiveClient
  }

  /// What a revocation found, in its transaction.
  private struct Revoked: Sendable {
    let victim: Victim
    let head: Int64
  }

  private func make(_ database: TestDatabase, _ world: ChatWorld, _ ports: [UInt16]) async throws -> [Victim] {
    var victims: [Victim] = []
    for number in 0..<16 {
      let way = Way.allCases[number % Way.allCases.count]
      let name = "\(way.rawValue)\(number)"
      let account: AccountID
      switch way {
      case .session, .membership: account = try await database.makeClient(name, of: world.organisation)
      case .assignment: account = try await database.makeAccountant(name, of: world.organisation)
      case .department:
        account = try await database.makeAccount(name)
        try await database.makeMembership(account, role: "supervisor", department: world.organisation.department)
      }
      let (token, session) = try await database.makeToken(account)
      let client = try await LiveClient.open(port: ports[number / 4 % ports.count], token: token)
      try await client.answer("inbox")
      let topic = #""topic":\#(world.topic)"#
      try await client.answer(
        way == .department ? "observe" : "subscribe", way == .department ? #"\#(topic),"reason":"sinov""# : topic)
      victims.append(Victim(name: name, way: way, account: account, session: session, client: client))
    }
    return victims
  }

  private func revoke(_ victim: Victim, _ topic: TopicID, _ database: TestDatabase) async throws -> Revoked {
    let (way, account, session) = (victim.way, victim.account, victim.session)
    let head = try await database.app.run { database in
      try AccessChange.run(in: database) {
        switch way {
        case .session: _ = try Sessions.end(session, reason: "test", in: database)
        case .assignment:
          _ = try Assignments.end(
            try database.one("SELECT id FROM assignment WHERE account_id = \(account) AND ended_at IS NULL").decode(at: 0),
            in: database)
        case .membership, .department:
          _ = try Accounts.endMembership(
            try database.one("SELECT id FROM membership WHERE account_id = \(account) AND ended_at IS NULL").decode(at: 0),
            in: database)
        }
        return try database.one("SELECT head FROM topic WHERE id = \(topic)").decode(at: 0, as: Int64.self)
      }
    }
    return Revoked(victim: victim, head: head)
  }

  @Test(.timeLimit(.minutes(10))) func nothingIsAcceptedOrDeliveredAfterARevocation() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let servers = [try LiveServer.start(database), try LiveServer.start(database)]
      let topic = #""topic":\#(world.topic)"#
      let first = try await LiveClient.open(port: servers[0].port, token: try await database.makeToken(world.client).token)
      let second = try await LiveClient.open(port: servers[1].port, token: try await database.makeToken(world.accountant).token)
      for each in [first, second] { try await each.answer("subscribe", topic) }
      let victims = try await make(database, world, servers.map(\.port))
      // Revocations come after so many acknowledged messages, in an order that is another each time.
      var random = SystemRandomNumberGenerator()
      let order = victims.shuffled(using: &random)
      let pauses = order.map { _ in Int.random(in: 1...12, using: &random) }
      let isOver = Monitor(false)
      let revoked = try await withThrowingTaskGroup(of: [Revoked].self) { group in
        for victim in victims {
          group.addTask {
            // Whoever only watches is refused each time; the session's end closes the socket.
            var number = 0
            while !isOver.withLock({ $0 }) {
              number += 1
              let fields = #"\#(topic),"key":"\#(Key.random())","body":"\#(victim.name)-\#(number)""#
              do { try await victim.client.answer("send", fields) } catch { break }
            }
            return []
          }
        }
        group.addTask {
          var number = 0
          while !isOver.withLock({ $0 }) {
            number += 1
            try await second.answer("send", #"\#(topic),"key":"\#(Key.random())","body":"second-\#(number)""#)
          }
          return []
        }
        group.addTask {
          defer { isOver.withLock { $0 = true } }
          var revoked: [Revoked] = []
          for (victim, pause) in zip(order, pauses) {
            for number in 0..<pause {
              try await first.answer("send", #"\#(topic),"key":"\#(Key.random())","body":"first-\#(number)""#)
            }
            revoked.append(try await revoke(victim, world.topic, database))
          }
          for number in 0..<10 {
            try await first.answer("send", #"\#(topic),"key":"\#(Key.random())","body":"last-\#(number)""#)
          }
          return revoked
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      #expect(revoked.count == victims.count)
      let id = world.topic
      let rows = try await database.app.run { session in
        try session.rows(
          "SELECT e.seq, b.body FROM topic_entry e JOIN topic_body b USING (topic_id, seq) WHERE e.topic_id = \(id) ORDER BY 1"
        ).map {
          (seq: try $0.decode(at: 0, as: Int64.self), body: try $0.decode(at: 1, as: String.self))
        }
      }
      for one in revoked { try await check(one, rows, topic) }
      // Those who kept their access got every row, in order.
      let head = try #require(rows.last?.seq)
      for client in [first, second] {
        func last() -> Int64 { client.frames.last { $0["event"]?.text == "entry" }?["entry"]?["seq"]?.number ?? 0 }
        if last() < head { try await client.next { $0["entry"]?["seq"]?.number == head } }
        let got = client.frames.compactMap { $0["entry"]?["seq"]?.number }
        #expect(got == Array(1...head))
      }
      for server in servers { await server.application.stop() }
    }
  }

  private func check(_ revoked: Revoked, _ rows: [(seq: Int64, body: String)], _ topic: String) async throws {
    let (victim, head) = (revoked.victim, revoked.head)
    let accepted = rows.filter { $0.seq > head && $0.body.hasPrefix(victim.name + "-") }
    #expect(accepted.isEmpty, "\(victim.name) wrote \(accepted) after \(head)")
    if victim.way == .session {
      #expect(try await victim.client.closeCode() == 4001)
    } else {
      // Its list says that something has changed, and the topic is gone.
      if !victim.client.frames.contains(where: { $0["event"]?.text == "inbox" }) {
        try await victim.client.next { $0["event"]?.text == "inbox" }
      }
      #expect(try await victim.client.answer("subscribe", topic)["error"]?["code"]?.text == "not_found")
      #expect(try await victim.client.answer("inbox")["ok"]?["topics"]?.list.isEmpty == true)
    }
    let got = victim.client.frames.compactMap { $0["entry"]?["seq"]?.number ?? $0["row"]?["seq"]?.number }
    let late = got.filter { $0 > head }
    #expect(late.isEmpty, "\(victim.name) got \(late) after \(head)")
    let acknowledged = victim.client.frames.compactMap { $0["ok"]?["message"]?.number }.filter { $0 > head }
    #expect(acknowledged.isEmpty, "\(victim.name) was told of \(acknowledged) after \(head)")
  }
}
