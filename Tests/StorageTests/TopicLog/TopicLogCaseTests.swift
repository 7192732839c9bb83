import Domain
import Storage
import TestSupport
import Testing

/// Cases, versions, waits and marks.
@Suite struct TopicLogCaseTests {
  private let day: Int64 = 24 * 3600

  @Test func aCaseOpensClosesReopensAndIsRated() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      func send(_ account: AccountID, after seconds: Int64 = 0) -> LogRequest {
        world.request(account, .send(body: "x", reply: 0, holding: false), after: seconds)
      }
      #expect(try await database.refusal(world.request(world.accountant, .close)) == .conflict)
      #expect(try await database.refusal(world.request(world.client, .reopen)) == .conflict)
      #expect(try await database.append(send(world.client)).caseNumber == 1)
      #expect(try await database.refusal(world.request(world.client, .reopen)) == .conflict)
      let rate = LogAction.rate(caseNumber: 1, stars: 5, comment: "rahmat")
      #expect(try await database.refusal(world.request(world.client, rate)) == .conflict)
      #expect(try await database.refusal(world.request(world.client, .close)) == .forbidden)
      #expect(try await database.append(world.request(world.accountant, .dismiss, after: 10)).caseNumber == 1)
      #expect(try await database.refusal(world.request(world.accountant, .close)) == .conflict)
      #expect(try await database.refusal(world.request(world.client, .reopen, after: 11 + day)) == .tooLate)
      #expect(try await database.append(world.request(world.client, .reopen, after: 10 + day)).caseNumber == 1)
      #expect(try await database.append(send(world.client, after: 20 + day)).caseNumber == 1)
      try await database.append(world.request(world.accountant, .dismiss, after: 30 + day))
      #expect(try await database.refusal(world.request(world.accountant, rate, after: 40 + day)) == .forbidden)
      #expect(try await database.refusal(world.request(world.client, .rate(caseNumber: 2, stars: 1, comment: nil))) == .notFound)
      #expect(try await database.refusal(world.request(world.client, rate, after: 31 + 15 * day)) == .tooLate)
      let rated = try await database.append(world.request(world.secondClient, rate, after: 30 + 15 * day))
      #expect(rated.stars == 5 && rated.body == "rahmat" && rated.caseNumber == 1)
      #expect(try await database.refusal(world.request(world.client, rate, after: 30 + 15 * day)) == .conflict)
      #expect(try await database.refusal(world.request(world.client, .reopen, after: 31 + day)) == .conflict)
      // The next message opens the next case; an older one is still rated by its number.
      #expect(try await database.append(send(world.accountant)).caseNumber == 2)
      let state = try await database.state(world.topic, world.client)
      #expect(state.summary.current?.number == 2 && state.summary.current?.closedAt == nil)
      #expect(state.entries.map(\.kind) == [.message, .close, .reopen, .message, .close, .rate, .message])
    }
  }

  @Test func onlyTheAuthorChangesAndOnlyWhileTheCaseIsOpen() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      let first = try await database.append(world.request(world.client, .send(body: "a", reply: 0, holding: false)))
      let edit = LogAction.edit(message: first.seq, body: "b")
      #expect(try await database.refusal(world.request(world.secondClient, edit)) == .forbidden)
      #expect(try await database.refusal(world.request(world.accountant, .delete(message: first.seq))) == .forbidden)
      #expect(try await database.refusal(world.request(world.client, .edit(message: 55, body: "b"))) == .notFound)
      let edited = try await database.append(world.request(world.client, edit))
      #expect(edited.version == 2 && edited.message == first.seq && edited.seq == 2)
      // The edit's own row is no message.
      #expect(try await database.refusal(world.request(world.client, .edit(message: edited.seq, body: "c"))) == .notFound)
      #expect(
        try await database.refusal(world.request(world.client, .send(body: "r", reply: edited.seq, holding: false))) == .notFound)
      let deleted = try await database.append(world.request(world.client, .delete(message: first.seq)))
      #expect(deleted.version == 3)
      #expect(try await database.refusal(world.request(world.client, edit)) == .conflict)
      #expect(try await database.refusal(world.request(world.client, .delete(message: first.seq))) == .conflict)
      let second = try await database.append(world.request(world.client, .send(body: "x", reply: first.seq, holding: false)))
      #expect(second.reply == first.seq)
      try await database.append(world.request(world.accountant, .dismiss))
      #expect(try await database.refusal(world.request(world.client, .edit(message: second.seq, body: "y"))) == .caseClosed)
      try await database.append(world.request(world.client, .send(body: "next case", reply: 0, holding: false)))
      #expect(try await database.refusal(world.request(world.client, .delete(message: second.seq))) == .caseClosed)
      // Two changes in one batch see each other.
      let third = try await database.append(world.request(world.client, .send(body: "1", reply: 0, holding: false)))
      let batch = try await database.append([
        .append(world.request(world.client, .edit(message: third.seq, body: "2"))),
        .append(world.request(world.client, .delete(message: third.seq))),
        .append(world.request(world.client, .edit(message: third.seq, body: "3"))),
      ])
      #expect(batch.news.map(\.entry.version) == [2, 3])
      #expect(batch.news.last?.summary.last?.isDeleted == true)
      #expect(batch.news.last?.summary == (try await database.state(world.topic, world.client)).summary)
    }
  }

  @Test func waitsBeginAndEnd() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      func waiting() async throws -> Int64? {
        try await database.state(world.topic, world.accountant).summary.waitingSince.map {
          $0.since(world.start).components.seconds
        }
      }
      let message = try await database.append(world.request(world.client, .send(body: "a", reply: 0, holding: false), after: 1))
      try await database.append(world.request(world.secondClient, .send(body: "b", reply: 0, holding: false), after: 2))
      #expect(try await waiting() == 1)
      #expect(try await database.refusal(world.request(world.client, .send(body: "h", reply: 0, holding: true))) == .forbidden)
      try await database.append(world.request(world.accountant, .send(body: "h", reply: 0, holding: true), after: 3))
      try await database.append(world.request(world.client, .edit(message: message.seq, body: "c"), after: 4))
      #expect(try await waiting() == 1)
      try await database.append(world.request(world.accountant, .send(body: "x", reply: 0, holding: false), after: 5))
      #expect(try await waiting() == nil)
      try await database.append(world.request(world.client, .send(body: "d", reply: 0, holding: false), after: 6))
      #expect(try await waiting() == 6)
      try await database.append(world.request(world.accountant, .dismiss, after: 7))
      #expect(try await waiting() == nil)
    }
  }

  @Test func whatIsTakenBackMovesTheWait() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      func item(_ account: AccountID, _ action: LogAction, after seconds: Int64) -> LogItem {
        .append(world.request(account, action, after: seconds))
      }
      func say(_ account: AccountID, after seconds: Int64, holding: Bool = false) -> LogItem {
        item(account, .send(body: "x", reply: 0, holding: holding), after: seconds)
      }
      func waiting() async throws -> Int64? {
        try await database.state(world.topic, world.accountant).summary.waitingSince.map {
          $0.since(world.start).components.seconds
        }
      }
      /// The wait as the batch told it, which must be what the database says.
      func after(_ items: [LogItem]) async throws -> Int64? {
        let batch = try await database.append(items)
        let told = batch.news.last?.summary.waitingSince.map { $0.since(world.start).components.seconds }
        #expect(try await waiting() == told)
        return told
      }
      let (client, accountant) = (world.client, world.accountant)
      // 1 asks, 2 answers, 3 and 4 ask, 5 holds, 6 answers.
      #expect(
        try await after([
          say(client, after: 1), say(accountant, after: 2), say(client, after: 3), say(client, after: 4),
          say(accountant, after: 5, holding: true), say(accountant, after: 6),
        ]) == nil)
      #expect(try await after([item(client, .delete(message: 1), after: 7)]) == nil)
      #expect(try await after([item(accountant, .delete(message: 6), after: 8)]) == 3)
      #expect(try await after([item(accountant, .delete(message: 5), after: 9)]) == 3)
      #expect(try await after([item(client, .delete(message: 3), after: 10)]) == 4)
      // Both in one batch, and a message between them; the older answer is none any more either.
      #expect(
        try await after([
          item(client, .delete(message: 4), after: 11), say(client, after: 12), item(accountant, .delete(message: 2), after: 13),
        ]) == 12)
      // Somebody else's is refused and moves nothing.
      #expect(try await after([say(client, after: 14), item(accountant, .delete(message: 12), after: 15)]) == 12)
      // Opening again restores the clock without what was taken back.
      let seq = try await database.append([say(client, after: 16)]).news.last?.entry.seq ?? 0
      #expect(try await after([item(client, .delete(message: seq), after: 17), item(accountant, .dismiss, after: 18)]) == nil)
      #expect(try await after([item(client, .reopen, after: 19)]) == 12)
    }
  }

  @Test func marksOnlyGrowAndAreKept() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      func read(_ account: AccountID, _ seq: Int64) async throws -> ReadMark? {
        let item = LogItem.read(ReadRequest(topic: world.topic, account: account, session: nil, seq: seq, at: world.start))
        if case .read(let mark)? = try await database.append([item]).results.first { return mark }
        return nil
      }
      _ = try await database.append((1...4).map { world.message(world.client, "\($0)") })
      #expect(
        try await read(world.accountant, 2)
          == ReadMark(topic: world.topic, account: world.accountant, seq: 2, at: world.start, unread: 2, head: 4, didMove: true))
      #expect(
        try await read(world.accountant, 1)
          == ReadMark(topic: world.topic, account: world.accountant, seq: 2, at: world.start, unread: 2, head: 4, didMove: false))
      #expect(try await read(world.accountant, 99)?.seq == 4)
      #expect(try await read(world.supervisor, 4) == nil)
      // The client had read everything before each own message, the second client nothing.
      let state = try await database.state(world.topic, world.client)
      #expect(state.mark == 4 && state.unread == 0)
      #expect(try await database.state(world.topic, world.secondClient).unread == 4)
      _ = try await database.append([
        world.message(world.accountant, "5"), world.message(world.client, "6"), world.message(world.accountant, "7"),
      ])
      let marks = try await database.state(world.topic, world.client).reads.reduce(into: [:]) { $0[$1.account] = $1.seq }
      #expect(marks == [world.client: 4, world.accountant: 5])
      // A read in the same batch counts what was sent before it in the batch.
      let batch = try await database.append([
        world.message(world.accountant, "8"),
        .read(ReadRequest(topic: world.topic, account: world.client, session: nil, seq: 6, at: world.start)),
      ])
      if case .read(let mark)? = batch.results.last {
        #expect(mark.seq == 6 && mark.unread == 2)
      } else {
        Issue.record("no mark")
      }
      let topic = world.topic
      let advances = try await database.app.run { session in
        try session.rows(
          "SELECT from_seq, to_seq FROM read_advance WHERE topic_id = \(topic) AND account_id = \(world.accountant) ORDER BY to_seq"
        )
        .map { "\(try $0.decode(at: 0, as: Int64.self))-\(try $0.decode(at: 1, as: Int64.self))" }
      }
      #expect(advances == ["0-2", "2-4", "4-5"])
    }
  }
}
