import Domain
import Storage
import TestSupport
import Testing

/// The ledger of ghosts: written by whatever writes a stay, changed by nobody, and found out when somebody does.
@Suite struct GhostLedgerTests {
  private struct Ghosts {
    let world: LogWorld
    let database: TestDatabase
    let session: SessionID
    let stay: ObservationID

    /// Nine messages and a supervisor who has looked at them.
    static func make(_ database: TestDatabase) async throws -> Ghosts {
      let world = try await LogWorld.make(database)
      _ = try await database.append((1...9).map { world.message(world.client, "\($0)") })
      let session = try await database.makeSession(world.supervisor)
      let (topic, ghost) = (world.topic, world.supervisor)
      let state = try await database.app.run {
        try TopicLog.observe(topic: topic, account: ghost, session: session, reason: "shikoyat", at: .now, in: $0)
      }
      return Ghosts(world: world, database: database, session: session, stay: try #require(state.observation).id)
    }

    func shown(_ lowest: Int64, _ highest: Int64) async throws {
      let range = ObservedRange(observation: stay, lowest: lowest, highest: highest)
      _ = try await database.app.run { try TopicLog.widen([range], in: $0) }
    }

    func end() async throws {
      let stay = stay
      try await database.app.run { try TopicLog.endObservation(stay, at: .now, in: $0) }
    }

    func acknowledge(_ account: AccountID, session: SessionID? = nil) async throws -> DomainError.Code? {
      let used = if let session { session } else { try await database.makeSession(account) }
      let stay = stay
      let error = await failure {
        try await database.app.run { try GhostStays.acknowledge(stay, by: account, session: used, remark: "koʻrdim", in: $0) }
      }
      return (error as? DomainError)?.code
    }

    func fault(_ kept: [GhostLedger.Root] = []) async throws -> GhostLedger.Fault? {
      try await database.app.run { try GhostLedger.verify(against: kept, in: $0) }
    }
  }

  @Test func everyStepIsARowOfTheChain() async throws {
    try await withTestDatabase { database in
      let empty = try await database.app.run { try GhostLedger.head(in: $0) }
      #expect(empty == GhostLedger.Head(seq: 0, hash: GhostLedger.origin))
      let ghosts = try await Ghosts.make(database)
      let stay = ghosts.stay
      try await ghosts.shown(3, 5)
      try await ghosts.shown(8, 12)
      let document = try await database.makeUploadedDocument(in: ghosts.world.topic, by: ghosts.world.client)
      let refused = try await database.app.run { session in
        [
          try session.one("SELECT ghost_documents(\(stay), \([document]))").decode(at: 0, as: Bool.self),
          try session.one("SELECT ghost_file(\(stay), \(document), 'preview', 'view')").decode(at: 0, as: Bool.self),
        ]
      }
      #expect(refused == [true, true])
      try await ghosts.end()
      #expect(try await ghosts.acknowledge(ghosts.world.admin) == nil)
      let rows = try await database.app.run { try GhostLedger.rows(after: 0, limit: 100, in: $0) }
      #expect(rows.map(\.kind) == [.start, .rows, .rows, .documents, .file, .end, .acknowledge])
      #expect(rows.map(\.seq) == Array(1...7))
      // What is inside a range that was shown needs no row; what isn't has one.
      let ranges = rows.filter { $0.kind == .rows }.map { "\($0.lowest)-\($0.highest)" }
      #expect(ranges == ["1-9", "8-12"])
      #expect(
        rows[0].account == ghosts.world.supervisor && rows[0].session == ghosts.session && rows[0].detail.contains("shikoyat"))
      #expect(rows[5].lowest == 1 && rows[5].highest == 12)
      #expect(rows[6].account == ghosts.world.admin)
      let areSealed = rows.allSatisfy { GhostLedger.hash($0) == $0.hash }
      #expect(areSealed)
      let head = try await database.app.run { try GhostLedger.head(in: $0) }
      #expect(head == GhostLedger.Head(seq: 7, hash: rows[6].hash))
      #expect(try await ghosts.fault() == nil)
      // What has ended takes nothing.
      let late = try await database.app.run { session in
        [
          try session.one("SELECT ghost_documents(\(stay), \([document]))").decode(at: 0, as: Bool.self),
          try session.one("SELECT ghost_file(\(stay), \(document), 'preview', 'view')").decode(at: 0, as: Bool.self),
        ]
      }
      #expect(late == [false, false])
    }
  }

