import Domain
import HTTPTypes
import ServerKit
import Storage
import TestSupport
import Testing

@testable import RestAPI

/// One-time links from the other side: replayed, revoked, out of time, of somebody who was sent away, and beyond what one may give.
@Suite struct LinkTests {
  private static let next = "yangi-parol-5678"

  private static func look(_ bench: RestBench, _ token: String) async throws -> Answer {
    try await bench.send(.post, "/api/v1/one-time/look", #"{"token":"\#(token)"}"#)
  }

  private static func setPassword(_ bench: RestBench, _ token: String, _ password: String = next) async throws -> Answer {
    try await bench.send(.post, "/api/v1/one-time/password", #"{"token":"\#(token)","password":"\#(password)"}"#)
  }

  private static func join(_ bench: RestBench, _ token: String, _ login: String) async throws -> Answer {
    try await bench.send(
      .post, "/api/v1/one-time/account", #"{"token":"\#(token)","name":"Lola","login":"\#(login)","password":"\#(next)"}"#)
  }

  private static func invite(_ caller: Signed, _ organisation: OrganisationID, role: String = "sales") async throws -> Answer {
    try await caller.send(.post, "/api/v1/invitations", #"{"role":"\#(role)","organisation":\#(organisation),"name":"Lola"}"#)
  }

  @Test func anOwnersInvitationMakesAColleagueOnce() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let owner = world.person(.client)
      let made = try await Self.invite(owner, world.here.id)
      let token = try #require(made.json["token"].string)
      let seen = try await Self.look(bench, token)
      #expect(
        seen.json["role"].string == "sales" && seen.json["organisation"].string == "Here" && seen.json["by"].string == "client")
      #expect(seen.json["login"] == .null && seen.json["name"].string == "Lola")
      #expect(try await owner.send(.get, "/api/v1/links").json["items"].list.count == 1)
      #expect(try await Self.join(bench, token, "client").fields == ["login": "taken"])
      #expect(try await Self.join(bench, token, "lola").status == 204)
      #expect(try await bench.signIn("lola", Self.next).json["memberships"][0]["role"].string == "sales")
      for answer in [try await Self.join(bench, token, "lola2"), try await Self.look(bench, token)] {
        #expect(answer.status == 404)
      }
      #expect(try await owner.send(.get, "/api/v1/links").json["items"].list.isEmpty)
      // Only the hash is in the database.
      let rows: Int64? = try await bench.database.app.run {
        try $0.value("SELECT count(*) FROM one_time_link l WHERE l::text LIKE \("%" + token + "%")")
      }
      #expect(rows == 0)
    }
  }

  @Test func nobodyInvitesBeyondTheOwnCompany() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let owner = world.person(.client)
      let department = world.here.department
      for body in [
        #"{"role":"admin"}"#, #"{"role":"accountant","department":\#(department)}"#,
        #"{"role":"supervisor","department":\#(department)}"#,
      ] {
        let answer = try await owner.send(.post, "/api/v1/invitations", body)
        #expect(answer.status == 403, "\(body) \(answer.text)")
      }
      // A role of the firm doesn't become one of the company by naming the company too.
      let both = try await owner.send(.post, "/api/v1/invitations", #"{"role":"admin","organisation":\#(world.here.id)}"#)
      #expect(both.status == 422)
      let foreign = try await Self.invite(owner, world.there.id)
      let missing = try await Self.invite(owner, OrganisationID(987_654_321))
      #expect(foreign.status == 422 && foreign.text == missing.text && foreign.fields == ["organisation": "unknown"])
      // Nor by other doors.
      let colleague = world.person(.sales).account
      for (method, path, body) in [
        (HTTPRequest.Method.post, "/api/v1/users/\(colleague)/memberships", #"{"role":"admin"}"#),
        (.post, "/api/v1/users/\(owner.account)/memberships", #"{"role":"admin"}"#),
        (.post, "/api/v1/users", #"{"name":"X","login":"xx","password":"\#(Self.next)","role":"admin"}"#),
        (.post, "/api/v1/users/\(colleague)/reset-links", "{}"),
      ] {
        #expect(try await owner.send(method, path, body).status == 403, "\(path)")
      }
      let patched = try await owner.send(
        .patch, "/api/v1/users/\(owner.account)", #"{"language":"ru","role":"admin","memberships":[{"role":"admin"}]}"#)
      #expect(patched.status == 200 && patched.json["memberships"].list.map { $0["role"].string } == ["client"])
      // The foreign owner's links are out of sight.
      let theirs = try await world.newInvitation(to: world.there.id, by: world.foreignClient.account)
      #expect(try await owner.send(.delete, "/api/v1/links/\(theirs.id)").status == 404)
      #expect(try await owner.send(.get, "/api/v1/links").json["items"].list.isEmpty)
    }
  }

  @Test func whatSomebodyHandedOutWhoWasSentAwayIsWorthNothing() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let (admin, owner) = (world.person(.admin), world.person(.client))
      let token = try #require(try await Self.invite(owner, world.here.id, role: "client").json["token"].string)
      let membership = try await owner.send(.get, "/api/v1/session").json["memberships"][0]["id"].number
      #expect(try await admin.send(.delete, "/api/v1/memberships/\(try #require(membership))").status == 204)
      for answer in [try await Self.look(bench, token), try await Self.join(bench, token, "back")] {
        #expect(answer.status == 404)
      }
      // Also when the end comes while the link is being used.
      let second = try await bench.signedIn(try await bench.database.makeClient("second", of: world.here))
      let late = try #require(try await Self.invite(second, world.here.id).json["token"].string)
      let account = second.account
      let answer = try await bench.answer(behind: { session in
        let id: MembershipID = try session.one("SELECT id FROM membership WHERE account_id = \(account)")["id"]
        _ = try Accounts.endMembership(id, in: session)
      }) {
        try await Self.join(bench, late, "late")
      }
      #expect(answer.status == 404)
      let count: Int64? = try await bench.database.app.run {
        try $0.value("SELECT count(*) FROM account WHERE login IN ('back', 'late')")
      }
      #expect(count == 0)
    }
  }

  @Test func aResetWorksOnceAndSignsEverythingOut() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let (admin, owner) = (world.person(.admin), world.person(.client))
      let path = "/api/v1/users/\(owner.account)/reset-links"
      let old = try #require(try await admin.send(.post, path, "{}").json["token"].string)
      let token = try #require(try await admin.send(.post, path, "{}").json["token"].string)
      // A new one takes the place of the old one.
      #expect(try await Self.look(bench, old).status == 404)
      #expect(try await Self.look(bench, token).json["login"].string == "client")
      #expect(try await Self.setPassword(bench, token, "short").fields == ["password": "weak"])
      #expect(try await Self.setPassword(bench, token).status == 204)
      #expect(try await owner.send(.get, "/api/v1/session").status == 401)
      #expect(try await bench.signIn("client").status == 401)
      #expect(try await bench.signIn("client", Self.next).status == 201)
      let replayed = try await Self.setPassword(bench, token, "yana-boshqa-parol")
      #expect(replayed.status == 404)
      #expect(try await bench.signIn("client", Self.next).status == 201)
      #expect(try await admin.send(.post, "/api/v1/users/\(admin.account)/reset-links", "{}").status == 403)
    }
  }

