import Domain
import Foundation
import HTTPTypes
import Storage
import Synchronization
import TestSupport
import Testing

@testable import RestAPI

/// What a route answers to each role about an object on its own side and on the other side. Written from the product's table, not from the code.
struct AccessCase: Sendable, CustomTestStringConvertible {
  typealias Make = @Sendable (AccessWorld, _ caller: Signed, _ own: Bool) async throws -> (path: String, body: String?)

  let method: HTTPRequest.Method
  let template: String
  /// Statuses for admin, supervisor, accountant, client, warehouse, production, sales, agent, driver.
  let own: [Int]
  /// The same for an object of the other side; nil when the route has none.
  let foreign: [Int]?
  /// What else the request says.
  let headers: HTTPFields
  /// Makes a fresh object and says how to ask for it.
  let make: Make

  init(
    _ method: HTTPRequest.Method, _ template: String, own: [Int], foreign: [Int]? = nil, headers: HTTPFields = [:],
    _ make: @escaping Make
  ) {
    self.method = method
    self.template = template
    self.own = own
    self.foreign = foreign
    self.headers = headers
    self.make = make
  }

  var testDescription: String { "\(method) \(template)" }

  static func only(_ status: Int, _ places: Int..., others: Int = 403) -> [Int] {
    (0..<9).map { places.contains($0) ? status : others }
  }
  static func all(_ status: Int) -> [Int] { [Int](repeating: status, count: 9) }

  private static let numbers = Mutex(0)
  /// A number that nothing else uses, for names.
  static func fresh() -> Int {
    numbers.withLock {
      $0 += 1
      return $0
    }
  }

  static let cases: [AccessCase] =
    accountCases + documentCases + clockCases + peopleCases + auditCases + oversightCases + figuresCases

