import Domain
import HTTPTypes
import Storage
import TestSupport
import Testing

@testable import RestAPI

/// Who waits, the calendar, the targets and handing assignments over, over REST.
@Suite struct ClockRouteTests {
  /// A message `minutes` after the bench's clock.
  private static func say(_ account: AccountID, in topic: TopicID, _ minutes: Int64, _ bench: RestBench) async throws {
    let at = bench.clock.time.advanced(by: .seconds(minutes * 60))
    let request = LogRequest(
      topic: topic, account: account, session: nil, key: .random(), action: .send(body: "salom", reply: 0, holding: false),
      at: at,
      salt: [UInt8](repeating: 7, count: 16))
    let batch = try await bench.database.app.run { try TopicLog.append([.append(request)], in: $0) }
    #expect(batch.news.count == 1)
  }

  @Test func theQueueShowsWhatIsDueInOrder() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let admin = world.person(.admin)
      // Work at any time, so that the test's own time doesn't matter.
      let always = Array(repeating: #"["00:00-24:00"]"#, count: 7).joined(separator: ",")
      let week = try await admin.send(.put, "/api/v1/settings/calendar/week", #"{"version":0,"weekly":[\#(always)]}"#)
      #expect(week.status == 200 && week.json["version"].number == 1)
      for year in [2025, 2026, 2027] {
        let days = try await admin.send(
          .put, "/api/v1/settings/calendar/years/\(year)", #"{"version":\#(year - 2024),"days":[]}"#)
        #expect(days.status == 200, "\(days.text)")
      }
      let (client, bank, ttn) = (world.person(.client).account, world.here.topic(.bank), world.here.topic(.ttn))
      try await Self.say(client, in: bank, -30, bench)
      let target = try await admin.send(.put, "/api/v1/settings/targets/topics/ttn", #"{"minutes":15}"#)
      #expect(target.json["topics"]["ttn"].number == 15 && target.json["topics"]["bank"].number == 120)
      try await Self.say(client, in: ttn, 0, bench)
      try await Self.say(world.foreignClient.account, in: world.there.topic(.bank), -10, bench)

      for role in [Role.supervisor, .accountant] {
        let queue = try await world.person(role).send(.get, "/api/v1/queue").json
        let topics = queue["items"].list.map { $0["topic"].number }
        #expect(topics == [ttn.rawValue, bank.rawValue] && queue["working"] == .flag(true) && queue["more"] == .flag(false))
        #expect(queue["items"][0]["target"].number == 900 && queue["items"][0]["left"].number == 900)
        #expect(queue["items"][1]["left"].number == 5_400 && queue["items"][1]["state"].string == "ok")
        #expect(queue["items"][1]["organisation"]["name"].string == "Here" && queue["items"][1]["kind"].string == "bank")
      }
      #expect(try await admin.send(.get, "/api/v1/queue").json["items"].list.count == 3)
      let limited = try await admin.send(.get, "/api/v1/queue?limit=1").json
      #expect(limited["items"].list.count == 1 && limited["more"] == .flag(true))
      // A foreign topic is as empty as one that isn't there.
      let foreign = try await world.person(.accountant).send(.get, "/api/v1/queue?topic=\(world.there.topic(.bank))")
      #expect(foreign.json["items"].list.isEmpty)
      #expect(try await world.person(.client).send(.get, "/api/v1/queue").status == 403)
    }
  }

  @Test func housekeepingWarnsAndClosesOnce() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let (client, accountant) = (world.person(.client), world.person(.accountant))
      try await Self.say(client.account, in: world.here.topic(.bank), 0, bench)
      bench.clock.advance(.seconds(8 * 24 * 3600))
      for _ in 0..<2 {
        await Housekeeping(services: bench.services).tidy(hourly: false)
        let asked = try await client.send(.get, "/api/v1/notifications").json["items"].list.map { $0["kind"].string }
        let told = try await accountant.send(.get, "/api/v1/notifications").json["items"].list.map { $0["kind"].string }
        #expect(asked == ["case.silent"] && told == ["case.silent_miss"])
      }
      // The next one is warned of before it is silent.
      try await Self.say(client.account, in: world.here.topic(.bank), 0, bench)
      bench.clock.advance(.seconds(4 * 24 * 3600))
      for _ in 0..<2 { await Housekeeping(services: bench.services).tidy(hourly: false) }
      let told = try await accountant.send(.get, "/api/v1/notifications").json["items"].list.map { $0["kind"].string }
      #expect(told == ["wait.late", "case.silent_miss"])
    }
  }

