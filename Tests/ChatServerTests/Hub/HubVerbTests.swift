import Domain
import Storage
import TestSupport
import Testing

@testable import ChatServer

/// Every verb and every error code, through the hub and a real log.
@Suite struct HubVerbTests {
  private func key(_ number: UInt64) -> String { #""key":"\#(Key(high: 7, low: number))""# }

  @Test func everyVerbAnswersAsThePaperSays() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let node = try TestNode(database, clock: HandClock())
      defer { node.stop() }
      let client = try await node.connect(world.client)
      let accountant = try await node.connect(world.accountant)
      let topic = #""topic":\#(world.topic)"#
      let inbox = try await client.ok("inbox")
      #expect(inbox["account"]?.number == world.client.rawValue)
      #expect(inbox["topics"]?.list.count == 5 && inbox["organisations"]?.list.count == 1)
      #expect(inbox["topics"]?.list.first?["waitingSince"] == nil)
      #expect(try await accountant.ok("inbox")["topics"]?.list.first?["waitingSince"] == .null)
      try await client.ok("subscribe", topic)
      try await accountant.ok("subscribe", topic)
      let sent = try await client.ok("send", #"\#(topic),\#(key(1)),"body":"a","attachments":[]"#)
      #expect(
        sent["seq"]?.number == 1 && sent["message"]?.number == 1 && sent["case"]?.number == 1 && sent["hash"]?.text?.count == 64)
      let reply = try await accountant.ok("send", #"\#(topic),\#(key(1)),"body":"b","reply":1,"holding":true"#)
      #expect(reply["seq"]?.number == 2)
      let edited = try await client.ok("edit", #"\#(topic),\#(key(2)),"message":1,"body":"a2""#)
      #expect(edited["seq"]?.number == 3 && edited["version"]?.number == 2 && edited["message"]?.number == 1)
      let deleted = try await client.ok("delete", #"\#(topic),\#(key(3)),"message":1"#)
      #expect(deleted["version"]?.number == 3)
      let history = try await client.ok("history", #"\#(topic),"before":4,"limit":2"#)
      let page = history["entries"]?.list.compactMap { $0["seq"]?.number }
      #expect(page == [2, 3] && history["more"]?.flag == true)
      #expect(history["entries"]?.list.first?["reply"]?.number == 1 && history["entries"]?.list.first?["holding"]?.flag == true)
      #expect(history["entries"]?.list.last?["hidden"]?.flag == true && history["entries"]?.list.last?["body"] == nil)
      let versions = try await client.ok("versions", #"\#(topic),"message":1"#)
      let numbers = versions["entries"]?.list.compactMap { $0["version"]?.number }
      #expect(numbers == [1, 2, 3])
      #expect(try await client.ok("read", #"\#(topic),"seq":99"#)["seq"]?.number == 4)
      #expect(try await client.ok("read", #"\#(topic),"seq":1"#)["seq"]?.number == 4)
      let closed = try await accountant.ok("close", #"\#(topic),\#(key(4)),"answer":"none""#)
      #expect(closed["case"]?.number == 1 && closed["seq"]?.number == 5)
      #expect(try await client.ok("reopen", #"\#(topic),\#(key(5))"#)["case"]?.number == 1)
      try await accountant.ok("close", #"\#(topic),\#(key(6)),"answer":"none""#)
      #expect(try await client.ok("rate", #"\#(topic),\#(key(7)),"case":1,"stars":4,"comment":"ok""#)["case"]?.number == 1)
      #expect(try await client.ok("unsubscribe", topic)["topic"]?.number == world.topic.rawValue)
      let supervisor = try await node.connect(world.supervisor)
      let watched = try await supervisor.ok("observe", #"\#(topic),"reason":"tekshiruv""#)
      #expect(watched["observation"]?["until"]?.text == node.clock.now.advanced(by: TopicLog.observationTime).rfc3339)
      #expect(watched["me"]?["write"]?.flag == false && watched["me"]?["participant"]?.flag == false)
      #expect(try await supervisor.ok("unobserve", topic)["topic"]?.number == world.topic.rawValue)
      #expect(try await supervisor.code("history", #"\#(topic),"before":4"#) == "forbidden")
      try await node.until("all rows") { try accountant.rows().count == 8 }
      let kinds = try accountant.rows().compactMap { $0["kind"]?.text }
      #expect(kinds == ["message", "message", "edit", "delete", "close", "reopen", "close", "rate"])
      #expect(try accountant.rows().last?["stars"]?.number == 4)
    }
  }

  @Test func everyErrorHasItsCode() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let clock = HandClock()
      let node = try TestNode(database, clock: clock)
      defer { node.stop() }
      let client = try await node.connect(world.client)
      let second = try await node.connect(world.secondClient)
      let accountant = try await node.connect(world.accountant)
      let supervisor = try await node.connect(world.supervisor)
      let topic = #""topic":\#(world.topic)"#
      #expect(try await client.code("send", topic) == "malformed")
      #expect(try await client.code("shout") == "unknown_verb")
      for foreign in [#""topic":\#(world.foreignTopic)"#, #""topic":987654"#] {
        for verb in [
          "subscribe", "history", "versions", "read", "close", "pause", "resume", "reopen", "observe", "edit", "delete", "rate",
          "send", "typing",
        ] {
          let fields =
            #"\#(foreign),\#(key(1)),"before":5,"message":1,"seq":1,"body":"x","case":1,"stars":5,"reason":"because","on":true"#
          #expect(try await client.code(verb, fields) == "not_found", "\(verb)")
        }
      }
      for verb in ["read", "close", "pause", "resume", "send", "typing", "subscribe", "history", "versions"] {
        let fields = #"\#(topic),\#(key(1)),"before":5,"message":1,"seq":1,"body":"x","on":true"#
        let expected = verb == "typing" ? "not_found" : "forbidden"
        #expect(try await supervisor.code(verb, fields) == expected, "\(verb)")
      }
      #expect(try await accountant.code("observe", #"\#(topic),"reason":"because""#) == "forbidden")
      try await client.ok("send", #"\#(topic),\#(key(1)),"body":"x""#)
      #expect(try await client.code("send", #"\#(topic),\#(key(1)),"body":"y""#) == "conflict")
      #expect(try await client.ok("send", #"\#(topic),\#(key(1)),"body":"x""#)["seq"]?.number == 1)
      #expect(try await second.code("edit", #"\#(topic),\#(key(2)),"message":1,"body":"y""#) == "forbidden")
      #expect(try await client.code("versions", #"\#(topic),"message":9"#) == "not_found")
      #expect(try await client.code("rate", #"\#(topic),\#(key(3)),"case":9,"stars":1"#) == "not_found")
      #expect(try await accountant.code("close", #"\#(topic),\#(key(4))"#) == "client_waits")
      #expect(try await accountant.code("close", #"\#(topic),\#(key(4)),"answer":"some""#) == "malformed")
      #expect(try await client.code("pause", #"\#(topic),\#(key(4)),"body":"x""#) == "forbidden")
      #expect(try await accountant.code("resume", #"\#(topic),\#(key(4))"#) == "conflict")
      try await accountant.ok("close", #"\#(topic),\#(key(4)),"answer":"none""#)
      #expect(try await client.code("edit", #"\#(topic),\#(key(5)),"message":1,"body":"y""#) == "case_closed")
      #expect(try await accountant.code("rate", #"\#(topic),\#(key(6)),"case":1,"stars":1"#) == "forbidden")
      clock.advance(25 * 3600 * 1000)
      #expect(try await client.code("reopen", #"\#(topic),\#(key(7))"#) == "too_late")
      let long = String(repeating: "x", count: 16_001)
      #expect(try await client.code("send", #"\#(topic),\#(key(8)),"body":"\#(long)""#) == "too_large")
      client.push("{oops")
      #expect(client.closeCode == 1007)
    }
  }

  @Test func whileThePathToPostgresIsClosedTheAnswerIsUnavailableAtOnce() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let node = try TestNode(database, clock: HandClock(), canWrite: false)
      defer { node.stop() }
      let client = try await node.connect(world.client)
      let answer = try await client.answer(client.request("send", #""topic":\#(world.topic),\#(key(1)),"body":"x""#))
      #expect(answer["error"]?["code"]?.text == "unavailable" && answer["error"]?["temporary"]?.flag == true)
      await database.app.close()
      #expect(try await client.code("subscribe", #""topic":\#(world.topic)"#) == "unavailable")
      #expect(try await client.code("inbox") == "unavailable")
    }
  }
}
