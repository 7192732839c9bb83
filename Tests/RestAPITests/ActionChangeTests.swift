import Domain
import HTTPTypes
import Storage
import TestSupport
import Testing

@testable import RestAPI

/// What the action log says of every edit of people, companies, roles, assignments and departments: what was there, and what is there now.
@Suite("Before and after in the action log") struct ActionChangeTests {
  /// One write of an admin and what its row says, as `name: before → after`; what isn't named is the same on both sides.
  private struct Edit: Sendable {
    let action: String
    let method: HTTPRequest.Method
    let path: String
    var body: String?
    let says: Set<String>

    init(_ action: String, _ method: HTTPRequest.Method, _ path: String, _ body: String?, _ says: Set<String>) {
      (self.action, self.method, self.path, self.body, self.says) = (action, method, path, body, says)
    }
  }

  private func text(_ value: JSONValue) -> String {
    if let text = value.string { return text }
    if let number = value.number { return String(number) }
    if case .flag(let flag) = value { return String(flag) }
    if case .list(let items) = value { return items.map { text($0) }.joined(separator: " | ") }
    return "–"
  }

  /// What changed according to the newest row of that name.
  private func changes(_ action: String, _ admin: Signed) async throws -> Set<String> {
    let row = try await admin.send(.get, "/api/v1/actions?limit=1&action=\(action)").json["actions"][0]["detail"]
    guard case .object(let before) = row["before"], case .object(let after) = row["after"] else {
      return ["no before or no after"]
    }
    var said: Set<String> = []
    for name in Set(before.keys).union(after.keys) {
      let (old, new) = (before[name].map(text) ?? "–", after[name].map(text) ?? "–")
      if old != new { said.insert("\(name): \(old) → \(new)") }
    }
    return said
  }

