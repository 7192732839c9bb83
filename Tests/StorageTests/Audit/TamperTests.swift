import Domain
import Storage
import TestSupport
import Testing

/// What a superuser of the database changes behind everybody's back, and how it is found: one case for each kind of row.
@Suite("Changes behind everybody's back")
struct TamperTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// What the superuser runs; `$topic` is the topic's id.
    let script: [String]
    /// What is said of it, `$topic` for the topic.
    let faults: [String]
  }

  static let cases: [Case] = [
    Case(
      testDescription: "a body", script: ["UPDATE topic_body SET body = 'boshqa' WHERE seq = 2"],
      faults: ["topic $topic, row 2: its body is another one"]),
    Case(
      testDescription: "an author", script: ["UPDATE topic_entry SET author_id = author_id + 1 WHERE seq = 2"],
      faults: ["topic $topic, row 2: its hash is another one"]),
    Case(
      testDescription: "a time", script: ["UPDATE topic_entry SET at = at - interval '1 microsecond' WHERE seq = 3"],
      faults: ["topic $topic, row 3: its hash is another one"]),
    Case(
      testDescription: "the order",
      script: [
        "UPDATE topic_entry SET seq = 1000, message = CASE message WHEN 2 THEN 1000 ELSE message END WHERE seq = 2",
        "UPDATE topic_entry SET seq = 2, message = 2 WHERE seq = 3",
        "UPDATE topic_entry SET seq = 3, message = 3 WHERE seq = 1000",
      ], faults: ["topic $topic, row 2: it does not name the hash of the row before"]),
    Case(
      testDescription: "a removed row",
      script: ["DELETE FROM topic_entry WHERE seq = 2", "DELETE FROM topic_body WHERE seq = 2"],
      faults: ["topic $topic, row 2: it is missing, the next one is 3"]),
    Case(
      testDescription: "a removed tail, with everything that hangs on it",
      script: [
        "DELETE FROM topic_entry WHERE seq > 4", "DELETE FROM topic_body WHERE seq > 4", "DELETE FROM send_key WHERE seq > 4",
        "UPDATE topic SET head = 4, head_hash = (SELECT hash FROM topic_entry WHERE seq = 4) WHERE head > 0",
        "UPDATE topic_case SET closed_seq = NULL, closed_at = NULL, closed_by = NULL",
        "UPDATE topic SET case_open = true WHERE head > 0",
        "DELETE FROM document_mark", "DELETE FROM read_advance WHERE to_seq > 4",
        "DELETE FROM read_mark m WHERE NOT EXISTS (SELECT FROM read_advance a WHERE a.account_id = m.account_id)",
      ], faults: ["topic $topic, row 6: it is gone, and root 1 of $day sealed it"]),
    Case(
      testDescription: "an inserted row",
      script: [
        """
        INSERT INTO topic_entry SELECT topic_id, 7, kind, at, author_id, staff, case_number, 7, version, reply, holding, stars, meta, body_hash,
               prev_hash, hash FROM topic_entry WHERE seq = 1
        """
      ],
      faults: [
        "topic $topic, row 7: it does not name the hash of the row before", "topic $topic, row 7: no key of its author names it",
      ]),
    Case(
      testDescription: "swapped files",
      script: ["UPDATE document SET hash = (SELECT hash FROM blob ORDER BY hash <> document.hash DESC LIMIT 1)"],
      faults: ["document 1: row 4 of topic $topic carries another file"]),
    Case(
      testDescription: "a file's name", script: ["UPDATE document SET name = 'boshqa.pdf'"],
      faults: ["document 1: row 4 of topic $topic carries another file"]),
    Case(
      testDescription: "a document's work", script: ["UPDATE document_mark SET state = 'processed'"],
      faults: ["topic $topic, row 5: the state of a document that was read off it is another one"]),
    Case(
      testDescription: "a rating", script: ["UPDATE topic_case SET closed_by = NULL"],
      faults: ["topic $topic, case 1: its close is another one"]),
    Case(
      testDescription: "a read mark", script: ["UPDATE read_mark SET seq = 5 WHERE seq = 6"],
      faults: ["topic $topic, read mark of account 5: it stands at 5, and its steps end at 6"]),
    Case(
      testDescription: "a step of one", script: ["UPDATE read_advance SET from_seq = 3 WHERE to_seq = 6"],
      faults: ["topic $topic, read mark of account 5: the step to row 6 begins at 3 and not at 0"]),
    Case(
      testDescription: "a key", script: ["DELETE FROM send_key WHERE seq = 1"],
      faults: ["topic $topic, row 1: no key of its author names it"]),
    Case(
      testDescription: "the head", script: ["UPDATE topic SET head_hash = sha256('x') WHERE head > 0"],
      faults: ["topic $topic, row 7: the topic's head is another one"]),
    Case(
      testDescription: "a row of the action log", script: ["UPDATE action_log SET account_id = NULL WHERE id = 1"],
      faults: ["action log, link 1: its hash is another one, or row 1 was changed"]),
    Case(
      testDescription: "the details of one", script: ["UPDATE action_log SET detail = detail || '{\"x\": 1}' WHERE id = 2"],
      faults: ["action log, link 2: its hash is another one, or row 2 was changed"]),
    Case(
      testDescription: "a removed one", script: ["DELETE FROM action_log WHERE id = 2"],
      faults: ["action log, link 2: its row 2 is gone"]),
    Case(
      testDescription: "one that was slipped in", script: ["INSERT INTO action_log (action) VALUES ('session.end')"],
      faults: ["action log, row 4: it has no link and doesn't wait for one"]),
    Case(
      testDescription: "the action log's tail",
      script: [
        "DELETE FROM action_log WHERE id = 3", "DELETE FROM action_seal WHERE seq = 3",
        "UPDATE action_head SET seq = 2, hash = (SELECT hash FROM action_seal WHERE seq = 2)",
      ], faults: ["action log, link 3: it is gone, and root 1 of $day sealed it"]),
    Case(
      testDescription: "a root", script: ["UPDATE daily_root SET at = at - interval '1 second' WHERE number = 1"],
      faults: ["root 1: its hash is another one"]),
    Case(
      testDescription: "a root's heads", script: ["UPDATE daily_root SET seqs[1] = 2"],
      faults: ["root 1: its heads don't make its tree"]),
    Case(
      testDescription: "the ghosts' head in a root", script: ["UPDATE daily_root SET ghost_head = sha256('x')"],
      faults: ["root 1: its root of the ghosts' ledger is another one"]),
    Case(
      testDescription: "a row that means nothing, and another one in a topic after it",
      script: [
        "ALTER TABLE topic_entry DROP CONSTRAINT topic_entry_kind_check", "UPDATE topic_entry SET kind = 99 WHERE seq = 5",
        "UPDATE action_log SET account_id = NULL WHERE id = 1",
      ],
      faults: [
        "topic $topic, row 5: it can't be read",
        "action log, link 1: its hash is another one, or row 1 was changed",
      ]),
    Case(
      testDescription: "a client who waits", script: ["UPDATE topic SET waiting_since = now() WHERE head > 0"],
      faults: ["topic $topic: since when a client waits isn't what the log says"]),
    Case(
      testDescription: "a pause that nobody began",
      script: ["INSERT INTO topic_pause SELECT id, 3, 11, now() FROM topic WHERE head > 0"],
      faults: ["topic $topic, row 3: the pause that was read off it is another one"]),
    Case(
      testDescription: "an erasure that nobody asked for", script: Self.erasure,
      faults: ["erasure 1: the action log doesn't say that it was asked for"]),
    Case(
      testDescription: "an erasure, with rows of the log by nobody who was signed in", script: erasure + forged("NULL"),
      faults: ["erasure 1: the action log doesn't say that it was asked for"]),
    Case(
      testDescription: "an erasure, with rows of the log in somebody else's session",
      script: erasure + sessions("(SELECT id FROM account WHERE login = 'client')") + forged("(SELECT max(id) FROM session)"),
      faults: ["erasure 1: the action log doesn't say that it was asked for"]),
    Case(
      testDescription: "an erasure, with rows of the log in a session that was over",
      script: erasure + sessions("(SELECT min(id) FROM account)", ended: true) + forged("(SELECT max(id) FROM session)"),
      faults: ["erasure 1: the action log doesn't say that it was asked for"]),
    Case(
      testDescription: "an erasure, with rows of the log of another day",
      script: erasure + sessions("(SELECT min(id) FROM account)")
        + forged("(SELECT max(id) FROM session)", at: "now() + interval '1 day'"),
      faults: ["erasure 1: the action log doesn't say that it was asked for"]),
    Case(
      testDescription: "an erasure of which one step is well forged",
      script: erasure + sessions("(SELECT min(id) FROM account)") + forged("(SELECT max(id) FROM session)"),
      faults: ["erasure 1: the action log doesn't say that it was confirmed"]),
    Case(
      testDescription: "a whole topic",
      script: ["DELETE FROM topic WHERE head = 0 AND id = (SELECT max(id) FROM topic)"],
      faults: ["topic 10: it is gone, and root 1 of $day sealed it"]),
  ]

  /// The owner's way: the table's guards are content, since two admins are named.
  private static let erasure = [
    """
    INSERT INTO erasure (organisation_id, topic_id, message, reason, requested_by, confirmed_by, confirmed_at)
    SELECT t.organisation_id, t.id, 2, 'sud qarori', (SELECT min(id) FROM account), (SELECT max(id) FROM account), now()
      FROM topic t WHERE t.head > 0
    """
  ]

  /// A session of a superuser's making, and the action log's rows of both people with it.
  private static func sessions(_ account: String, ended: Bool = false) -> [String] {
    [
      """
      INSERT INTO session (account_id, token_hash, kind, created_at, expires_at, ended_at)
      VALUES (\(account), sha256('x'), 'app', now() - interval '2 days', now() + interval '9 days', \(ended ? "now() - interval '1 day'" : "NULL"))
      """
    ]
  }

  private static func forged(_ session: String, at: String = "clock_timestamp()") -> [String] {
    ["requested_by", "confirmed_by"].map { who in
      """
      INSERT INTO action_log (at, account_id, session_id, action, detail)
      SELECT \(at), x.\(who), \(session), 'erasure.\(who == "requested_by" ? "create" : "confirm")',
             jsonb_build_object('erasure', x.id, 'topic', x.topic_id, 'message', x.message) FROM erasure x
      """
    }
  }

  @Test("Each is found, and its place is named", arguments: cases)
  func found(change: Case) async throws {
    try await withTestDatabase { database in
      let world = try await history(database)
      let day = LocalDate(inTashkentAt: world.start)
      let before = try await database.app.run { try DatabaseAudit.run(now: { world.start }, in: $0) }
      #expect(before.faults.map(\.description) == [])
      #expect(before.topics == 10 && before.entries == 6 && before.actions == 3 && before.roots == 1)
      try await database.superuser.run { session in
        try session.execute("SET session_replication_role = replica")
        for line in change.script { try session.execute(SQL(stringLiteral: line)) }
        try session.execute("RESET session_replication_role")
      }
      let found = try await database.app.run { try DatabaseAudit.run(now: { world.start }, in: $0) }.faults.map(\.description)
      func filled(_ text: String) -> String {
        text.replacing("$topic", with: "\(world.topic)").replacing("$day", with: "\(day)")
      }
      #expect(!found.isEmpty)
      for fault in change.faults {
        let isFound = found.contains { $0.hasPrefix(filled(fault)) }
        #expect(isFound, "\(fault): \(found)")
      }
    }
  }

  @Test("Whoever writes a whole chain anew is found by the root")
  func rewritten() async throws {
    try await withTestDatabase { database in
      let world = try await history(database)
      let topic = world.topic
      try await database.superuser.run { session in
        try session.execute("SET session_replication_role = replica")
        try session.execute("UPDATE topic_body SET body = 'boshqa' WHERE topic_id = \(topic) AND seq = 2")
        var prev = HashChain.origin(of: topic)
        for row in try session.rows(
          """
          SELECT e.seq, e.at, e.author_id, e.kind, e.staff, e.holding, e.case_number, e.message, e.version, e.reply, e.stars, e.meta,
                 e.body_hash, b.salt, b.body
            FROM topic_entry e LEFT JOIN topic_body b USING (topic_id, seq) WHERE e.topic_id = \(topic) ORDER BY seq
          """)
        {
          let (seq, salt, body): (Int64, [UInt8]?, String?) = (try row["seq"], try row["salt"], try row["body"])
          let bodyHash = salt.map { HashChain.bodyHash(salt: $0, body: body ?? "") }
          let hash = HashChain.hash(
            HashChain.Row(
              topic: topic, seq: seq, at: try row["at"], author: try row["author_id"], kind: try row["kind"],
              staff: try row["staff"],
              holding: try row["holding"], caseNumber: try row["case_number"], message: try row["message"],
              version: try row["version"],
              reply: try row["reply"], stars: try row["stars"], meta: try row["meta"], bodyHash: bodyHash), after: prev)
          try session.execute(
            """
            UPDATE topic_entry SET body_hash = \(bodyHash), prev_hash = \(prev), hash = \(hash) WHERE topic_id = \(topic) AND seq = \(seq)
            """)
          prev = hash
        }
        try session.execute("UPDATE topic SET head_hash = \(prev) WHERE id = \(topic)")
        try session.execute("RESET session_replication_role")
      }
      let (chain, found) = try await database.app.run {
        (
          try TopicLog.verifyChain(topic: topic, in: $0),
          try DatabaseAudit.run(now: { world.start }, in: $0).faults.map(\.description)
        )
      }
      #expect(chain == nil)
      #expect(
        found == ["topic \(topic), row 6: it was another one when root 1 of \(LocalDate(inTashkentAt: world.start)) sealed it"])
    }
  }

  @Test("A day on which the check never ended is noted once, and is a fault")
  func missed() async throws {
    try await withTestDatabase { database in
      let world = try await history(database)
      let day = LocalDate(inTashkentAt: world.start)
      let tomorrow = day.advanced(by: 1)
      let now = tomorrow.startInTashkent.advanced(by: .seconds(60))
      // Nobody was there the day before the first root.
      func note(before today: LocalDate) async throws -> [String]? {
        try await database.app.run { try AuditRuns.noteMissed(before: today, at: now, in: $0) }?.faults.map(\.description)
      }
      #expect(try await note(before: day) == nil)
      #expect(try await note(before: tomorrow) == ["verification of \(day): it was begun and never ended"])
      #expect(try await note(before: tomorrow) == nil)
      let newest = try await database.app.run { try AuditRuns.newest(limit: 5, in: $0) }
      #expect(newest.map(\.day) == [day] && newest.map(\.faultCount) == [1])
      // A day that had its check is none.
      let salt = [UInt8](repeating: 5, count: 16)
      _ = try await database.app.run { try DailyRoots.make(at: now, salt: salt, in: $0) }
      let report = try await database.app.run { try AuditRuns.runDaily(tomorrow, now: { now }, in: $0) }
      #expect(report?.faults == [])
      #expect(try await note(before: tomorrow.advanced(by: 1)) == nil)
    }
  }

  @Test("A check that takes until the next day isn't declared dead, and tells what it finds")
  func slow() async throws {
    try await withTestDatabase { database in
      let world = try await history(database)
      let day = LocalDate(inTashkentAt: world.start)
      let now = day.advanced(by: 1).startInTashkent.advanced(by: .seconds(60))
      let found = AuditFault("root file x", "it is no root")
      let configuration = database.app.configuration
      let report = try await database.app.run { session in
        try AuditRuns.runDaily(
          day, now: { now },
          outside: { _ in
            // Meanwhile another process begins its day.
            let other = try Session.open(configuration)
            let noted = try AuditRuns.noteMissed(before: day.advanced(by: 1), at: now, in: other)
            return noted == nil ? [found] : []
          }, in: session)
      }
      #expect(report?.faults == [found])
      let runs = try await database.app.run { try AuditRuns.newest(limit: 5, in: $0) }
      #expect(runs.map(\.day) == [day] && runs.first?.report.faults == [found])
      let late = try await database.app.run { try AuditRuns.noteMissed(before: day.advanced(by: 1), at: now, in: $0) }
      #expect(late == nil)
    }
  }

  /// A topic with six rows and a document, an action log of two, and a root.
  private func history(_ database: TestDatabase) async throws -> LogWorld {
    let world = try await LogWorld.make(database)
    let document = try await database.makeUploadedDocument(in: world.topic, by: world.client)
    _ = try await database.makeUploadedDocument("boshqa", in: world.topic, by: world.client)
    try await database.append(world.request(world.client, .send(body: "bir", reply: 0, holding: false)))
    try await database.append(world.request(world.client, .send(body: "ikki", reply: 1, holding: false)))
    try await database.append(world.request(world.accountant, .send(body: "uch", reply: 0, holding: false)))
    try await database.append(world.request(world.client, .send(body: "", reply: 0, holding: false, documents: [document])))
    try await database.append(world.request(world.accountant, .mark(document: document, state: .inWork, reason: nil)))
    try await database.append(world.request(world.accountant, .dismiss))
    _ = try await database.append([
      .read(ReadRequest(topic: world.topic, account: world.accountant, session: nil, seq: 6, at: world.start))
    ])
    try await database.writeDown()
    try await database.app.run {
      _ = try DailyRoots.make(at: world.start, salt: [UInt8](repeating: 5, count: 16), in: $0)
    }
    return world
  }
}
