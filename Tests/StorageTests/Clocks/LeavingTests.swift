import Domain
import Storage
import TestSupport
import Testing

/// What becomes of the open cases of a company that leaves.
@Suite("A company that leaves")
struct LeavingTests {
  /// Closes the world's company so many minutes after Monday at nine.
  private func leave(_ world: ClockWorld, _ minutes: Int64) async throws -> Organisations.Closing? {
    let (organisation, now) = (world.log.organisation.id, world.at(minutes))
    return try await world.database.app.run { session in
      try AccessChange.run(in: session) { try Organisations.close(organisation, at: now, in: session) }
    }
  }

  private struct Line {
    let kind: EntryKind
    let author: AccountID?
    let meta: String
    let at: Timestamp
  }

  /// A topic's rows, whoever may read them.
  private func rows(of topic: TopicID, _ database: TestDatabase) async throws -> [Line] {
    try await database.app.run { session in
      try session.rows("SELECT kind, author_id, meta, at FROM topic_entry WHERE topic_id = \(topic) ORDER BY seq").map { row in
        Line(kind: try row["kind"], author: try row["author_id"], meta: try row["meta"], at: try row["at"])
      }
    }
  }

  @Test("Its open cases end by the system, say why, and the chains go on")
  func cases() async throws {
    try await withTestDatabase { database in
      let world = try await ClockWorld.make(database)
      let log = world.log
      let other = log.organisation.topic(.ttn)
      try await world.say(log.client, 0)
      try await world.append(log.client, .send(body: "x", reply: 0, holding: false), 1, topic: other)
      try await world.append(log.accountant, .send(body: "y", reply: 0, holding: false), 2, topic: other)
      // One that is closed stays as it was closed.
      let done = log.organisation.topic(.faktura)
      try await world.append(log.client, .send(body: "x", reply: 0, holding: false), 3, topic: done)
      try await world.append(log.accountant, .dismiss, 4, topic: done)
      #expect(try await leave(world, 10)?.openCases == 2)

      for topic in [log.topic, other] {
        let last = try #require(try await rows(of: topic, database).last)
        #expect(last.kind == .close && last.author == nil && EntryMeta(decoding: last.meta) == .left && last.at == world.at(10))
      }
      #expect(try await rows(of: done, database).last?.author == log.accountant)
      let open: Int64? = try await database.app.run {
        try $0.value(
          """
          SELECT (SELECT count(*) FROM topic WHERE case_open OR waiting_since IS NOT NULL)
               + (SELECT count(*) FROM topic_case WHERE closed_at IS NULL)
          """)
      }
      #expect(open == 0)
      for topic in log.organisation.topics.values.sorted() {
        let fault = try await database.app.run { try TopicLog.verifyChain(topic: topic, in: $0) }
        #expect(fault == nil)
      }
      // Nobody is warned of it any more, no bell asks for a rating that nobody can give, and nothing is left for the silent close.
      #expect(try await world.warn(5_000) == 0)
      #expect(try await world.expire(100_000) == 0)
      #expect(try await world.clocks(5_000).isEmpty)
      for account in [log.client, log.accountant] { #expect(try await world.bell(account).isEmpty) }
      #expect(try await world.bell(log.supervisor) == ["case.dismissed"])
      let closes: [Int64] = try await database.app.run {
        try $0.rows("SELECT count(*) FROM action_log WHERE action = 'case.close' AND account_id IS NULL").map {
          try $0.decode(at: 0)
        }
      }
      #expect(closes == [2])
      // Nobody was silent over its people: only the close of before is put before supervisors.
      #expect(try await world.unanswered() == ["dismissed 1"])
    }
  }

  @Test("Whom it left waiting within the target is nobody's miss; past it, it is the holder's")
  func figures() async throws {
    try await withTestDatabase { database in
      let world = try await ClockWorld.make(database)
      let log = world.log
      let late = log.organisation.topic(.ttn)
      try await world.append(log.client, .send(body: "x", reply: 0, holding: false), 0, topic: late)
      try await world.say(log.client, 170)
      _ = try await leave(world, 180)
      let month = Month(inTashkentAt: world.at(0))
      let loaded = try await database.app.run { try MonthLoader(month, calendar: .standard, in: $0).load() }
      let waits = loaded.work.waits
      let outcomes = waits.map(\.wait.outcome)
      #expect(outcomes == [.left, .left])
      let misses = waits.filter(\.wait.isMiss)
      #expect(misses.map(\.place.topic) == [late] && misses.first?.wait.holderAtBreach == log.accountant)
      let figures = loaded.work.figures()
      #expect(figures.misses == 1 && figures.dismissed == 0 && figures.hits == 0)
    }
  }

  @Test("Whoever writes at that moment comes before it, or not at all")
  func race() async throws {
    try await withTestDatabase { database in
      let world = try await ClockWorld.make(database)
      let log = world.log
      async let gone = leave(world, 10)
      async let refused = database.refusal(log.request(log.client, .send(body: "x", reply: 0, holding: false)))
      let (closing, refusal) = (try await gone, try await refused)
      let kinds = try await rows(of: log.topic, database).map(\.kind)
      #expect(refusal == nil || refusal == .notFound)
      #expect(closing?.openCases == (refusal == nil ? 1 : 0))
      #expect(kinds == (refusal == nil ? [.message, .close] : []))
    }
  }
}
