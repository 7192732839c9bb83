import Domain
import Glibc
import ServerKit
import Storage
import TestSupport
import Testing

@testable import ChatServer

/// The whole server over real sockets.
@Suite struct LiveServerTests {
  @Test func twoPeopleTalkAndTheServerRestarts() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let topic = #""topic":\#(world.topic)"#
      var server = try LiveServer.start(database)
      let (clientToken, accountantToken) = (
        try await database.makeToken(world.client).token, try await database.makeToken(world.accountant).token
      )
      var client = try await LiveClient.open(port: server.port, token: clientToken)
      var accountant = try await LiveClient.open(port: server.port, token: accountantToken)
      try await client.answer("subscribe", topic)
      let state = try await accountant.answer("subscribe", topic)
      let epoch = state["ok"]?["epoch"]?.text ?? ""
      let keys = (0..<3).map { _ in Key.random() }
      let first = try await client.answer("send", #"\#(topic),"key":"\#(keys[0])","body":"Salom""#)
      let row = try await accountant.next { $0["event"]?.text == "entry" }
      #expect(row["entry"]?["body"]?.text == "Salom" && row["entry"]?["hash"] == first["ok"]?["hash"])
      await server.application.stop()
      #expect(try await client.closeCode() == 1012)
      #expect(try await accountant.closeCode() == 1012)
      server = try LiveServer.start(database)
      client = try await LiveClient.open(port: server.port, token: clientToken)
      // The page does not know whether its last message arrived, and repeats it.
      let again = try await client.answer("send", #"\#(topic),"key":"\#(keys[0])","body":"Salom""#)
      #expect(again["ok"] == first["ok"])
      try await client.answer("send", #"\#(topic),"key":"\#(keys[1])","body":"Yana""#)
      accountant = try await LiveClient.open(port: server.port, token: accountantToken)
      let resumed = try await accountant.answer("subscribe", #"\#(topic),"epoch":"\#(epoch)","after":1"#)
      let missed = resumed["ok"]?["entries"]?.list.compactMap { $0["body"]?.text }
      #expect(missed == ["Yana"])
      await server.application.stop()
    }
  }

  @Test func refusalsBeforeAndAfterTheUpgrade() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let server = try LiveServer.start(database)
      let (token, session) = try await database.makeToken(world.client)
      func status(_ headers: String) async throws -> Int { try await LiveClient(port: server.port, headers: headers).status() }
      let cookie = "Cookie: onefin_session=\(token.text)\r\n"
      #expect(try await status("") == 401)
      #expect(try await status("Authorization: Bearer \(SessionToken().text)\r\n") == 401)
      #expect(try await status(cookie) == 403)
      #expect(try await status(cookie + "Origin: https://evil.example\r\n") == 403)
      #expect(try await status(cookie + "Origin: https://chat.example.uz\r\n") == 101)
      #expect(try await status(cookie + "Origin: http://localhost\r\n") == 101)
      let bystander = try await LiveClient.open(port: server.port, token: token)
      func code(_ opcode: UInt8, _ payload: [UInt8]) async throws -> UInt16 {
        let client = try await LiveClient.open(port: server.port, token: token)
        client.frame(opcode, payload)
        return try await client.closeCode()
      }
      #expect(try await code(1, Array("no json".utf8)) == 1007)
      #expect(try await code(1, [0x22, 0xff, 0x22]) == 1007)
      #expect(try await code(1, [UInt8](repeating: 0x20, count: 65_537)) == 1009)
      #expect(try await code(2, [1]) == 1003)
      let topic = #""topic":\#(world.topic)"#
      #expect(try await bystander.answer("subscribe", topic)["ok"]?["head"]?.number == 0)
      #expect(try await bystander.answer("subscribe", #""topic":\#(world.foreignTopic)"#)["error"]?["code"]?.text == "not_found")
      // Others noticed nothing; then the session ends, and so does the socket.
      try await database.app.run { database in
        try AccessChange.run(in: database) { _ = try Sessions.end(session, reason: "test", in: database) }
      }
      #expect(try await bystander.closeCode() == 4001)
      #expect(bystander.frames.last?["event"]?.text == "session")
      #expect(try await status("Authorization: Bearer \(token.text)\r\n") == 401)
      await server.application.stop()
    }
  }

  /// Two processes' worth of servers on one database.
  @Test func twoServersOnOneDatabase() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let servers = [try LiveServer.start(database), try LiveServer.start(database)]
      let topic = #""topic":\#(world.topic)"#
      let client = try await LiveClient.open(port: servers[0].port, token: try await database.makeToken(world.client).token)
      let accountant = try await LiveClient.open(
        port: servers[1].port, token: try await database.makeToken(world.accountant).token)
      for each in [client, accountant] { try await each.answer("subscribe", topic) }
      for number in 1...20 as ClosedRange<Int64> {
        let sender = number.isMultiple(of: 2) ? client : accountant
        let reader = number.isMultiple(of: 2) ? accountant : client
        sender.request("send", #"\#(topic),"key":"\#(Key.random())","body":"\#(number)""#)
        let row = try await reader.next { $0["event"]?.text == "entry" && $0["entry"]?["seq"]?.number == number }
        #expect(row["entry"]?["body"]?.text == String(number))
      }
      for server in servers { await server.application.stop() }
    }
  }
}
