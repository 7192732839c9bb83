import Domain
import HTTPTypes
import Storage
import TestSupport
import Testing

@testable import RestAPI

/// Doubts that are accepted, and closing, over REST: what is put right is seen by both sides, logged, and paid.
@Suite struct CorrectionRouteTests {
  private static func doubt(_ line: String, _ bench: FiguresBench) async throws -> Int64 {
    let doubt = try await bench.accountant.send(
      .post, "/api/v1/contests", #"{"month":"\#(bench.month)","line":"\#(line)","text":"Two are missing"}"#)
    #expect(doubt.status == 201, "\(doubt.text)")
    return try #require(doubt.json["id"].number)
  }

  private static func accept(_ id: Int64, _ correction: String, _ bench: FiguresBench) async throws -> Answer {
    try await bench.admin.send(
      .post, "/api/v1/contests/\(id)/answer", #"{"accepted":true,"text":"So it is","correction":\#(correction)}"#)
  }

  @Test func whatIsPutRightIsPaidAndShown() async throws {
    try await FiguresBench.run { bench in
      _ = try await bench.pay()
      let id = try await Self.doubt("documents", bench)
      for wrong in [#"{"hits":1}"#, #"{"documents":0}"#, #"{"documents":10001}"#, #"{"moons":1}"#, "{}"] {
        let refused = try await Self.accept(id, wrong, bench)
        #expect(refused.status == 422 && refused.fields == ["correction": "invalid"], "\(wrong): \(refused.text)")
      }
      let rejected = try await bench.admin.send(
        .post, "/api/v1/contests/\(id)/answer", #"{"accepted":false,"text":"No","correction":{"documents":1}}"#)
      #expect(rejected.fields["correction"] == "invalid")
      let own = try await bench.accountant.send(
        .post, "/api/v1/contests/\(id)/answer", #"{"accepted":true,"text":"Mine","correction":{"documents":9}}"#)
      #expect(own.status == 403)
      let answer = try await Self.accept(id, #"{"documents":2}"#, bench)
      let correction = answer.json["answer"]["correction"]
      #expect(answer.status == 201 && correction["documents"].number == 2, "\(answer.text)")
      #expect(correction["month"].string == "\(bench.month)" && correction["sum"].number == 0)
      let again = try await Self.accept(id, #"{"documents":2}"#, bench)
      #expect(again.status == 409)

      for person in [bench.admin, bench.accountant] {
        let bonus = try await person.send(.get, "/api/v1/bonus?month=\(bench.month)").json["items"][0]
        // 3 × 4 000 + 20 000, × 1.2; measured was one document, and that stays to be seen.
        #expect(bonus["bonus"]["documents"]["count"].number == 3 && bonus["paid"].number == 38_400)
        #expect(bonus["figures"]["documents"].number == 1 && bonus["carried"].number == 0)
        #expect(bonus["contests"][0]["answer"]["correction"]["documents"].number == 2)
      }
      let figures = try await bench.admin.send(.get, "/api/v1/figures?month=\(bench.month)").json["total"]
      #expect(figures["documents"].number == 1)
      let closed = try await bench.admin.send(
        .post, "/api/v1/months/\(bench.month)/close", #"{"bonuses":38400,"salaries":5000000}"#)
      #expect(closed.status == 201 && closed.json["bonuses"].number == 38_400, "\(closed.text)")
    }
  }

  @Test func aClosedMonthIsPutRightInTheNextOne() async throws {
    try await FiguresBench.run { bench in
      let (month, next) = (bench.month, bench.month.next)
      let sums = try await bench.pay()
      #expect(try await bench.admin.send(.post, "/api/v1/months/\(month)/close", sums).status == 201)
      let frozen = try await bench.admin.send(.get, "/api/v1/months/\(month)").text
      let id = try await Self.doubt("sla", bench)
      let waiting = try await bench.admin.send(.get, "/api/v1/months/\(next)").json["blockers"].list
      let doubts = waiting.filter { $0["blocker"].string == "contests" }.map { $0["count"].number }
      #expect(doubts == [1])
      let answer = try await Self.accept(id, #"{"misses":1,"hits":-1}"#, bench)
      let correction = answer.json["answer"]["correction"]
      // No answer in time any more, and the factor falls away: 28 800 → 24 000.
      #expect(correction["month"].string == "\(next)" && correction["sum"].number == -4800, "\(answer.text)")
      #expect(try await bench.admin.send(.get, "/api/v1/months/\(month)").text == frozen)
      let bonus = try await bench.accountant.send(.get, "/api/v1/bonus?month=\(next)").json["items"][0]
      #expect(bonus["carried"].number == -4800 && bonus["paid"].number == 0 && bonus["contests"][0]["id"].number == id)
      // Nobody pays back, so it waits for a month that can take it back.
      #expect(bonus["brought"].number == 0 && bonus["rest"].number == -4800)
      let text = try await bench.admin.send(.get, "/api/v1/months/\(next)").json["blockers"].list.map { $0["blocker"].string }
      #expect(!text.contains("contests"))
      let look = try await bench.admin.send(.get, "/api/v1/months/\(next)").json
      let last = #"{"bonuses":\#(look["bonuses"].number ?? -1),"salaries":\#(look["salaries"].number ?? -1)}"#
      #expect(try await bench.admin.send(.post, "/api/v1/months/\(next)/close", last).status == 201)
      // What was put right and what is left of it follows, to whoever checks.
      let faults = try await bench.firm.database.app.run { try DatabaseAudit.run(now: { .now }, in: $0).faults }
      let ofMonths = faults.filter { $0.place.hasPrefix("month") }.map(\.description)
      #expect(ofMonths == [])
    }
  }

  @Test func doubtsAreTakenUntilTheMonthAfterIsClosed() async throws {
    try await FiguresBench.run { bench in
      let asked = "/api/v1/bonus?month=\(bench.month)"
      _ = try await bench.pay()
      for month in [bench.month, bench.month.next] {
        #expect(try await bench.accountant.send(.get, asked).json["contestable"] == .flag(true))
        let look = try await bench.admin.send(.get, "/api/v1/months/\(month)").json
        let sums = #"{"bonuses":\#(look["bonuses"].number ?? -1),"salaries":\#(look["salaries"].number ?? -1)}"#
        let closed = try await bench.admin.send(.post, "/api/v1/months/\(month)/close", sums)
        #expect(closed.status == 201, "\(closed.text)")
      }
      #expect(try await bench.accountant.send(.get, asked).json["contestable"] == .flag(false))
      let late = try await bench.accountant.send(
        .post, "/api/v1/contests", #"{"month":"\#(bench.month)","line":"sla","text":"Seen only now"}"#)
      #expect(late.status == 409 && late.code == "month_closed", "\(late.text)")
    }
  }

  @Test func aMonthIsClosedByAConfirmedCalendarOnly() async throws {
    try await FiguresBench.run { bench in
      let (month, sums) = (bench.month, try await bench.pay())
      // Not one of the days of its work.
      let day = month.firstDay.advanced(by: 14)
      // A wait that goes on stands in nobody's way, but is told.
      var log = WorkLog(bench.firm.database, bench.firm.organisation.topic(.dogovor))
      try await log.append(1, bench.day(20, "10:00"), by: bench.firm.client)
      let likely = #"{"version":1,"days":[{"date":"\#(day)","name":"likely","shifts":[],"approximate":true}]}"#
      #expect(try await bench.admin.send(.put, "/api/v1/settings/calendar/years/\(month.year)", likely).status == 200)
      let look = try await bench.admin.send(.get, "/api/v1/months/\(month)")
      #expect(look.json["blockers"].list.map { $0["blocker"].string } == ["approximate"], "\(look.text)")
      #expect(look.json["notices"].list.map { $0["blocker"].string } == ["waits"] && look.json["notices"][0]["count"].number == 1)
      let refused = try await bench.admin.send(.post, "/api/v1/months/\(month)/close", sums)
      #expect(refused.status == 409 && refused.code == "approximate")
      let sure = likely.replacing(#""version":1"#, with: #""version":2"#).replacing("true", with: "false")
      #expect(try await bench.admin.send(.put, "/api/v1/settings/calendar/years/\(month.year)", sure).status == 200)
      #expect(try await bench.admin.send(.post, "/api/v1/months/\(month)/close", sums).status == 201)
    }
  }

  @Test func aYearThatNobodyHasSetStandsInTheWay() async throws {
    try await RestBench.run { bench in
      let firm = try await WorkFirm(bench.database)
      let admin = try await bench.signedIn(firm.admin)
      let month = Month(inTashkentAt: bench.clock.time).previous.previous
      let look = try await admin.send(.get, "/api/v1/months/\(month)")
      #expect(look.json["blockers"].list.map { $0["blocker"].string } == ["no_rules", "calendar"], "\(look.text)")
    }
  }
}
