import Domain
import ServerKit
import Storage
import TestSupport
import Testing

@testable import ChatServer

/// Many real sockets at once, good ones and bad ones.
@Suite struct LiveCrowdTests {
  @Test func fiftySocketsWriteToOneTopic() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let server = try LiveServer.start(database)
      let topic = #""topic":\#(world.topic)"#
      let tokens = try await [world.client, world.secondClient, world.accountant].asyncMap {
        try await database.makeToken($0).token
      }
      let reader = try await LiveClient.open(port: server.port, token: tokens[0])
      try await reader.answer("subscribe", topic)
      let (writers, each) = (50, 10)
      let sequences = try await withThrowingTaskGroup(of: [Int64].self) { group in
        for writer in 0..<writers {
          group.addTask {
            let client = try await LiveClient.open(port: server.port, token: tokens[writer % tokens.count])
            var sequences: [Int64] = []
            for number in 0..<each {
              let answer = try await client.answer("send", #"\#(topic),"key":"\#(Key.random())","body":"\#(writer) \#(number)""#)
              sequences.append(answer["ok"]?["seq"]?.number ?? 0)
            }
            return sequences
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      let total = Int64(writers * each)
      #expect(sequences.flatMap(\.self).sorted() == Array(1...total))
      let areInOrder = sequences.allSatisfy { $0 == $0.sorted() }
      #expect(areInOrder)
      try await reader.next { $0["entry"]?["seq"]?.number == total }
      let rows = reader.frames.compactMap { $0["entry"]?["seq"]?.number }
      #expect(rows == Array(1...total))
      let id = world.topic
      let broken = try await database.app.run { try TopicLog.verifyChain(topic: id, in: $0) }
      #expect(broken == nil)
      await server.application.stop()
    }
  }

  /// While some send what they must not, another one gets every row, in order, and nothing else.
  @Test func badClientsDisturbNobody() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let server = try LiveServer.start(database, loops: 1)
      let topic = #""topic":\#(world.topic)"#
      let token = try await database.makeToken(world.client).token
      let bad = try await database.makeToken(world.stranger).token
      let writer = try await LiveClient.open(port: server.port, token: token)
      let reader = try await LiveClient.open(port: server.port, token: try await database.makeToken(world.accountant).token)
      try await reader.answer("subscribe", topic)
      let before = reader.frames.count
      let frames: [(opcode: UInt8, payload: [UInt8], code: UInt16)] = [
        (1, Array("{".utf8), 1007), (1, [0x22, 0xC3, 0x28, 0x22], 1007), (1, [UInt8](repeating: 0x20, count: 65_537), 1009),
        (2, [0], 1003),
      ]
      for round in 0..<4 {
        let client = try await LiveClient.open(port: server.port, token: bad)
        #expect(try await client.answer("nonsense")["error"]?["code"]?.text == "unknown_verb")
        #expect(try await client.answer("subscribe", topic)["error"]?["code"]?.text == "not_found")
        #expect(try await client.answer("history", #"\#(topic),"before":2"#)["error"]?["code"]?.text == "not_found")
        let send = try await client.answer("send", #"\#(topic),"key":"\#(Key.random())","body":"x""#)
        #expect(send["error"]?["code"]?.text == "not_found")
        client.frame(frames[round].opcode, frames[round].payload)
        try await writer.answer("send", #"\#(topic),"key":"\#(Key.random())","body":"\#(round)""#)
        #expect(try await client.closeCode() == frames[round].code)
      }
      try await reader.next { $0["entry"]?["seq"]?.number == 4 }
      let got = reader.frames.dropFirst(before).filter { $0["event"]?.text != "presence" }
      let bodies = got.compactMap { $0["entry"]?["body"]?.text }
      #expect(bodies == ["0", "1", "2", "3"] && got.count == 4)
      await server.application.stop()
    }
  }

  @Test func anExpiredSessionAndTooManySocketsAreRefusedAtTheDoor() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let server = try LiveServer.start(database)
      let (token, session) = try await database.makeToken(world.client)
      let headers = "Authorization: Bearer \(token.text)\r\n"
      var open: [LiveClient] = []
      for _ in 0..<32 { open.append(try await LiveClient.open(port: server.port, token: token)) }
      #expect(try await LiveClient(port: server.port, headers: headers).status() == 503)
      let other = try await LiveClient.open(port: server.port, token: try await database.makeToken(world.accountant).token)
      #expect(try await other.answer("ping")["ok"] != nil)
      try await database.superuser.run { database in
        try database.execute(
          "UPDATE session SET created_at = now() - interval '2 s', last_used_at = now() - interval '2 s', expires_at = now() - interval '1 s' WHERE id = \(session)"
        )
      }
      #expect(try await LiveClient(port: server.port, headers: headers).status() == 401)
      await server.application.stop()
    }
  }
}

extension Array {
  fileprivate func asyncMap<Result>(_ body: (Element) async throws -> Result) async rethrows -> [Result] {
    var results: [Result] = []
    for element in self { results.append(try await body(element)) }
    return results
  }
}
