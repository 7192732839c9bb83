import Domain
import ServerKit
import Storage
import TestSupport
import Testing

@testable import ChatServer

/// How long it takes until the sockets of every server know what has ended, from just before the transaction that ends it, its commit included. The
/// median of several counts, and it is measured beside a request of a bystander: where that takes long, the machine is starved, and nothing is
/// said about the servers.
@Suite(.serialized) struct LiveReachTests {
  enum End: String, CaseIterable, Sendable {
    /// A session is ended: the socket closes.
    case session
    /// A role is taken away: the lists shrink.
    case role
    /// An assignment ends: the accountant's lists shrink.
    case assignment
  }

  static let rounds = 7
  /// What product.md promises.
  static let limit: Duration = .seconds(1)
  /// A ping and its answer take well below a millisecond; at 50 times that the machine has other things to do.
  static let starved: Duration = .milliseconds(50)

  private func median(_ times: [Duration]) -> Duration { times.sorted()[times.count / 2] }

  @Test("What ends reaches the sockets of two servers within a second", .timeLimit(.minutes(10)), arguments: End.allCases)
  func reaches(_ end: End) async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let servers = [try LiveServer.start(database), try LiveServer.start(database)]
      let bystander = try await LiveClient.open(port: servers[0].port, token: try await database.makeToken(world.client).token)
      let clock = ContinuousClock()
      var (reached, pings): ([Duration], [Duration]) = ([], [])
      for round in 0..<Self.rounds {
        let account = try await victim(of: end, round, world, database)
        var clients: [LiveClient] = []
        for server in servers {
          let client = try await LiveClient.open(port: server.port, token: try await database.makeToken(account).token)
          try await client.answer("inbox")
          try await client.answer("subscribe", #""topic":\#(world.topic)"#)
          clients.append(client)
        }
        let asked = clock.now
        try await bystander.answer("ping")
        pings.append(asked.duration(to: clock.now))
        let begun = clock.now
        try await database.app.run { session in try AccessChange.run(in: session) { try Self.lose(end, account, in: session) } }
        reached += try await withThrowingTaskGroup(of: Duration.self) { group in
          for client in clients {
            group.addTask {
              if end == .session {
                let code = try await client.closeCode()
                #expect(code == 4001)
              } else {
                try await client.next { $0["event"]?.text == "inbox" }
              }
              return begun.duration(to: clock.now)
            }
          }
          return try await group.reduce(into: []) { $0.append($1) }
        }
      }
      print("reach \(end.rawValue): median \(median(reached)), slowest \(reached.max() ?? .zero), ping \(median(pings))")
      if median(pings) < Self.starved { #expect(median(reached) < Self.limit, "\(end.rawValue): \(reached)") }
      for server in servers { await server.application.stop() }
    }
  }

  private func victim(of end: End, _ round: Int, _ world: ChatWorld, _ database: TestDatabase) async throws -> AccountID {
    if end == .assignment { return try await database.makeAccountant("\(end.rawValue)\(round)", of: world.organisation) }
    return try await database.makeClient("\(end.rawValue)\(round)", of: world.organisation)
  }

  private static func lose(_ end: End, _ account: AccountID, in session: Session) throws {
    switch end {
    case .session: try Sessions.endAll(of: account, except: nil, reason: "test", in: session)
    case .role:
      let id: MembershipID = try session.one("SELECT id FROM membership WHERE account_id = \(account) AND ended_at IS NULL")["id"]
      _ = try Accounts.endMembership(id, in: session)
    case .assignment:
      let id: AssignmentID = try session.one("SELECT id FROM assignment WHERE account_id = \(account) AND ended_at IS NULL")["id"]
      _ = try Assignments.end(id, in: session)
    }
  }
}
