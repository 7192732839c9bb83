import Domain
import Storage
import TestSupport
import Testing

/// A text goes by two people's will and by nothing else, never under a hold, and the chain says so.
@Suite struct ErasureTests {
  private struct Doomed {
    let world: LogWorld
    let database: TestDatabase
    let document: DocumentID
    let second: AccountID

    /// A message with a document and two further texts, between others.
    static func make(_ database: TestDatabase) async throws -> Doomed {
      let world = try await LogWorld.make(database)
      let document = try await database.makeUploadedDocument("akt.pdf", in: world.topic, by: world.client)
      let second = try await database.makeAccount("second-admin")
      try await database.makeMembership(second, role: "admin")
      try await database.append(world.request(world.client, .send(body: "boshi", reply: 0, holding: false)))
      try await database.append(
        world.request(world.client, .send(body: "maxfiy", reply: 0, holding: false, documents: [document])))
      try await database.append(world.request(world.client, .edit(message: 2, body: "maxfiy 2")))
      try await database.append(world.request(world.accountant, .send(body: "javob", reply: 2, holding: false)))
      try await database.append(world.request(world.client, .edit(message: 2, body: "maxfiy 3")))
      return Doomed(world: world, database: database, document: document, second: second)
    }

    func ask(_ message: Int64 = 2, by account: AccountID? = nil) async throws -> ErasureID {
      let (topic, asker) = (world.topic, account ?? world.admin)
      return try await database.app.run { try Erasures.request(message, in: topic, reason: "sud qarori", by: asker, $0) }
    }

    func confirm(_ id: ErasureID, by account: AccountID) async throws {
      let session = try await database.makeSession(account)
      try await database.app.run { open in
        try AccessChange.run(in: open) { try Erasures.confirm(id, by: account, session: session, at: .now, in: open) }
      }
    }

    func refusal(_ body: () async throws -> Void) async -> DomainError.Code? {
      (await failure { try await body() } as? DomainError)?.code
    }

    func fault() async throws -> String? {
      let topic = world.topic
      return try await database.app.run { try TopicLog.verifyChain(topic: topic, in: $0)?.reason }
    }

    func texts() async throws -> [Int64] {
      let topic = world.topic
      return try await database.app.run { session in
        try session.rows("SELECT seq FROM topic_body WHERE topic_id = \(topic) ORDER BY seq").map { try $0.decode(at: 0) }
      }
    }
  }

  @Test func twoPeopleEraseAMessageAndTheChainStillVerifies() async throws {
    try await withTestDatabase { database in
      let doomed = try await Doomed.make(database)
      let world = doomed.world
      #expect(try await doomed.fault() == nil)
      let id = try await doomed.ask()
      let byAsker = await doomed.refusal { try await doomed.confirm(id, by: world.admin) }
      #expect(byAsker == .forbidden, "who asked")
      for nobody in [world.accountant, world.client] {
        let byNobody = await doomed.refusal { try await doomed.confirm(id, by: nobody) }
        #expect(byNobody == .forbidden)
      }
      let byStranger = await doomed.refusal { try await doomed.confirm(id, by: world.stranger) }
      #expect(byStranger == .notFound)
      #expect(try await doomed.texts() == [1, 2, 3, 4, 5])
      try await doomed.confirm(id, by: world.supervisor)
      #expect(try await doomed.texts() == [1, 4])
      #expect(try await doomed.fault() == nil)
      // Nobody sees a word or a file of it, the admin neither; whoever looks is told that it was erased.
      let admin = try await database.makeSession(world.admin)
      let topic = world.topic
      _ = try await database.app.run {
        try TopicLog.observe(topic: topic, account: world.admin, session: admin, reason: "why", at: .now, in: $0)
      }
      for (account, session) in [(world.client, nil), (world.accountant, nil), (world.admin, Optional(admin))] {
        let state = try await database.state(topic, account, session: session)
        let areGone = state.entries.filter { $0.message == 2 && $0.kind != .erase }.allSatisfy { $0.body == nil }
        #expect(areGone)
        #expect(state.entries.last?.kind == .erase && state.entries.last?.message == 2)
        #expect(state.entries.last?.author == world.supervisor)
        let reader = DocumentReader(account: account, session: try await database.makeSession(account), at: .now)
        let documents = try await database.app.run { try Documents.list([doomed.document], of: topic, for: reader, in: $0) ?? [] }
        #expect(documents.isEmpty)
      }
      let reader = DocumentReader(account: world.admin, session: admin, at: .now)
      let original = try await database.app.run { try Documents.file(doomed.document, .original, for: reader, in: $0) }
      #expect(original == nil)
      let isNoNews = try await database.app.run { try DocumentNews.read([doomed.document], in: $0).isEmpty }
      #expect(isNoNews)
      // The hash of the request was made of the text alone: short texts could be guessed by it.
      let hashes = try await database.app.run { session in
        try session.rows(
          "SELECT seq FROM send_key WHERE topic_id = \(topic) AND request_hash = decode(repeat('00', 32), 'hex') ORDER BY seq"
        )
        .map { try $0.decode(at: 0, as: Int64.self) }
      }
      #expect(hashes == [2, 3, 5])
      // Nothing is added to it any more.
      #expect(try await database.refusal(world.request(world.client, .edit(message: 2, body: "yana"))) == .conflict)
      #expect(try await database.refusal(world.request(world.client, .delete(message: 2))) == .conflict)
      #expect(try await database.refusal(world.request(world.admin, .redact(message: 2, reason: "yana"))) == .conflict)
      let again = await doomed.refusal { try await doomed.confirm(id, by: doomed.second) }
      #expect(again == .conflict)
      let askedAgain = await doomed.refusal { _ = try await doomed.ask() }
      #expect(askedAgain == .conflict)
      try await database.append(world.request(world.client, .send(body: "davomi", reply: 0, holding: false)))
      #expect(try await doomed.fault() == nil)
    }
  }

