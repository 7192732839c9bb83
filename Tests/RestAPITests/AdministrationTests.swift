import Domain
import Foundation
import HTTPTypes
import Storage
import TestSupport
import Testing

@testable import RestAPI

@Suite struct AdministrationTests {
  /// An admin signed in on an otherwise empty database.
  private static func admin(_ bench: RestBench) async throws -> Signed {
    let account = try await bench.account("admin")
    try await bench.database.makeMembership(account, role: "admin")
    return try await bench.signedIn(account)
  }

  @Test func fromAnEmptyFirmToAWorkingPair() async throws {
    try await RestBench.run { bench in
      let admin = try await Self.admin(bench)
      let department = try #require(try await admin.send(.post, "/api/v1/departments", #"{"name":" Savdo "}"#).json["id"].number)
      let created = try await admin.send(
        .post, "/api/v1/organisations", #"{"name":"Non MChJ","stir":"123456789","department":\#(department)}"#)
      #expect(created.status == 201)
      let kinds = created.json["topics"].list.compactMap { $0["kind"].string }
      #expect(kinds == ["bank", "dogovor", "faktura", "dovernost", "ttn"])
      #expect(created.json["department"]["name"].string == "Savdo")
      let organisation = try #require(created.json["id"].number)

      let accountant = try await admin.send(
        .post, "/api/v1/users",
        #"{"name":"Bobur","login":"Bobur","password":"parol-1234-uzun","language":"ru","role":"accountant","department":\#(department)}"#
      )
      #expect(accountant.status == 201 && accountant.json["login"].string == "bobur")
      #expect(accountant.json["memberships"][0]["department"]["id"].number == department)
      let client = try await admin.send(
        .post, "/api/v1/users",
        #"{"name":"Aziza","login":"aziza","password":"parol-1234-uzun","role":"client","organisation":\#(organisation)}"#)
      #expect(client.status == 201 && client.json["language"].string == "uz")
      let assigned = try await admin.send(
        .post, "/api/v1/assignments",
        #"""
        {"account":\#(accountant.json["id"].number ?? 0),"organisation":\#(organisation),"topics":["ttn","bank"],
         "from":"2026-01-01","to":"2030-12-31"}
        """#)
      #expect(assigned.status == 201)
      #expect(assigned.json["topics"].list.compactMap(\.string) == ["bank", "ttn"])
      #expect(assigned.json["account"]["name"].string == "Bobur" && assigned.json["to"].string == "2030-12-31")

      for login in ["bobur", "aziza"] {
        let answer = try await bench.signIn(login)
        let csrf = try #require(answer.json["csrf"].string)
        let cookie = try #require(answer.cookie("onefin_session")?.split(separator: ";").first)
        let headers: HTTPFields = [.cookie: String(cookie), .xCSRFToken: csrf]
        #expect(try await bench.send(.put, "/api/v1/me/notices/oversight", "{}", headers: headers).status == 204)
        let list = try await bench.send(.get, "/api/v1/organisations", headers: headers)
        #expect(list.json["items"].ids == [organisation], "\(login)")
      }
      let participants = try await bench.database.app.run { session in
        try session.rows("SELECT DISTINCT kind, staff FROM topic_participant p JOIN topic t ON t.id = p.topic_id ORDER BY 1, 2")
          .count
      }
      #expect(participants == 5 + 2)
      #expect(
        try await bench.actions()
          == [
            "department.create", "organisation.create", "account.create", "account.create", "assignment.create", "session.start",
            "notice.acknowledge", "session.start", "notice.acknowledge",
          ])
      let published = try await bench.outbox().allSatisfy { $0.hasPrefix("access ") }
      #expect(published)
    }
  }

  @Test(arguments: [
    (#"{}"#, ["name": "required", "login": "required", "password": "required", "role": "required"]),
    (
      #"{"name":"N","login":"ok","password":"parol-1234-uzun","role":"client"}"#,
      ["organisation": "required"]
    ),
    (
      #"{"name":"N","login":"ok","password":"parol-1234-uzun","role":"admin","organisation":1,"department":1}"#,
      ["organisation": "invalid", "department": "invalid"]
    ),
    (#"{"name":"N","login":"ok","password":"parol-1234-uzun","role":"supervisor"}"#, ["department": "required"]),
    (#"{"name":"N","login":"ok","password":"parol-1234-uzun","role":"king"}"#, ["role": "invalid"]),
    (#"{"name":"N","login":"кирилл","password":"parol-1234-uzun","role":"admin"}"#, ["login": "invalid"]),
    (#"{"name":"N","login":".dot","password":"parol-1234-uzun","role":"admin"}"#, ["login": "invalid"]),
    (#"{"name":"N","login":"ok","password":"short","role":"admin"}"#, ["password": "weak"]),
    (
      #"{"name":"a\tb","login":"ok","password":"parol-1234-uzun","role":"admin","language":"fr"}"#,
      ["name": "invalid", "language": "invalid"]
    ),
    (#"{"name":"N","login":"ok","password":"parol-1234-uzun","role":"client","organisation":999}"#, ["organisation": "unknown"]),
    (#"{"name":"N","login":"ok","password":"parol-1234-uzun","role":"client","organisation":"1"}"#, ["organisation": "type"]),
    (#"{"name":"N","login":"ok","password":"parol-1234-uzun","role":"accountant","department":999}"#, ["department": "unknown"]),
  ])
  func newUsersAreChecked(body: String, fields: [String: String]) async throws {
    try await RestBench.run { bench in
      let answer = try await Self.admin(bench).send(.post, "/api/v1/users", body)
      #expect(answer.status == 422 && answer.fields == fields, "\(answer.text)")
      // Nothing half-made stays behind.
      let count: Int64? = try await bench.database.app.run { try $0.value("SELECT count(*) FROM account") }
      #expect(count == 1)
    }
  }

  @Test func whatIsTakenIsNamed() async throws {
    try await RestBench.run { bench in
      let admin = try await Self.admin(bench)
      let department = try await bench.database.makeDepartment("Savdo")
      let organisation = try await bench.database.makeOrganisation("Non", department: department)
      let other = try await bench.database.makeOrganisation("Sut", department: department)
      let user = try await bench.database.makeClient("aziza", of: organisation)
      let id = organisation.id
      _ = try await bench.database.app.run { try $0.execute("UPDATE organisation SET stir = '123456789' WHERE id = \(id)") }

      func expect(_ method: HTTPRequest.Method, _ path: String, _ body: String, _ field: String) async throws {
        let answer = try await admin.send(method, path, body)
        #expect(answer.status == 409 && answer.code == "conflict" && answer.fields == [field: "taken"], "\(answer.text)")
      }
      try await expect(.post, "/api/v1/departments", #"{"name":"Savdo"}"#, "name")
      try await expect(.post, "/api/v1/organisations", #"{"name":"Non","department":\#(department)}"#, "name")
      try await expect(.post, "/api/v1/organisations", #"{"name":"New","stir":"123456789","department":\#(department)}"#, "stir")
      try await expect(.patch, "/api/v1/organisations/\(other.id)", #"{"stir":"123456789"}"#, "stir")
      try await expect(
        .post, "/api/v1/users",
        #"{"name":"N","login":"AZIZA","password":"parol-1234-uzun","role":"client","organisation":\#(id)}"#, "login")
      try await expect(.post, "/api/v1/users/\(user)/memberships", #"{"role":"client","organisation":\#(id)}"#, "role")
    }
  }

  @Test func organisationsChangeAndMoveBetweenDepartments() async throws {
    try await RestBench.run { bench in
      let admin = try await Self.admin(bench)
      let (first, second) = (try await bench.database.makeDepartment("First"), try await bench.database.makeDepartment("Second"))
      let organisation = try await bench.database.makeOrganisation("Non", department: first)
      let before = try await bench.account("old-supervisor")
      try await bench.database.makeMembership(before, role: "supervisor", department: first)
      let after = try await bench.account("new-supervisor")
      try await bench.database.makeMembership(after, role: "supervisor", department: second)

      let path = "/api/v1/organisations/\(organisation.id)"
      #expect(try await admin.send(.patch, path, #"{"stir":"123456789"}"#).json["stir"].string == "123456789")
      #expect(try await admin.send(.patch, path, #"{"name":"Non 2"}"#).json["stir"].string == "123456789")
      #expect(try await admin.send(.patch, path, #"{"stir":null}"#).json["stir"] == .null)
      #expect(try await admin.send(.patch, path, #"{"stir":"12345678"}"#).fields == ["stir": "invalid"])
      #expect(try await admin.send(.patch, path, #"{"department":999}"#).fields == ["department": "unknown"])
      #expect(try await bench.outbox().count == 1, "only the new name is told")

      let raised = try await bench.access(organisation.topic(.ttn))
      #expect(try await admin.send(.patch, path, #"{"department":\#(second)}"#).json["department"]["name"].string == "Second")
      #expect(try await bench.access(organisation.topic(.ttn)) == raised + 1)
      let topics = TopicKind.allCases.map { String(organisation.topic($0).rawValue) }.joined(separator: ", ")
      // The new name to those who had it in a list, the move also to those who get it.
      #expect(
        try await bench.outbox() == [
          #"access {"topics": [\#(topics)], "accounts": [\#(admin.account), \#(before)]}"#,
          #"access {"topics": [\#(topics)], "accounts": [\#(admin.account), \#(before), \#(after)]}"#,
        ])
    }
  }

  @Test func everyRevocationRaisesAccessAndIsToldToTheChat() async throws {
    try await RestBench.run { bench in
      let admin = try await Self.admin(bench)
      let organisation = try await bench.database.makeOrganisation(department: try await bench.database.makeDepartment())
      let topics = TopicKind.allCases.map { organisation.topic($0) }
      let allTopics = topics.map { String($0.rawValue) }.joined(separator: ", ")
      @Sendable func raised() async throws -> [Int64] {
        var values: [Int64] = []
        for topic in topics { values.append(try await bench.access(topic)) }
        return values
      }
      // An assignment: its own topics only.
      let accountant = try await bench.database.makeAccount("bobur")
      try await bench.database.makeMembership(accountant, role: "accountant", department: organisation.department)
      let assignment = try await bench.database.makeAssignment(
        accountant, organisation: organisation.id, topics: [.bank, .faktura])
      #expect(try await admin.send(.delete, "/api/v1/assignments/\(assignment)").status == 204)
      #expect(try await raised() == [1, 0, 1, 0, 0])
      let two = "\(organisation.topic(.bank)), \(organisation.topic(.faktura))"
      #expect(try await bench.outbox().last == #"access {"topics": [\#(two)], "accounts": [\#(accountant)]}"#)

      // A membership.
      let client = try await bench.database.makeAccount("aziza")
      let membership = try await bench.database.makeMembership(client, role: "client", organisation: organisation.id)
      #expect(try await admin.send(.delete, "/api/v1/memberships/\(membership)").status == 204)
      #expect(try await raised() == [2, 1, 2, 1, 1])
      #expect(try await bench.outbox().last == #"access {"topics": [\#(allTopics)], "accounts": [\#(client)]}"#)

      // Disabling: sessions end too.
      try await bench.database.makeMembership(client, role: "client", organisation: organisation.id)
      let session = try await bench.signedIn(client)
      #expect(try await admin.send(.patch, "/api/v1/users/\(client)", #"{"disabled":true}"#).json["disabled"] == .flag(true))
      #expect(try await raised() == [3, 2, 3, 2, 2])
      #expect(
        try await bench.outbox().suffix(2) == [
          #"session {"sessions": [\#(session.session)]}"#, #"access {"topics": [\#(allTopics)], "accounts": [\#(client)]}"#,
        ])
      #expect(try await session.send(.get, "/api/v1/session").status == 401)
      #expect(try await admin.send(.patch, "/api/v1/users/\(client)", #"{"disabled":false}"#).json["disabled"] == .flag(false))
      #expect(try await session.send(.get, "/api/v1/session").status == 401, "an ended session stays ended")

      // A new password.
      let again = try await bench.signedIn(client)
      #expect(try await admin.send(.patch, "/api/v1/users/\(client)", #"{"password":"yangi-parol-5678"}"#).status == 200)
      #expect(try await raised() == [4, 3, 4, 3, 3])
      #expect(try await bench.outbox().last == #"session {"sessions": [\#(again.session)]}"#)
      #expect(try await bench.signIn("aziza", "yangi-parol-5678").status == 201)
    }
  }

  @Test func aGhostsOpenWatchIsRevokedToo() async throws {
    try await RestBench.run { bench in
      let admin = try await Self.admin(bench)
      let organisation = try await bench.database.makeOrganisation(department: try await bench.database.makeDepartment())
      let supervisor = try await bench.database.makeAccount("nodir")
      let membership = try await bench.database.makeMembership(
        supervisor, role: "supervisor", department: organisation.department)
      let session = try await bench.database.makeSession(supervisor)
      let topic = organisation.topic(.dogovor)
      _ = try await bench.database.app.run {
        try $0.execute(
          """
          INSERT INTO observation (account_id, session_id, topic_id, reason, ends_at)
          VALUES (\(supervisor), \(session), \(topic), 'checking', now() + interval '30 minutes')
          """)
      }
      #expect(try await admin.send(.delete, "/api/v1/memberships/\(membership)").status == 204)
      #expect(try await bench.access(topic) == 1)
      #expect(try await bench.outbox() == [#"access {"topics": [\#(topic)], "accounts": [\#(supervisor)]}"#])
    }
  }

  @Test func theLastAdminStays() async throws {
    try await RestBench.run { bench in
      let admin = try await Self.admin(bench)
      let me = admin.account
      let own: Int64 = try await bench.database.app.run { try $0.one("SELECT id FROM membership WHERE account_id = \(me)")["id"] }
      #expect(try await admin.send(.delete, "/api/v1/memberships/\(own)").status == 409)
      #expect(try await admin.send(.patch, "/api/v1/users/\(me)", #"{"disabled":true}"#).status == 409)
      #expect(try await admin.send(.get, "/api/v1/session").json["memberships"].list.count == 1)
      #expect(try await bench.outbox().isEmpty)

      let second = try await bench.database.makeAccount("admin2")
      try await bench.database.makeMembership(second, role: "admin")
      #expect(try await admin.send(.patch, "/api/v1/users/\(me)", #"{"disabled":true}"#).status == 200)
    }
  }

  @Test func twoAdminsWhoDisableEachOtherLeaveOne() async throws {
    try await RestBench.run { bench in
      for round in 1...8 {
        var admins: [Signed] = []
        for number in 1...2 {
          let account = try await bench.account("admin\(round).\(number)")
          try await bench.database.makeMembership(account, role: "admin")
          admins.append(try await bench.signedIn(account))
        }
        let (first, second) = (admins[0], admins[1])
        async let one = first.send(.patch, "/api/v1/users/\(second.account)", #"{"disabled":true}"#)
        async let two = second.send(.patch, "/api/v1/users/\(first.account)", #"{"disabled":true}"#)
        let statuses = [try await one.status, try await two.status].sorted()
        #expect(statuses == [200, 401] || statuses == [200, 409], "\(statuses)")
        let left = try await bench.database.app.run { session in try session.transaction { try Accounts.liveAdmins(in: session) }
        }
        #expect(left.count == 1)
        for account in left {
          _ = try await bench.database.app.run { try $0.execute("UPDATE account SET disabled_at = now() WHERE id = \(account)") }
        }
      }
    }
  }

  @Test func peopleChangeOnlyTheirLanguageHere() async throws {
    try await RestBench.run { bench in
      let organisation = try await bench.database.makeOrganisation(department: try await bench.database.makeDepartment())
      let client = try await bench.signedIn(try await bench.database.makeClient("aziza", of: organisation))
      let path = "/api/v1/users/\(client.account)"
      for body in [#"{"name":"Other"}"#, #"{"disabled":true}"#, #"{"password":"yangi-parol-5678"}"#] {
        #expect(try await client.send(.patch, path, body).status == 403, "\(body)")
      }
      #expect(try await client.send(.patch, path, #"{"language":"ru"}"#).json["language"].string == "ru")
      // Not even an admin sets the own password without the old one.
      let admin = try await Self.admin(bench)
      #expect(try await admin.send(.patch, "/api/v1/users/\(admin.account)", #"{"password":"yangi-parol-5678"}"#).status == 403)
    }
  }

  @Test(arguments: [
    (#"{"topics":[],"from":"2026-01-01"}"#, ["topics": "required"]),
    (#"{"topics":["tv"],"from":"2026-01-01"}"#, ["topics": "invalid"]),
    (#"{"topics":["bank","bank"],"from":"2026-01-01"}"#, ["topics": "invalid"]),
    (#"{"topics":"bank","from":"2026-01-01"}"#, ["topics": "type"]),
    (#"{"topics":["bank"]}"#, ["from": "required"]), (#"{"topics":["bank"],"from":"2026-02-30"}"#, ["from": "invalid"]),
    (#"{"topics":["bank"],"from":"2026-02-02","to":"2026-02-01"}"#, ["to": "invalid"]),
  ])
  func assignmentsAreChecked(rest: String, fields: [String: String]) async throws {
    try await RestBench.run { bench in
      let organisation = try await bench.database.makeOrganisation(department: try await bench.database.makeDepartment())
      let accountant = try await bench.database.makeAccountant("bobur", of: organisation)
      let body = #"{"account":\#(accountant),"organisation":\#(organisation.id),"# + rest.dropFirst()
      let answer = try await Self.admin(bench).send(.post, "/api/v1/assignments", body)
      #expect(answer.status == 422 && answer.fields == fields, "\(answer.text)")
    }
  }

  @Test func foreignIdsInBodiesAreAsUnknownAsMissingOnes() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let supervisor = world.person(.supervisor)
      func assign(_ account: some CustomStringConvertible, _ organisation: some CustomStringConvertible) async throws -> Answer {
        try await supervisor.send(
          .post, "/api/v1/assignments",
          #"{"account":\#(account),"organisation":\#(organisation),"topics":["bank"],"from":"2030-01-01"}"#)
      }
      let own = world.person(.accountant).account
      let (foreignOrganisation, missingOrganisation) = (try await assign(own, world.there.id), try await assign(own, 987_654))
      #expect(foreignOrganisation.status == 422 && foreignOrganisation.fields == ["organisation": "unknown"])
      #expect(foreignOrganisation.text == missingOrganisation.text)
      let (foreignAccount, missingAccount) = (
        try await assign(world.foreignAccountant.account, world.here.id), try await assign(987_654, world.here.id)
      )
      #expect(foreignAccount.status == 422 && foreignAccount.fields == ["account": "unknown"])
      #expect(foreignAccount.text == missingAccount.text)
      #expect(try await assign(own, world.here.id).status == 201)
    }
  }

  @Test func onlyLiveStaffIsAssigned() async throws {
    try await RestBench.run { bench in
      let admin = try await Self.admin(bench)
      let organisation = try await bench.database.makeOrganisation(department: try await bench.database.makeDepartment())
      let client = try await bench.database.makeClient("aziza", of: organisation)
      let gone = try await bench.database.makeAccountant("gone", of: organisation)
      _ = try await bench.database.app.run { try $0.execute("UPDATE account SET disabled_at = now() WHERE id = \(gone)") }
      for account in [client.rawValue, gone.rawValue, 999_999] {
        let answer = try await admin.send(
          .post, "/api/v1/assignments",
          #"{"account":\#(account),"organisation":\#(organisation.id),"topics":["bank"],"from":"2026-01-01"}"#)
        #expect(answer.status == 422 && answer.fields == ["account": "unknown"])
      }
    }
  }

  @Test func listsComeInPages() async throws {
    try await RestBench.run { bench in
      let admin = try await Self.admin(bench)
      let department = try await bench.database.makeDepartment()
      var expected: [Int64] = []
      for number in 1...7 {
        expected.append(try await bench.database.makeOrganisation("O\(number)", department: department).id.rawValue)
      }
      var seen: [Int64] = []
      var cursor = ""
      for _ in 1...3 {
        let page = try await admin.send(.get, "/api/v1/organisations?limit=3\(cursor)")
        seen += page.json["items"].ids
        guard let next = page.json["next"].string else {
          cursor = "end"
          break
        }
        cursor = "&cursor=\(next)"
      }
      #expect(seen == expected && cursor == "end")
      for query in ["limit=0", "limit=501", "limit=x", "cursor=-1", "cursor=x", "cursor=99999999999999999999"] {
        #expect(try await admin.send(.get, "/api/v1/organisations?\(query)").status == 422, "\(query)")
      }
    }
  }

  @Test(arguments: ["0", "-1", "01", "x", "9223372036854775808", "1.0", "%31%00"])
  func idsThatArentAreMissing(id: String) async throws {
    try await RestBench.run { bench in
      let answer = try await Self.admin(bench).send(.patch, "/api/v1/organisations/\(id)", #"{"name":"x"}"#)
      #expect(answer.status == 404 && answer.code == "not_found")
    }
  }
}