  @Test func theCalendarIsKeptByYearAndVersion() async throws {
    try await RestBench.run { bench in
      let admin = try await AccessWorld.make(bench).person(.admin)
      let path = "/api/v1/settings/calendar"
      let first = try await admin.send(.get, path + "?year=2027").json
      #expect(first["version"].number == 0 && first["set"] == .flag(false) && first["days"].list.count == 9)
      #expect(first["weekly"].list.count == 7 && first["weekly"][0][1].string == "14:00-18:00")
      let body =
        #"{"version":0,"days":[{"date":"2027-03-27","name":"","shifts":["09:00-14:00"]},{"date":"2027-03-21","name":"navruz","shifts":[]}]}"#
      let set = try await admin.send(.put, path + "/years/2027", body)
      #expect(set.json["set"] == .flag(true) && set.json["days"][0]["date"].string == "2027-03-21")
      #expect(set.json["days"][1]["shifts"][0].string == "09:00-14:00")
      #expect(try await admin.send(.put, path + "/years/2027", body).fields["version"] == "changed")
      #expect(try await admin.send(.get, path + "?year=2028").json["set"] == .flag(false))
      for days in [
        #"[{"date":"2026-03-21","shifts":[]}]"#, #"[{"date":"2027-02-30","shifts":[]}]"#, #"[{"date":"2027-03-21"}]"#,
        #"[{"date":"2027-03-21","shifts":["25:00-26:00"]}]"#, #"[{"date":"2027-03-21","shifts":["09:00-12:00","11:00-13:00"]}]"#,
        #"[{"date":"2027-03-21","shifts":[]},{"date":"2027-03-21","shifts":[]}]"#, "7",
      ] {
        let answer = try await admin.send(.put, path + "/years/2027", #"{"version":1,"days":\#(days)}"#)
        #expect(answer.status == 422 && answer.fields["days"] != nil, "\(days): \(answer.text)")
      }
      #expect(try await admin.send(.put, path + "/years/1999", body).status == 404)
      #expect(try await admin.send(.get, path + "?year=1999").status == 422)
      #expect(try await admin.send(.put, path + "/week", #"{"version":1,"weekly":[[]]}"#).fields["weekly"] == "invalid")
      // Beside what was refused.
      let written = try await bench.actions().filter { $0 != "access.refuse" }
      #expect(written == ["settings.update"])
    }
  }

  @Test func howEarlyStaffAreWarnedIsASettingOfWhichEveryVersionIsKept() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let (admin, accountant) = (world.person(.admin), world.person(.accountant))
      let path = "/api/v1/settings/targets"
      #expect(try await admin.send(.get, path).json["warning"]["percent"].number == 25)
      let set = try await admin.send(.put, path + "/warning", #"{"version":0,"percent":90}"#)
      #expect(set.status == 200 && set.json["warning"]["percent"].number == 90 && set.json["warning"]["version"].number == 1)
      #expect(try await admin.send(.put, path + "/warning", #"{"version":0,"percent":50}"#).status == 409)
      for wrong in ["4", "91", "null", "\"25\"", "25.5"] {
        let answer = try await admin.send(.put, path + "/warning", #"{"version":1,"percent":\#(wrong)}"#)
        #expect(answer.status == 422 && answer.fields["percent"] != nil, "\(wrong)")
      }
      #expect(try await accountant.send(.put, path + "/warning", #"{"version":1,"percent":50}"#).status == 403)
      let kept = try await bench.database.app.run { session in
        try session.rows("SELECT value->>'percent' FROM setting_change WHERE name = 'warning'").map {
          try $0.decode(at: 0, as: String.self)
        }
      }
      #expect(kept == ["90"])
      let written = try await bench.database.app.run { session in
        try session.value("SELECT (detail - 'written')::text FROM action_log WHERE action = 'settings.update'", as: String.self)
      }
      #expect(written == #"{"after": 90, "before": 25, "setting": "warning"}"#)
    }
  }

  @Test func targetsAreSetAndTakenBack() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let admin = world.person(.admin)
      let path = "/api/v1/settings/targets"
      let own = try await admin.send(.put, path + "/clients/\(world.here.id)", #"{"minutes":30}"#)
      #expect(own.json["clients"][0]["minutes"].number == 30 && own.json["clients"][0]["organisation"]["name"].string == "Here")
      #expect(try await admin.send(.put, path + "/clients/\(world.here.id)", #"{"minutes":null}"#).json["clients"].list.isEmpty)
      #expect(try await admin.send(.put, path + "/clients/987654", #"{"minutes":30}"#).status == 404)
      #expect(try await admin.send(.put, path + "/topics/none", #"{"minutes":30}"#).status == 404)
      let none = try await admin.send(.put, path + "/topics/bank", #"{"minutes":null}"#)
      #expect(none.json["topics"]["bank"] == .null)
      for minutes in ["0", "60001", "1.5", #""30""#] {
        let answer = try await admin.send(.put, path + "/topics/bank", #"{"minutes":\#(minutes)}"#)
        #expect(answer.status == 422 && answer.fields["minutes"] != nil, "\(minutes)")
      }
      let written = try await bench.actions().filter { $0 != "access.refuse" }
      #expect(written == Array(repeating: "settings.update", count: 3))
    }
  }

  @Test func anAssignmentGoesToSomebodyElse() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let (supervisor, here) = (world.person(.supervisor), world.here)
      let accountant = world.person(.accountant).account
      let next = try await bench.account("next")
      try await bench.database.makeMembership(next, role: "accountant", department: here.department)
      func assignments() async throws -> [String] {
        try await supervisor.send(.get, "/api/v1/assignments").json["items"].list.map { item in
          let days = [item["from"].string ?? "", item["to"].string ?? "-"].joined(separator: "..")
          return "\(item["account"]["name"].string ?? "") \(item["topics"].list.count) \(days)"
        }
      }
      let today = LocalDate(inTashkentAt: bench.clock.time)
      let id = try await supervisor.send(.get, "/api/v1/assignments").json["items"].ids[0]
      let path = "/api/v1/assignments/\(id)/reassign"
      let (soon, later) = (today.advanced(by: 10), today.advanced(by: 20))
      // Cover for a holiday: the old one goes on.
      let cover = try await supervisor.send(.post, path, #"{"account":\#(next),"from":"\#(soon)","to":"\#(later)"}"#)
      #expect(cover.status == 201 && cover.json["items"].list.count == 2, "\(cover.text)")
      #expect(try await assignments() == ["accountant 5 \(today)..-", "next 5 \(soon)..\(later)"])
      // One topic, today: the others stay with the old one.
      let one = try await supervisor.send(.post, path, #"{"account":\#(next),"topics":["ttn"]}"#)
      #expect(one.status == 201)
      #expect(
        try await assignments() == ["next 5 \(soon)..\(later)", "accountant 4 \(today)..-", "next 1 \(today)..-"])
      #expect(try await supervisor.send(.post, path, #"{"account":\#(next)}"#).status == 404)
      // The rest, from a day to come: until then it is the old one's.
      let rest = one.json["items"][0]["id"].number ?? 0
      let handed = try await supervisor.send(
        .post, "/api/v1/assignments/\(rest)/reassign", #"{"account":\#(next),"from":"\#(soon)"}"#)
      #expect(handed.status == 201)
      let list = try await assignments()
      #expect(list.contains("accountant 4 \(today)..\(today.advanced(by: 9))") && list.contains("next 4 \(soon)..-"))
      // What can't be.
      for body in [
        #"{"account":\#(world.foreignAccountant.account)}"#, #"{"account":\#(accountant)}"#, #"{"account":987654}"#,
        #"{"account":\#(next),"topics":["ttn"]}"#, #"{"account":\#(next),"from":"2020-01-01"}"#,
        #"{"account":\#(next),"from":"\#(later)","to":"\#(soon)"}"#,
      ] {
        let answer = try await supervisor.send(.post, "/api/v1/assignments/\(rest)/reassign", body)
        #expect(answer.status == 422, "\(body): \(answer.text)")
      }
      let bell = try await bench.database.app.run { try Notifications.list(of: next, limit: 100, in: $0).items.map(\.kind) }
      #expect(Set(bell) == ["assignment.new"] && bell.count == 10)
      let written = try await bench.actions().filter { $0 != "access.refuse" }
      #expect(written == Array(repeating: "assignment.move", count: 3))
    }
  }
}
