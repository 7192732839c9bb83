import Domain
import Foundation
import HTTPTypes
import Storage
import TestSupport
import Testing

@testable import RestAPI

/// Figures, bonuses and closed months over REST, from the log's rows to the payroll.
@Suite struct FiguresRouteTests {
  @Test func figuresAreGroupedAndOpenTheirRows() async throws {
    try await FiguresBench.run { bench in
      let path = "/api/v1/figures?month=\(bench.month)"
      for caller in [bench.admin, bench.supervisor, bench.accountant] {
        let answer = try await caller.send(.get, path)
        let total = answer.json["total"]
        #expect(answer.status == 200 && answer.json["state"].string == "open", "\(answer.text)")
        #expect(total["hits"].number == 1 && total["misses"].number == 1 && total["share"].number == 5000)
        #expect(total["responses"]["count"].number == 2 && total["responses"]["median"].number == 40 * 60)
        #expect(total["documents"].number == 1)
        #expect(answer.json["groups"].list.map { $0["name"].string } == ["accountant"])
        for (figure, count) in [("responses", 2), ("first", 2), ("hits", 1), ("misses", 1), ("documents", 1), ("ratings", 1)] {
          let rows = try await caller.send(.get, "/api/v1/figures/rows?month=\(bench.month)&figure=\(figure)")
          #expect(rows.json["items"].list.count == count, "\(figure): \(rows.text)")
          // Rows lead to messages; their text is read in the topic, by whoever may.
          #expect(!rows.text.contains("body"))
        }
      }
      let byTopic = try await bench.admin.send(.get, path + "&by=topic")
      #expect(byTopic.json["groups"].list.map { $0["name"].string } == ["bank", "ttn"])
      let bank = try await bench.admin.send(.get, path + "&by=organisation&topic=bank")
      #expect(bank.json["total"]["misses"].number == 0 && bank.json["groups"].list.count == 1)
      for by in ["department", "day"] {
        let answer = try await bench.admin.send(.get, path + "&by=\(by)")
        #expect(answer.json["groups"].list.count == (by == "day" ? 2 : 1), "\(answer.text)")
      }
      // Rows of a day, and of nobody.
      let days = try await bench.admin.send(.get, path + "&by=day").json["groups"].list
      let day = try #require(days.first?["name"].string)
      let ofDay = try await bench.admin.send(.get, "/api/v1/figures/rows?month=\(bench.month)&figure=responses&day=\(day)")
      #expect(ofDay.json["items"].list.count == 2, "\(ofDay.text)")
      let ofNobody = try await bench.admin.send(.get, "/api/v1/figures/rows?month=\(bench.month)&figure=responses&account=none")
      #expect(ofNobody.status == 200 && ofNobody.json["items"].list.isEmpty)
      #expect(try await bench.admin.send(.get, path + "&day=2026-13-01").fields == ["day": "invalid"])
      #expect(try await bench.admin.send(.get, path + "&by=moon").fields == ["by": "invalid"])
      #expect(try await bench.admin.send(.get, "/api/v1/figures?month=2026-13").fields == ["month": "invalid"])
      let first = try await bench.admin.send(.get, "/api/v1/figures/rows?month=\(bench.month)&figure=responses&limit=1")
      let next = try #require(first.json["next"].string)
      let second = try await bench.admin.send(
        .get, "/api/v1/figures/rows?month=\(bench.month)&figure=responses&limit=1&cursor=\(next)")
      #expect(first.json["items"].list.count == 1 && second.json["items"].list.count == 1 && second.json["next"] == .null)
      #expect(first.text != second.text)
    }
  }

