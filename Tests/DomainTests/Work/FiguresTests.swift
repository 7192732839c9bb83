import Domain
import Testing

/// What counts for whom and in which month.
@Suite struct FiguresTests {
  let accountant = AccountID(1)
  let cover = AccountID(2)
  let admin = AccountID(3)
  let place = CasePlace(topic: TopicID(1), number: 1)

  private var topic: TopicWork {
    TopicWork(
      holdings: [
        Holding(account: accountant, isAccountant: true, from: at("2026-01-01T00:00"), until: nil, assignment: AssignmentID(1)),
        Holding(
          account: cover, isAccountant: true, from: at("2026-10-20T00:00"), until: at("2026-11-05T00:00"),
          assignment: AssignmentID(2)),
        Holding(account: admin, isAccountant: false, from: at("2026-01-01T00:00"), until: nil, assignment: AssignmentID(3)),
      ], targets: [TargetChange(at: at("2026-01-01T00:00"), target: 30 * 60_000_000)], calendar: .standard)
  }

  private func marks(_ rows: [(String, AccountID, Int64, Int64, DocumentState)]) -> [DocumentMark] {
    rows.enumerated().map { index, row in
      DocumentMark(
        seq: Int64(index + 1), at: at("2026-" + row.0), author: row.1, document: DocumentID(row.2), file: DocumentID(row.3),
        state: row.4)
    }
  }

  @Test func monthsAreTashkents() throws {
    let month = try #require(Month("2026-11"))
    #expect(month.contains(at("2026-11-01T00:00")) && month.contains(at("2026-11-30T23:59")))
    #expect(!month.contains(at("2026-10-31T23:59")) && !month.contains(at("2026-12-01T00:00")))
    #expect(month.previous.description == "2026-10" && month.next.description == "2026-12")
    #expect(Month("2026-12")?.next.description == "2027-01")
    #expect(Month("2026-13") == nil && Month("2026-1") == nil && Month("2026-11-01") == nil)
  }

  @Test func aFileCountsOncePerCase() {
    let records = WorkedDocument.records(
      of: marks([
        ("11-10T10:00", accountant, 7, 7, .inWork), ("11-10T10:05", accountant, 7, 7, .processed),
        ("11-10T10:10", accountant, 8, 7, .inWork), ("11-10T10:15", accountant, 8, 7, .processed),
        ("11-10T10:20", accountant, 9, 9, .processed),
      ]), at: place, in: topic)
    #expect(records.map(\.seq) == [2, 5])
    #expect(records.map(\.count) == [1, 1])
  }

