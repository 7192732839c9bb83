import Domain
import Storage
import TestSupport
import Testing

@testable import ChatServer

/// Order, once each, without gaps: on loops and nodes that write at the same time.
@Suite struct HubFanOutTests {
  @Test func fiftyConnectionsInParallel() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let wakes = TestWakes()
      let exchange = MemoryExchange()
      let nodes = try (1...2).map {
        try TestNode(database, clock: HandClock(), exchange: exchange, loops: 2, number: $0, wakes: wakes)
      }
      defer { for node in nodes { node.stop() } }
      var clients: [TestClient] = []
      for number in 0..<50 {
        let account = number.isMultiple(of: 2) ? world.client : world.accountant
        let client = try await nodes[number % 2].connect(account, loop: number / 2 % 2)
        try await client.ok("subscribe", #""topic":\#(world.topic)"#)
        clients.append(client)
      }
      let perClient = 8
      for number in 0..<perClient {
        for (place, client) in clients.enumerated() {
          client.request("send", #""topic":\#(world.topic),"key":"\#(Key.random())","body":"\#(place)-\#(number)""#)
        }
      }
      let total = clients.count * perClient
      try await nodes[0].until("every row at every client") { try clients.allSatisfy { try $0.rows().count >= total } }
      let first = try clients[0].rows().map { $0["body"]?.text }
      for client in clients {
        let rows = try client.rows()
        let (numbers, bodies) = (rows.compactMap { $0["seq"]?.number }, rows.map { $0["body"]?.text })
        #expect(numbers == Array(1...Int64(total)))
        #expect(bodies == first)
        let answers = try client.frames.compactMap { $0["ok"]?["message"]?.number }
        #expect(answers.count == perClient && answers == answers.sorted())
      }
      #expect(Set(first).count == total)
      let topic = world.topic
      let fault = try await database.app.run { try TopicLog.verifyChain(topic: topic, in: $0) }
      #expect(fault == nil)
    }
  }

  /// The answer comes before the row on the same connection, also when many wait.
  @Test func answersComeBeforeTheirRows() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let node = try TestNode(database, clock: HandClock())
      defer { node.stop() }
      let client = try await node.connect(world.client)
      try await client.ok("subscribe", #""topic":\#(world.topic)"#)
      for number in 0..<30 { client.request("send", #""topic":\#(world.topic),"key":"\#(Key.random())","body":"\#(number)""#) }
      try await node.until("rows") { try client.rows().count == 30 }
      let frames = try client.frames
      for seq in 1...30 as ClosedRange<Int64> {
        let answer = frames.firstIndex { $0["ok"]?["seq"]?.number == seq }
        let row = frames.firstIndex { $0["entry"]?["seq"]?.number == seq }
        #expect(try #require(answer) < #require(row))
      }
    }
  }

  /// Rows that come while a subscription opens are neither lost nor doubled.
  @Test func subscribingWhileOthersWrite() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let node = try TestNode(database, clock: HandClock(), loops: 2)
      defer { node.stop() }
      let writer = try await node.connect(world.accountant)
      var readers: [TestClient] = []
      var requests: [Int64] = []
      for number in 0..<60 {
        writer.request("send", #""topic":\#(world.topic),"key":"\#(Key.random())","body":"\#(number)""#)
        if number.isMultiple(of: 3) {
          let reader = try await node.connect(world.client, loop: number % 2)
          requests.append(reader.request("subscribe", #""topic":\#(world.topic),"after":0"#))
          readers.append(reader)
        }
      }
      for (reader, request) in zip(readers, requests) {
        let state = try #require(try await reader.answer(request)["ok"])
        let seen = state["entries"]?.list.compactMap { $0["seq"]?.number } ?? []
        let head = try #require(state["head"]?.number)
        #expect(seen.last ?? 0 == head)
        try await node.until("the rest") { try reader.rows().last?["seq"]?.number ?? head == 60 }
        let rest = try reader.rows().compactMap { $0["seq"]?.number }
        #expect(rest == Array(head + 1..<61))
      }
    }
  }

  /// Another node's rows arrive also when every word between the nodes is lost: by NOTIFY, by the poll, or with the next own row.
  @Test func twoNodesOnPostgres() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let wakes = TestWakes()
      let nodes = try (1...2).map { try TestNode(database, clock: HandClock(), number: $0, wakes: wakes) }
      defer { for node in nodes { node.stop() } }
      let client = try await nodes[0].connect(world.client)
      let accountant = try await nodes[1].connect(world.accountant)
      for each in [client, accountant] {
        try await each.ok("inbox")
        try await each.ok("subscribe", #""topic":\#(world.topic)"#)
      }
      for number in 0..<20 {
        try await client.send("c\(number)", to: world.topic)
        try await accountant.send("a\(number)", to: world.topic)
      }
      try await nodes[0].until("all rows") { try client.rows().count == 40 && accountant.rows().count == 40 }
      #expect(try client.rows() == accountant.rows())
      let numbers = try client.rows().compactMap { $0["seq"]?.number }
      #expect(numbers == Array(1...40))
      try await accountant.ok("read", #""topic":\#(world.topic),"seq":40"#)
      accountant.request("typing", #""topic":\#(world.topic),"on":true"#)
      try await nodes[0].until("the mark and the typing") {
        try !client.events("read").isEmpty && !client.events("typing").isEmpty
      }
      try await nodes[0].until("topics of the list") {
        try client.events("topic").count == 40 && accountant.events("topic").count == 40
      }
    }
  }

  @Test func theSameKeyOverTwoConnections() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let wakes = TestWakes()
      let exchange = MemoryExchange()
      let nodes = try (1...2).map { try TestNode(database, clock: HandClock(), exchange: exchange, number: $0, wakes: wakes) }
      defer { for node in nodes { node.stop() } }
      let clients = [try await nodes[0].connect(world.client), try await nodes[1].connect(world.client)]
      for _ in 0..<10 {
        let fields = #""topic":\#(world.topic),"key":"\#(Key.random())","body":"x""#
        let requests = clients.map { $0.request("send", fields) }
        let answers = [try await clients[0].answer(requests[0]), try await clients[1].answer(requests[1])]
        #expect(answers[0]["ok"]?["seq"] != nil)
        #expect(answers[0]["ok"] == answers[1]["ok"])
      }
      let state = try await clients[0].ok("subscribe", #""topic":\#(world.topic)"#)
      #expect(state["head"]?.number == 10)
    }
  }
}