  @Test func monthsAreShownOneAfterTheOther() async throws {
    try await FiguresBench.run { bench in
      let path = "/api/v1/figures?month=\(bench.month.next)&by=month"
      var answers: [String] = []
      for caller in [bench.admin, bench.supervisor, bench.accountant] {
        let groups = try await caller.send(.get, path).json["groups"].list
        #expect(groups.map { $0["name"].string } == [bench.month.description, bench.month.next.description])
        #expect(groups.first?["figures"]["hits"].number == 1 && groups.last?["figures"]["hits"].number == 0)
        answers.append(try await caller.send(.get, path).text)
      }
      // Closed, it shows the same, to the accountant from what was written down.
      let sums = try await bench.pay()
      #expect(try await bench.admin.send(.post, "/api/v1/months/\(bench.month)/close", sums).status == 201)
      for (caller, before) in zip([bench.admin, bench.supervisor, bench.accountant], answers) {
        #expect(try await caller.send(.get, path).text == before)
      }
      let one = try await bench.admin.send(.get, path + "&account=\(bench.firm.accountant)").json["groups"].list
      #expect(one.first?["figures"]["documents"].number == 1)
      let other = try await bench.accountant.send(.get, path + "&account=\(bench.firm.admin)").json["groups"].list
      #expect(other.allSatisfy { $0["figures"]["responses"]["count"].number == 0 })
      let file = try await bench.admin.send(.get, "/api/v1/figures/export?month=\(bench.month)&by=month&format=xlsx")
      #expect(file.status == 200 && file.bytes.starts(with: Array("PK".utf8)))
    }
  }

  @Test func nobodySeesFiguresOutOfReach() async throws {
    try await FiguresBench.run { bench in
      let database = bench.bench.database
      let elsewhere = try await database.makeOrganisation("Elsewhere", department: try await database.makeDepartment("Other"))
      let stranger = try await bench.bench.signedIn(
        try await WorkFirm.accountant("stranger", of: elsewhere, database))
      let overseer = try await bench.bench.account("overseer")
      try await database.makeMembership(overseer, role: "supervisor", department: elsewhere.department)
      let path = "?month=\(bench.month)"
      for caller in [stranger, try await bench.bench.signedIn(overseer)] {
        for filter in ["", "&account=\(bench.firm.accountant)", "&organisation=\(bench.firm.organisation.id)"] {
          let answer = try await caller.send(.get, "/api/v1/figures" + path + filter)
          #expect(answer.json["groups"].list.isEmpty && answer.json["total"]["hits"].number == 0)
          let rows = try await caller.send(.get, "/api/v1/figures/rows" + path + filter + "&figure=responses")
          #expect(rows.json["items"].list.isEmpty)
        }
      }
      // A colleague's bonus is nobody else's matter, and a supervisor sees no money at all.
      let bonuses = try await stranger.send(.get, "/api/v1/bonus" + path)
      #expect(bonuses.json["items"].list.isEmpty)
      #expect(try await bench.supervisor.send(.get, "/api/v1/bonus" + path).status == 403)
      let own = try await bench.accountant.send(.get, "/api/v1/bonus" + path)
      #expect(own.json["items"].list.count == 1 && own.json["items"].list.first?["salary"] == .null, "\(own.text)")
    }
  }