  private static let accountCases: [AccessCase] = [
    AccessCase(.get, "/api/v1/config", own: all(200)) { _, _, _ in ("/api/v1/config", nil) },
    AccessCase(.get, "/healthz", own: all(200)) { _, _, _ in ("/healthz", nil) },
    AccessCase(.get, "/readyz", own: all(200)) { _, _, _ in ("/readyz", nil) },
    // By address and not by role; the bench's isn't listed.
    AccessCase(.get, "/metrics", own: all(404)) { _, _, _ in ("/metrics", nil) },
    AccessCase(.post, "/api/v1/session", own: all(201)) { world, caller, _ in
      let account = caller.account
      let login: String = try await world.bench.database.app.run {
        try $0.one("SELECT login FROM account WHERE id = \(account)")["login"]
      }
      return ("/api/v1/session", #"{"login":"\#(login)","password":"\#(RestBench.password)"}"#)
    },
    AccessCase(.get, "/api/v1/session", own: all(200)) { _, _, _ in ("/api/v1/session", nil) },
    AccessCase(.delete, "/api/v1/session", own: all(204)) { _, _, _ in ("/api/v1/session", nil) },
    AccessCase(.get, "/api/v1/sessions", own: all(200), foreign: only(200, 0, others: 404)) { world, _, own in
      ("/api/v1/sessions" + (own ? "" : "?account=\(world.foreignClient.account)"), nil)
    },
    AccessCase(.delete, "/api/v1/sessions/{id}", own: all(204), foreign: only(204, 0, others: 404)) { world, caller, own in
      let session = try await world.bench.database.makeSession(own ? caller.account : world.foreignClient.account)
      return ("/api/v1/sessions/\(session)", nil)
    },
    AccessCase(.put, "/api/v1/me/password", own: all(204)) { _, _, _ in
      ("/api/v1/me/password", #"{"current":"\#(RestBench.password)","new":"yangi-parol-5678"}"#)
    },
    AccessCase(.put, "/api/v1/me/language", own: all(204)) { _, _, _ in ("/api/v1/me/language", #"{"language":"ru"}"#) },
    AccessCase(.get, "/api/v1/departments", own: only(200, 0, 1, 2)) { _, _, _ in ("/api/v1/departments", nil) },
    AccessCase(.post, "/api/v1/departments", own: only(201, 0)) { _, _, _ in
      ("/api/v1/departments", #"{"name":"New \#(fresh())"}"#)
    },
    AccessCase(.delete, "/api/v1/departments/{id}", own: only(204, 0), foreign: only(204, 0)) { world, _, _ in
      ("/api/v1/departments/\(try await world.bench.database.makeDepartment("Empty \(fresh())"))", nil)
    },
    AccessCase(.get, "/api/v1/departments/retired", own: only(200, 0)) { _, _, _ in ("/api/v1/departments/retired", nil) },
    AccessCase(.post, "/api/v1/departments/{id}/restore", own: only(200, 0), foreign: only(200, 0)) { world, _, _ in
      let id = try await world.bench.database.makeDepartment("Retired \(fresh())")
      try await world.bench.database.app.run { try $0.execute("UPDATE department SET retired_at = now() WHERE id = \(id)") }
      return ("/api/v1/departments/\(id)/restore", nil)
    },
    AccessCase(.patch, "/api/v1/departments/{id}", own: only(200, 0), foreign: only(200, 0)) { world, _, own in
      ("/api/v1/departments/\(own ? world.here.department : world.there.department)", #"{"name":"Name \#(fresh())"}"#)
    },
    AccessCase(.get, "/api/v1/organisations", own: all(200)) { _, _, _ in ("/api/v1/organisations", nil) },
    AccessCase(.post, "/api/v1/organisations", own: only(201, 0), foreign: only(201, 0)) { world, _, own in
      let department = own ? world.here.department : world.there.department
      return ("/api/v1/organisations", #"{"name":"New \#(fresh())","department":\#(department)}"#)
    },
    AccessCase(.patch, "/api/v1/organisations/{id}", own: only(200, 0), foreign: only(200, 0)) { world, _, own in
      ("/api/v1/organisations/\(own ? world.here.id : world.there.id)", #"{"name":"Name \#(fresh())"}"#)
    },
    AccessCase(.get, "/api/v1/users", own: all(200)) { _, _, _ in ("/api/v1/users", nil) },
    AccessCase(.post, "/api/v1/users", own: only(201, 0), foreign: only(201, 0)) { world, _, own in
      (
        "/api/v1/users",
        #"""
        {"name":"New","login":"new\#(fresh())","password":"parol-1234-uzun","role":"client","organisation":\#(own ? world.here.id : world.there.id)}
        """#
      )
    },
    AccessCase(.patch, "/api/v1/users/{id}", own: all(200), foreign: only(200, 0, others: 404)) { world, caller, own in
      ("/api/v1/users/\(own ? caller.account : world.foreignClient.account)", #"{"language":"en"}"#)
    },
    AccessCase(.post, "/api/v1/users/{id}/memberships", own: only(201, 0), foreign: only(201, 0)) { world, _, own in
      let account = try await world.newAccount(own: own, login: "member\(fresh())")
      return (
        "/api/v1/users/\(account)/memberships", #"{"role":"sales","organisation":\#(own ? world.here.id : world.there.id)}"#
      )
    },
    AccessCase(.delete, "/api/v1/memberships/{id}", own: only(204, 0), foreign: only(204, 0)) { world, _, own in
      let account = try await world.newAccount(own: own, login: "ended\(fresh())")
      let id: Int64 = try await world.bench.database.app.run {
        try $0.one("SELECT id FROM membership WHERE account_id = \(account)")["id"]
      }
      return ("/api/v1/memberships/\(id)", nil)
    },
    AccessCase(.get, "/api/v1/assignments", own: only(200, 0, 1, 2)) { _, _, _ in ("/api/v1/assignments", nil) },
    // A foreign id in the body is as unknown as one that doesn't exist.
    AccessCase(.post, "/api/v1/assignments", own: only(201, 0, 1), foreign: [201, 422, 403, 403, 403, 403, 403, 403, 403]) {
      world, _, own in
      let account = own ? world.person(.accountant).account : world.foreignAccountant.account
      return (
        "/api/v1/assignments",
        #"{"account":\#(account),"organisation":\#(own ? world.here.id : world.there.id),"topics":["bank","ttn"],"from":"2030-01-01"}"#
      )
    },
    AccessCase(.delete, "/api/v1/assignments/{id}", own: only(204, 0, 1), foreign: [204, 404, 403, 403, 403, 403, 403, 403, 403])
    {
      world, _, own in
      let account = own ? world.person(.accountant).account : world.foreignAccountant.account
      let id = try await world.bench.database.makeAssignment(account, organisation: own ? world.here.id : world.there.id)
      return ("/api/v1/assignments/\(id)", nil)
    },
  ]
}

@Suite struct AccessMatrixTests {
  @Test func everyRouteHasARuleAndACase() async throws {
    try await RestBench.run { bench in
      let entries = RestServer.routes(bench.services).table.entries
      let routes = entries.map { "\($0.method) \($0.template)" }
      #expect(Set(routes) == Set(AccessCase.cases.map(\.testDescription)))
      #expect(routes.count == Set(routes).count)
      for case .needs(let permission) in entries.map(\.rule) {
        let isKnown = PermissionTable.rules.contains { $0.permission == permission }
        #expect(isKnown, "\(permission) is not in the table, so nobody may do it")
      }
    }
  }

  @Test func nobodyGetsInWithoutASession() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      for entry in RestServer.routes(bench.services).table.entries where entry.rule != .open {
        let found = AccessCase.cases.first { $0.method == entry.method && $0.template == entry.template }
        let (path, body) = try await #require(found).make(world, world.person(.admin), true)
        let answer = try await bench.send(entry.method, path, body)
        #expect(answer.status == 401 && answer.code == "unauthenticated", "\(entry.method) \(path)")
        // Somebody without any membership reaches nothing but the own account and devices.
        let stranger = try await bench.signedIn(try await bench.account("stranger\(AccessCase.fresh())"))
        if case .needs(let permission) = entry.rule {
          let answer = try await stranger.send(entry.method, path, body)
          let isEverybodys = PermissionTable.everybodysOwn.contains(permission)
          #expect(isEverybodys ? [200, 404].contains(answer.status) : answer.status == 403, "\(entry.method) \(path)")
          #expect(!answer.text.contains("foreign-"))
        }
      }
    }
  }

  @Test(arguments: AccessCase.cases)
  func everyRoleGetsWhatTheProductSays(_ matrix: AccessCase) async throws {
    for own in [true, false] {
      guard let expected = own ? matrix.own : matrix.foreign else { continue }
      try await RestBench.run { bench in
        let world = try await AccessWorld.make(bench)
        for (index, role) in AccessWorld.roles.enumerated() {
          let caller = world.person(role)
          let (path, body) = try await matrix.make(world, caller, own)
          if matrix.method != .get { try await bench.database.writeDown() }
          let answer = try await caller.send(matrix.method, path, body, headers: matrix.headers)
          if matrix.method != .get {
            // What a route writes without a word in the action log is an alarm at the next check of the database.
            let unwritten = try await bench.database.unwritten()
            #expect(unwritten == [], "\(role.rawValue) \(own ? "own" : "foreign") \(matrix.method) \(path)")
          }
          #expect(
            answer.status == expected[index],
            "\(role.rawValue) \(own ? "own" : "foreign") \(matrix.method) \(path): \(answer.text)")
          if answer.status == 404 && matrix.template.hasSuffix("{id}") {
            let missing = try await caller.send(
              matrix.method, matrix.template.replacing("{id}", with: "987654321"), body, headers: matrix.headers)
            #expect(missing.status == 404 && missing.text == answer.text, "\(role.rawValue) \(matrix.method) \(path)")
          }
        }
      }
    }
  }

  @Test func listsShowOnlyWhatIsInReach() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let (here, there) = (world.here.id.rawValue, world.there.id.rawValue)
      for role in AccessWorld.roles {
        let caller = world.person(role)
        let organisations = try await caller.send(.get, "/api/v1/organisations")
        #expect(organisations.json["items"].ids == (role == .admin ? [here, there] : [here]), "\(role.rawValue)")

        let users = Set(try await caller.send(.get, "/api/v1/users").json["items"].list.compactMap { $0["login"].string })
        let side = Set(AccessWorld.roles.map(\.rawValue))
        let staffOfHere: Set = ["client", "warehouse", "production", "sales", "agent", "driver"]
        let expected: Set<String> =
          switch role {
          case .admin: side.union(["foreign-client", "foreign-accountant"])
          case .supervisor: side.subtracting(["admin"])
          case .accountant: staffOfHere.union(["accountant"])
          case .client: staffOfHere
          default: [role.rawValue]
          }
        #expect(users == expected, "\(role.rawValue)")
      }
      let admin = world.person(.admin)
      #expect(try await admin.send(.get, "/api/v1/assignments").json["items"].list.count == 2)
      #expect(try await admin.send(.get, "/api/v1/assignments?organisation=\(there)").json["items"].list.count == 1)
      for role in [Role.supervisor, .accountant] {
        let list = try await world.person(role).send(.get, "/api/v1/assignments").json["items"].list
        let organisations = list.map { $0["organisation"]["id"].number }
        #expect(organisations == [here], "\(role.rawValue)")
        // A filter narrows the list and never widens it.
        let foreign = try await world.person(role).send(.get, "/api/v1/assignments?account=\(world.foreignAccountant.account)")
        #expect(foreign.status == 200 && foreign.json["items"].list.isEmpty)
      }
      #expect(
        try await world.person(.supervisor).send(.get, "/api/v1/departments").json["items"].ids == [
          world.here.department.rawValue
        ])
    }
  }

  @Test func aColleaguesOtherCompaniesStayUnknown() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let owner = world.person(.client)
      try await bench.database.makeMembership(world.person(.sales).account, role: "client", organisation: world.there.id)
      let seen = try await owner.send(.get, "/api/v1/users").json["items"].list.first { $0["login"].string == "sales" }
      let names = seen?["memberships"].list.compactMap { $0["organisation"]["name"].string }
      #expect(names == ["Here"])
      let all = try await world.person(.admin).send(.get, "/api/v1/users").json["items"].list.first {
        $0["login"].string == "sales"
      }
      #expect(all?["memberships"].list.count == 2)
    }
  }
}
