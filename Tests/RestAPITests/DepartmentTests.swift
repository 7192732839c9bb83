import Domain
import HTTPTypes
import Storage
import TestSupport
import Testing

@testable import RestAPI

/// Departments that are no longer needed.
@Suite("Retired departments") struct DepartmentTests {
  @Test("Only when nothing belongs to it; then nothing ever does, and its name is free")
  func retired() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let admin = world.person(.admin)
      let path = "/api/v1/departments/\(world.there.department)"
      func refused(_ why: Comment) async throws {
        let answer = try await admin.send(.delete, path)
        #expect(answer.status == 409 && answer.code == "department_in_use", why)
      }
      try await refused("an open company, and its accountant")
      #expect(
        try await admin.send(.post, "/api/v1/organisations/\(world.there.id)/closing", #"{"reason":"Ketdi"}"#).status == 200)
      try await refused("an accountant's role")
      let roles = try await admin.send(.get, "/api/v1/users").json["items"].list.flatMap { $0["memberships"].list }
      for role in roles where role["department"]["id"].number == world.there.department.rawValue {
        #expect(try await admin.send(.delete, "/api/v1/memberships/\(try #require(role["id"].number))").status == 204)
      }
      let invitation = #"{"role":"supervisor","department":\#(world.there.department),"name":"Lola"}"#
      let made = try await admin.send(.post, "/api/v1/invitations", invitation)
      try await refused("an open invitation")
      #expect(try await admin.send(.delete, "/api/v1/links/\(try #require(made.json["id"].number))").status == 204)

      #expect(try await admin.send(.delete, path).status == 204)
      let names = try await admin.send(.get, "/api/v1/departments").json["items"].list.compactMap { $0["name"].string }
      #expect(names == ["First"])
      // Retired and missing answer alike, wherever it is named.
      #expect(try await admin.send(.delete, path).status == 404)
      #expect(try await admin.send(.patch, path, #"{"name":"Yana"}"#).status == 404)
      for (path, body) in [
        ("/api/v1/organisations", #"{"name":"Yangi","department":\#(world.there.department)}"#),
        (
          "/api/v1/users/\(world.person(.sales).account)/memberships",
          #"{"role":"accountant","department":\#(world.there.department)}"#
        ),
        ("/api/v1/invitations", invitation),
      ] {
        let answer = try await admin.send(.post, path, body)
        #expect(answer.status == 422 && answer.fields == ["department": "unknown"], "\(path) \(answer.text)")
      }
      let move = #"{"department":\#(world.there.department)}"#
      #expect(try await admin.send(.patch, "/api/v1/organisations/\(world.here.id)", move).fields == ["department": "unknown"])
      // The company that has left keeps its department's name, which somebody else may have now.
      let left = try await admin.send(.get, "/api/v1/organisations?search=there").json["items"][0]
      #expect(left["department"]["name"].string == "Second")
      #expect(try await admin.send(.post, "/api/v1/departments", #"{"name":"Second"}"#).status == 201)
    }
  }

  @Test("One that was taken out of use is found and taken back, unless its name is another one's")
  func restored() async throws {
    try await RestBench.run { bench in
      let admin = try await AccessWorld.make(bench).person(.admin)
      let id = try await bench.database.makeDepartment("Soliq")
      let restore = "/api/v1/departments/\(id)/restore"
      #expect(try await admin.send(.post, restore).status == 404)
      #expect(try await admin.send(.delete, "/api/v1/departments/\(id)").status == 204)
      let retired = try await admin.send(.get, "/api/v1/departments/retired").json["items"].list
      #expect(retired.map { $0["name"].string } == ["Soliq"] && retired.first?["id"].number == id.rawValue)

      let other = try await admin.send(.post, "/api/v1/departments", #"{"name":"Soliq"}"#)
      let refused = try await admin.send(.post, restore)
      #expect(refused.status == 409 && refused.fields == ["name": "taken"], "\(refused.text)")
      #expect(try await admin.send(.delete, "/api/v1/departments/\(try #require(other.json["id"].number))").status == 204)
      let answer = try await admin.send(.post, restore)
      #expect(answer.status == 200 && answer.json["name"].string == "Soliq", "\(answer.text)")
      // Things can belong to it again.
      let company = try await admin.send(.post, "/api/v1/organisations", #"{"name":"Yangi","department":\#(id)}"#)
      #expect(company.status == 201, "\(company.text)")
      #expect(try await admin.send(.post, restore).status == 404)
    }
  }

  @Test("Whoever gets a role in it at that moment keeps it in use")
  func race() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let admin = world.person(.admin)
      let department = try await bench.database.makeDepartment("Bo'sh")
      let account = try await bench.account("late")
      let answer = try await bench.answer(behind: { session in
        _ = try Accounts.addMembership(account, role: .accountant, organisation: nil, department: department, in: session)
      }) {
        try await admin.send(.delete, "/api/v1/departments/\(department)")
      }
      #expect(answer.code == "department_in_use", "\(answer.text)")
    }
  }
}
