import Domain
import Storage
import TestSupport
import Testing

/// What readers get, and what it costs.
@Suite struct TopicLogReadTests {
  @Test func resumingGivesExactlyWhatIsMissing() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      let topic = world.topic
      for _ in 0..<6 { _ = try await database.append((0..<100).map { world.message(world.client, "n\($0)") }) }
      let first = try await database.state(topic, world.client)
      #expect(first.entries.map(\.seq) == Array(551...600) && first.hasMore && !first.isReset)
      let resumed = try await database.state(topic, world.client, epoch: first.epoch, after: 590)
      #expect(resumed.entries.map(\.seq) == Array(591...600) && resumed.hasMore && !resumed.isReset)
      let nothing = try await database.state(topic, world.client, epoch: first.epoch, after: 600)
      #expect(nothing.entries.isEmpty && !nothing.isReset)
      #expect(try await database.state(topic, world.client, epoch: first.epoch, after: 100).entries.count == 500)
      for (epoch, after) in [(first.epoch, Int64(99)), (first.epoch, 601), (Key.random(), 590), (nil, 590)] {
        let reset = try await database.state(topic, world.client, epoch: epoch, after: after)
        #expect(reset.isReset && reset.entries.map(\.seq) == Array(551...600))
      }
    }
  }

  @Test func looksTogetherAreAnsweredAsEachAlone() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      let (topic, dogovor) = (world.topic, world.organisation.topic(.dogovor))
      _ = try await database.append((1...80).map { world.message($0 % 3 == 0 ? world.accountant : world.client, "\($0)") })
      try await database.append(world.request(world.client, .delete(message: 79)))
      let (watching, idle) = (try await database.makeSession(world.supervisor), try await database.makeSession(world.admin))
      let (ended, of) = (try await database.makeSession(world.client), try await database.makeSession(world.client))
      try await database.app.run { session in
        _ = try TopicLog.observe(
          topic: topic, account: world.supervisor, session: watching, reason: "look", at: .now, in: session)
        try session.execute("UPDATE session SET ended_at = now() WHERE id = \(ended)")
      }
      let epoch = try await database.state(topic, world.client).epoch
      let looks = [
        TopicLook(topic: topic, account: world.client, session: of),
        TopicLook(topic: topic, account: world.client, session: ended),
        TopicLook(topic: topic, account: world.accountant, session: nil, epoch: epoch, after: 70),
        TopicLook(topic: dogovor, account: world.accountant, session: nil),
        TopicLook(topic: topic, account: world.stranger, session: nil),
        TopicLook(topic: topic, account: world.supervisor, session: watching),
        TopicLook(topic: topic, account: world.admin, session: idle),
        TopicLook(topic: topic, account: world.client, session: watching),
        TopicLook(topic: TopicID(1 << 40), account: world.client, session: nil),
        TopicLook(topic: world.foreignTopic, account: world.stranger, session: nil, epoch: .random(), after: 0),
        TopicLook(topic: topic, account: world.client, session: of),
      ]
      let (together, alone) = try await database.app.run { session in
        let together = try TopicLog.states(looks, at: .now, in: session)
        return (together, try looks.map { try TopicLog.states([$0], at: .now, in: session)[0] })
      }
      let codes = together.map { answer -> String in
        switch answer {
        case .success(let state): "\(state.entries.count)"
        case .failure(let error): error.code.rawValue
        }
      }
      let expected = ["50", "not_found", "11", "0", "not_found", "50", "forbidden", "not_found", "not_found", "0", "50"]
      #expect(codes == expected)
      for (one, other) in zip(together, alone) { #expect("\(one)" == "\(other)") }
      let none = try await database.app.run { try TopicLog.states([], at: .now, in: $0) }
      #expect(none.isEmpty)
    }
  }

  @Test func pagesAreContiguous() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      let topic = world.topic
      _ = try await database.append((0..<120).map { world.message(world.client, "n\($0)") })
      func page(before: Int64? = nil, after: Int64? = nil, limit: Int = 50) async throws -> LogPage {
        try await database.app.run {
          try TopicLog.history(
            topic: topic, account: world.client, session: nil, before: before, after: after, limit: limit, at: .now, in: $0)
        }
      }
      let newest = try await page(before: 121)
      #expect(newest.entries.map(\.seq) == Array(71...120) && newest.hasMore && newest.people.map(\.account) == [world.client])
      let oldest = try await page(before: 21)
      #expect(oldest.entries.map(\.seq) == Array(1...20) && !oldest.hasMore)
      #expect(try await page(before: 1).entries.isEmpty)
      #expect(try await page(before: 1_000_000).entries.isEmpty)
      let up = try await page(after: 100, limit: 10)
      #expect(up.entries.map(\.seq) == Array(101...110) && up.hasMore)
      #expect(try await page(after: 110, limit: 10).hasMore == false)
      #expect(try await page(after: .max).entries.isEmpty)
    }
  }

  @Test func hiddenBodiesAreRenderedByClearance() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      try await database.makeAssignment(world.admin, organisation: world.organisation.id)
      try await database.makeAssignment(world.supervisor, organisation: world.organisation.id)
      let byClient = try await database.append(world.request(world.client, .send(body: "secret", reply: 0, holding: false)))
      let byStaff = try await database.append(world.request(world.accountant, .send(body: "open", reply: 0, holding: false)))
      let redacted = try await database.append(world.request(world.client, .send(body: "black", reply: 0, holding: false)))
      try await database.append(world.request(world.client, .edit(message: byClient.seq, body: "secret 2")))
      try await database.append(world.request(world.client, .delete(message: byClient.seq)))
      try await database.append(world.request(world.accountant, .delete(message: byStaff.seq)))
      #expect(
        try await database.refusal(world.request(world.accountant, .redact(message: redacted.seq, reason: "why"))) == .forbidden)
      try await database.append(world.request(world.supervisor, .redact(message: redacted.seq, reason: "why")))
      func seen(_ account: AccountID) async throws -> [String] {
        let state = try await database.state(world.topic, account)
        return state.entries.map { $0.isHidden(from: state.rights.clearance) ? "hidden" : $0.body ?? "-" }
      }
      let all = ["secret", "open", "black", "secret 2", "-", "-", "why"]
      #expect(try await seen(world.admin) == all)
      #expect(try await seen(world.supervisor) == ["secret", "open", "hidden", "secret 2", "-", "-", "why"])
      let plain = ["hidden", "open", "hidden", "hidden", "-", "-", "why"]
      #expect(try await seen(world.client) == plain)
      #expect(try await seen(world.accountant) == plain)
      let topic = world.topic
      let versions = try await database.app.run {
        try TopicLog.versions(topic: topic, account: world.client, session: nil, message: byClient.seq, at: .now, in: $0)
      }
      #expect(versions.entries.map(\.version) == [1, 2, 3])
      let hidden = versions.entries.map { $0.isHidden(from: versions.rights.clearance) }
      #expect(hidden == [true, true, false])
    }
  }

  @Test func aGhostReadsOnlyInsideAnObservation() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      let topic = world.topic
      _ = try await database.append((1...80).map { world.message(world.client, "\($0)") })
      let session = try await database.makeSession(world.supervisor)
      func code(_ body: @escaping @Sendable (Session) throws -> Void) async throws -> DomainError.Code? {
        do {
          try await database.app.run(body)
          return nil
        } catch let error as DomainError {
          return error.code
        }
      }
      let (supervisor, client, stranger) = (world.supervisor, world.client, world.stranger)
      let start = Timestamp.now
      let observe: @Sendable (AccountID) -> @Sendable (Session) throws -> Void = { account in
        { _ = try TopicLog.observe(topic: topic, account: account, session: session, reason: "tekshiruv", at: start, in: $0) }
      }
      let look: @Sendable (Session) throws -> Void = {
        _ = try TopicLog.state(topic: topic, account: supervisor, session: session, epoch: nil, after: nil, at: start, in: $0)
      }
      #expect(try await code(look) == .forbidden)
      #expect(try await code(observe(client)) == .forbidden)
      #expect(try await code(observe(stranger)) == .notFound)
      #expect(try await code(observe(supervisor)) == nil)
      #expect(try await code(look) == nil)
      let page: @Sendable (Timestamp) -> @Sendable (Session) throws -> Void = { at in
        {
          _ = try TopicLog.history(
            topic: topic, account: supervisor, session: session, before: 11, after: nil, limit: 5, at: at, in: $0)
        }
      }
      #expect(try await code(page(start)) == nil)
      #expect(try await code(page(start.advanced(by: TopicLog.observationTime))) == .forbidden)
      let row = try await database.app.run { session in
        let row = try session.one("SELECT from_seq, to_seq, reason, ended_at IS NULL AS open FROM observation")
        return
          "\(try row["from_seq", as: Int64.self])…\(try row["to_seq", as: Int64.self]) \(try row["reason", as: String.self]) \(try row["open", as: Bool.self])"
      }
      #expect(row == "6…80 tekshiruv true")
      try await database.app.run {
        try TopicLog.endObservations(topic: topic, account: supervisor, session: session, at: start, in: $0)
      }
      #expect(try await code(look) == .forbidden)
    }
  }

  @Test func anInboxShowsWhatOneMaySee() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      _ = try await database.append([
        world.message(world.client, "1"), world.message(world.client, String(repeating: "ў", count: 200)),
      ])
      func inbox(_ account: AccountID) async throws -> Inbox {
        try await database.app.run { try TopicLog.inbox(account: account, in: $0) }
      }
      let accountant = try await inbox(world.accountant)
      #expect(accountant.topics.count == 5 && accountant.organisations.map(\.name) == ["Alfa"])
      let bank = try #require(accountant.topics.first { $0.summary.topic == world.topic })
      #expect(bank.unread == 2 && bank.mark == 0 && bank.rights.isParticipant && bank.summary.last?.text?.count == 160)
      #expect(bank.summary == (try await database.state(world.topic, world.accountant)).summary)
      #expect(Set(accountant.people.map(\.account)) == [world.client, world.secondClient, world.accountant])
      let supervisor = try await inbox(world.supervisor)
      #expect(supervisor.topics.count == 5 && supervisor.topics.allSatisfy { !$0.rights.isParticipant && $0.unread == 0 })
      #expect(try await inbox(world.admin).topics.count == 10)
      #expect(try await inbox(world.stranger).topics.map(\.summary.topic).contains(world.topic) == false)
    }
  }

  /// What a page costs does not depend on the length of the log. Counted in rows and index entries that Postgres touches, not in time.
  @Test func aLongLogPagesInConstantTime() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      let topic = world.topic
      _ = try await database.append((1...300).map { world.message(world.client, "\($0)") })
      let session = try Session.open(database.configuration(role: "postgres"))
      func touched(_ body: (Session) throws -> Void) throws -> Int {
        try session.execute("SELECT pg_stat_force_next_flush()")
        let count: SQL = """
          SELECT sum(pg_stat_get_xact_tuples_returned(c.oid))::bigint FROM pg_class c
           WHERE c.relkind IN ('r', 'i') AND (c.relname LIKE 'topic_entry%' OR c.relname LIKE 'topic_body%')
          """
        return try session.transaction {
          let before: Int = try session.one(count).decode(at: 0)
          try body(session)
          return try session.one(count).decode(at: 0, as: Int.self) - before
        }
      }
      let look: (Session) throws -> Void = {
        _ = try TopicLog.state(topic: topic, account: world.client, session: nil, epoch: nil, after: nil, at: .now, in: $0)
      }
      let page: (Int64) -> (Session) throws -> Void = { before in
        {
          _ = try TopicLog.history(
            topic: topic, account: world.client, session: nil, before: before, after: nil, limit: 50, at: .now, in: $0)
        }
      }
      let short = (state: try touched(look), page: try touched(page(251)))
      try session.execute("SET session_replication_role = replica")
      try session.execute(
        """
        INSERT INTO topic_entry (topic_id, seq, kind, at, author_id, staff, case_number, message, version, prev_hash, hash, body_hash)
        SELECT \(topic), n, k.kind, now(), \(world.client), false, 1, CASE k.kind WHEN 1 THEN n ELSE n - 1 END,
               CASE k.kind WHEN 1 THEN 1 ELSE 2 END, decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'), NULL
          FROM generate_series(301, 100000) n
         CROSS JOIN LATERAL (SELECT CASE n % 10 WHEN 4 THEN 2 WHEN 7 THEN 3 ELSE 1 END AS kind) k
        """)
      try session.execute(
        """
        INSERT INTO topic_body SELECT \(topic), n, decode(repeat('00', 16), 'hex'), 'text ' || n
          FROM generate_series(301, 100000) n WHERE n % 10 <> 7
        """)
      try session.execute("UPDATE topic SET head = 100000 WHERE id = \(topic)")
      try session.execute("UPDATE read_mark SET seq = 99990 WHERE topic_id = \(topic)")
      try session.execute("ANALYZE topic_entry, topic_body")
      let long = (state: try touched(look), page: try touched(page(50_001)), deep: try touched(page(101)))
      #expect(short.state > 0)
      #expect(long.state < short.state * 2 + 200, "\(short) \(long)")
      #expect(long.page < short.page * 2 + 200, "\(short) \(long)")
      #expect(long.deep < short.page * 2 + 200, "\(short) \(long)")
    }
  }
}