  @Test("Each of them, by every route that writes one")
  func edits() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let (admin, here, there) = (world.person(.admin), world.here, world.there)
      let (first, second) = (here.department, there.department)
      let accountant = world.person(.accountant).account
      let other = try await bench.database.makeAccount("ikkinchi", name: "Ikkinchi Buxgalter")
      try await bench.database.makeMembership(other, role: "accountant", department: first)
      let person = try await bench.database.makeAccount("lola", name: "Lola")
      let today = LocalDate(inTashkentAt: bench.clock.time)
      let later = today.advanced(by: 7)
      func run(_ edit: Edit) async throws -> JSONValue {
        let answer = try await admin.send(edit.method, edit.path, edit.body)
        #expect((200..<300).contains(answer.status), "\(edit.path) \(answer.text)")
        let said = try await changes(edit.action, admin)
        #expect(said == edit.says, "\(edit.method) \(edit.path): \(said.sorted())")
        return answer.json
      }
      func number(_ json: JSONValue) throws -> Int64 { try #require(json["id"].number) }

      _ = try await run(
        Edit(
          "account.update", .patch, "/api/v1/users/\(person)", #"{"name":"Lola Karimova","language":"ru"}"#,
          ["name: Lola → Lola Karimova", "language: uz → ru"]))
      _ = try await run(
        Edit("account.update", .patch, "/api/v1/users/\(person)", #"{"disabled":true}"#, ["disabled: false → true"]))
      _ = try await run(Edit("account.update", .put, "/api/v1/me/language", #"{"language":"en"}"#, ["language: uz → en"]))
      let made = try await run(
        Edit(
          "account.create", .post, "/api/v1/users",
          #"{"name":"Vali","login":"vali","password":"uzun-parol-4821","role":"client","organisation":\#(here.id)}"#,
          [
            "login: – → vali", "name: – → Vali", "language: – → uz", "disabled: – → false", "role: – → client",
            "organisation: – → \(here.id) Here",
          ]))
      let vali = try number(made)
      let membership = try number(
        try await run(
          Edit(
            "membership.create", .post, "/api/v1/users/\(vali)/memberships", #"{"role":"accountant","department":\#(first)}"#,
            ["role: – → accountant", "department: – → \(first) First"])))
      _ = try await run(
        Edit(
          "membership.delete", .delete, "/api/v1/memberships/\(membership)", nil,
          ["role: accountant → –", "department: \(first) First → –"]))

      _ = try await run(
        Edit(
          "organisation.update", .patch, "/api/v1/organisations/\(here.id)",
          #"{"name":"Here MChJ","stir":"123456789","department":\#(second)}"#,
          ["name: Here → Here MChJ", "stir:  → 123456789", "department: \(first) First → \(second) Second"]))
      _ = try await run(
        Edit(
          "organisation.update", .patch, "/api/v1/organisations/\(here.id)", #"{"stir":null,"department":\#(first)}"#,
          ["stir: 123456789 → ", "department: \(second) Second → \(first) First"]))
      _ = try await run(
        Edit(
          "organisation.create", .post, "/api/v1/organisations", #"{"name":"Yangi","department":\#(first)}"#,
          ["name: – → Yangi", "stir: – → ", "department: – → \(first) First"]))

      let department = try number(
        try await run(Edit("department.create", .post, "/api/v1/departments", #"{"name":"Uchinchi"}"#, ["name: – → Uchinchi"])))
      _ = try await run(
        Edit("department.update", .patch, "/api/v1/departments/\(department)", #"{"name":"Soliq"}"#, ["name: Uchinchi → Soliq"]))
      _ = try await run(Edit("department.delete", .delete, "/api/v1/departments/\(department)", nil, ["name: Soliq → –"]))
      _ = try await run(
        Edit("department.restore", .post, "/api/v1/departments/\(department)/restore", nil, ["name: – → Soliq"]))

      let assignment = try number(
        try await run(
          Edit(
            "assignment.create", .post, "/api/v1/assignments",
            #"{"account":\#(other),"organisation":\#(here.id),"topics":["bank","ttn"],"from":"\#(today)","to":"\#(later)"}"#,
            ["account: – → \(other) Ikkinchi Buxgalter", "topics: – → bank | ttn", "from: – → \(today)", "to: – → \(later)"])))
      _ = try await run(
        Edit(
          "assignment.move", .post, "/api/v1/assignments/\(assignment)/reassign", #"{"account":\#(accountant),"topics":["ttn"]}"#,
          [
            "assignments: \(other) Ikkinchi Buxgalter: bank, ttn \(today)…\(later) → "
              + "\(other) Ikkinchi Buxgalter: bank \(today)…\(later) | \(accountant) accountant: ttn \(today)…\(later)"
          ]))
      let list = try await admin.send(.get, "/api/v1/assignments?account=\(other)").json["items"]
      _ = try await run(
        Edit(
          "assignment.delete", .delete, "/api/v1/assignments/\(try #require(list[0]["id"].number))", nil,
          ["account: \(other) Ikkinchi Buxgalter → –", "topics: bank → –", "from: \(today) → –", "to: \(later) → –"]))

      let plan = #""account":\#(other),"organisations":[\#(there.id)],"topics":["faktura"],"from":"\#(today)","replace":true"#
      let before = try await admin.send(.get, "/api/v1/assignments?organisation=\(there.id)").json["items"].list.count
      let digest = try #require(try await admin.send(.post, "/api/v1/assignments/plans", "{\(plan)}").json["digest"].string)
      _ = try await admin.send(.post, "/api/v1/assignments/plans/execution", #"{\#(plan),"digest":"\#(digest)"}"#)
      let row = try await admin.send(.get, "/api/v1/actions?limit=1&action=assignment.plan").json["actions"][0]["detail"]
      let now = row["after"]["assignments"].list.compactMap(\.string)
      #expect(row["before"]["assignments"].list.count == before)
      #expect(now.contains("\(other) Ikkinchi Buxgalter: faktura \(today)…"))
    }
  }

  @Test("A table that is brought says it of every line that it changes")
  func imports() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let admin = world.person(.admin)
      func bring(_ what: String, _ table: String) async throws {
        let type: HTTPFields = [.contentType: "text/csv"]
        let shown = try await admin.send(.post, "/api/v1/imports/\(what)", bytes: Array(table.utf8), headers: type)
        let digest = try #require(shown.json["digest"].string, "\(shown.text)")
        let done = try await admin.send(
          .post, "/api/v1/imports/\(what)?digest=\(digest)", bytes: Array(table.utf8), headers: type)
        #expect(done.status == 200, "\(done.text)")
      }
      try await bring("organisations", "name,stir,department\nHere,123456789,Second\n")
      #expect(
        try await changes("organisation.update", admin) == [
          "stir:  → 123456789", "department: \(world.here.department) First → \(world.there.department) Second",
        ])
      try await bring(
        "users", "name,login,role,department\nSupervayzer,supervisor,supervisor,First\nYangi,yangi,accountant,Second\n")
      #expect(try await changes("account.update", admin) == ["name: supervisor → Supervayzer"])
      #expect(try await changes("account.create", admin) == ["login: – → yangi", "name: – → Yangi", "language: – → uz"])
      #expect(
        try await changes("membership.create", admin) == [
          "role: – → accountant", "department: – → \(world.there.department) Second",
        ])
    }
  }
}
