import Domain
import HTTPTypes
import ServerKit
import Storage
import TestSupport
import Testing

@testable import RestAPI

/// How many devices may be signed in, and who ends which.
@Suite struct DeviceTests {
  private static func set(_ admin: Signed, _ devices: String, replace: String = "", version: Int = 0) async throws {
    let answer = try await admin.send(
      .put, "/api/v1/settings/sessions",
      #"{"version":\#(version),"devices":{\#(devices)},"replace":[\#(replace)],"adminSecondFactor":false}"#)
    #expect(answer.status == 200, "\(answer.text)")
  }

  private static func signIn(_ bench: RestBench, _ login: String, _ device: String, replace: Bool = false) async throws -> Answer
  {
    try await bench.send(
      .post, "/api/v1/session",
      #"{"login":"\#(login)","password":"\#(RestBench.password)","device":"\#(device)","replace":\#(replace)}"#)
  }

  private static func token(_ answer: Answer) throws -> SessionToken {
    let cookie = try #require(answer.cookie("onefin_session"))
    return try #require(SessionToken(cookie.split(separator: ";")[0].dropFirst("onefin_session=".count)))
  }

  private static func isLive(_ bench: RestBench, _ token: SessionToken) async throws -> Bool {
    try await bench.send(.get, "/api/v1/session", headers: [.authorization: "Bearer \(token.text)"]).status == 200
  }

  @Test func theNextDeviceIsRefusedOnlyToWhoeverKnowsThePassword() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let account = try await bench.account("aziza")
      try await bench.database.makeMembership(account, role: "client", organisation: world.here.id)
      try await Self.set(world.person(.admin), #""client":2"#)
      let first = try Self.token(try await Self.signIn(bench, "aziza", "A"))
      #expect(try await Self.signIn(bench, "aziza", "B").status == 201)
      let refused = try await Self.signIn(bench, "aziza", "C")
      #expect(refused.status == 409 && refused.code == "device_limit" && refused.json["limit"].number == 2)
      #expect(refused.json["devices"].list.map { $0["device"].string } == ["B", "A"])
      #expect(!refused.json["devices"].list.contains { $0["ends"] == .flag(true) })
      #expect(refused.headers[values: .setCookie].isEmpty)
      // The setting refuses, whatever the page asks for.
      #expect(try await Self.signIn(bench, "aziza", "C", replace: true).status == 409)
      let stranger = try await bench.signIn("aziza", "wrong-password")
      #expect(stranger.status == 401 && stranger.code == "invalid_credentials")
      #expect(try await Self.isLive(bench, first))
    }
  }

  @Test func whereTheFirmAllowsItTheOldestMakesRoom() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let account = try await bench.account("aziza")
      try await bench.database.makeMembership(account, role: "client", organisation: world.here.id)
      try await Self.set(world.person(.admin), #""client":2"#, replace: #""client""#)
      let oldest = try Self.token(try await Self.signIn(bench, "aziza", "A"))
      let newer = try Self.token(try await Self.signIn(bench, "aziza", "B"))
      try await bench.database.app.run {
        try $0.execute("UPDATE session SET last_used_at = now() - interval '1 hour' WHERE device = 'A'")
      }
      let offered = try await Self.signIn(bench, "aziza", "C")
      #expect(offered.status == 409 && offered.json["devices"].list.last?["ends"] == .flag(true))
      let live: Int64? = try await bench.database.app.run {
        try $0.value("SELECT count(*) FROM session WHERE account_id = \(account) AND ended_at IS NULL")
      }
      #expect(live == 2)
      let before = try await bench.outbox().count
      #expect(try await Self.signIn(bench, "aziza", "C", replace: true).status == 201)
      #expect(try await !Self.isLive(bench, oldest))
      #expect(try await Self.isLive(bench, newer))
      // Its sockets hear of it on every node.
      let isTold = try await bench.outbox().dropFirst(before).contains { $0.hasPrefix("session ") }
      #expect(isTold)
      let count: Int64? = try await bench.database.app.run {
        try $0.value("SELECT count(*) FROM session WHERE end_reason = 'device limit'")
      }
      #expect(count == 1)
    }
  }

