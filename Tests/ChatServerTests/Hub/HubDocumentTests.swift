import Domain
import Storage
import TestSupport
import Testing
import WebSocketServer

@testable import ChatServer

/// Documents on the wire: with their message, through the work on them, and whenever something becomes of them.
@Suite struct HubDocumentTests {
  private func key(_ number: UInt64) -> String { #""key":"\#(Key(high: 7, low: number))""# }

  /// What the worker does when it is done with a document.
  private func finish(_ documents: [DocumentID], _ media: String, _ database: TestDatabase) async throws {
    let reason = media == "pending" ? "converter_missing" : nil
    try await database.app.run { session in
      try session.transaction {
        try session.execute(
          """
          UPDATE document SET media = \(media), media_reason = \(reason), width = 800, height = 600, pages = 2
           WHERE id = ANY (\(documents))
          """)
        try DocumentNews.publish(documents, in: session)
      }
      try Outbox.wake(in: session)
    }
  }

  @Test func aMessageCarriesItsDocuments() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let node = try TestNode(database, clock: HandClock())
      defer { node.stop() }
      let topic = #""topic":\#(world.topic)"#
      let document = try await database.makeUploadedDocument("akt \"1\".pdf", in: world.topic, by: world.client, size: 5)
      let client = try await node.connect(world.client)
      let accountant = try await node.connect(world.accountant)
      try await accountant.ok("inbox")
      try await accountant.ok("subscribe", topic)
      let sent = try await client.ok("send", #"\#(topic),\#(key(1)),"documents":[\#(document)]"#)
      #expect(try await client.ok("send", #"\#(topic),\#(key(1)),"body":" ","documents":[\#(document)]"#) == sent)
      try await node.until("the row") { try accountant.rows().count == 1 && accountant.events("topic").count == 1 }
      let entry = try #require(try accountant.rows().first)
      let card = entry["documents"]?.list.first
      #expect(entry["body"]?.text == "" && entry["documents"]?.list.count == 1)
      #expect(card?["document"]?.number == document.rawValue && card?["name"]?.text == "akt \"1\".pdf")
      #expect(card?["size"]?.number == 5 && card?["type"]?.text == "pdf" && card?["sha256"] == nil)
      let last = try accountant.events("topic").first?["last"]
      #expect(last?["text"]?.text == "" && last?["documents"]?.number == 1)
      // State and events agree.
      let fresh = try await node.connect(world.accountant)
      #expect(try await fresh.ok("subscribe", topic)["entries"]?.list == [entry])
      let listed = try await fresh.ok("inbox")["topics"]?.list.first { $0["topic"]?.number == world.topic.rawValue }
      #expect(listed?["last"] == last)
    }
  }

