import Domain
import ServerKit
import Storage
import TestSupport
import Testing

@testable import ChatServer

/// Every way in which people lose a device or their access reaches their sockets on every server.
@Suite struct LivePeopleTests {
  enum Way: String, CaseIterable, Sendable {
    /// The owner ends all other devices.
    case others
    /// The owner signs in again in the same browser.
    case again
    /// A new password, by a one-time link.
    case password
    /// The firm demands second factors of admins.
    case demand
    /// An admin takes another's second factor away.
    case removal
    /// Somebody becomes an admin without having one.
    case promotion
  }

  private static func lose(_ way: Way, _ account: AccountID, in session: Session) throws {
    let device = [UInt8](repeating: 7, count: 32)
    switch way {
    case .others: try Sessions.endAll(of: account, except: nil, reason: "test", in: session)
    case .again: try Sessions.endBefore(on: device, of: account, in: session)
    case .password:
      let token = LinkToken()
      let made = try OneTimeLinks.reset(account, tokenHash: token.hash, by: account, in: session)
      _ = try OneTimeLinks.use(made.id, by: account, in: session)
      try Accounts.setPassword(account, hash: "!", except: nil, in: session)
    case .demand:
      _ = try SessionSettings(version: 0, limits: [:], adminSecondFactor: true).write(by: account, in: session)
      try SecondFactors.endOwing(in: session)
    case .removal:
      _ = try SessionSettings(version: 0, limits: [:], adminSecondFactor: true).write(by: account, in: session)
      let isRemoved = try SecondFactors.remove(account, in: session)
      #expect(isRemoved)
    case .promotion:
      _ = try SessionSettings(version: 0, limits: [:], adminSecondFactor: true).write(by: account, in: session)
      _ = try Accounts.addMembership(account, role: .admin, organisation: nil, department: nil, in: session)
    }
  }

  @Test(.timeLimit(.minutes(10)), arguments: Way.allCases)
  func theSocketsOfAllServersClose(_ way: Way) async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let servers = [try LiveServer.start(database), try LiveServer.start(database)]
      let account = try await database.makeClient("victim", of: world.organisation)
      if way == .demand || way == .removal { try await database.makeMembership(account, role: "admin") }
      if way == .removal {
        try await database.app.run {
          try $0.execute(
            "INSERT INTO second_factor (account_id, secret, confirmed_at) VALUES (\(account), \([UInt8](repeating: 1, count: 48)), now())"
          )
        }
      }
      var clients: [LiveClient] = []
      for server in servers {
        let client = try await LiveClient.open(port: server.port, token: try await database.makeToken(account).token)
        try await client.answer("inbox")
        try await client.answer("subscribe", #""topic":\#(world.topic)"#)
        clients.append(client)
      }
      try await database.app.run {
        try $0.execute(
          "UPDATE session SET kind = 'browser', device_hash = \([UInt8](repeating: 7, count: 32)) WHERE account_id = \(account)")
      }
      let bystander = try await LiveClient.open(port: servers[1].port, token: try await database.makeToken(world.client).token)
      try await database.app.run { session in try AccessChange.run(in: session) { try Self.lose(way, account, in: session) } }
      for client in clients { #expect(try await client.closeCode() == 4001, "\(way.rawValue)") }
      try await bystander.answer("inbox")
      // Nor does anybody who owes a second factor open a new one.
      if way == .demand || way == .removal || way == .promotion {
        let token = try await database.makeToken(account).token
        let late = try LiveClient(port: servers[0].port, headers: "Authorization: Bearer \(token.text)\r\n")
        #expect(try await late.status() == 403)
      }
      for server in servers { await server.application.stop() }
    }
  }

  @Test func nobodyGetsInWhoHasNotReadThatSupervisorsMayWatch() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let server = try LiveServer.start(database)
      let account = try await database.makeClient("first", of: world.organisation)
      let token = SessionToken()
      let session = try await database.makeSession(account, tokenHash: token.hash, hasReadNotice: false)
      let headers = "Authorization: Bearer \(token.text)\r\n"
      #expect(try await LiveClient(port: server.port, headers: headers).status() == 403)
      let isNew = try await database.app.run {
        try Acknowledgements.add(Acknowledgements.oversight, account: account, session: session, in: $0)
      }
      #expect(isNew)
      let client = try await LiveClient.open(port: server.port, token: token)
      try await client.answer("inbox")
      await server.application.stop()
    }
  }

  @Test(.timeLimit(.minutes(10))) func aCompanyThatLeavesTakesItsPeopleOutOfItsTopics() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let servers = [try LiveServer.start(database), try LiveServer.start(database)]
      let topic = #""topic":\#(world.topic)"#
      var clients: [LiveClient] = []
      for (server, account) in zip(servers, [world.client, world.accountant]) {
        let client = try await LiveClient.open(port: server.port, token: try await database.makeToken(account).token)
        try await client.answer("inbox")
        try await client.answer("subscribe", topic)
        clients.append(client)
      }
      let organisation = world.organisation.id
      let closing = try await database.app.run { session in
        try AccessChange.run(in: session) { try Organisations.close(organisation, at: .now, in: session) }
      }
      #expect(closing?.memberships == 2)
      for client in clients {
        let refused = try await client.answer("send", #"\#(topic),"key":"\#(Key.random())","body":"after""#)
        #expect(refused["error"]?["code"]?.text == "not_found")
        if !client.frames.contains(where: { $0["event"]?.text == "inbox" }) {
          try await client.next { $0["event"]?.text == "inbox" }
        }
        #expect(try await client.answer("subscribe", topic)["error"]?["code"]?.text == "not_found")
        #expect(try await client.answer("inbox")["ok"]?["topics"]?.list.isEmpty == true)
      }
      for server in servers { await server.application.stop() }
    }
  }
}