  /// What an admin alone would do to be two: make the second person, or get into somebody's account.
  private static let makings: [(action: String, detail: String)] = [
    ("account.create", "{}"), ("membership.create", "{}"), ("reset_link.create", "{}"), ("second_factor.remove", "{}"),
    ("account.update", #"{"password": "reset"}"#),
    ("account.update", #"{"before": {"disabled": true}, "after": {"disabled": false}}"#),
  ]

  @Test func theSecondPersonIsNobodyWhomSomebodyElseHasJustMade() async throws {
    try await withTestDatabase { database in
      let doomed = try await Doomed.make(database)
      let (second, admin, supervisor) = (doomed.second, doomed.world.admin, doomed.world.supervisor)
      let id = try await doomed.ask()
      func note(_ action: String, _ detail: String, by actor: AccountID, daysAgo days: Int) async throws {
        try await database.superuser.run { session in
          try session.execute(
            """
            INSERT INTO action_log (at, account_id, action, detail)
            VALUES (now() - \(Int64(days)) * interval '1 day', \(actor), \(action),
                    \(json: detail) || jsonb_build_object('account', \(second)))
            """)
        }
      }
      func forget() async throws {
        try await database.superuser.run { session in
          try session.execute("SET session_replication_role = replica")
          try session.execute("DELETE FROM action_log")
          try session.execute("RESET session_replication_role")
        }
      }
      for (action, detail) in Self.makings {
        // By a third account too, which may be the first's own.
        for (actor, days) in [(admin, 6), (supervisor, 0)] {
          try await note(action, detail, by: actor, daysAgo: days)
          let refused = await doomed.refusal { try await doomed.confirm(id, by: second) }
          #expect(refused == .forbidden, "\(action) \(detail)")
          try await forget()
        }
      }
      for action in ["invitation.use", "account.password"] {
        try await note(action, #"{"link": 1}"#, by: second, daysAgo: 1)
        let refused = await doomed.refusal { try await doomed.confirm(id, by: second) }
        #expect(refused == .forbidden, "\(action)")
        try await forget()
      }
      // A role that came after the wish counts for nothing, whoever wrote it down.
      let late = try await database.makeAccount("late")
      try await database.makeMembership(late, role: "admin")
      let byLate = await doomed.refusal { try await doomed.confirm(id, by: late) }
      #expect(byLate == .forbidden)
      #expect(try await doomed.texts() == [1, 2, 3, 4, 5])
      // What is older than a week, one's own doings, and a name that an admin mends are no hindrance.
      for (action, detail) in Self.makings { try await note(action, detail, by: admin, daysAgo: 8) }
      try await note("account.update", #"{"name": "B"}"#, by: admin, daysAgo: 0)
      try await note("account.password", "{}", by: second, daysAgo: 0)
      try await doomed.confirm(id, by: second)
      #expect(try await doomed.texts() == [1, 4])
    }
  }

  @Test func theLastLineGoesToo() async throws {
    try await withTestDatabase { database in
      let doomed = try await Doomed.make(database)
      let world = doomed.world
      try await doomed.confirm(try await doomed.ask(4), by: doomed.second)
      for account in [world.client, world.accountant] {
        let inbox = try await database.app.run { try TopicLog.inbox(account: account, session: nil, in: $0) }
        let line = inbox.topics.first { $0.summary.topic == world.topic }?.summary.last
        let last = try #require(line)
        #expect(last.seq == 4 && last.text == nil && last.hiding == .erased)
      }
    }
  }

  @Test func whoMayConfirmIsToldAndWhoAskedHearsOfIt() async throws {
    try await withTestDatabase { database in
      let doomed = try await Doomed.make(database)
      let world = doomed.world
      func bell(_ account: AccountID) async throws -> [NotificationRecord] {
        try await database.app.run { try Notifications.list(of: account, limit: 10, in: $0).items }
      }
      let first = try await doomed.ask()
      for decider in [doomed.second, world.supervisor] {
        let lines = try await bell(decider)
        // Without the reason, which may say what is to be forgotten.
        #expect(lines.map(\.kind) == ["erasure.create"] && lines.first?.topic == world.topic)
        #expect(lines.first?.detail == #"{"by": "admin", "message": 2}"#)
      }
      for other in [world.admin, world.client, world.accountant, world.stranger] { #expect(try await bell(other).isEmpty) }
      try await database.app.transaction { try Erasures.refuse(first, by: world.supervisor, in: $0) }
      #expect(try await bell(world.admin).map(\.kind) == ["erasure.refuse"])
      let again = try await doomed.ask()
      // Taken back by whoever asked: they know.
      try await database.app.transaction { try Erasures.refuse(again, by: world.admin, in: $0) }
      try await doomed.confirm(try await doomed.ask(), by: doomed.second)
      #expect(try await bell(world.admin).map(\.kind) == ["erasure.confirm", "erasure.refuse"])
      #expect(try await bell(world.client).isEmpty)
    }
  }

  @Test func onlyAnAdminAsks() async throws {
    try await withTestDatabase { database in
      let doomed = try await Doomed.make(database)
      for account in [doomed.world.supervisor, doomed.world.accountant, doomed.world.client] {
        let error = await databaseError { _ = try await doomed.ask(by: account) }
        #expect(error?.kind == .insufficientPrivilege)
      }
      // Not a message: another version, and nothing at all.
      for message: Int64 in [3, 99] {
        let asked = await doomed.refusal { _ = try await doomed.ask(message) }
        #expect(asked == .notFound)
      }
    }
  }

  @Test func aHoldKeepsEverything() async throws {
    try await withTestDatabase { database in
      let doomed = try await Doomed.make(database)
      let world = doomed.world
      let (organisation, topic, admin) = (world.organisation.id, world.topic, world.admin)
      func hold(_ place: TopicID?) async throws -> LegalHoldID {
        try await database.app.run {
          try LegalHolds.set(organisation: organisation, topic: place, reason: "sud ishi", by: admin, in: $0)
        }
      }
      func lift(_ hold: LegalHoldID) async throws {
        try await database.app.run { try LegalHolds.lift(hold, reason: "ish tugadi", by: admin, in: $0) }
      }
      let id = try await doomed.ask()
      let whole = try await hold(nil)
      let twice = await doomed.refusal { _ = try await hold(nil) }
      #expect(twice == .conflict)
      let elsewhere = await doomed.refusal { _ = try await hold(world.foreignTopic) }
      #expect(elsewhere == .notFound)
      let underWhole = await doomed.refusal { try await doomed.confirm(id, by: doomed.second) }
      #expect(underWhole == .conflict)
      let askedUnderWhole = await doomed.refusal { _ = try await doomed.ask(1) }
      #expect(askedUnderWhole == .conflict)
      // Another topic's hold is no hold here.
      try await lift(whole)
      let liftedTwice = await doomed.refusal { try await lift(whole) }
      #expect(liftedTwice == .conflict)
      let other = try await hold(world.organisation.topic(.ttn))
      let here = try await hold(topic)
      let underTopics = await doomed.refusal { try await doomed.confirm(id, by: doomed.second) }
      #expect(underTopics == .conflict)
      #expect(try await doomed.texts() == [1, 2, 3, 4, 5])
      // A refused confirmation leaves no row of the log behind.
      #expect(try await database.state(topic, world.client).summary.head == 5)
      try await lift(here)
      try await doomed.confirm(id, by: doomed.second)
      #expect(try await doomed.texts() == [1, 4])
      let viewer = Viewer(
        account: admin,
        reach: Reach(
          [Membership(id: MembershipID(1), role: .admin, organisation: nil, department: nil)], for: Permission(.legalHold, .read))
      )
      let history = try await database.app.run { try LegalHolds.list(for: viewer, in: $0).items }
      let isWhole = history.map(\.id) == [here, other, whole] && history.map { $0.lifted != nil } == [true, false, true]
      #expect(isWhole)
      #expect(history.last?.liftReason == "ish tugadi")
    }
  }

  @Test func whatIsRefusedIsAskedAnew() async throws {
    try await withTestDatabase { database in
      let doomed = try await Doomed.make(database)
      let (id, second) = (try await doomed.ask(), doomed.second)
      try await database.app.run { try Erasures.refuse(id, by: second, in: $0) }
      let afterRefusal = await doomed.refusal { try await doomed.confirm(id, by: second) }
      #expect(afterRefusal == .conflict)
      try await doomed.confirm(try await doomed.ask(), by: second)
      #expect(try await doomed.texts() == [1, 4])
    }
  }

  /// Neither the app nor the owner gets a text out of the database by another way; nor is a confirmation made up.
  @Test func nothingGoesWithoutAConfirmedErasure() async throws {
    try await withTestDatabase { database in
      let doomed = try await Doomed.make(database)
      let (topic, admin, second) = (doomed.world.topic, doomed.world.admin, doomed.second)
      let id = try await doomed.ask()
      let (organisation, elsewhere) = (doomed.world.organisation.id, doomed.world.organisation.topic(.ttn))
      _ = try await database.app.run {
        try LegalHolds.set(organisation: organisation, topic: elsewhere, reason: "sud ishi", by: admin, in: $0)
      }
      let bodies: [SQL] = [
        "DELETE FROM topic_body", "DELETE FROM topic_body WHERE topic_id = \(topic) AND seq = 2",
        "UPDATE topic_body SET body = ''",
        "UPDATE send_key SET request_hash = decode(repeat('00', 32), 'hex')", "TRUNCATE topic_body",
      ]
      let confirmations: [SQL] = [
        "UPDATE erasure SET confirmed_by = requested_by, confirmed_at = now()",
        "UPDATE erasure SET confirmed_by = \(doomed.world.accountant), confirmed_at = now()",
        "UPDATE erasure SET reason = 'boshqa'", "DELETE FROM erasure", "UPDATE erasure SET message = 1",
        "INSERT INTO erasure (organisation_id, topic_id, message, reason, requested_by, confirmed_by, confirmed_at) SELECT organisation_id, id, 1, 'sud qarori', \(admin), \(second), now() FROM topic WHERE id = \(topic)",
        // The log doesn't say so.
        "SELECT erasure_confirm(\(id), \(second))", "SELECT erasure_confirm(\(id), \(admin))", "DELETE FROM legal_hold",
        "UPDATE legal_hold SET reason = 'boshqa'",
      ]
      for change in bodies + confirmations {
        for pool in [database.app, database.owner] {
          let error = await databaseError { try await pool.run { try $0.execute(change) } }
          let isRefused = error?.kind == .insufficientPrivilege || error?.constraint?.hasPrefix("erasure") == true
          #expect(isRefused, "\(change.statement): \(error?.message ?? "went through")")
        }
      }
      #expect(try await doomed.texts() == [1, 2, 3, 4, 5])
      // Done rightly, only its own texts may go.
      try await doomed.confirm(id, by: second)
      for change in bodies {
        let error = await databaseError { try await database.owner.run { try $0.execute(change) } }
        #expect(error?.kind == .insufficientPrivilege || change.statement.contains("seq ="), "\(change.statement)")
      }
      #expect(try await doomed.texts() == [1, 4])
    }
  }

  /// What a superuser does behind the triggers' back is a fault of the chain.
  @Test func aTextThatIsMissingOtherwiseIsAFault() async throws {
    try await withTestDatabase { database in
      let doomed = try await Doomed.make(database)
      let (topic, admin, second) = (doomed.world.topic, doomed.world.admin, doomed.second)
      func behind(_ change: SQL) async throws {
        try await database.superuser.transaction { session in
          try session.execute("SET LOCAL session_replication_role = replica")
          try session.execute(change)
        }
      }
      try await behind("DELETE FROM topic_body WHERE topic_id = \(topic) AND seq = 4")
      #expect(try await doomed.fault()?.contains("its body is missing") == true)
      // A confirmation that nobody gave doesn't explain it: the log itself would have to say so.
      try await behind(
        """
        INSERT INTO erasure (organisation_id, topic_id, message, reason, requested_by, confirmed_by, confirmed_at)
        SELECT organisation_id, id, 4, 'sud qarori', \(admin), \(second), now() FROM topic WHERE id = \(topic)
        """)
      #expect(try await doomed.fault()?.contains("its body is missing") == true)
    }
    try await withTestDatabase { database in
      let doomed = try await Doomed.make(database)
      try await doomed.confirm(try await doomed.ask(), by: doomed.second)
      #expect(try await doomed.fault() == nil)
      // And without the confirmation the log's own row is the fault.
      try await database.superuser.transaction { session in
        try session.execute("SET LOCAL session_replication_role = replica")
        try session.execute("DELETE FROM erasure")
      }
      #expect(try await doomed.fault()?.contains("its body is missing") == true)
    }
  }
}
