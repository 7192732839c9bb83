import Domain
import TestSupport
import Testing

@testable import Storage

/// What a month asks of the log, and that it gets the rows that the rules are about.
@Suite struct MonthLoaderTests {
  private let month = Month(inTashkentAt: tashkent("2026-11-10T00:00"))

  @Test func readsWaitsDocumentsAndRatings() async throws {
    try await withTestDatabase { database in
      let firm = try await WorkFirm(database)
      var log = WorkLog(database, firm.organisation.topic(.bank))
      let question = try await log.append(1, "2026-11-02T10:00", by: firm.client)
      try await log.append(5, "2026-11-02T10:01", by: firm.accountant, staff: true, message: question)
      try await log.append(2, "2026-11-02T10:02", by: firm.client, message: question)
      try await log.append(1, "2026-11-02T10:05", by: firm.accountant, staff: true, holding: true)
      let paper = try await log.document(firm.organisation.id, by: firm.client, message: question, content: 1)
      let copy = try await log.document(firm.organisation.id, by: firm.client, message: question, content: 1)
      try await log.append(1, "2026-11-02T10:20", by: firm.accountant, staff: true)
      try await log.mark(paper, .inWork, "2026-11-02T10:21", by: firm.accountant)
      try await log.mark(paper, .processed, "2026-11-02T10:22", by: firm.accountant)
      try await log.mark(copy, .processed, "2026-11-02T10:23", by: firm.accountant)
      try await log.append(7, "2026-11-03T10:00", by: firm.accountant, staff: true)
      try await log.append(9, "2026-12-01T10:00", by: firm.client, stars: 5)
      let loaded = try await firm.load(month)
      let wait = try #require(loaded.work.waits.first)
      #expect(loaded.work.waits.count == 1)
      #expect(wait.wait.response == 20 * 60_000_000 && wait.wait.credited == firm.accountant && wait.wait.isHit)
      #expect(loaded.work.documents.map(\.document) == [paper])
      #expect(loaded.work.ratings.map(\.stars) == [5])
      #expect(loaded.work.ratings.map(\.account) == [firm.accountant])
      #expect(try await firm.load(month.next).work == MonthWork(waits: [], documents: [], ratings: []))
    }
  }

  @Test func pausesRejectionsDeletionsAndReopeningsAreReadOffTheRows() async throws {
    try await withTestDatabase { database in
      let firm = try await WorkFirm(database)
      var bank = WorkLog(database, firm.organisation.topic(.bank))
      try await bank.append(1, "2026-11-02T10:00", by: firm.client)
      try await bank.append(11, "2026-11-02T10:10", by: firm.accountant, staff: true)
      try await bank.append(12, "2026-11-02T11:00", by: firm.client, meta: #"{"why":"rejected"}"#)
      try await bank.append(1, "2026-11-02T11:05", by: firm.accountant, staff: true)
      var ttn = WorkLog(database, firm.organisation.topic(.ttn))
      try await ttn.append(1, "2026-11-02T10:00", by: firm.client)
      try await ttn.append(11, "2026-11-02T10:10", by: firm.accountant, staff: true)
      try await ttn.append(12, "2026-11-02T11:00", by: firm.client, meta: #"{"why":"ended"}"#)
      let answer = try await ttn.append(1, "2026-11-02T11:05", by: firm.accountant, staff: true)
      try await ttn.append(3, "2026-11-02T11:06", by: firm.accountant, staff: true, message: answer)
      try await ttn.append(7, "2026-11-02T11:08", by: firm.accountant, staff: true)
      try await ttn.append(8, "2026-11-02T11:10", by: firm.client)
      try await ttn.append(1, "2026-11-02T11:20", by: firm.accountant, staff: true)
      let waits = try await firm.load(month).work.waits.sorted { $0.place < $1.place }.map(\.wait)
      #expect(waits.map(\.response) == [65 * 60_000_000, 30 * 60_000_000])
      #expect(waits.map(\.isMiss) == [true, false])
    }
  }

  @Test func assignmentsCountByTheirDatesAndNeverBeforeTheyWereMade() async throws {
    try await withTestDatabase { database in
      let firm = try await WorkFirm(database)
      let cover = try await WorkFirm.accountant("cover", of: firm.organisation, database, from: "2026-11-03", to: "2026-11-04")
      // Made today, though dated back to January: it answers for nothing that was before.
      _ = try await database.makeAccountant("backdated", of: firm.organisation)
      var log = WorkLog(database, firm.organisation.topic(.bank))
      for day in ["02", "03", "04", "05"] {
        try await log.append(1, "2026-11-\(day)T10:00", by: firm.client)
        try await log.append(1, "2026-11-\(day)T11:00", by: firm.accountant, staff: true)
      }
      let waits = try await firm.load(month).work.waits.map(\.wait)
      #expect(waits.map(\.holderAtBreach) == [firm.accountant, cover, cover, firm.accountant])
      #expect(waits.map(\.credited) == [firm.accountant, firm.accountant, firm.accountant, firm.accountant])
    }
  }

  @Test func itMakesNoDifferenceHowManyCasesAreReadAtOnce() async throws {
    try await withTestDatabase { database in
      let firm = try await WorkFirm(database)
      for kind in TopicKind.allCases {
        var log = WorkLog(database, firm.organisation.topic(kind))
        for day in ["02", "03", "04"] {
          try await log.append(1, "2026-11-\(day)T10:00", by: firm.client)
          try await log.append(1, "2026-11-\(day)T10:0\(kind.rawValue)", by: firm.accountant, staff: true)
          if day != "04" { try await log.append(7, "2026-11-\(day)T11:00", by: firm.accountant, staff: true) }
        }
        try await log.append(5, "2026-11-05T10:00", by: firm.client, message: 1)
      }
      let (start, end) = (month.start, month.end)
      let read = try await database.app.run { session in
        let works = try TopicWorks.read(try MonthLoader.topics(in: session).keys.sorted(), calendar: .standard, in: session)
        return try [Int64(1), 4, 7, 50_000].map { batch in
          try CaseReader(session: session, works: works, batch: batch).waits(from: start, before: end)
        }
      }
      let whole = try #require(read.last)
      #expect(whole.waits.count == 15 && whole.events == 40)
      for part in read { #expect(part.waits == whole.waits && part.events == whole.events) }
      #expect(try await firm.load(month).work.waits == whole.waits)
    }
  }

  @Test func aCaseThatSpansMonthsCountsWhereItsWaitsEnd() async throws {
    try await withTestDatabase { database in
      let firm = try await WorkFirm(database)
      var log = WorkLog(database, firm.organisation.topic(.bank))
      try await log.append(1, "2026-10-30T10:00", by: firm.client)
      try await log.append(1, "2026-10-30T10:10", by: firm.accountant, staff: true)
      try await log.append(1, "2026-10-30T17:50", by: firm.client)
      try await log.append(1, "2026-11-02T09:10", by: firm.accountant, staff: true)
      try await log.append(1, "2026-11-30T17:59", by: firm.client)
      for (text, count) in [("2026-10", 1), ("2026-11", 1), ("2026-12", 0)] {
        let loaded = try await firm.load(try #require(Month(text)))
        #expect(loaded.work.waits.count == count, "\(text)")
      }
      let open = try await database.app.run { session in
        try MonthLoader(
          Month(inTashkentAt: tashkent("2026-12-01T00:00")), calendar: .standard, in: session
        )
        .openWaits()
      }
      #expect(open.map(\.wait.due) == [tashkent("2026-12-01T09:29")])
    }
  }
}
