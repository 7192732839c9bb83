import Domain
import HTTPTypes
import Storage
import TestSupport
import Testing

@testable import RestAPI

/// Many assignments at once.
@Suite struct AssignmentPlanTests {
  private static let path = "/api/v1/assignments/plans"

  private static func body(
    _ account: AccountID, _ organisations: [OrganisationID], topics: String = #""bank","ttn""#, from: String, to: String? = nil,
    replace: Bool = true, digest: String? = nil
  ) -> String {
    let ids = organisations.map(\.description).joined(separator: ",")
    return #"{"account":\#(account),"organisations":[\#(ids)],"topics":[\#(topics)],"from":"\#(from)","#
      + (to.map { #""to":"\#($0)","# } ?? "") + (digest.map { #""digest":"\#($0)","# } ?? "") + #""replace":\#(replace)}"#
  }

  private static func live(_ bench: RestBench, _ organisation: OrganisationID) async throws -> [String] {
    try await bench.database.app.run { session in
      try session.rows(
        """
        SELECT a.login || ' ' || array_to_string(s.topics, ',') || ' ' || s.starts_on || ' ' || coalesce(s.ends_on::text, '') AS line
          FROM assignment s JOIN account a ON a.id = s.account_id
         WHERE s.organisation_id = \(organisation) AND s.ended_at IS NULL ORDER BY a.login, s.starts_on, s.topics
        """
      ).map { row in try row["line"] }
    }
  }

  @Test func whoTakesOverGetsTheTopicsAndOthersKeepTheRest() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let (admin, here) = (world.person(.admin), world.here.id)
      let cover = try await bench.account("cover")
      try await bench.database.makeMembership(cover, role: "accountant", department: world.here.department)
      let today = LocalDate(inTashkentAt: bench.clock.time)
      let (from, to) = (today.advanced(by: 5), today.advanced(by: 9))
      let asked = try await admin.send(
        .post, Self.path, Self.body(cover, [here, world.there.id], from: from.description, to: to.description))
      let steps = asked.json["steps"].list
      #expect(steps.map { $0["effect"].string } == ["replaces", "replaces"], "\(asked.text)")
      #expect(steps[0]["others"].list.map { $0["name"].string } == ["accountant"])
      let before = try await Self.live(bench, here)
      #expect(before == ["accountant 1,2,3,4,5 \(today) "])
      let digest = try #require(asked.json["digest"].string)
      let done = try await admin.send(
        .post, Self.path + "/execution",
        Self.body(cover, [here, world.there.id], from: from.description, to: to.description, digest: digest))
      #expect(done.status == 201 && done.json["made"].number == 2, "\(done.text)")
      let after = try await Self.live(bench, here)
      #expect(
        after == [
          "accountant 1,5 \(today) \(today.advanced(by: 4))", "accountant 2,3,4 \(today) ",
          "accountant 1,5 \(today.advanced(by: 10)) ",
          "cover 1,5 \(from) \(to)",
        ])
      // Once more nothing happens, and nobody carries out what they were not shown.
      let again = try await admin.send(
        .post, Self.path, Self.body(cover, [here], from: from.description, to: to.description))
      #expect(again.json["steps"].list.map { $0["effect"].string } == ["same"])
      let late = try await admin.send(
        .post, Self.path + "/execution",
        Self.body(cover, [here, world.there.id], from: from.description, to: to.description, digest: digest))
      #expect(late.status == 409)
      #expect(try await bench.actions() == ["assignment.plan", "assignment.plan"])
    }
  }

  @Test func withoutReplacingOthersStayBeside() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let supervisor = world.person(.supervisor)
      let second = try await bench.account("second")
      try await bench.database.makeMembership(second, role: "accountant", department: world.here.department)
      let today = LocalDate(inTashkentAt: bench.clock.time).description
      let asked = try await supervisor.send(.post, Self.path, Self.body(second, [world.here.id], from: today, replace: false))
      #expect(asked.json["steps"].list.map { $0["effect"].string } == ["beside"])
      let digest = try #require(asked.json["digest"].string)
      let body = Self.body(second, [world.here.id], from: today, replace: false, digest: digest)
      #expect(try await supervisor.send(.post, Self.path + "/execution", body).status == 201)
      let after = try await Self.live(bench, world.here.id)
      #expect(after == ["accountant 1,2,3,4,5 \(today) ", "second 1,5 \(today) "])
    }
  }

  @Test func aSupervisorPlansForTheOwnDepartmentOnly() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let supervisor = world.person(.supervisor)
      let mine = world.person(.accountant).account
      let today = LocalDate(inTashkentAt: bench.clock.time)
      let cases: [(AccountID, [OrganisationID], [String: String])] = [
        (mine, [world.here.id, world.there.id], ["organisations": "unknown"]),
        (mine, [OrganisationID(987_654_321)], ["organisations": "unknown"]),
        (world.foreignAccountant.account, [world.here.id], ["account": "unknown"]),
        (world.person(.client).account, [world.here.id], ["account": "unknown"]),
      ]
      for (account, organisations, fields) in cases {
        let answer = try await supervisor.send(.post, Self.path, Self.body(account, organisations, from: today.description))
        #expect(answer.status == 422 && answer.fields == fields, "\(answer.text)")
      }
      let past = try await supervisor.send(
        .post, Self.path, Self.body(mine, [world.here.id], from: today.advanced(by: -1).description))
      #expect(past.fields == ["from": "past"])
      #expect(
        try await world.person(.accountant).send(.post, Self.path, Self.body(mine, [world.here.id], from: today.description))
          .status == 403)
    }
  }
}
