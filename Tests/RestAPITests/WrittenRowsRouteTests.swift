import Domain
import HTTPTypes
import Storage
import TestSupport
import Testing

@testable import RestAPI

/// Every route that writes a row for which the action log vouches says so in the log: a check of the database finds nothing afterwards.
@Suite("What routes write is what the action log says") struct WrittenRowsRouteTests {
  @Test("People, companies and work") func people() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let (admin, here, there) = (world.person(.admin), world.here, world.there)
      let (client, accountant) = (world.person(.client).account, world.person(.accountant).account)
      try await bench.database.writeDown()
      func send(_ method: HTTPRequest.Method, _ path: String, _ body: String? = nil) async throws -> JSONValue {
        let answer = try await admin.send(method, "/api/v1" + path, body)
        #expect((200..<300).contains(answer.status), "\(path) \(answer.text)")
        return answer.json
      }
      func number(_ json: JSONValue) throws -> Int64 { try #require(json["id"].number) }
      func check(_ what: String) async throws {
        let found = try await bench.database.unwritten()
        #expect(found == [], "\(what)")
      }

      let department = try number(try await send(.post, "/departments", #"{"name":"Uchinchi"}"#))
      _ = try await send(.patch, "/departments/\(department)", #"{"name":"Soliq"}"#)
      let company = try number(try await send(.post, "/organisations", #"{"name":"Yangi","department":\#(department)}"#))
      _ = try await send(.patch, "/organisations/\(company)", #"{"stir":"123456789","department":\#(here.department)}"#)
      _ = try await send(.delete, "/departments/\(department)")
      try await check("departments and companies")

      let person = try number(
        try await send(
          .post, "/users",
          #"{"name":"Vali","login":"vali","password":"uzun-parol-4821","role":"accountant","department":\#(here.department)}"#))
      let role = try number(
        try await send(.post, "/users/\(person)/memberships", #"{"role":"client","organisation":\#(company)}"#))
      _ = try await send(.delete, "/memberships/\(role)")
      _ = try await send(.patch, "/users/\(person)", #"{"name":"Vali Aliyev","disabled":true}"#)
      _ = try await send(.patch, "/users/\(person)", #"{"disabled":false}"#)
      try await check("accounts and roles")

      let today = LocalDate(inTashkentAt: bench.clock.time)
      let made = try number(
        try await send(
          .post, "/assignments", #"{"account":\#(person),"organisation":\#(company),"topics":["bank","ttn"],"from":"\#(today)"}"#)
      )
      _ = try await send(
        .post, "/assignments/\(made)/reassign", #"{"account":\#(accountant),"topics":["ttn"],"from":"\#(today.advanced(by: 5))"}"#
      )
      let plan =
        #""account":\#(person),"organisations":[\#(here.id),\#(there.id)],"topics":["faktura"],"from":"\#(today)","replace":true"#
      let digest = try #require(try await send(.post, "/assignments/plans", "{\(plan)}")["digest"].string)
      _ = try await send(.post, "/assignments/plans/execution", #"{\#(plan),"digest":"\#(digest)"}"#)
      let left = try await send(.get, "/assignments?account=\(accountant)&organisation=\(here.id)")["items"]
      _ = try await send(.delete, "/assignments/\(try #require(left[0]["id"].number))")
      try await check("assignments")

      for login in ["lola", nil] {
        let token = try #require(
          try await send(.post, "/invitations", #"{"role":"sales","organisation":\#(company),"name":"Lola"}"#)["token"].string)
        let answer: Answer
        if let login {
          answer = try await bench.send(
            .post, "/api/v1/one-time/account",
            #"{"token":"\#(token)","name":"Lola","login":"\#(login)","password":"yangi-parol-5678"}"#)
        } else {
          answer = try await bench.signedIn(client).send(.post, "/api/v1/me/memberships", #"{"token":"\#(token)"}"#)
        }
        #expect(answer.status == 204, "\(answer.text)")
      }
      try await check("invitations")

      for (what, table) in [
        ("organisations", "name,stir,department\nHere,123456780,Second\nUchinchi,,First\n"),
        ("users", "name,login,role,department\nBoshqa Vali,vali,supervisor,First\nYangi,yangi,accountant,Second\n"),
      ] {
        let type: HTTPFields = [.contentType: "text/csv"]
        let shown = try await admin.send(.post, "/api/v1/imports/\(what)", bytes: Array(table.utf8), headers: type)
        let seen = try #require(shown.json["digest"].string, "\(shown.text)")
        let done = try await admin.send(.post, "/api/v1/imports/\(what)?digest=\(seen)", bytes: Array(table.utf8), headers: type)
        #expect(done.status == 200, "\(done.text)")
      }
      try await check("imports")

      _ = try await send(.post, "/organisations/\(here.id)/closing", #"{"reason":"Shartnoma tugadi"}"#)
      try await check("a company that leaves")
    }
  }

  @Test("What somebody joins, leaves, and loses with the role or the company") func joining() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let (admin, here, there) = (world.person(.admin), world.here, world.there)
      let supervisor = world.person(.supervisor)
      let topics = try await bench.database.app.run { session in
        try session.rows("SELECT id FROM topic WHERE organisation_id = \(here.id) ORDER BY kind").map {
          try $0["id", as: TopicID.self]
        }
      }
      try await bench.database.writeDown()
      func join(_ topic: TopicID, _ method: HTTPRequest.Method = .post) async throws {
        let answer = try await supervisor.send(method, "/api/v1/topics/\(topic)/join")
        #expect(answer.status == 204, "\(answer.text)")
        let found = try await bench.database.unwritten()
        #expect(found == [], "\(method)")
      }
      func joined() async throws -> Int? {
        try await bench.database.app.run { try $0.value("SELECT count(*) FROM assignment WHERE joined AND ended_at IS NULL") }
      }

      try await join(topics[0])
      try await join(topics[0], .delete)
      try await join(topics[1])
      let moved = try await admin.send(
        .patch, "/api/v1/organisations/\(here.id)", #"{"department":\#(there.department)}"#)
      #expect(moved.status == 200, "\(moved.text)")
      #expect(try await joined() == 0)
      #expect(try await bench.database.unwritten() == [])

      let back = try await admin.send(.patch, "/api/v1/organisations/\(here.id)", #"{"department":\#(here.department)}"#)
      #expect(back.status == 200, "\(back.text)")
      try await join(topics[2])
      let account = supervisor.account
      let role: MembershipID? = try await bench.database.app.run {
        try $0.value("SELECT id FROM membership WHERE account_id = \(account)")
      }
      let ended = try await admin.send(.delete, "/api/v1/memberships/\(try #require(role))")
      #expect(ended.status == 204, "\(ended.text)")
      #expect(try await joined() == 0)
      #expect(try await bench.database.unwritten() == [])
    }
  }

  @Test("Settings, targets and holds") func settings() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let (admin, here) = (world.person(.admin), world.here)
      try await bench.database.writeDown()
      let week = Array(repeating: #"["09:00-18:00"]"#, count: 7).joined(separator: ",")
      for (path, body) in [
        ("settings/calendar/years/2027", #"{"version":0,"days":[{"date":"2027-03-21","name":"navruz","shifts":[]}]}"#),
        ("settings/calendar/week", #"{"version":1,"weekly":[\#(week)]}"#),
        ("settings/targets/warning", #"{"version":0,"percent":90}"#), ("settings/targets/topics/bank", #"{"minutes":45}"#),
        ("settings/targets/clients/\(here.id)", #"{"minutes":30}"#),
        ("settings/targets/clients/\(here.id)", #"{"minutes":null}"#),
        ("settings/sessions", #"{"version":0,"devices":{"client":3},"replace":["client"],"adminSecondFactor":false}"#),
        ("settings/watermark", #"{"version":0,"text":"Nusxa","opacity":0.25,"position":"topLeft"}"#),
        (
          "settings/documents",
          #"{"version":0,"size":1000,"sizes":{"pdf":2000},"unstamped":["xml"],"accountDaily":5000,"organisationTotal":0}"#
        ),
      ] {
        let answer = try await admin.send(.put, "/api/v1/" + path, body)
        #expect(answer.status == 200, "\(path) \(answer.text)")
      }
      let hold = try await admin.send(.post, "/api/v1/legal-holds", #"{"organisation":\#(here.id),"reason":"sud ishi"}"#)
      let id = try #require(hold.json["id"].number)
      #expect(try await bench.database.unwritten() == [])
      #expect(try await admin.send(.post, "/api/v1/legal-holds/\(id)/lift", #"{"reason":"tugadi"}"#).status == 200)
      #expect(try await bench.database.unwritten() == [])
    }
  }
}
