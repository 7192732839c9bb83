import Domain
import Storage
import TestSupport
import Testing

@testable import ChatServer

/// One client makes the server read only so much, and every request is answered.
@Suite struct HubBoundsTests {
  @Test func whatIsSupersededIsAnsweredAndReadOnce() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let node = try TestNode(database, clock: HandClock(), exchange: MemoryExchange())
      defer { node.stop() }
      let topic = #""topic":\#(world.topic)"#
      let client = try await node.connect(world.client)
      func temporary(_ id: Int64) async throws -> Bool? { try await client.answer(id)["error"]?["temporary"]?.flag }
      let subscribes = (0..<3).map { _ in client.request("subscribe", topic) }
      let inboxes = (0..<3).map { _ in client.request("inbox") }
      #expect(node.hubs[0].sockets[client.socket]?.reads == 2)
      for id in subscribes.dropLast() + inboxes.dropLast() { #expect(try await temporary(id) == true) }
      #expect(try await client.answer(subscribes[2])["ok"] != nil)
      #expect(try await client.answer(inboxes[2])["ok"] != nil)
      #expect(node.hubs[0].sockets[client.socket]?.reads == 0)
      let left = client.request("subscribe", topic)
      try await client.ok("unsubscribe", topic)
      #expect(try await temporary(left) == true)
      #expect(try await client.ok("subscribe", topic)["head"]?.number == 0)
    }
  }

  @Test func readsOfOneSocketAreBounded() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      var limits = ChatLimits()
      limits.readsAtOnce = 3
      let node = try TestNode(database, clock: HandClock(), exchange: MemoryExchange(), limits: limits)
      defer { node.stop() }
      let topic = #""topic":\#(world.topic)"#
      let client = try await node.connect(world.client)
      let other = try await node.connect(world.secondClient)
      let taken = [
        client.request("subscribe", topic), client.request("inbox"), client.request("history", #"\#(topic),"before":1"#),
      ]
      let refused = [
        client.request("history", #"\#(topic),"before":1"#), client.request("versions", #"\#(topic),"message":1"#),
        client.request("subscribe", #""topic":\#(world.foreignTopic)"#),
        client.request("observe", #""topic":\#(world.foreignTopic),"reason":"sinov""#), client.request("unobserve", topic),
      ]
      // At once, and before anything has been read.
      #expect(try client.frames.compactMap { $0["id"]?.number } == refused)
      #expect(try client.frames.allSatisfy { $0["error"]?["code"]?.text == "unavailable" })
      for id in taken { _ = try await client.answer(id) }
      #expect(node.hubs[0].sockets[client.socket]?.reads == 0)
      #expect(try await other.ok("inbox")["topics"]?.list.count == 5)
      #expect(try await client.ok("inbox")["topics"]?.list.count == 5)
    }
  }

  @Test func pingIsAnswered() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let node = try TestNode(database, clock: HandClock(), exchange: MemoryExchange())
      defer { node.stop() }
      let client = try await node.connect(world.client)
      client.push(#"{"id":1,"do":"ping"}"#)
      #expect(client.transcript == [#"{"id":1,"ok":{}}"#])
    }
  }
}
