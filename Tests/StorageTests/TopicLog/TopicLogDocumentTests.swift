import Domain
import Storage
import TestSupport
import Testing

/// Messages with documents, and the work on them: what is checked, what is written, and that nothing of it happens by halves.
@Suite struct TopicLogDocumentTests {
  private func send(_ world: LogWorld, _ account: AccountID, _ documents: [DocumentID], body: String = "", key: Key = .random())
    -> LogRequest
  {
    world.request(account, .send(body: body, reply: 0, holding: false, documents: documents), key: key)
  }

  private func mark(
    _ world: LogWorld, _ account: AccountID, _ document: DocumentID, _ state: DocumentState, reason: String? = nil,
    key: Key = .random()
  ) -> LogRequest {
    world.request(account, .mark(document: document, state: state, reason: reason), key: key)
  }

  @Test func aMessageTakesItsDocuments() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      let topic = world.topic
      let first = try await database.makeUploadedDocument("a \"1\".pdf", in: topic, by: world.client)
      let second = try await database.makeUploadedDocument("b.jpg", in: topic, by: world.client, type: "jpeg", size: 7)
      let entry = try await database.append(send(world, world.client, [second, first]))
      let expected = EntryMeta.documents([
        EntryDocument(
          document: second, name: "b.jpg", sha256: Hex.string(HashChain.digest(Array("b.jpg".utf8))), size: 7, type: "jpeg"),
        EntryDocument(
          document: first, name: "a \"1\".pdf", sha256: Hex.string(HashChain.digest(Array("a \"1\".pdf".utf8))), size: 1_000,
          type: "pdf"),
      ])
      #expect(EntryMeta(decoding: entry.meta) == expected && entry.body == "")
      try await database.append(world.request(world.accountant, .send(body: "x", reply: 0, holding: false)))
      let state = try await database.state(topic, world.accountant)
      let metas = state.entries.map { EntryMeta(decoding: $0.meta) }
      #expect(metas == [expected, nil])
      let (messages, fault, last) = try await database.app.run { session in
        let messages = try session.rows("SELECT message FROM document ORDER BY id").map { try $0.decode(at: 0, as: Int64?.self) }
        let refresh = try TopicLog.refresh(topic: topic, after: 0, accounts: [], in: session)
        return (
          messages, try TopicLog.verifyChain(topic: topic, in: session), refresh?.news.map { EntryMeta(decoding: $0.entry.meta) }
        )
      }
      #expect(messages == [1, 1] && fault == nil && last == [expected, nil])
    }
  }

  @Test func theNewestMessageCountsItsDocuments() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      let topic = world.topic
      let documents = [
        try await database.makeUploadedDocument("1", in: topic, by: world.client),
        try await database.makeUploadedDocument("2", in: topic, by: world.client),
      ]
      let batch = try await database.append([.append(send(world, world.client, documents))])
      #expect(batch.news.first?.summary.last?.documents == 2)
      let inbox = try await database.app.run { try TopicLog.inbox(account: world.accountant, in: $0) }
      let line = inbox.topics.first { $0.summary.topic == topic }?.summary.last
      #expect(line?.documents == 2 && line?.text == "" && line == batch.news.first?.summary.last)
      let closed = try await database.append([.append(world.request(world.accountant, .dismiss))])
      #expect(closed.news.first?.summary.last?.documents == 2)
    }
  }

  @Test func onlyOnesOwnUnsentUploadsOfThisTopicAndSideAreSent() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      let own = try await database.makeUploadedDocument(in: world.topic, by: world.client)
      let elsewhere = try await database.makeUploadedDocument(in: world.organisation.topic(.ttn), by: world.client)
      let others = try await database.makeUploadedDocument(in: world.topic, by: world.secondClient)
      let asStaff = try await database.makeUploadedDocument(in: world.topic, by: world.client, staff: true)
      for document in [elsewhere, others, DocumentID(987_654)] {
        #expect(try await database.refusal(send(world, world.client, [own, document])) == .notFound)
      }
      #expect(try await database.refusal(send(world, world.client, [own, asStaff])) == .conflict)
      // A refusal leaves no trace: what was beside it is still to be sent, once.
      let key = Key.random()
      let entry = try await database.append(send(world, world.client, [own], key: key))
      #expect(try await database.append(send(world, world.client, [own], key: key)).seq == entry.seq)
      #expect(try await database.refusal(send(world, world.client, [own], body: "x", key: key)) == .conflict)
      #expect(try await database.refusal(send(world, world.client, [], body: "x", key: key)) == .conflict)
      #expect(try await database.refusal(send(world, world.client, [own])) == .conflict)
      let rows = try await database.state(world.topic, world.client).entries
      #expect(rows.map(\.seq) == [1])
    }
  }

  @Test func oneBatchSendsADocumentOnce() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      let document = try await database.makeUploadedDocument(in: world.topic, by: world.client)
      let batch = try await database.append([
        .append(send(world, world.client, [document])), .append(send(world, world.client, [document])),
        world.message(world.client, "x"),
      ])
      let words = batch.results.map { result -> String in
        switch result {
        case .appended(let entry, _): "\(entry.seq)"
        case .refused(let error): error.code.rawValue
        case .read: "read"
        }
      }
      #expect(words == ["1", "conflict", "2"])
    }
  }

  @Test func theWorkGoesItsWay() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      let (client, accountant) = (world.client, world.accountant)
      let document = try await database.makeUploadedDocument(in: world.topic, by: client)
      #expect(try await database.refusal(mark(world, accountant, document, .inWork)) == .notFound)
      try await database.append(send(world, client, [document]))
      #expect(try await database.refusal(mark(world, accountant, document, .processed)) == .conflict)
      #expect(try await database.refusal(mark(world, client, document, .inWork)) == .forbidden)
      #expect(try await database.refusal(mark(world, world.supervisor, document, .inWork)) == .forbidden)
      #expect(try await database.refusal(mark(world, world.stranger, document, .inWork)) == .notFound)
      #expect(try await database.refusal(mark(world, client, document, .returned)) == .conflict)
      let key = Key.random()
      let taken = try await database.append(mark(world, accountant, document, .inWork, key: key))
      #expect(try await database.append(mark(world, accountant, document, .inWork, key: key)).seq == taken.seq)
      #expect(try await database.refusal(mark(world, accountant, document, .processed, key: key)) == .conflict)
      #expect(taken.message == 1 && taken.version == 0 && taken.caseNumber == 1 && taken.body == nil)
      #expect(EntryMeta(decoding: taken.meta) == .mark(document, .inWork))
      try await database.append(world.request(accountant, .dismiss))
      try await database.append(mark(world, accountant, document, .processed))
      #expect(try await database.refusal(mark(world, accountant, document, .returned)) == .forbidden)
      let long = String(repeating: "ў", count: 501)
      #expect(try await database.refusal(mark(world, client, document, .returned, reason: long)) == .tooLarge)
      let returned = try await database.append(mark(world, client, document, .returned, reason: "imzo yoʻq"))
      #expect(returned.body == "imzo yoʻq" && returned.caseNumber == 1)
      let both = try await database.append([
        .append(mark(world, accountant, document, .inWork)), .append(mark(world, accountant, document, .processed)),
      ])
      #expect(both.news.count == 2)
      let topic = world.topic
      let (marks, fault) = try await database.app.run { session in
        let rows = try session.rows("SELECT seq, state FROM document_mark WHERE document_id = \(document) ORDER BY seq")
        let marks = try rows.map { "\(try $0.decode(at: 0, as: Int64.self)) \(try $0.decode(at: 1, as: String.self))" }
        return (marks, try TopicLog.verifyChain(topic: topic, in: session))
      }
      #expect(marks == ["2 inWork", "4 processed", "5 returned", "6 inWork", "7 processed"] && fault == nil)
    }
  }

  @Test func onlyAClientsDocumentIsWorkedOnAndNoneOfAMessageThatIsGone() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      let staffs = try await database.makeUploadedDocument(in: world.topic, by: world.accountant, staff: true)
      try await database.append(send(world, world.accountant, [staffs]))
      #expect(try await database.refusal(mark(world, world.accountant, staffs, .inWork)) == .forbidden)
      let gone = try await database.makeUploadedDocument(in: world.topic, by: world.client)
      try await database.append(send(world, world.client, [gone]))
      try await database.append(world.request(world.client, .delete(message: 2)))
      #expect(try await database.refusal(mark(world, world.accountant, gone, .inWork)) == .conflict)
    }
  }

  @Test func editingLeavesTheDocumentsAndDeletingHidesAClients() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      let (client, accountant) = (world.client, world.accountant)
      let (theirs, ours) = (
        try await database.makeUploadedDocument("1", in: world.topic, by: client),
        try await database.makeUploadedDocument("2", in: world.topic, by: accountant, staff: true)
      )
      try await database.append(send(world, client, [theirs], body: "a"))
      try await database.append(send(world, accountant, [ours], body: "b"))
      try await database.append(world.request(client, .edit(message: 1, body: "a2")))
      try await database.append(world.request(accountant, .delete(message: 2)))
      func hidden() async throws -> [Bool] {
        try await database.state(world.topic, accountant).entries.filter { $0.kind == .message }.map { $0.isHidden(from: .none) }
      }
      #expect(try await hidden() == [false, false])
      #expect(try await database.app.run { try DocumentNews.read([theirs, ours], in: $0).map(\.id) } == [theirs, ours])
      try await database.append(world.request(client, .delete(message: 1)))
      #expect(try await hidden() == [true, false])
      #expect(try await database.app.run { try DocumentNews.read([theirs, ours], in: $0).map(\.id) } == [ours])
      try await database.append(world.request(world.admin, .redact(message: 2, reason: "xato")))
      #expect(try await hidden() == [true, true])
      #expect(try await database.app.run { try DocumentNews.read([theirs, ours], in: $0).isEmpty })
    }
  }
}