  @Test func aMonthIsPaidByRulesAndClosedOnce() async throws {
    try await FiguresBench.run { bench in
      let (admin, month) = (bench.admin, bench.month)
      try await bench.bench.database.writeDown()
      let sums = try await bench.pay()
      let stale = try await admin.send(.post, "/api/v1/bonus/rules", #"{"version":0,"month":"\#(month)",\#(FiguresBench.rules)}"#)
      #expect(stale.status == 409 && stale.fields == ["version": "changed"])

      let bonus = try await admin.send(.get, "/api/v1/bonus?month=\(month)")
      let item = try #require(bonus.json["items"].list.first)
      // 1 × 4 000 + 1 × 20 000, and 50 % ≥ 50 % makes it × 1.2.
      #expect(item["bonus"]["documents"]["sum"].number == 4000 && item["bonus"]["positive"]["sum"].number == 20_000)
      #expect(item["bonus"]["sla"]["sum"].number == 4800 && item["bonus"]["total"].number == 28_800)
      #expect(item["salary"].number == 5_000_000 && bonus.json["rules"]["version"].number == 1)

      let preview = try await admin.send(
        .post, "/api/v1/bonus/preview", #"{"month":"\#(month)",\#(FiguresBench.rules.replacing("4000", with: "5000"))}"#)
      #expect(preview.json["now"].number == 28_800 && preview.json["proposed"].number == 30_000, "\(preview.text)")

      let doubt = try await bench.accountant.send(
        .post, "/api/v1/contests", #"{"month":"\#(month)","line":"documents","text":"Two are missing"}"#)
      #expect(doubt.status == 201 && doubt.json["sum"].number == 4000, "\(doubt.text)")
      // Not of a month in which one is paid nothing, or which is still to come.
      for other in ["2001-01", "9999-12"] {
        let refused = try await bench.accountant.send(
          .post, "/api/v1/contests", #"{"month":"\#(other)","line":"documents","text":"Why not"}"#)
        #expect(refused.fields == ["month": "nothing_paid"])
      }
      let twice = try await bench.accountant.send(
        .post, "/api/v1/contests", #"{"month":"\#(month)","line":"documents","text":"Again"}"#)
      #expect(twice.status == 409)

      let look = try await admin.send(.get, "/api/v1/months/\(month)")
      #expect(look.json["blockers"].list.map { $0["blocker"].string } == ["contests"], "\(look.text)")
      #expect(look.json["bonuses"].number == 28_800 && look.json["salaries"].number == 5_000_000)
      let blocked = try await admin.send(.post, "/api/v1/months/\(month)/close", sums)
      #expect(blocked.status == 409 && blocked.code == "contests")
      let contest = try #require(doubt.json["id"].number)
      let answer = try await admin.send(
        .post, "/api/v1/contests/\(contest)/answer", #"{"accepted":false,"text":"They count later"}"#)
      #expect(answer.status == 201 && answer.json["answer"]["accepted"] == .flag(false), "\(answer.text)")
      let again = try await admin.send(.post, "/api/v1/contests/\(contest)/answer", #"{"accepted":true,"text":"No, yes"}"#)
      #expect(again.status == 409)

      // Each is told to who has to do with it.
      for (person, kind) in [(admin, "contest.create"), (bench.accountant, "contest.answer")] {
        let told = try await person.send(.get, "/api/v1/notifications")
        #expect(told.json["items"].list.map { $0["kind"].string } == [kind], "\(told.text)")
      }

      let unseen = try await admin.send(.post, "/api/v1/months/\(month)/close", #"{"bonuses":28801,"salaries":5000000}"#)
      #expect(unseen.status == 409 && unseen.fields == ["version": "changed"])
      let later = try await admin.send(.post, "/api/v1/months/\(month.next)/close", sums)
      #expect(later.status == 409 && later.code == "earlier_open")
      let closed = try await admin.send(.post, "/api/v1/months/\(month)/close", sums)
      #expect(
        closed.status == 201 && closed.json["state"].string == "closed" && closed.json["hash"].string?.count == 64,
        "\(closed.text)")
      let twiceClosed = try await admin.send(.post, "/api/v1/months/\(month)/close", sums)
      #expect(twiceClosed.status == 409)

      // Frozen: neither rules, nor salaries, nor doubts, nor the log change it any more.
      let rule = try await admin.send(.post, "/api/v1/bonus/rules", #"{"version":1,"month":"\#(month)",\#(FiguresBench.rules)}"#)
      #expect(rule.status == 409 && rule.code == "month_closed")
      let salary = try await admin.send(
        .put, "/api/v1/salaries/\(bench.firm.accountant)", #"{"version":1,"month":"\#(month)","amount":1}"#)
      #expect(salary.status == 409 && salary.code == "month_closed")
      let lateDoubt = try await bench.accountant.send(
        .post, "/api/v1/contests", #"{"month":"\#(month)","line":"sla","text":"Seen only now"}"#)
      #expect(lateDoubt.status == 201)
      let frozen = try await admin.send(.get, "/api/v1/bonus?month=\(month)")
      #expect(frozen.json["state"].string == "closed" && frozen.json["items"].list.first?["bonus"]["total"].number == 28_800)
      let figures = try await admin.send(.get, "/api/v1/figures?month=\(month)")
      #expect(figures.json["state"].string == "closed" && figures.json["total"]["hits"].number == 1)
      let list = try await admin.send(.get, "/api/v1/months")
      #expect(list.json["items"].list.map { $0["state"].string } == ["open", "open", "closed"])
      #expect(
        try await bench.bench.actions() == [
          "user.create", "bonus.update", "salary.update", "contest.create", "contest.answer", "month.close", "contest.create",
        ])
      // What is put right by the answer to the late doubt is in the log with what it pays, and all of it as it stands.
      let late = try #require(lateDoubt.json["id"].number)
      let righted = try await admin.send(
        .post, "/api/v1/contests/\(late)/answer", #"{"accepted":true,"text":"So it was","correction":{"hits":1}}"#)
      #expect(righted.status == 201, "\(righted.text)")
      let row = try await admin.send(.get, "/api/v1/actions?limit=1&action=contest.answer").json["actions"][0]["detail"]
      let sum = righted.json["answer"]["correction"]["sum"].number
      #expect(row["month"].string == month.next.description && sum != nil && row["sum"].number == sum)
      #expect(row["written"]["correction of contest \(late)"]["hits"].number == 1)
      #expect(try await bench.bench.database.unwritten() == [])
    }
  }

  @Test func filesAreTakenAwayAndWrittenDown() async throws {
    try await FiguresBench.run { bench in
      for (path, start) in [
        ("/api/v1/figures/export?month=\(bench.month)&format=xlsx", "PK"),
        ("/api/v1/figures/export?month=\(bench.month)&format=pdf&by=topic", "%PDF"),
        ("/api/v1/months/\(bench.month)/payroll?format=xlsx", "PK"), ("/api/v1/months/\(bench.month)/payroll?format=pdf", "%PDF"),
      ] {
        let answer = try await bench.admin.send(.get, path)
        #expect(answer.status == 200 && answer.bytes.starts(with: Array(start.utf8)), "\(path)")
        #expect(answer.headers[.contentDisposition]?.hasPrefix("attachment") == true)
      }
      #expect(try await bench.admin.send(.get, "/api/v1/figures/export?format=doc").fields == ["format": "invalid"])
      #expect(try await bench.bench.actions() == ["kpi.export", "kpi.export", "month.export", "month.export"])
    }
  }

  @Test func aRightThatTheServerLacksIsNoClosedMonth() async throws {
    try await FiguresBench.run { bench in
      try await bench.bench.database.superuser.run { try $0.execute("REVOKE INSERT ON salary FROM onefin_app") }
      let answer = try await bench.admin.send(
        .put, "/api/v1/salaries/\(bench.firm.accountant)", #"{"version":0,"month":"\#(bench.month)","amount":5000000}"#)
      #expect(answer.status == 500 && answer.code == "internal", "\(answer.text)")
    }
  }

  @Test func rulesThatCannotBeUsedAreNamed() async throws {
    try await FiguresBench.run { bench in
      let steps = #"{"minimum":0,"steps":[{"from":5,"value":1},{"from":5,"value":2}]}"#
      let answer = try await bench.admin.send(
        .post, "/api/v1/bonus/rules",
        #"{"version":0,"month":"2030-1","documents":\#(steps),"positive":{"minimum":-1,"steps":[]},"negative":{"minimum":0,"steps":[{"from":0,"value":5}]},"cap":"much"}"#
      )
      #expect(
        answer.status == 422
          && answer.fields == [
            "documents": "order", "positive": "invalid", "negative": "invalid", "sla": "required", "cap": "type",
            "month": "too_short",
          ], "\(answer.text)")
    }
  }

  @Test func whatComesWhileAMonthIsKeptIsSeen() async throws {
    try await FiguresBench.run { bench in
      let path = "/api/v1/figures?month=\(bench.month)"
      #expect(try await bench.admin.send(.get, path).json["total"]["responses"]["count"].number == 2)
      var log = WorkLog(bench.firm.database, bench.firm.organisation.topic(.dogovor))
      try await log.append(1, bench.day(20, "10:00"), by: bench.firm.client)
      try await log.append(1, bench.day(20, "10:01"), by: bench.firm.accountant, staff: true)
      // On a starved machine even this month was dear enough to be shown again for a while.
      bench.bench.clock.advance(.seconds(61))
      let later = try await bench.admin.send(.get, path)
      #expect(later.json["total"]["responses"]["count"].number == 3, "\(later.text)")
    }
  }
}