  @Test func theWorkOnADocumentIsInTheLog() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let node = try TestNode(database, clock: HandClock())
      defer { node.stop() }
      let topic = #""topic":\#(world.topic)"#
      let document = try await database.makeUploadedDocument(in: world.topic, by: world.client)
      let client = try await node.connect(world.client)
      let accountant = try await node.connect(world.accountant)
      try await client.ok("subscribe", topic)
      try await client.ok("send", #"\#(topic),\#(key(1)),"documents":[\#(document)]"#)
      func mark(_ state: String) -> String { #"\#(topic),"document":\#(document),"state":"\#(state)""# }
      let taken = try await accountant.ok("mark", #"\#(mark("inWork")),\#(key(2))"#)
      #expect(taken["seq"]?.number == 2 && taken["message"]?.number == 1 && taken["case"]?.number == 1 && taken["version"] == nil)
      try await accountant.ok("mark", #"\#(mark("processed")),\#(key(3))"#)
      try await client.ok("mark", #"\#(mark("returned")),"reason":"imzo",\#(key(4))"#)
      try await node.until("the rows") { try client.rows().count == 4 }
      let rows = try client.rows().dropFirst()
      let (kinds, states) = (rows.map { $0["kind"]?.text }, rows.map { $0["state"]?.text })
      #expect(kinds == ["document", "document", "document"] && states == ["inWork", "processed", "returned"])
      let isAboutIt = rows.allSatisfy {
        $0["document"]?.number == document.rawValue && $0["message"]?.number == 1 && $0["version"] == nil
      }
      #expect(isAboutIt)
      #expect(rows.last?["body"]?.text == "imzo")
    }
  }

  @Test func everyErrorHasItsCode() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let node = try TestNode(database, clock: HandClock())
      defer { node.stop() }
      let topic = #""topic":\#(world.topic)"#
      let own = try await database.makeUploadedDocument("own", in: world.topic, by: world.client)
      let others = try await database.makeUploadedDocument("others", in: world.topic, by: world.secondClient)
      let client = try await node.connect(world.client)
      let accountant = try await node.connect(world.accountant)
      let supervisor = try await node.connect(world.supervisor)
      let eleven = (1...11).map(String.init).joined(separator: ",")
      for list in ["7", #""7""#, "[1.5]", "[0]", "[-1]", #"["1"]"#, "[[1]]", "[1,1]", "[\(eleven)]", "[null]", "{}"] {
        #expect(try await client.code("send", #"\#(topic),\#(key(1)),"body":"x","documents":\#(list)"#) == "malformed", "\(list)")
      }
      #expect(try await client.code("send", #"\#(topic),\#(key(1)),"documents":[]"#) == "malformed")
      #expect(try await client.code("send", #"\#(topic),\#(key(1)),"documents":[\#(others)]"#) == "not_found")
      #expect(try await supervisor.code("send", #"\#(topic),\#(key(1)),"documents":[\#(own)]"#) == "forbidden")
      try await client.ok("send", #"\#(topic),\#(key(2)),"documents":[ \#(own) ]"#)
      #expect(try await client.code("send", #"\#(topic),\#(key(2)),"body":"x","documents":[\#(own)]"#) == "conflict")
      #expect(try await client.code("send", #"\#(topic),\#(key(3)),"documents":[\#(own)]"#) == "conflict")
      for fields in [
        #""state":"inWork""#, #""document":1"#, #""document":1,"state":"received""#, #""document":1,"state":"done""#,
      ] {
        #expect(try await accountant.code("mark", #"\#(topic),\#(key(4)),\#(fields)"#) == "malformed", "\(fields)")
      }
      func mark(_ document: DocumentID, _ state: String) -> String {
        #"\#(topic),\#(key(4)),"document":\#(document),"state":"\#(state)""#
      }
      #expect(try await accountant.code("mark", mark(own, "inWork") + #","reason":"x""#) == "malformed")
      #expect(try await accountant.code("mark", mark(others, "inWork")) == "not_found")
      #expect(try await client.code("mark", mark(own, "inWork")) == "forbidden")
      #expect(try await supervisor.code("mark", mark(own, "inWork")) == "forbidden")
      #expect(try await accountant.code("mark", mark(own, "processed")) == "conflict")
      let long = String(repeating: "x", count: 501)
      #expect(try await client.code("mark", mark(own, "returned") + #","reason":"\#(long)""#) == "too_large")
      let foreign = #""topic":\#(world.foreignTopic),\#(key(4)),"document":\#(own),"state":"inWork""#
      #expect(try await accountant.code("mark", foreign) == "not_found")
    }
  }

  @Test func whatBecomesOfADocumentIsToldOnceItWasSent() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let node = try TestNode(database, clock: HandClock(), loops: 2)
      defer { node.stop() }
      let topic = #""topic":\#(world.topic)"#
      let sent = try await database.makeUploadedDocument("sent.pdf", in: world.topic, by: world.client)
      let unsent = try await database.makeUploadedDocument("unsent.pdf", in: world.topic, by: world.client)
      let taken = try await database.makeUploadedDocument("taken.pdf", in: world.topic, by: world.client)
      let client = try await node.connect(world.client)
      let accountant = try await node.connect(world.accountant, loop: 1)
      let ghost = try await node.connect(world.supervisor, loop: 1)
      let lists = try await node.connect(world.secondClient)
      try await lists.ok("inbox")
      try await client.ok("subscribe", topic)
      try await accountant.ok("subscribe", topic)
      try await ghost.ok("observe", #"\#(topic),"reason":"tekshiruv""#)
      try await client.ok("send", #"\#(topic),\#(key(1)),"body":"x","documents":[\#(sent)]"#)
      try await client.ok("send", #"\#(topic),\#(key(2)),"documents":[\#(taken)]"#)
      try await client.ok("delete", #"\#(topic),\#(key(3)),"message":2"#)
      try await finish([unsent, taken, sent], "pending", database)
      try await finish([sent], "ready", database)
      let all = [client, accountant, ghost]
      try await node.until("the event") {
        try all.allSatisfy { try $0.events("document").last?["document"]?["media"]?.text == "ready" }
      }
      let transcripts = all.map { one in one.transcript.filter { $0.contains(#""event":"document""#) } }
      #expect(transcripts[1] == transcripts[0] && transcripts[2] == transcripts[0])
      let isOnlyAboutIt = try client.events("document").allSatisfy { $0["document"]?["document"]?.number == sent.rawValue }
      #expect(isOnlyAboutIt)
      #expect(try lists.events("document").isEmpty)
      let document = try client.events("document").last?["document"]
      #expect(document?["message"]?.number == 1 && document?["state"]?.text == "received" && document?["reason"] == nil)
      #expect(document?["width"]?.number == 800 && document?["pages"]?.number == 2 && document?["replaces"] == .null)
    }
  }

  /// A page keeps what an event brings beside what REST answers: both are the same bytes, whatever is in a name and whatever is known.
  @Test func anEventSaysADocumentInTheBytesOfREST() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let name = "счёт \"№1\" 😀 ўзбек.pdf"
      let first = try await database.makeUploadedDocument("a.pdf", in: world.topic, by: world.accountant, staff: true)
      let second = try await database.makeUploadedDocument(name, in: world.topic, by: world.client, replaces: first)
      let (topic, documents, client, at) = (world.topic, [first, second], world.client, Timestamp.now)
      let session = try await database.makeSession(client)
      for (document, author) in [(first, world.accountant), (second, client)] {
        let request = LogRequest(
          topic: topic, account: author, session: nil, key: .random(),
          action: .send(body: "", reply: 0, holding: false, documents: [document]), at: at,
          salt: [UInt8](repeating: 7, count: 16))
        _ = try await database.app.run { try TopicLog.append([.append(request)], in: $0) }
      }
      for media in ["waiting", "pending", "ready"] {
        let reason = media == "pending" ? "converter_missing" : nil
        try await finish(documents, media, database)
        let (told, listed) = try await database.app.transaction { database in
          let reader = DocumentReader(account: client, session: session, at: at)
          return (
            try DocumentNews.read(documents, in: database),
            try Documents.list(documents, of: topic, for: reader, in: database) ?? []
          )
        }
        #expect(told == listed && told.count == 2)
        for record in listed {
          let frame = Event.document(record)
          let text = withExtendedLifetime(frame) { String(decoding: $0.payload, as: UTF8.self) }
          #expect(text == #"{"event":"document","topic":\#(topic),"document":\#(record.json)}"#)
          let keys = try JSONValue(record.json)
          #expect(keys["name"]?.text == record.name && keys["reason"]?.text == reason)
        }
      }
    }
  }

  /// A silent feed holds back what it is not sure that everybody may hear; it comes as soon as that is known.
  @Test func whileTheFeedIsSilentItWaits() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let clock = HandClock()
      let node = try TestNode(database, clock: clock, exchange: MemoryExchange())
      defer { node.stop() }
      let document = try await database.makeUploadedDocument(in: world.topic, by: world.client)
      let client = try await node.connect(world.client)
      try await node.until("the feed") { !node.hubs[0].isFeedSilent }
      try await client.ok("subscribe", #""topic":\#(world.topic)"#)
      try await client.ok("send", #""topic":\#(world.topic),\#(key(1)),"documents":[\#(document)]"#)
      let news = try await database.app.run { try DocumentNews.read([document], in: $0) }
      clock.advance(2_500)
      node.hubs[0].heard(news)
      #expect(try client.events("document").isEmpty)
      try await node.until("the event") { try client.events("document").count == 1 }
    }
  }
}