  @Test func aStayThatIsRolledBackLeavesNoGap() async throws {
    try await withTestDatabase { database in
      let ghosts = try await Ghosts.make(database)
      struct Undone: Error {}
      let (topic, admin) = (ghosts.world.topic, ghosts.world.admin)
      let session = try await database.makeSession(admin)
      let error = await failure {
        try await database.app.transaction { open in
          _ = try TopicLog.observe(topic: topic, account: admin, session: session, reason: "xato", at: .now, in: open)
          throw Undone()
        }
      }
      #expect(error is Undone)
      try await ghosts.shown(10, 11)
      let rowCount = try await database.app.run { try GhostLedger.head(in: $0).seq }
      #expect(rowCount == 3)
      #expect(try await ghosts.fault() == nil)
    }
  }

  @Test func aGhostsTransactionKeepsNobodyWaiting() async throws {
    try await withTestDatabase { database in
      let ghosts = try await Ghosts.make(database)
      let (topic, admin, stay) = (ghosts.world.topic, ghosts.world.admin, ghosts.stay)
      let session = try await database.makeSession(admin)
      let document = try await database.makeUploadedDocument(in: topic, by: ghosts.world.client)
      var patience = database.configuration()
      patience.lockTimeout = .milliseconds(200)
      let (holder, writer) = (try Session.open(database.configuration()), try Session.open(patience))
      _ = try holder.execute("BEGIN")
      _ = try TopicLog.observe(topic: topic, account: admin, session: session, reason: "sekin", at: .now, in: holder)
      try TopicLog.widen([ObservedRange(observation: stay, lowest: 20, highest: 21)], in: holder)
      _ = try holder.one("SELECT ghost_documents(\(stay), \([document])), ghost_file(\(stay), \(document), 'preview', 'view')")
      // Whoever takes part writes, reads and sends a document meanwhile.
      let items: [LogItem] = [
        ghosts.world.message(ghosts.world.client, "kutmaydi"),
        .append(ghosts.world.request(ghosts.world.client, .send(body: "", reply: 0, holding: false, documents: [document]))),
        .read(ReadRequest(topic: topic, account: ghosts.world.accountant, session: nil, seq: 10, at: .now)),
      ]
      let batch = try TopicLog.append(items, in: writer)
      let refused = batch.results.filter { if case .refused = $0 { true } else { false } }
      #expect(refused.isEmpty && batch.failures.isEmpty)
      _ = try holder.execute("COMMIT")
    }
  }

