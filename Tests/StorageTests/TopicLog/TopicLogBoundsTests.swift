import Domain
import Storage
import TestSupport
import Testing

/// Nothing that one reader asks for, and nothing that one writer did, makes an answer or a statement large.
@Suite struct TopicLogBoundsTests {
  /// A log as `count` edits of one message, or as many messages, would have made it; without its chain, since nobody verifies it here.
  private func fill(_ database: TestDatabase, _ world: LogWorld, edits: Int64 = 0, messages: Int64 = 0, bytes: Int = 0)
    async throws
  {
    let topic = world.topic
    let session = try Session.open(database.configuration(role: "postgres"))
    try session.execute("SET session_replication_role = replica")
    let zero = [UInt8](repeating: 0, count: 32)
    let head: Int64 = try session.one("SELECT head FROM topic WHERE id = \(topic)").decode(at: 0)
    let (first, count) = (head + 1, edits + messages)
    try session.execute(
      """
      INSERT INTO topic_entry (topic_id, seq, kind, at, author_id, staff, case_number, message, version, prev_hash, hash, body_hash)
      SELECT \(topic), n, CASE WHEN n < \(first + edits) THEN 2 ELSE 1 END, now(), \(world.client), false, 1,
             CASE WHEN n < \(first + edits) THEN 1 ELSE n END, CASE WHEN n < \(first + edits) THEN n - \(first) + 2 ELSE 1 END,
             \(zero), \(zero), \(zero)
        FROM generate_series(\(first), \(head + count)) n
      """)
    let body = String(repeating: "x", count: bytes)
    try session.execute(
      """
      INSERT INTO topic_body SELECT \(topic), n, \([UInt8](repeating: 0, count: 16)), n::text || \(body)
        FROM generate_series(\(first), \(head + count)) n
      """)
    try session.execute("UPDATE topic SET head = \(head + count), head_hash = \(zero) WHERE id = \(topic)")
    try session.execute("UPDATE read_mark SET seq = \(head + count) WHERE topic_id = \(topic)")
    try session.execute("ANALYZE topic_entry, topic_body")
  }

  private func versions(_ database: TestDatabase, _ world: LogWorld, of message: Int64 = 1) async throws -> LogPage {
    let topic = world.topic
    return try await database.app.run {
      try TopicLog.versions(topic: topic, account: world.client, session: nil, message: message, at: .now, in: $0)
    }
  }

  private func bytes(_ entries: [LogEntry]) -> Int { entries.reduce(0) { $0 + ($1.body?.utf8.count ?? 0) } }

