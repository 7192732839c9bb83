import Domain
import Testing

@testable import Storage

/// What a batch becomes, decided from facts alone: no database, no clock.
@Suite struct LogPlannerTests {
  private let topic = TopicID(7)
  private let client = AccountID(1)
  private let accountant = AccountID(2)
  private let observer = AccountID(3)
  private let start = Timestamp(microseconds: 1_790_000_000_000_000)

  private func at(_ seconds: Int64) -> Timestamp { start.advanced(by: .seconds(seconds)) }

  private func item(_ account: AccountID, _ action: LogAction, _ seconds: Int64 = 0, key: UInt64? = nil) -> LogItem {
    let key = key.map { Key(high: 1, low: $0) } ?? .random()
    return .append(
      LogRequest(
        topic: topic, account: account, session: nil, key: key, action: action, at: at(seconds),
        salt: [UInt8](repeating: 7, count: 16)))
  }

  private func say(_ account: AccountID, _ body: String, _ seconds: Int64 = 0, holding: Bool = false, key: UInt64? = nil)
    -> LogItem
  {
    item(account, .send(body: body, reply: 0, holding: holding), seconds, key: key)
  }

  private func look(_ account: AccountID, _ seq: Int64) -> LogItem {
    .read(ReadRequest(topic: topic, account: account, session: nil, seq: seq, at: at(0)))
  }

  /// An empty topic with a client, its accountant and somebody who may watch; `change` makes something else of it.
  private func plan(_ items: [LogItem], _ change: (inout LogFacts) -> Void = { _ in }) -> LogPlanner {
    var facts = LogFacts(access: items.map { access($0.account) })
    facts.topics[topic] = LogFacts.Topic(
      summary: TopicSummary(topic: topic, organisation: OrganisationID(1), kind: .bank, head: 0, access: 0),
      headHash: nil, caseOpen: false)
    change(&facts)
    var planner = LogPlanner(facts: facts)
    planner.plan(items)
    return planner
  }

  private func access(_ account: AccountID) -> LogFacts.Access {
    switch account {
    case client:
      LogFacts.Access(
        isAlive: true, staff: false, isObserver: false,
        memberships: [Membership(id: MembershipID(1), role: .client, organisation: OrganisationID(1), department: nil)],
        department: DepartmentID(1))
    case accountant:
      LogFacts.Access(
        isAlive: true, staff: true, isObserver: false,
        memberships: [Membership(id: MembershipID(2), role: .accountant, organisation: nil, department: DepartmentID(1))],
        department: DepartmentID(1))
    default:
      LogFacts.Access(
        isAlive: true, staff: nil, isObserver: true,
        memberships: [Membership(id: MembershipID(3), role: .supervisor, organisation: nil, department: DepartmentID(1))],
        department: DepartmentID(1))
    }
  }

  /// Results as short words: the row's number, `=` before a replay, the mark after `r`, or the refusal's code.
  private func words(_ planner: LogPlanner) -> [String] {
    planner.results.map { result in
      switch result {
      case .appended(let entry, let isReplay): (isReplay ? "=" : "") + "\(entry.seq)"
      case .read(let mark): "r\(mark.seq)+\(mark.unread)"
      case .refused(let error): error.code.rawValue
      }
    }
  }

  @Test func rowsOfABatchFollowEachOther() {
    let planner = plan([say(client, "a"), say(accountant, "b"), item(client, .edit(message: 1, body: "a2"))])
    #expect(words(planner) == ["1", "2", "3"])
    #expect(planner.writes.entries.prevHash == [HashChain.origin(of: topic)] + planner.news.dropLast().map(\.entry.hash))
    #expect(planner.facts.topics[topic]?.headHash == planner.news.last?.entry.hash)
    #expect(planner.writes.entries.message == [1, 2, 1] && planner.writes.entries.version == [1, 1, 2])
    #expect(planner.news.map(\.summary.head) == [1, 2, 3])
    #expect(planner.news.last?.entry.caseNumber == 1 && planner.writes.cases == [.init(topic: topic, number: 1)])
  }