  @Test func unknownUsedRevokedAndExpiredAnswerAlike() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let (admin, owner) = (world.person(.admin), world.person(.client))
      let unknown = try await Self.look(bench, LinkToken().text)
      #expect(unknown.status == 404)
      func made() async throws -> (id: Int64, token: String) {
        let answer = try await admin.send(.post, "/api/v1/users/\(owner.account)/reset-links", "{}")
        return (try #require(answer.json["id"].number), try #require(answer.json["token"].string))
      }
      let revoked = try await made()
      #expect(try await admin.send(.delete, "/api/v1/links/\(revoked.id)").status == 204)
      let expired = try await made()
      try await bench.database.app.run { try $0.execute("UPDATE one_time_link SET revoked_at = now() WHERE id = \(expired.id)") }
      let late = try await made()
      try await bench.database.superuser.run {
        try $0.execute("UPDATE one_time_link SET expires_at = now() WHERE id = \(late.id)")
      }
      let ofChanged = try await made()
      // A password that its owner sets meanwhile ends the link, and so does disabling the account.
      let changed = try await owner.send(
        .put, "/api/v1/me/password", #"{"current":"\#(RestBench.password)","new":"ozi-qoygan-parol"}"#)
      #expect(changed.status == 204)
      let ofDisabled = try await made()
      #expect(try await admin.send(.patch, "/api/v1/users/\(owner.account)", #"{"disabled":true}"#).status == 200)
      for token in [revoked.token, expired.token, late.token, ofChanged.token, ofDisabled.token, "x", LinkToken().text + "A"] {
        for answer in [try await Self.look(bench, token), try await Self.setPassword(bench, token)] {
          #expect(answer.status == 404 && answer.text == unknown.text, "\(answer.text)")
        }
      }
      // An invitation sets no password, and a reset makes no account.
      let invitation = try await world.newInvitation(to: world.here.id)
      #expect(try await Self.setPassword(bench, invitation.token).text == unknown.text)
      // Whoever tries on is slowed down.
      var statuses: Set<Int> = []
      for _ in 0..<20 { statuses.insert(try await Self.look(bench, LinkToken().text).status) }
      #expect(statuses == [404, 429])
    }
  }

  @Test func aLinkThatIsUsedTwiceAtOnceCountsOnce() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let token = try await world.newInvitation(to: world.here.id).token
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for number in 0..<4 { group.addTask { try await Self.join(bench, token, "lola\(number)").status } }
        return try await group.reduce(into: [Int]()) { $0.append($1) }
      }
      #expect(statuses.sorted() == [204, 404, 404, 404])
      let count: Int64? = try await bench.database.app.run {
        try $0.value("SELECT count(*) FROM account WHERE login LIKE 'lola%'")
      }
      #expect(count == 1)
    }
  }

  @Test func aLinkChangesNeitherItsPurposeNorItsEnd() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let id = try await world.newInvitation(to: world.here.id).id
      for change: SQL in ["role = 'client'", "expires_at = now() + interval '1 year'", "token_hash = token_hash"] {
        let refused = await databaseError {
          try await bench.database.app.run { try $0.execute("UPDATE one_time_link SET \(change) WHERE id = \(id)") }
        }
        #expect(refused?.kind == .insufficientPrivilege)
      }
      try await bench.database.app.run { try $0.execute("UPDATE one_time_link SET revoked_at = now() WHERE id = \(id)") }
      let revived = await databaseError {
        try await bench.database.app.run { try $0.execute("UPDATE one_time_link SET revoked_at = NULL WHERE id = \(id)") }
      }
      let removed = await databaseError { try await bench.database.superuser.run { try $0.execute("DELETE FROM one_time_link") } }
      #expect(revived?.kind == .insufficientPrivilege && removed?.kind == .insufficientPrivilege)
    }
  }
}