  @Test func versionsAreTheFirstAndTheNewest() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      _ = try await database.append([world.message(world.client, "first")])
      try await fill(database, world, edits: 198)
      let whole = try await versions(database, world)
      #expect(whole.entries.map(\.version) == Array(1...199) && !whole.hasMore)
      try await fill(database, world, messages: 1)
      #expect(try await versions(database, world).hasMore == false)
      #expect(try await versions(database, world, of: 200).entries.map(\.version) == [1])
    }
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      _ = try await database.append([world.message(world.client, "first")])
      try await fill(database, world, edits: 500)
      let page = try await versions(database, world)
      #expect(page.entries.map(\.version) == [1] + Array(303...501) && page.hasMore)
      #expect(page.entries.first?.body == "first")
    }
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      _ = try await database.append([world.message(world.client, "first")])
      try await fill(database, world, edits: 100, bytes: 60_000)
      let page = try await versions(database, world)
      #expect(page.hasMore && page.entries.first?.version == 1 && page.entries.last?.version == 101)
      #expect(bytes(page.entries) <= TopicLog.maximumPageBytes && page.entries.count > 10)
    }
  }

  @Test func pagesGapsAndFirstLooksAreBoundInBytes() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      let topic = world.topic
      _ = try await database.append([world.message(world.client, "first")])
      try await fill(database, world, messages: 199, bytes: 60_000)
      let look = try await database.state(topic, world.client)
      #expect(look.entries.last?.seq == 200 && look.hasMore && bytes(look.entries) <= TopicLog.maximumPageBytes)
      let first = try #require(look.entries.first).seq
      #expect(look.entries.map(\.seq) == Array(first...200) && look.entries.count > 10)
      func page(before: Int64? = nil, after: Int64? = nil) async throws -> LogPage {
        try await database.app.run {
          try TopicLog.history(
            topic: topic, account: world.client, session: nil, before: before, after: after, limit: 200, at: .now, in: $0)
        }
      }
      let older = try await page(before: first)
      #expect(older.entries.last?.seq == first - 1 && older.hasMore && bytes(older.entries) <= TopicLog.maximumPageBytes)
      let newer = try await page(after: 0)
      #expect(newer.entries.first?.seq == 1 && newer.hasMore && bytes(newer.entries) <= TopicLog.maximumPageBytes)
      // A gap is whole or it is none.
      let short = try await database.state(topic, world.client, epoch: look.epoch, after: 190)
      #expect(short.entries.map(\.seq) == Array(191...200) && !short.isReset)
      let long = try await database.state(topic, world.client, epoch: look.epoch, after: 100)
      #expect(long.isReset && long.entries.map(\.seq) == look.entries.map(\.seq))
      // A node goes on where it stopped.
      let refresh = try await database.app.run { try TopicLog.refresh(topic: topic, after: 1, accounts: [], in: $0) }
      let entries = try #require(refresh?.entries)
      #expect(entries.first?.seq == 2 && entries.count < 100 && bytes(entries) <= TopicLog.maximumPageBytes)
    }
  }

  @Test func aMessageHasAThousandVersionsAtMost() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      _ = try await database.append([world.message(world.client, "first")])
      try await fill(database, world, edits: 998)
      let edit = LogAction.edit(message: 1, body: "again")
      #expect(try await database.append(world.request(world.client, edit)).version == 1000)
      #expect(try await database.refusal(world.request(world.client, edit)) == .conflict)
      // What hides it is always possible, once.
      #expect(try await database.append(world.request(world.client, .delete(message: 1))).version == 1001)
      #expect(try await database.append(world.request(world.supervisor, .redact(message: 1, reason: "why"))).version == 1002)
      #expect(try await database.refusal(world.request(world.supervisor, .redact(message: 1, reason: "why"))) == .conflict)
    }
  }

  @Test func aBodyHasSixteenThousandCharacters() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      func send(_ body: String) -> LogRequest { world.request(world.client, .send(body: body, reply: 0, holding: false)) }
      #expect(try await database.refusal(send(String(repeating: "\u{1F4C4}", count: 16_000))) == nil)
      #expect(try await database.refusal(send(String(repeating: "\u{1F4C4}", count: 16_001))) == .tooLarge)
      #expect(try await database.refusal(send(String(repeating: "x", count: 16_001))) == .tooLarge)
      // One character for a reader, 16,001 for whoever stores it.
      #expect(try await database.refusal(send("e" + String(repeating: "\u{301}", count: 16_000))) == .tooLarge)
      let edit = LogAction.edit(message: 1, body: String(repeating: "x", count: 16_001))
      #expect(try await database.refusal(world.request(world.client, edit)) == .tooLarge)
      let reason = LogAction.redact(message: 1, reason: String(repeating: "x", count: 501))
      #expect(try await database.refusal(world.request(world.supervisor, reason)) == .tooLarge)
    }
  }

  /// Counted in rows and index entries that Postgres touches, not in time: what a further edit, a look and a page cost does not grow with the edits there are.
  @Test func editsDoNotMakeAnythingDearer() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      let topic = world.topic
      _ = try await database.append([world.message(world.client, "first")])
      try await fill(database, world, edits: 20)
      let session = try Session.open(database.configuration(role: "postgres"))
      try session.execute("SET plan_cache_mode = force_generic_plan")
      try session.execute("SET enable_seqscan = off")
      func touched(_ body: (Session) throws -> Void) throws -> Int {
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
      let edit: (Session) throws -> Void = {
        let items = [LogItem.append(world.request(world.client, .edit(message: 1, body: "x")))]
        guard case .appended? = try TopicLog.appendInTransaction(items, in: $0).results.first else {
          throw DomainError(.conflict, "the edit was refused")
        }
      }
      let look: (Session) throws -> Void = {
        _ = try TopicLog.state(topic: topic, account: world.client, session: nil, epoch: nil, after: nil, at: .now, in: $0)
      }
      let page: (Session) throws -> Void = {
        _ = try TopicLog.history(
          topic: topic, account: world.client, session: nil, before: 21, after: nil, limit: 20, at: .now, in: $0)
      }
      let inbox: (Session) throws -> Void = { _ = try TopicLog.inbox(account: world.client, in: $0) }
      let few = (edit: try touched(edit), page: try touched(page), inbox: try touched(inbox))
      try await fill(database, world, edits: 0, messages: 1)
      _ = try await database.append([world.message(world.client, "other")])
      try await database.append(world.request(world.client, .delete(message: 23)))
      let plain = try touched(look)
      // Now edits of the newest message, so that last line and page meet them all.
      try session.execute("SET session_replication_role = replica")
      let zero = [UInt8](repeating: 0, count: 32)
      for message in [Int64(1), 24] {
        let head: Int64 = try session.one("SELECT head FROM topic WHERE id = \(topic)").decode(at: 0)
        let version: Int32 = try session.one(
          "SELECT max(version) FROM topic_entry WHERE topic_id = \(topic) AND message = \(message)"
        ).decode(at: 0)
        try session.execute(
          """
          INSERT INTO topic_entry (topic_id, seq, kind, at, author_id, staff, case_number, message, version, prev_hash, hash, body_hash)
          SELECT \(topic), \(head) + n, 2, now(), \(world.client), false, 1, \(message), \(version) + n, \(zero), \(zero), \(zero)
            FROM generate_series(1, 900) n
          """)
        try session.execute(
          """
          INSERT INTO topic_body SELECT \(topic), \(head) + n, \([UInt8](repeating: 0, count: 16)), 'text' FROM generate_series(1, 900) n
          """)
        try session.execute("UPDATE topic SET head = head + 900, head_hash = \(zero) WHERE id = \(topic)")
      }
      try session.execute("UPDATE read_mark SET seq = 2000 WHERE topic_id = \(topic)")
      try session.execute("ANALYZE topic_entry, topic_body")
      let many = (edit: try touched(edit), page: try touched(page), inbox: try touched(inbox), look: try touched(look))
      #expect(few.edit > 0 && few.page > 0 && few.inbox > 0 && plain > 0)
      #expect(many.edit < few.edit * 2 + 20, "\(few) \(many)")
      #expect(many.page < few.page * 2 + 20, "\(few) \(many)")
      #expect(many.inbox < few.inbox * 2 + 20, "\(few) \(many)")
      #expect(many.look < plain * 2 + 200, "\(plain) \(many)")
    }
  }
}