  @Test func whatIsRefusedLeavesNoTrace() {
    let planner = plan([
      say(client, "a", key: 1), item(accountant, .edit(message: 1, body: "not mine")),
      item(client, .edit(message: 9, body: "none")),
      item(client, .send(body: "b", reply: 9, holding: false)), say(client, "c", holding: true), say(observer, "unseen"),
      look(observer, 1), say(client, String(repeating: "x", count: LogAction.maximumBody + 1)), say(client, "d"),
    ])
    #expect(
      words(planner) == ["1", "forbidden", "not_found", "not_found", "forbidden", "forbidden", "forbidden", "too_large", "2"])
    #expect(
      planner.writes.entries.seq == [1, 2] && planner.writes.keys.seq == [1, 2] && planner.writes.bodies.body == ["a", "d"])
  }

  @Test func withoutAccessThereIsNothing() {
    let items = [say(client, "a"), look(client, 1)]
    func refused(_ change: @escaping (inout LogFacts) -> Void) -> [String] { words(plan(items, change)) }
    let none = ["not_found", "not_found"]
    let ended = refused { facts in for place in facts.access.indices { facts.access[place]?.isAlive = false } }
    let outside = refused { facts in for place in facts.access.indices { facts.access[place]?.staff = nil } }
    let unknown = refused { $0.access = [nil, nil] }
    let unlocked = refused { $0.topics = [:] }
    #expect([ended, outside, unknown, unlocked] == [none, none, none, none])
  }

  @Test func aKeyMeansOnce() {
    let planner = plan([
      say(client, "a", key: 1), say(client, "a", 5, key: 1), say(client, "b", key: 1), say(accountant, "a", key: 1),
    ])
    #expect(words(planner) == ["1", "=1", "conflict", "2"])
    #expect(planner.writes.keys.author == [client, accountant])
    // The same from an earlier batch.
    let request = item(client, .close, key: 2)
    guard case .append(let asked) = request, let entry = planner.news.first?.entry else { return }
    let later = plan([request, say(client, "x")]) { $0.answered[0] = .init(entry: entry, fingerprint: asked.fingerprint) }
    #expect(words(later) == ["=1", "1"])
    let other = plan([request]) { $0.answered[0] = .init(entry: entry, fingerprint: [1]) }
    #expect(words(other) == ["conflict"])
  }

  @Test func marksGrowAndCountWhatIsUnread() {
    func facts(_ facts: inout LogFacts) {
      facts.topics[topic]?.summary.head = 10
      facts.marks[.init(topic: topic, account: client)] = 4
    }
    let lower = plan([look(client, 2)]) {
      facts(&$0)
      $0.unread[0] = 3
    }
    #expect(words(lower) == ["r4+3"] && lower.writes.marks.isEmpty && lower.events.isEmpty)
    let higher = plan([look(client, 99), say(accountant, "a"), say(client, "b"), look(client, 10)]) {
      facts(&$0)
      ($0.unread[0], $0.unread[3]) = (0, 0)
    }
    // Past the head means the head; what comes in the same batch is counted, the own message is not, and moves nothing while something is unread.
    #expect(words(higher) == ["r10+0", "11", "12", "r10+1"])
    #expect(higher.writes.advances.to == [10] && higher.events.count == 3)
    let own = plan([say(client, "a"), say(client, "b")]) {
      facts(&$0)
      $0.marks[.init(topic: topic, account: client)] = 10
    }
    #expect(own.writes.advances.from == [10, 11] && own.writes.marks[.init(topic: topic, account: client)]?.seq == 12)
  }

  @Test func aCaseOpensClosesAndOpensAgain() {
    let planner = plan([
      item(accountant, .close), say(client, "a", 1), say(accountant, "wait", 2, holding: true), item(client, .close, 3),
      item(accountant, .close, 3), item(accountant, .dismiss, 3), item(client, .edit(message: 1, body: "late"), 4),
      item(client, .delete(message: 1), 4),
      item(client, .reopen, 5), item(accountant, .reopen, 6), say(accountant, "answer", 7), item(accountant, .close, 8),
      say(client, "next", 9), item(client, .reopen, 10),
    ])
    #expect(
      words(planner) == [
        "conflict", "1", "2", "forbidden", "client_waits", "3", "case_closed", "case_closed", "4", "conflict", "5", "6", "7",
        "conflict",
      ])
    // Holding ends no wait, a close does, and opening again takes that back.
    #expect(planner.news.map(\.summary.waitingSince) == [at(1), at(1), nil, at(1), nil, nil, at(9)])
    // Only a close over a wait says that no answer was needed, and none says so by being longer than another.
    let metas = planner.news.map { EntryMeta(decoding: $0.entry.meta) }
    #expect(metas == [nil, nil, .close(noAnswer: true), nil, nil, .close(noAnswer: false), nil])
    #expect(planner.news.map(\.summary.current?.number) == [1, 1, 1, 1, 1, 1, 2])
    #expect(planner.news.map { $0.summary.current?.closedAt } == [nil, nil, at(3), nil, nil, at(8), nil])
  }

  @Test func aPauseStandsUntilSomethingEndsIt() {
    let planner = plan([
      item(accountant, .pause(wanted: "the act")), say(client, "a", 1), item(accountant, .resume(reason: nil), 2),
      item(client, .pause(wanted: "x"), 2), item(accountant, .pause(wanted: "the act"), 3),
      item(accountant, .pause(wanted: "x"), 4),
      item(accountant, .resume(reason: "x"), 4), item(client, .resume(reason: nil), 4), item(client, .resume(reason: "no"), 5),
      item(client, .resume(reason: "no"), 6), item(accountant, .pause(wanted: "the deed"), 7),
      say(accountant, "h", 8, holding: true),
      item(accountant, .resume(reason: nil), 9), item(accountant, .pause(wanted: "b"), 10), say(client, "here", 11),
      item(client, .resume(reason: "no"), 12), item(accountant, .pause(wanted: "c"), 13), say(accountant, "answer", 14),
      item(accountant, .resume(reason: nil), 15), item(accountant, .pause(wanted: "d"), 16), say(client, "b", 17),
      item(accountant, .pause(wanted: "e"), 18), item(accountant, .dismiss, 19), item(client, .reopen, 20),
      item(accountant, .resume(reason: nil), 21), item(observer, .pause(wanted: "e"), 22),
    ])
    #expect(
      words(planner) == [
        "conflict", "1", "conflict", "forbidden", "2", "conflict", "forbidden", "forbidden", "3", "conflict", "4", "5", "6", "7",
        "8",
        "conflict", "9", "10", "11", "conflict", "12", "13", "14", "15", "conflict", "forbidden",
      ])
    let pauses = planner.news.filter { $0.entry.kind == .pause || $0.entry.kind == .resume }
    #expect(pauses.map(\.entry.body) == ["the act", "no", "the deed", nil, "b", "c", nil, "e"])
    #expect(pauses.map(\.entry.meta) == ["", #"{"why":"rejected"}"#, "", #"{"why":"ended"}"#, "", "", #"{"why":"ended"}"#, ""])
    #expect(planner.writes.pauses.seq == pauses.map(\.entry.seq) && planner.writes.pauses.kind == pauses.map(\.entry.kind))
    // The clock's beginning stays what it was. An answer ends the wait, and not what is wanted from the client.
    #expect(pauses.map(\.summary.waitingSince) == [at(1), at(1), at(1), at(1), at(1), at(1), nil, at(17)])
  }

  @Test func whatIsKnownOfAPauseCounts() {
    func tried(_ items: [LogItem], paused: Bool) -> [String] {
      words(
        plan(items) { facts in
          facts.topics[topic]?.summary.current = CaseSummary(number: 1, openedAt: start)
          facts.topics[topic]?.caseOpen = true
          facts.topics[topic]?.summary.waitingSince = start
          if paused { facts.paused = [topic] }
        })
    }
    let (pause, end) = (item(accountant, .pause(wanted: "x")), item(accountant, .resume(reason: nil)))
    #expect(tried([pause, end], paused: true) == ["conflict", "1"] && tried([end, pause], paused: false) == ["conflict", "1"])
  }

  @Test func reopeningAndRatingHaveTheirTime() {
    func tried(_ account: AccountID, _ action: LogAction, after wait: Duration, stars: Int16? = nil) -> [String] {
      let request = LogRequest(
        topic: topic, account: account, session: nil, key: .random(), action: action, at: start.advanced(by: wait),
        salt: [UInt8](repeating: 7, count: 16))
      return words(
        plan([.append(request)]) { facts in
          facts.topics[topic]?.summary.current = CaseSummary(number: 2, openedAt: start, closedAt: start)
          facts.cases[.init(topic: topic, number: 2)] = LogFacts.CaseRecord(
            openedSeq: 1, openedAt: start, closedSeq: 2, closedAt: start, stars: stars)
          facts.cases[.init(topic: topic, number: 1)] = LogFacts.CaseRecord(openedSeq: 1, openedAt: start)
        })
    }
    let (day, fortnight) = (Duration.seconds(86_400), Duration.seconds(14 * 86_400))
    let rate = LogAction.rate(caseNumber: 2, stars: 4, comment: nil)
    #expect(tried(client, .reopen, after: day) == ["1"])
    #expect(tried(client, .reopen, after: day + .microseconds(1)) == ["too_late"])
    #expect(tried(client, .reopen, after: .zero, stars: 3) == ["conflict"])
    #expect(tried(client, rate, after: fortnight) == ["1"])
    #expect(tried(client, rate, after: fortnight + .microseconds(1)) == ["too_late"])
    #expect(tried(client, rate, after: .zero, stars: 3) == ["conflict"])
    #expect(tried(accountant, rate, after: .zero) == ["forbidden"])
    #expect(tried(client, .rate(caseNumber: 1, stars: 4, comment: nil), after: .zero) == ["conflict"])
    #expect(tried(client, .rate(caseNumber: 3, stars: 4, comment: nil), after: .zero) == ["not_found"])
  }

  @Test func theNewestLineFollowsItsMessage() {
    let long = String(repeating: "я", count: LastLine.maximumText + 5)
    let planner = plan([
      say(client, "a"), item(client, .edit(message: 1, body: long)), say(accountant, "b"),
      item(client, .edit(message: 1, body: "c")),
      item(accountant, .delete(message: 3)), item(accountant, .delete(message: 3)), say(client, "d"),
      item(client, .delete(message: 6)),
    ])
    #expect(words(planner) == ["1", "2", "3", "4", "5", "conflict", "6", "7"])
    let lines = planner.news.map(\.summary.last)
    #expect(lines.map { $0?.seq } == [1, 1, 3, 3, 3, 6, 6])
    #expect(lines.map { $0?.isEdited } == [false, true, false, false, false, false, false])
    #expect(lines.map { $0?.isDeleted } == [false, false, false, false, true, false, true])
    // What staff take back stays open to everybody, what a client takes back does not.
    let hidings = lines.map { $0?.hiding.rawValue }
    #expect(hidings == [0, 0, 0, 0, 0, 0, Hiding.deleted.rawValue])
    #expect(lines[1]?.text?.unicodeScalars.count == LastLine.maximumText)
  }

  @Test func aMessageHasSoManyVersions() {
    func change(_ action: LogAction, version: Int32) -> [String] {
      words(
        plan([item(client, action)]) { facts in
          facts.topics[topic]?.caseOpen = true
          facts.topics[topic]?.summary.current = CaseSummary(number: 1, openedAt: start)
          facts.targets[.init(topic: topic, seq: 1)] = LogFacts.Target(
            author: client, caseNumber: 1, version: version, isGone: false)
        })
    }
    let most = Int32(TopicLog.maximumVersions)
    #expect(change(.edit(message: 1, body: "x"), version: most - 1) == ["1"])
    #expect(change(.edit(message: 1, body: "x"), version: most) == ["conflict"])
    // Taking it back is always possible.
    #expect(change(.delete(message: 1), version: most) == ["1"])
  }
}
