import Domain
import HTTPTypes
import Storage
import Synchronization
import TestSupport
import Testing

@testable import RestAPI

/// What becomes of months when the calendar or the targets change after the fact: open ones are worked out anew, closed ones stay as they were paid.
@Suite struct RecountTests {
  /// A closed month and an open one after it, each with the same late answer: asked at 10:00 of the first Tuesday, answered at 11:00.
  private struct Months {
    let bench: FiguresBench
    let open: Month
    private let version: Counter

    var closed: Month { bench.month }

    init(_ bench: FiguresBench) async throws {
      (self.bench, open, version) = (bench, bench.month.next, Counter())
      let day = FiguresBench.tuesday(of: open)
      var log = WorkLog(bench.firm.database, bench.firm.organisation.topic(.dogovor))
      try await log.append(1, "\(day)T10:00", by: bench.firm.client)
      try await log.append(1, "\(day)T11:00", by: bench.firm.accountant, staff: true)
      let sums = try await bench.pay()
      let close = try await bench.admin.send(.post, "/api/v1/months/\(bench.month)/close", sums)
      #expect(close.status == 201, "\(close.text)")
    }

    /// The times of a month's waits in seconds, shortest first, with its hits and misses.
    func figures(_ month: Month) async throws -> String {
      // On a starved machine even these months were dear enough to be shown again for a while.
      bench.bench.clock.advance(.seconds(61))
      let total = try await bench.admin.send(.get, "/api/v1/figures?month=\(month)").json["total"]
      let rows = try await bench.admin.send(.get, "/api/v1/figures/rows?month=\(month)&figure=responses").json["items"].list
      let times = rows.compactMap { $0["elapsed"].number }.sorted().map { String($0) }.joined(separator: ",")
      return "\(times) \(total["hits"].number ?? -1):\(total["misses"].number ?? -1)"
    }

    /// Everything that the pages show of the closed month, and that its seal still fits.
    func frozen() async throws -> [String] {
      let month = closed
      let isIntact = try await bench.bench.database.app.run { session in
        try MonthBook.isIntact(try #require(try MonthBook.find(month, in: session)), in: session)
      }
      var texts = ["intact: \(isIntact)"]
      for path in ["figures?", "figures/rows?figure=responses&", "figures/rows?figure=misses&", "bonus?"] {
        texts.append(try await bench.admin.send(.get, "/api/v1/\(path)month=\(month)").text)
      }
      return texts + [try await bench.admin.send(.get, "/api/v1/months/\(month)").text]
    }

    /// Sets the days of both months' years that differ.
    func set(days: [LocalDate], shifts: String = "") async throws {
      for year in Set([closed.year, open.year]) {
        let list = days.filter { $0.year == year }.map { #"{"date":"\#($0)","name":"moved","shifts":[\#(shifts)]}"# }
        let answer = try await bench.admin.send(
          .put, "/api/v1/settings/calendar/years/\(year)",
          #"{"version":\#(version.next()),"days":[\#(list.joined(separator: ","))]}"#)
        #expect(answer.status == 200, "\(answer.text)")
      }
    }

    /// Sets the shifts of every day of an ordinary week.
    func set(week shifts: String) async throws {
      let week = Array(repeating: "[\(shifts)]", count: 7).joined(separator: ",")
      let answer = try await bench.admin.send(
        .put, "/api/v1/settings/calendar/week", #"{"version":\#(version.next()),"weekly":[\#(week)]}"#)
      #expect(answer.status == 200, "\(answer.text)")
    }
  }

  /// Versions of the calendar, of which the bench has written the first.
  private final class Counter: Sendable {
    private let count = Mutex(0)
    func next() -> Int {
      count.withLock {
        $0 += 1
        return $0
      }
    }
  }

  @Test func changesOfTheCalendarReachOpenMonthsOnly() async throws {
    try await FiguresBench.run { bench in
      let months = try await Months(bench)
      let before = try await months.frozen()
      #expect(try await months.figures(months.open) == "3600 0:1" && before.first == "intact: true")
      #expect(try await months.figures(months.closed) == "1200,3600 1:1")
      let tuesdays = [FiguresBench.tuesday(of: months.closed), FiguresBench.tuesday(of: months.open)]
      // A holiday: the wait lies out of hours.
      try await months.set(days: tuesdays)
      #expect(try await months.figures(months.open) == "0 1:0")
      #expect(try await months.frozen() == before)
      // A short day, which begins at half past ten: exactly the target is in time.
      try await months.set(days: tuesdays, shifts: #""10:30-16:00""#)
      #expect(try await months.figures(months.open) == "1800 1:0")
      #expect(try await months.frozen() == before)
      // No day differs, but the firm rests from 10:20 to 10:40.
      try await months.set(days: [])
      try await months.set(week: #""09:00-10:20","10:40-18:00""#)
      #expect(try await months.figures(months.open) == "2400 0:1")
      #expect(try await months.frozen() == before)
      // And back: the same log under the same calendar makes the same figures.
      try await months.set(week: #""09:00-13:00","14:00-18:00""#)
      #expect(try await months.figures(months.open) == "3600 0:1")
      #expect(try await months.figures(months.closed) == "1200,3600 1:1")
      #expect(try await months.frozen() == before)
    }
  }

  @Test func aTargetCountsFromItsChangeOn() async throws {
    try await FiguresBench.run { bench in
      let months = try await Months(bench)
      let before = try await months.frozen()
      let current = Month(inTashkentAt: bench.bench.clock.time)
      // Work at any time, so that the test's own time doesn't matter.
      try await months.set(week: #""00:00-24:00""#)
      for (path, minutes) in [("topics/dogovor", 90), ("clients/\(bench.firm.organisation.id)", 80)] {
        let answer = try await bench.admin.send(.put, "/api/v1/settings/targets/\(path)", #"{"minutes":\#(minutes)}"#)
        #expect(answer.status == 200, "\(answer.text)")
      }
      // What was asked before is held against the target of then, in open months too.
      #expect(try await months.figures(months.open) == "3600 0:1")
      #expect(try await months.frozen() == before)
      // What is asked from now on is held against the new one, and the client's comes before the topic's.
      let now = bench.bench.clock.time
      try await Self.exchange(in: .bank, bench, at: now, minutes: 80)
      try await Self.exchange(in: .faktura, bench, at: now, minutes: 81)
      let total = try await bench.admin.send(.get, "/api/v1/figures?month=\(current)").json["total"]
      // At the turn of a month the answers may lie in the next one.
      if Month(inTashkentAt: now.advanced(by: .seconds(82 * 60))) == current {
        #expect(total["hits"].number == 1 && total["misses"].number == 1)
      }
    }
  }

  /// A question, and the answer so many minutes later, as the chat writes them.
  private static func exchange(in kind: TopicKind, _ bench: FiguresBench, at now: Timestamp, minutes: Int64) async throws {
    let topic = bench.firm.organisation.topic(kind)
    for (author, at) in [(bench.firm.client, now), (bench.firm.accountant, now.advanced(by: .seconds(minutes * 60)))] {
      let request = LogRequest(
        topic: topic, account: author, session: nil, key: .random(), action: .send(body: "salom", reply: 0, holding: false),
        at: at, salt: [UInt8](repeating: 7, count: 16))
      let batch = try await bench.firm.database.app.run { try TopicLog.append([.append(request)], in: $0) }
      #expect(batch.news.count == 1)
    }
  }
}
