import Domain
import Storage
import TestSupport
import Testing

@Suite("What happens by itself")
struct SweepTests {
  private static let week: Int64 = 7 * 24 * 60

  @Test("A wait is warned of once before and once after its time, however many look")
  func warnings() async throws {
    try await withTestDatabase { database in
      let world = try await ClockWorld.make(database)
      let log = world.log
      try await world.say(log.client, 0)
      #expect(try await world.warn(60) == 0)
      // Three processes look at the same moment.
      let counts = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<3 { group.addTask { try await world.warn(95) } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(counts.sorted() == [0, 0, 1])
      #expect(try await world.warn(100) == 0)
      #expect(try await world.warn(121) == 1)
      #expect(try await world.warn(500) == 0)
      for account in [log.accountant, log.supervisor] { #expect(try await world.bell(account) == ["wait.soon", "wait.late"]) }
      for account in [log.client, log.admin, log.stranger] { #expect(try await world.bell(account).isEmpty) }
      // The next wait is another one; one that stands still is not warned of.
      try await world.say(log.accountant, 510)
      try await world.say(log.client, 520)
      try await world.append(log.accountant, .pause(wanted: "akt"), 525)
      #expect(try await world.warn(5_000) == 0)
      try await world.append(log.client, .resume(reason: "no"), 5_001)
      #expect(try await world.warn(5_002) == 1)
      #expect(try await world.bell(log.accountant) == ["wait.soon", "wait.late", "pause.rejected", "wait.late"])
    }
  }

  @Test("How early it is warned is the firm's setting")
  func warningShare() async throws {
    try await withTestDatabase { database in
      let world = try await ClockWorld.make(database)
      let log = world.log
      try await world.say(log.client, 0)
      let admin = log.admin
      let isSet = try await database.app.run { try WarningShare(version: 0, percent: 50).write(by: admin, in: $0) }
      let isSetTwice = try await database.app.run { try WarningShare(version: 0, percent: 5).write(by: admin, in: $0) }
      #expect(isSet && !isSetTwice)
      // Of the target of two hours half is left after one.
      #expect(try await world.warn(59) == 0)
      #expect(try await world.warn(60) == 1)
      #expect(try await world.bell(log.accountant) == ["wait.soon"])
    }
  }

  @Test("Clients are told what is wanted of them, and staff of a rejection; an end by staff tells nobody")
  func pauses() async throws {
    try await withTestDatabase { database in
      let world = try await ClockWorld.make(database)
      let log = world.log
      try await world.say(log.client, 0)
      try await world.append(log.accountant, .pause(wanted: "a signed act"), 1)
      for account in [log.client, log.secondClient] { #expect(try await world.bell(account) == ["pause.wanted"]) }
      for account in [log.accountant, log.supervisor, log.admin, log.stranger] { #expect(try await world.bell(account).isEmpty) }
      let client = log.client
      let lines = try await database.app.run { try Notifications.list(of: client, limit: 1, in: $0).items }
      let line = try #require(lines.first)
      // It leads to the topic, and doesn't carry the text, which stays in the log.
      #expect(line.topic == log.topic && !line.detail.contains("signed"), "\(line.detail)")
      #expect(line.detail.contains("\"case\": 1"), "\(line.detail)")

      try await world.append(log.accountant, .resume(reason: nil), 2)
      try await world.append(log.accountant, .pause(wanted: "a signed act"), 3)
      try await world.append(log.secondClient, .resume(reason: "You have it."), 4)
      for account in [log.accountant, log.supervisor] { #expect(try await world.bell(account) == ["pause.rejected"]) }
      for account in [log.client, log.secondClient] {
        #expect(try await world.bell(account) == ["pause.wanted", "pause.wanted"])
      }
      for account in [log.admin, log.stranger] { #expect(try await world.bell(account).isEmpty) }
      let news = try await database.app.run { session in
        var feed = OutboxFeed()
        return try feed.next(in: session)
      }
      let told = news.flatMap { news -> [NotificationNews] in if case .notifications(let list) = news { list } else { [] } }
      #expect(told.count == 6)
    }
  }

  @Test("A case without a word for a week closes, once, also while the client waits, and asks for its rating")
  func silence() async throws {
    try await withTestDatabase { database in
      let world = try await ClockWorld.make(database)
      let log = world.log
      let message = try await world.say(log.client, 0)
      // An edit is no word, a holding answer is one.
      try await world.append(log.client, .edit(message: message.seq, body: "y"), 1_000)
      #expect(try await world.expire(Self.week - 1) == 0)
      try await world.say(log.accountant, 500, holding: true)
      #expect(try await world.expire(Self.week) == 0)
      let counts = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<4 { group.addTask { try await world.expire(500 + Self.week) } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(counts.sorted() == [0, 0, 0, 1])
      let state = try await database.state(log.topic, log.client)
      let last = try #require(state.entries.last)
      #expect(last.kind == .close && last.author == nil && last.meta.isEmpty && last.at == world.at(500 + Self.week))
      #expect(state.summary.current?.state.description == "closed" && state.summary.current?.closedBy == nil)
      #expect(state.summary.waitingSince == nil)
      let topic = log.topic
      let fault = try await database.app.run { try TopicLog.verifyChain(topic: topic, in: $0) }
      #expect(fault == nil)
      // The client is asked, and staff hear that somebody waited.
      for account in [log.client, log.secondClient] { #expect(try await world.bell(account) == ["case.silent"]) }
      for account in [log.accountant, log.supervisor] { #expect(try await world.bell(account) == ["case.silent_miss"]) }
      // Opened again, it stays open for a week more, with the old clock.
      try await world.append(log.client, .reopen, 600 + Self.week)
      #expect(try await database.state(log.topic, log.accountant).summary.waitingSince == world.at(0))
      #expect(try await world.expire(601 + Self.week) == 0)
      #expect(try await world.expire(600 + 2 * Self.week) == 1)
      try await world.append(log.client, .rate(caseNumber: 1, stars: 2, comment: nil), 700 + 2 * Self.week)
    }
  }

  @Test("While staff wait for the client, the silent close is nobody's miss")
  func silenceInAPause() async throws {
    try await withTestDatabase { database in
      let world = try await ClockWorld.make(database)
      let log = world.log
      try await world.say(log.client, 0)
      try await world.append(log.accountant, .pause(wanted: "akt"), 1)
      #expect(try await world.expire(1 + Self.week) == 1)
      #expect(try await world.bell(log.client) == ["pause.wanted", "case.silent"])
      for account in [log.accountant, log.supervisor] { #expect(try await world.bell(account).isEmpty) }
    }
  }

  @Test("A message and the silent close never both win")
  func race() async throws {
    try await withTestDatabase { database in
      let world = try await ClockWorld.make(database)
      let log = world.log
      try await world.say(log.client, 0)
      try await world.say(log.accountant, 1)
      for round in 1...12 {
        // Whichever comes first: the message keeps the case open, or opens the next one after the close.
        let now = Int64(round) * (Self.week + 10)
        async let closed = world.expire(now)
        async let written = world.say(log.client, now)
        let (count, entry) = (try await closed, try await written)
        let state = try await database.state(log.topic, log.client)
        #expect(state.summary.current?.closedAt == nil && state.summary.current?.number == entry.caseNumber)
        let closes = state.entries.filter { $0.kind == .close && $0.at == world.at(now) }
        #expect(closes.count == count)
        if let close = closes.first { #expect(close.seq < entry.seq && entry.caseNumber == close.caseNumber + 1) }
        try await world.say(log.accountant, now + 1)
      }
    }
  }

  @Test("Closes over a waiting client are listed for whoever oversees the topic, page by page")
  func unanswered() async throws {
    try await withTestDatabase { database in
      let world = try await ClockWorld.make(database)
      let log = world.log
      func list(
        _ role: Role, _ account: AccountID, _ way: UnansweredCloses.Way? = nil, after cursor: UnansweredCloses.Cursor? = nil,
        limit: Int = 10
      ) async throws -> (items: [UnansweredCloses.Record], next: UnansweredCloses.Cursor?) {
        let memberships = [
          Membership(id: MembershipID(1), role: role, organisation: nil, department: log.organisation.department)
        ]
        let viewer = Viewer(account: account, reach: Reach(memberships, for: Permission(.clock, .read)))
        return try await database.app.run {
          try UnansweredCloses.list(for: viewer, way: way, after: cursor, limit: limit, in: $0)
        }
      }
      // Dismissed, answered and closed, silent after an answer, silent over a message whose answer was taken back.
      try await world.say(log.client, 0)
      try await world.append(log.accountant, .dismiss, 1)
      try await world.append(log.client, .reopen, 2)
      try await world.say(log.accountant, 3)
      try await world.append(log.accountant, .close, 4)
      try await world.say(log.client, 10)
      try await world.say(log.accountant, 11)
      _ = try await world.expire(11 + Self.week)
      let second = try await world.say(log.client, 20 + Self.week)
      let answer = try await world.say(log.accountant, 21 + Self.week)
      try await world.append(log.accountant, .delete(message: answer.seq), 22 + Self.week)
      _ = try await world.expire(21 + 2 * Self.week)

      let all = try await list(.supervisor, log.supervisor)
      #expect(all.items.map(\.way) == [.silent, .dismissed] && all.next == nil)
      #expect(all.items.first?.message == second.seq && all.items.first?.since == world.at(20 + Self.week))
      #expect(all.items.last?.by?.id == log.accountant && all.items.last?.message == 1 && all.items.last?.wasReopened == true)
      #expect(try await list(.supervisor, log.supervisor, .dismissed).items.map(\.caseNumber) == [1])
      #expect(try await list(.accountant, log.accountant, .silent).items.map(\.caseNumber) == [3])
      let first = try await list(.admin, log.admin, limit: 1)
      #expect(first.items == [all.items[0]])
      let next = try #require(first.next)
      let cursor = try #require(UnansweredCloses.Cursor(next.description))
      let rest = try await list(.admin, log.admin, after: cursor, limit: 1)
      #expect(rest.items == [all.items[1]] && rest.next == nil)
      #expect(try await list(.accountant, log.stranger).items.isEmpty)
      for text in ["", "1", "1-2", "a-1-1", "1-0-1", "1-1-1-1"] { #expect(UnansweredCloses.Cursor(text) == nil, "\(text)") }
    }
  }

  @Test("The list of closes is read by the index of those alone")
  func index() async throws {
    try await withTestDatabase { database in
      let world = try await ClockWorld.make(database)
      try await world.say(world.log.client, 0)
      try await world.append(world.log.accountant, .dismiss, 1)
      let memberships = [Membership(id: MembershipID(1), role: .admin, organisation: nil, department: nil)]
      let viewer = Viewer(account: world.log.admin, reach: Reach(memberships, for: Permission(.clock, .read)))
      let (count, scans) = try await database.app.transaction { session in
        // So few rows are quicker read one by one.
        for way: SQL in ["enable_seqscan", "enable_sort"] { try session.execute("SET LOCAL \(way) = off") }
        let count = try UnansweredCloses.list(for: viewer, way: nil, limit: 10, in: session).items.count
        let scans: SQL = "SELECT pg_stat_get_xact_numscans('topic_entry_unanswered'::regclass)"
        return (count, try session.value(scans, as: Int64.self))
      }
      #expect(count == 1 && scans == 1)
    }
  }

  @Test("A close over a waiting client is put before the supervisors")
  func dismissed() async throws {
    try await withTestDatabase { database in
      let world = try await ClockWorld.make(database)
      let log = world.log
      try await world.say(log.client, 0)
      try await world.append(log.accountant, .dismiss, 1)
      #expect(try await world.bell(log.supervisor) == ["case.dismissed"])
      try await world.say(log.client, 2)
      try await world.say(log.accountant, 3)
      try await world.append(log.accountant, .close, 4)
      #expect(try await world.bell(log.supervisor) == ["case.dismissed"])
      #expect(try await world.bell(log.accountant).isEmpty)
    }
  }
}