  @Test func twoAtOnceDontBothTakeTheLastPlace() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let account = try await bench.account("aziza")
      try await bench.database.makeMembership(account, role: "client", organisation: world.here.id)
      try await Self.set(world.person(.admin), #""client":1"#)
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for name in ["A", "B", "C", "D"] { group.addTask { try await Self.signIn(bench, "aziza", name).status } }
        return try await group.reduce(into: [Int]()) { $0.append($1) }
      }
      #expect(statuses.sorted() == [201, 409, 409, 409])
    }
  }

  @Test func theStrictestRoleCounts() {
    let settings = SessionSettings(
      version: 1,
      limits: [
        .client: .init(devices: 5, excess: .refuse), .admin: .init(devices: 2, excess: .replace),
        .agent: .init(devices: 2, excess: .refuse),
      ],
      adminSecondFactor: false)
    #expect(settings.limit(of: [.client, .admin]) == .init(devices: 2, excess: .replace))
    #expect(settings.limit(of: [.agent, .admin]) == .init(devices: 2, excess: .refuse))
    #expect(settings.limit(of: [.sales]) == nil && settings.limit(of: []) == nil)
    #expect(settings.words == ["admin 2 replace", "client 5 refuse", "agent 2 refuse"])
  }

  @Test func signingInAgainInABrowserTakesThePlaceOfTheOldSession() async throws {
    try await RestBench.run { bench in
      _ = try await bench.account("aziza")
      let first = try await bench.signIn("aziza")
      let device = try #require(first.cookie("onefin_device")?.split(separator: ";").first)
      #expect(try await bench.signIn("aziza", headers: [.cookie: String(device)]).status == 201)
      #expect(try await !Self.isLive(bench, try Self.token(first)))
      // Another person at the same machine is another account.
      _ = try await bench.account("bobur")
      let second = try await bench.signIn("aziza", headers: [.cookie: String(device)])
      #expect(try await bench.signIn("bobur", headers: [.cookie: String(device)]).status == 201)
      #expect(try await Self.isLive(bench, try Self.token(second)))
    }
  }

  @Test func aSignInOnANewDeviceIsToldWhereOneIsSignedInAlready() async throws {
    try await RestBench.run { bench in
      let me = try await bench.signedIn(try await bench.account("aziza"))
      let first = try await bench.send(
        .post, "/api/v1/session", #"{"login":"aziza","password":"\#(RestBench.password)","device":"Oʻgʻri"}"#, from: "6.6.6.6")
      let told = try await me.send(.get, "/api/v1/notifications").json["items"].list
      let lines = told.map { [$0["kind"].string, $0["detail"]["device"].string, $0["detail"]["address"].string] }
      #expect(lines == [["session.new", "Oʻgʻri", "6.6.6.6"]])
      // The same device again is no news, and nor is a wrong password.
      let device = try #require(first.cookie("onefin_device")?.split(separator: ";").first)
      #expect(try await bench.signIn("aziza", headers: [.cookie: String(device)]).status == 201)
      #expect(try await bench.signIn("aziza", "wrong-password", from: "7.7.7.7").status == 401)
      let after = try await me.send(.get, "/api/v1/notifications").json["items"].list.count
      #expect(after == 1)
      // Signed out everywhere, one finds it at the next sign-in.
      _ = try await me.send(.delete, "/api/v1/sessions")
      _ = try await me.send(.delete, "/api/v1/session")
      try await bench.database.app.run {
        try $0.execute("UPDATE session SET ended_at = now(), end_reason = 'test' WHERE ended_at IS NULL")
      }
      #expect(try await bench.signIn("aziza", from: "8.8.8.8").status == 201)
      let owner = try await bench.signedIn(me.account)
      let later = try await owner.send(.get, "/api/v1/notifications").json["items"].list
      #expect(later.count == 2 && later[0]["detail"]["address"].string == "8.8.8.8")
      // Whoever signs in for the first time has nobody to be told.
      _ = try await bench.account("bobur")
      #expect(try await bench.signIn("bobur").status == 201)
      let count: Int64? = try await bench.database.app.run { try $0.value("SELECT count(*) FROM notification") }
      #expect(count == 2)
    }
  }

  @Test func aStolenCookieIsWorthNothingAfterAllOthersWereEnded() async throws {
    try await RestBench.run { bench in
      let account = try await bench.account("aziza")
      let me = try await bench.signedIn(account)
      let stolen = try await bench.signedIn(account)
      let app = try await bench.signedIn(account, byCookie: false)
      let ended = try await me.send(.delete, "/api/v1/sessions")
      #expect(ended.json["ended"].number == 2)
      for thief in [stolen, app] {
        for (method, path) in [
          (HTTPRequest.Method.get, "/api/v1/session"), (.get, "/api/v1/users"), (.delete, "/api/v1/sessions"),
        ] {
          #expect(try await thief.send(method, path).status == 401, "\(path)")
        }
      }
      #expect(try await me.send(.get, "/api/v1/sessions").json["items"].list.count == 1)
      #expect(try await bench.outbox().last == #"session {"sessions": [\#(stolen.session), \#(app.session)]}"#)
      #expect(try await bench.actions() == ["session.end_all"])
    }
  }

  @Test func onlyAnAdminSeesAndEndsOthers() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let (admin, client) = (world.person(.admin), world.person(.client))
      for path in ["/api/v1/sessions?account=\(admin.account)", "/api/v1/sessions?account=987654321"] {
        let answers = [try await client.send(.delete, path), try await client.send(.get, path)]
        #expect(answers.map(\.status) == [404, 404] && answers[0].text == answers[1].text)
      }
      let foreign = try await client.send(.delete, "/api/v1/sessions/\(admin.session)")
      let missing = try await client.send(.delete, "/api/v1/sessions/987654321")
      #expect(foreign.status == 404 && foreign.text == missing.text)
      var seen: [Int64] = []
      var cursor = ""
      repeat {
        let page = try await admin.send(.get, "/api/v1/sessions/all?limit=4\(cursor)")
        seen += page.json["items"].list.compactMap { $0["device"]["id"].number }
        cursor = page.json["next"].string.map { "&cursor=\($0)" } ?? ""
      } while !cursor.isEmpty
      #expect(seen.count == 11 && seen == seen.sorted(by: >))
      let found = try await admin.send(.get, "/api/v1/sessions/all?search=FOREIGN-c")
      let logins = found.json["items"].list.map { $0["login"].string }
      #expect(logins == ["foreign-client"])
      for search in ["%25", "_", "x'%20OR%20true--", "%5C"] {
        #expect(try await admin.send(.get, "/api/v1/sessions/all?search=\(search)").json["items"].list.isEmpty, "\(search)")
      }
      #expect(try await admin.send(.delete, "/api/v1/sessions?account=\(client.account)").json["ended"].number == 1)
      #expect(try await client.send(.get, "/api/v1/session").status == 401)
    }
  }

  @Test func theNoticeIsConfirmedOnceAndStays() async throws {
    try await RestBench.run { bench in
      let me = try await bench.signedIn(try await bench.account("aziza"), hasReadNotice: false)
      #expect(try await me.send(.get, "/api/v1/session").json["notices"] == .list([.text("oversight")]))
      // Until then nothing but that, whatever the page shows.
      for (method, path, body) in [
        (HTTPRequest.Method.get, "/api/v1/sessions", nil), (.get, "/api/v1/users", nil), (.get, "/api/v1/notifications", nil),
        (.patch, "/api/v1/users/\(me.account)", #"{"language":"ru"}"#), (.post, "/api/v1/me/memberships", #"{"token":"x"}"#),
      ] {
        let answer = try await me.send(method, path, body)
        #expect(answer.status == 403 && answer.code == "notice", "\(path) \(answer.text)")
      }
      for _ in 0..<2 { #expect(try await me.send(.put, "/api/v1/me/notices/oversight", "{}").status == 204) }
      #expect(try await me.send(.get, "/api/v1/session").json["notices"] == .list([]))
      #expect(try await me.send(.get, "/api/v1/sessions").status == 200)
      let done = try await bench.actions().filter { $0 != "access.refuse" }
      #expect(done == ["notice.acknowledge"])
      #expect(try await bench.signIn("aziza").json["notices"] == .list([]))
    }
  }
}
