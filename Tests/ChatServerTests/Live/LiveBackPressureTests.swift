import Domain
import Reactor
import ServerKit
import Storage
import TestSupport
import Testing
import WebSocketServer

@testable import ChatServer

/// Readers that stop reading, over real sockets: they cost bounded bytes, get `lag`, come back whole, and delay nobody.
@Suite struct LiveBackPressureTests {
  /// What waits in the only loop of a server.
  private struct Held: Sendable {
    /// The most bytes that wait for one socket.
    var largest = 0
    /// How many look at the topic.
    var members = 0
  }

  private func look(_ server: LiveServer, _ topic: TopicID) async -> Held {
    await withCheckedContinuation { done in
      server.application.loops[0].execute { driver in
        let hub = driver.handler
        done.resume(
          returning: Held(
            largest: hub.sockets.keys.map { driver.sockets.queuedBytes($0) }.max() ?? 0,
            members: hub.topics[topic]?.members.count ?? 0))
      }
    }
  }

  @Test(.timeLimit(.minutes(10))) func readersThatStopCostLittleAndComeBackWhole() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let server = try LiveServer.start(database, loops: 1)
      let topic = #""topic":\#(world.topic)"#
      let writer = try await LiveClient.open(port: server.port, token: try await database.makeToken(world.client).token)
      let quick = try await LiveClient.open(port: server.port, token: try await database.makeToken(world.accountant).token)
      let token = try await database.makeToken(world.secondClient).token
      var stalled: [LiveClient] = []
      for _ in 0..<8 { stalled.append(try await LiveClient.open(port: server.port, token: token, receiveBuffer: 4_096)) }
      var epoch = ""
      for each in [quick] + stalled { epoch = try await each.answer("subscribe", topic)["ok"]?["epoch"]?.text ?? "" }
      for each in stalled { each.stopReading() }
      // One frame may still be let through below the limit; small ones and the word `lag` come on top.
      let limit = ChatLimits().hardQueue + 40_000
      let body = String(repeating: "0123456789", count: 1_600)
      var (largest, head) = (0, Int64(0))
      func send() async throws {
        let answer = try await writer.answer("send", #"\#(topic),"key":"\#(Key.random())","body":"\#(body)""#)
        head = try #require(answer["ok"]?["seq"]?.number)
        // Whoever reads gets each row, whatever the others do.
        let row = try await quick.next { $0["event"]?.text == "entry" }
        #expect(row["entry"]?["seq"]?.number == head)
        largest = max(largest, await look(server, world.topic).largest)
      }
      while await look(server, world.topic).members > 1 {
        try await send()
        try #require(head < 1_500, "the readers do not stall")
      }
      for _ in 0..<20 { try await send() }
      #expect(largest > ChatLimits().softQueue && largest <= limit, "\(largest) bytes wait for one socket")
      print("a reader that stalls: at most \(largest) bytes wait for it, \(head) rows of 16 kB")
      for each in stalled {
        each.readAgain()
        try await each.next { $0["event"]?.text == "lag" }
        let got = each.frames.compactMap { $0["entry"]?["seq"]?.number }
        let last = Int64(got.count)
        #expect(got == Array(1...max(1, last)) && last < head)
        let state = try await each.answer("subscribe", #"\#(topic),"epoch":"\#(epoch)","after":\#(last)"#)["ok"]
        let missed = state?["entries"]?.list.compactMap { $0["seq"]?.number } ?? []
        #expect(missed == Array(last + 1...head) && state?["reset"] == nil)
      }
      try await send()
      for each in stalled {
        let row = try await each.next { $0["event"]?.text == "entry" }
        #expect(row["entry"]?["seq"]?.number == head)
      }
      #expect(await look(server, world.topic).largest == 0)
      await server.application.stop()
    }
  }
}