  @Test func aReturnWithdrawsInItsOwnMonthUntilProcessedAgain() throws {
    let records = WorkedDocument.records(
      of: marks([
        ("10-30T10:00", cover, 7, 7, .processed), ("11-10T10:00", AccountID(9), 7, 7, .returned),
        ("12-10T10:10", accountant, 7, 7, .processed),
      ]), at: place, in: topic)
    #expect(records.map(\.count) == [1, -1, 1])
    // It is taken from whom it was given to.
    #expect(records.map(\.account) == [cover, cover, accountant])
    for (text, count) in [("2026-10", 1), ("2026-11", -1), ("2026-12", 1)] {
      let work = MonthWork(try #require(Month(text)), waits: [], documents: records, ratings: [])
      #expect(work.figures().documents == count)
    }
  }

  @Test func aReturnOfOneOfTwoCopiesWithdrawsNothing() {
    let records = WorkedDocument.records(
      of: marks([
        ("11-10T10:00", accountant, 7, 7, .processed), ("11-10T10:05", accountant, 8, 7, .processed),
        ("11-10T11:00", AccountID(9), 7, 7, .returned), ("11-10T12:00", AccountID(9), 8, 7, .returned),
      ]), at: place, in: topic)
    #expect(records.map(\.count) == [1, -1])
    #expect(records.map(\.seq) == [1, 4])
  }

  @Test func whatAnAdminProcessesIsNobodys() {
    let records = WorkedDocument.records(of: marks([("11-10T10:00", admin, 7, 7, .processed)]), at: place, in: topic)
    #expect(records.map(\.account) == [nil])
  }

  @Test func aRatingIsWhoseTheCaseWasAndOfTheMonthOfItsClose() throws {
    func rating(_ closedBy: AccountID?, _ closedAt: String, _ stars: Int) -> RatingRecord {
      RatingRecord(place: place, seq: 9, closedAt: at(closedAt), closedBy: closedBy, stars: stars, in: topic)
    }
    #expect(rating(accountant, "2026-11-01T10:00", 5).account == accountant)
    #expect(rating(admin, "2026-11-01T10:00", 5).account == cover)
    #expect(rating(nil, "2026-11-10T10:00", 5).account == accountant)
    let ratings = [
      rating(accountant, "2026-10-31T23:59", 5), rating(accountant, "2026-11-01T00:00", 4),
      rating(accountant, "2026-11-02T00:00", 3),
      rating(accountant, "2026-11-03T00:00", 2), rating(accountant, "2026-11-03T00:00", 1),
    ]
    let figures = MonthWork(try #require(Month("2026-11")), waits: [], documents: [], ratings: ratings).figures()
    #expect(figures.stars == [1, 1, 1, 1, 0])
    #expect(figures.positive == 1 && figures.negative == 2 && figures.ratings == 4 && figures.starSum == 10)
  }

  @Test func aWaitCountsInTheMonthInWhichItEnds() throws {
    let waits = CaseFold.waits(
      of: [
        WorkEvent(seq: 1, at: at("2026-10-30T17:50"), author: AccountID(9), what: .clientMessage),
        WorkEvent(seq: 2, at: at("2026-11-02T09:10"), author: accountant, what: .staffMessage(holding: false)),
        WorkEvent(seq: 3, at: at("2026-11-02T10:00"), author: AccountID(9), what: .clientMessage),
      ], in: topic
    ).map { WaitRecord(place: place, wait: $0) }
    func figures(_ month: String) throws -> Figures {
      MonthWork(try #require(Month(month)), waits: waits, documents: [], ratings: []).figures { $0.account }[accountant]
        ?? Figures()
    }
    #expect(try figures("2026-10") == Figures())
    let november = try figures("2026-11")
    #expect(november.responses.count == 1 && november.responses.median == 20 * 60_000_000)
    #expect(november.hits == 1 && november.first.count == 1)
  }

  @Test func measuresOfTimes() {
    #expect(ResponseTimes([]).median == nil && ResponseTimes([]).mean == nil)
    #expect(ResponseTimes([5]).median == 5 && ResponseTimes([5]).ninetieth == 5)
    #expect(ResponseTimes([4, 1, 3, 2]).median == 2 && ResponseTimes([4, 1, 3, 2]).ninetieth == 4)
    #expect(ResponseTimes(Array(1...10)).ninetieth == 9 && ResponseTimes(Array(1...11)).ninetieth == 10)
    #expect(ResponseTimes(Array(1...10)).mean == 5)
  }
}

/// Random work, gathered by the fold and by hand from what the naive clock says.
@Suite struct FiguresPropertyTests {
  @Test(arguments: 0..<12) func agreesWithSumsByHand(seed: UInt64) throws {
    var random = WorkRandom(seed &+ 77)
    let start = at("2026-02-25T00:00")
    let minutes = 8 * 1440
    let month = try #require(Month("2026-03"))
    let calendar = random.calendar(around: try #require(LocalDate("2026-02-28")), days: 8)
    var waits: [WaitRecord] = []
    var naive: [(Int64, NaiveClock.Read, Timestamp)] = []
    for number in 1...25 as ClosedRange<Int64> {
      let topic = random.topic(from: start, minutes: minutes, calendar: calendar)
      let events = random.events(from: start, minutes: minutes)
      let place = CasePlace(topic: TopicID(number % 3), number: Int32(number))
      waits += CaseFold.waits(of: events, in: topic).map { WaitRecord(place: place, wait: $0) }
      for read in NaiveClock.waits(of: events, in: topic, from: start, minutes: minutes) {
        guard let end = events.first(where: { $0.seq == read.end })?.at, end >= at("2026-03-01T00:00") else { continue }
        naive.append((number % 3, read, end))
      }
    }
    let work = MonthWork(month, waits: waits, documents: [], ratings: [])
    let byPerson = work.figures { $0.account }
    for account in [AccountID(1), AccountID(2)] {
      let figures = byPerson[account] ?? Figures()
      let mine = naive.filter { $0.1.outcome == .answered && $0.1.credited == account }.compactMap { $0.1.minutes }.sorted()
      #expect(figures.responses.count == mine.count)
      #expect(figures.responses.sum == Int64(mine.reduce(0, +)) * 60_000_000)
      // The median by taking the smallest and the largest away in turn.
      var rest = mine
      while rest.count > 2 { rest = Array(rest.dropFirst().dropLast()) }
      #expect(figures.responses.median == (rest.isEmpty ? nil : Int64(rest.reduce(0, +)) * 60_000_000 / Int64(rest.count)))
      #expect(
        figures.responses.ninetieth
          == mine.first { nine in mine.count { $0 <= nine } * 10 >= mine.count * 9 }.map { Int64($0) * 60_000_000 })
      #expect(figures.hits == naive.count { $0.1.isHit && $0.1.credited == account })
      #expect(figures.misses == naive.count { $0.1.isMiss && $0.1.blamed == account })
    }
    for account in [AccountID(1), AccountID(2), AccountID(3)] {
      let figures = byPerson[account] ?? Figures()
      let counts: [FigureKind: Int] = [
        .responses: figures.responses.count, .first: figures.first.count, .hits: figures.hits, .misses: figures.misses,
        .dismissed: figures.dismissed,
      ]
      for (kind, count) in counts {
        let rows = work.rows(of: kind) { $0.account == account }
        #expect(rows.count == count, "\(kind)")
      }
    }
    let byTopic = work.figures { $0.topic }
    for topic in 0..<3 as Range<Int64> {
      #expect((byTopic[TopicID(topic)] ?? Figures()).misses == naive.count { $0.0 == topic && $0.1.isMiss })
      #expect((byTopic[TopicID(topic)] ?? Figures()).hits == naive.count { $0.0 == topic && $0.1.isHit })
    }
    #expect(work.figures().dismissed == naive.count { $0.1.outcome == .dismissed })
  }
}