  @Test func manyAtOnceMakeOneChain() async throws {
    try await withTestDatabase { database in
      let ghosts = try await Ghosts.make(database)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<24 {
          group.addTask { try await ghosts.shown(Int64(100 + number * 10), Int64(105 + number * 10)) }
        }
        try await group.waitForAll()
      }
      let rowCount = try await database.app.run { try GhostLedger.head(in: $0).seq }
      #expect(rowCount == 26)
      #expect(try await ghosts.fault() == nil)
    }
  }

  @Test func somebodyElseAcknowledgesOnce() async throws {
    try await withTestDatabase { database in
      let ghosts = try await Ghosts.make(database)
      let world = ghosts.world
      let other = try await database.makeAccount("other")
      try await database.makeMembership(other, role: "supervisor", department: try await database.makeDepartment("Uchinchi"))
      #expect(try await ghosts.acknowledge(world.admin) == .conflict, "it is open")
      try await ghosts.end()
      #expect(try await ghosts.acknowledge(world.supervisor) == .forbidden, "who watched")
      for nobody in [world.client, world.accountant, other] { #expect(try await ghosts.acknowledge(nobody) == .notFound) }
      // In one's own session only.
      let foreign = try await database.makeSession(world.supervisor)
      #expect(try await ghosts.acknowledge(world.admin, session: foreign) == .notFound)
      // Nor by somebody whom the watcher could be: the watcher has just made a link to their password.
      let made = try await database.makeAccount("made")
      try await database.makeMembership(made, role: "admin")
      try await database.app.run { session in
        try ActionLog.append(
          "reset_link.create", by: ActionLog.Actor(account: world.supervisor, session: nil, address: ""),
          detail: ["account": .number(made.rawValue)], in: session)
      }
      #expect(try await ghosts.acknowledge(made) == .forbidden)
      #expect(try await ghosts.acknowledge(world.admin) == nil)
      #expect(try await ghosts.acknowledge(world.admin) == .conflict)
      let viewer = Viewer(account: world.admin, reach: Reach([], for: Permission(.observation, .read)))
      let isEmpty = try await database.app.run { try GhostStays.list(.init(), for: viewer, in: $0).items.isEmpty }
      #expect(isEmpty, "reach decides")
    }
  }

  @Test func neitherAppNorOwnerWritesRoundIt() async throws {
    try await withTestDatabase { database in
      let ghosts = try await Ghosts.make(database)
      try await ghosts.end()
      _ = try await database.app.run { try GhostLedger.seal(before: LocalDate(inTashkentAt: .now), in: $0) }
      let note: SQL = "SELECT ghost_note(2::smallint, 1, 1, 1, 1, 1, 1, 0, '{}')"
      let everybody: [SQL] = [
        "UPDATE ghost_ledger SET account_id = account_id", "DELETE FROM ghost_ledger", "TRUNCATE ghost_ledger",
        "UPDATE ghost_root SET seq = 0", "DELETE FROM ghost_root", "DELETE FROM ghost_head", "UPDATE ghost_head SET seq = 0",
      ]
      for change in everybody {
        for pool in [database.app, database.owner] {
          let error = await databaseError { try await pool.run { try $0.execute(change) } }
          #expect(error?.kind == .insufficientPrivilege, "\(change.statement)")
        }
      }
      let apps: [SQL] = [
        note, "INSERT INTO ghost_root (day, seq, hash) VALUES ('2020-01-01', 0, sha256('x'))",
        "INSERT INTO ghost_ledger SELECT * FROM ghost_ledger LIMIT 0", "ALTER TABLE observation DISABLE TRIGGER ledger_start",
      ]
      for change in apps {
        let error = await databaseError { try await database.app.run { try $0.execute(change) } }
        #expect(error?.kind == .insufficientPrivilege, "app: \(change.statement)")
      }
    }
  }

  private static let tampering: [[SQL]] = [
    ["UPDATE ghost_ledger SET account_id = account_id + 1 WHERE seq = 2"],
    ["UPDATE ghost_ledger SET at = at + interval '1 second' WHERE seq = 2"],
    ["UPDATE ghost_ledger SET detail = replace(detail, 'shikoyat', 'boshqa') WHERE seq = 1"],
    ["UPDATE ghost_ledger SET to_seq = 2 WHERE seq = 2"],
    ["UPDATE ghost_ledger SET document_id = 5 WHERE seq = 3"],
    ["DELETE FROM ghost_ledger WHERE seq = 2"],
    ["DELETE FROM ghost_ledger WHERE seq = 4"],
    [
      "DELETE FROM ghost_ledger WHERE seq = 4",
      "UPDATE ghost_head SET seq = l.seq, hash = l.hash FROM ghost_ledger l WHERE l.seq = 3",
    ],
    ["DELETE FROM ghost_ledger", "UPDATE ghost_head SET seq = 0, hash = sha256('1fin.ghosts.v1'::bytea)"],
    ["UPDATE observation SET reason = 'boshqa sabab'"],
    ["UPDATE observation SET account_id = account_id + 1"],
    ["UPDATE observation SET to_seq = 3"],
    ["UPDATE observation SET ended_at = started_at"],
    ["DELETE FROM ghost_ledger", "DELETE FROM observation"],
    ["UPDATE ghost_root SET hash = sha256('x')"],
  ]

  /// A superuser who switches the triggers off can write what they like, and every such row is found.
  @Test(arguments: tampering.indices)
  func whatASuperuserChangesIsFound(_ place: Int) async throws {
    try await withTestDatabase { database in
      let ghosts = try await Ghosts.make(database)
      let (stay, document) = (
        ghosts.stay, try await database.makeUploadedDocument(in: ghosts.world.topic, by: ghosts.world.client)
      )
      _ = try await database.app.run { try $0.one("SELECT ghost_file(\(stay), \(document), 'preview', 'view')") }
      try await ghosts.end()
      // A day that is over, so that there is a root.
      try await Self.yesterday(database)
      let roots = try await database.app.run { try GhostLedger.seal(before: LocalDate(inTashkentAt: .now), in: $0) }
      #expect(roots.last?.head.seq == 4)
      #expect(try await ghosts.fault(roots) == nil)
      try await Self.behindTheTriggers(Self.tampering[place], database)
      #expect(try await ghosts.fault() != nil, "\(Self.tampering[place].map(\.statement))")
    }
  }

  @Test func aWipedLedgerIsFoundByTheRootsThatLeftTheHouse() async throws {
    try await withTestDatabase { database in
      let ghosts = try await Ghosts.make(database)
      try await ghosts.end()
      try await Self.yesterday(database)
      let kept = try await database.app.run { try GhostLedger.seal(before: LocalDate(inTashkentAt: .now), in: $0) }
      let areReadBack = kept.compactMap { GhostLedger.Root(line: $0.line) } == kept && !kept.isEmpty
      #expect(areReadBack)
      try await Self.behindTheTriggers(
        [
          "DELETE FROM ghost_ledger", "DELETE FROM observation", "DELETE FROM ghost_root",
          "UPDATE ghost_head SET seq = 0, hash = sha256('1fin.ghosts.v1'::bytea)",
        ], database)
      // Whoever owns the database can make it look as if nobody ever watched; not against what was mailed.
      #expect(try await ghosts.fault() == nil)
      #expect(try await ghosts.fault(kept)?.reason.contains("the root of") == true)
    }
  }

  @Test func aDayHasOneRootAndOnlyWhenItIsOver() async throws {
    try await withTestDatabase { database in
      let today = LocalDate(inTashkentAt: .now)
      func seal(_ day: LocalDate) async throws -> [LocalDate] {
        try await database.app.run { try GhostLedger.seal(before: day, in: $0).map(\.day) }
      }
      #expect(try await seal(today) == [today.advanced(by: -1)])
      #expect(try await seal(today).isEmpty)
      #expect(try await seal(today.advanced(by: 5)).isEmpty, "tomorrow isn't over, whatever the caller says")
      let roots = try await database.app.run { try GhostLedger.roots(from: nil, in: $0) }
      #expect(roots.map(\.head) == [GhostLedger.Head(seq: 0, hash: GhostLedger.origin)])
      #expect(GhostLedger.Root(line: "2026-11-21 5") == nil && GhostLedger.Root(line: "x 5 00") == nil)
    }
  }

  @Test func theReportCountsByMonthAndWatcher() async throws {
    try await withTestDatabase { database in
      let ghosts = try await Ghosts.make(database)
      let (world, stay) = (ghosts.world, ghosts.stay)
      let end = Timestamp.now.advanced(by: .seconds(300))
      try await database.app.run { try TopicLog.endObservation(stay, at: end, in: $0) }
      let viewer = Viewer(
        account: world.admin,
        reach: Reach(
          [Membership(id: MembershipID(1), role: .admin, organisation: nil, department: nil)],
          for: Permission(.observation, .read)))
      func lines() async throws -> [GhostStays.Line] {
        try await database.app.run {
          try GhostStays.report(
            from: Timestamp.now.advanced(by: .seconds(-86_400)), to: Timestamp.now.advanced(by: .seconds(86_400)), for: viewer,
            in: $0)
        }
      }
      let line = try #require(try await lines().first)
      #expect(line.watcher.id == world.supervisor && line.stays == 1 && line.unacknowledged == 1 && line.reasons == ["shikoyat"])
      #expect(line.organisations == ["Alfa"] && (299...300).contains(line.seconds))
      #expect(try await ghosts.acknowledge(world.admin) == nil)
      #expect(try await lines().first?.unacknowledged == 0)
      let records = try await database.app.run { try GhostStays.list(.init(), for: viewer, in: $0).items }
      #expect(
        records.map(\.rows) == [9] && records.first?.acknowledged?.by.id == world.admin && records.first?.remark == "koʻrdim")
      let isNoneLeft = try await database.app.run {
        try GhostStays.list(.init(isUnacknowledged: true), for: viewer, in: $0).items.isEmpty
      }
      #expect(isNoneLeft)
    }
  }

  private static func behindTheTriggers(_ changes: [SQL], _ database: TestDatabase) async throws {
    try await database.superuser.transaction { session in
      try session.execute("SET LOCAL session_replication_role = replica")
      for change in changes { try session.execute(change) }
    }
  }

  /// Moves all of the ledger a day back, hashes and all: as if it had been written yesterday.
  private static func yesterday(_ database: TestDatabase) async throws {
    let rows = try await database.app.run { try GhostLedger.rows(after: 0, limit: 1000, in: $0) }
    var previous = GhostLedger.origin
    var moved: [GhostLedger.Row] = []
    for var row in rows {
      row.at = row.at.advanced(by: .seconds(-86_400))
      row.previous = previous
      row.hash = GhostLedger.hash(row)
      previous = row.hash
      moved.append(row)
    }
    let (changed, last) = (moved, previous)
    try await database.superuser.transaction { session in
      try session.execute("SET LOCAL session_replication_role = replica")
      for row in changed {
        try session.execute(
          "UPDATE ghost_ledger SET at = \(row.at), prev_hash = \(row.previous), hash = \(row.hash) WHERE seq = \(row.seq)")
      }
      try session.execute("UPDATE ghost_head SET hash = \(last)")
    }
  }
}
