import Domain
import HTTPTypes
import ServerKit
import Storage
import TestSupport

@testable import RestAPI

extension AccessWorld {
  /// An admin whom nobody else is.
  func newAdmin() async throws -> AccountID {
    let account = try await bench.database.makeAccount("admin\(AccessCase.fresh())")
    try await bench.database.makeMembership(account, role: "admin")
    return account
  }

  /// An open invitation to the sales of an organisation.
  func newInvitation(to organisation: OrganisationID, by creator: AccountID? = nil) async throws -> (id: LinkID, token: String) {
    let (token, admin) = (LinkToken(), try await newAdmin())
    let made = try await bench.database.app.run {
      try OneTimeLinks.invitation(
        role: .sales, organisation: organisation, department: nil, name: "Lola", tokenHash: token.hash, by: creator ?? admin,
        in: $0)
    }
    guard let made else { preconditionFailure("there is room for one") }
    return (made.id, token.text)
  }

  /// An open link to a new password.
  func newReset(of account: AccountID) async throws -> String {
    let (token, admin) = (LinkToken(), try await newAdmin())
    _ = try await bench.database.app.run { try OneTimeLinks.reset(account, tokenHash: token.hash, by: admin, in: $0) }
    return token.text
  }
}

/// An answer that a helper of a test couldn't go on with.
struct UnexpectedAnswer: Error {
  let text: String
}

extension Signed {
  /// Begins an enrolment, whatever was there before; returns the authenticator.
  func begin() async throws -> TOTP {
    let account = account
    try await bench.database.app.run { try $0.execute("DELETE FROM second_factor WHERE account_id = \(account)") }
    let answer = try await send(.post, "/api/v1/me/second-factor", #"{"password":"\#(RestBench.password)"}"#)
    guard let secret = answer.json["secret"].string.flatMap({ Base32.bytes($0) }) else {
      throw UnexpectedAnswer(text: answer.text)
    }
    return TOTP(secret: secret)
  }

  /// Enrols; returns the authenticator and the codes on paper.
  func enrol() async throws -> (totp: TOTP, codes: [String]) {
    let totp = try await begin()
    let code = totp.code(of: TOTP.step(at: bench.clock.time))
    let answer = try await send(.put, "/api/v1/me/second-factor", #"{"code":"\#(code)"}"#)
    let codes = answer.json["codes"].list.compactMap(\.string)
    guard codes.count == RecoveryCode.count else { throw UnexpectedAnswer(text: answer.text) }
    return (totp, codes)
  }
}

extension AccessCase {
  static let peopleCases: [AccessCase] = [
    AccessCase(.get, "/api/v1/sessions/all", own: only(200, 0, others: 404)) { _, _, _ in ("/api/v1/sessions/all", nil) },
    AccessCase(.delete, "/api/v1/sessions", own: all(200), foreign: only(200, 0, others: 404)) { world, _, own in
      ("/api/v1/sessions" + (own ? "" : "?account=\(world.foreignClient.account)"), nil)
    },
    AccessCase(.get, "/api/v1/me/second-factor", own: all(200)) { _, _, _ in ("/api/v1/me/second-factor", nil) },
    AccessCase(.post, "/api/v1/me/second-factor", own: all(201)) { _, _, _ in
      ("/api/v1/me/second-factor", #"{"password":"\#(RestBench.password)"}"#)
    },
    AccessCase(.put, "/api/v1/me/second-factor", own: all(200)) { world, caller, _ in
      let code = try await caller.begin().code(of: TOTP.step(at: world.bench.clock.time))
      return ("/api/v1/me/second-factor", #"{"code":"\#(code)"}"#)
    },
    AccessCase(.post, "/api/v1/me/second-factor/recovery", own: all(200)) { _, caller, _ in
      let code = try await caller.enrol().codes[0]
      return ("/api/v1/me/second-factor/recovery", #"{"password":"\#(RestBench.password)","code":"\#(code)"}"#)
    },
    AccessCase(.post, "/api/v1/me/second-factor/end", own: all(204)) { _, caller, _ in
      let code = try await caller.enrol().codes[0]
      return ("/api/v1/me/second-factor/end", #"{"password":"\#(RestBench.password)","code":"\#(code)"}"#)
    },
    AccessCase(.delete, "/api/v1/users/{id}/second-factor", own: only(204, 0), foreign: only(204, 0)) { world, _, own in
      let account = try await world.newAccount(own: own, login: "factor\(fresh())")
      try await world.bench.database.app.run {
        try $0.execute(
          """
          INSERT INTO second_factor (account_id, secret, confirmed_at) VALUES (\(account), \([UInt8](repeating: 1, count: 48)), now())
          """)
      }
      return ("/api/v1/users/\(account)/second-factor", nil)
    },
    AccessCase(.put, "/api/v1/me/notices/oversight", own: all(204)) { _, _, _ in ("/api/v1/me/notices/oversight", "{}") },
    // A role of the firm is refused in words; another company is as unknown as one that doesn't exist.
    AccessCase(.post, "/api/v1/invitations", own: only(201, 0, 3), foreign: [201, 403, 403, 422, 403, 403, 403, 403, 403]) {
      world, _, own in
      ("/api/v1/invitations", #"{"role":"sales","organisation":\#(own ? world.here.id : world.there.id),"name":"Lola"}"#)
    },
    AccessCase(.post, "/api/v1/users/{id}/reset-links", own: only(201, 0), foreign: only(201, 0)) { world, _, own in
      ("/api/v1/users/\(try await world.newAccount(own: own, login: "reset\(fresh())"))/reset-links", "{}")
    },
    AccessCase(.get, "/api/v1/links", own: only(200, 0, 3)) { _, _, _ in ("/api/v1/links", nil) },
    AccessCase(.delete, "/api/v1/links/{id}", own: only(204, 0, 3), foreign: [204, 403, 403, 404, 403, 403, 403, 403, 403]) {
      world, _, own in
      ("/api/v1/links/\(try await world.newInvitation(to: own ? world.here.id : world.there.id).id)", nil)
    },
    AccessCase(.post, "/api/v1/one-time/look", own: all(200)) { world, _, _ in
      ("/api/v1/one-time/look", #"{"token":"\#(try await world.newInvitation(to: world.there.id).token)"}"#)
    },
    AccessCase(.post, "/api/v1/one-time/password", own: all(204)) { world, _, _ in
      let token = try await world.newReset(of: try await world.newAccount(own: false, login: "forgot\(fresh())"))
      return ("/api/v1/one-time/password", #"{"token":"\#(token)","password":"yangi-parol-5678"}"#)
    },
    AccessCase(.post, "/api/v1/one-time/account", own: all(204)) { world, _, _ in
      let token = try await world.newInvitation(to: world.there.id).token
      return (
        "/api/v1/one-time/account",
        #"{"token":"\#(token)","name":"Lola","login":"lola\#(fresh())","password":"yangi-parol-5678"}"#
      )
    },
    AccessCase(.post, "/api/v1/me/memberships", own: all(204)) { world, _, _ in
      ("/api/v1/me/memberships", #"{"token":"\#(try await world.newInvitation(to: world.there.id).token)"}"#)
    },
    AccessCase(.get, "/api/v1/settings/sessions", own: only(200, 0)) { _, _, _ in ("/api/v1/settings/sessions", nil) },
    AccessCase(.put, "/api/v1/settings/sessions", own: only(200, 0)) { _, _, _ in
      ("/api/v1/settings/sessions", #"{"version":0,"devices":{"client":3},"replace":["client"],"adminSecondFactor":false}"#)
    },
    AccessCase(.get, "/api/v1/organisations/{id}/closing", own: only(200, 0), foreign: only(200, 0)) { world, _, own in
      ("/api/v1/organisations/\(own ? world.here.id : world.there.id)/closing", nil)
    },
    // There is no key that could sign, which is said to nobody but whoever may ask.
    AccessCase(.get, "/api/v1/organisations/{id}/bundle", own: only(409, 0), foreign: only(409, 0)) { world, _, own in
      ("/api/v1/organisations/\(own ? world.here.id : world.there.id)/bundle", nil)
    },
    AccessCase(.post, "/api/v1/organisations/{id}/closing", own: only(200, 0), foreign: only(200, 0)) { world, _, own in
      let made = try await world.bench.database.makeOrganisation(
        "Leaving \(fresh())", department: own ? world.here.department : world.there.department)
      return ("/api/v1/organisations/\(made.id)/closing", #"{"reason":"Shartnoma tugadi"}"#)
    },
    AccessCase(
      .post, "/api/v1/assignments/plans", own: only(200, 0, 1), foreign: [200, 422, 403, 403, 403, 403, 403, 403, 403]
    ) { world, _, own in
      ("/api/v1/assignments/plans", plan(world, own: own, digest: nil))
    },
    AccessCase(
      .post, "/api/v1/assignments/plans/execution", own: only(201, 0, 1), foreign: [201, 422, 403, 403, 403, 403, 403, 403, 403]
    ) { world, _, own in
      let shown = try await world.person(.admin).send(.post, "/api/v1/assignments/plans", plan(world, own: own, digest: nil))
      return ("/api/v1/assignments/plans/execution", plan(world, own: own, digest: shown.json["digest"].string))
    },
    AccessCase(.post, "/api/v1/imports/organisations", own: only(200, 0)) { _, _, _ in
      ("/api/v1/imports/organisations", "name;stir;department\nYangi;123456789;First\n")
    },
    AccessCase(.post, "/api/v1/imports/users", own: only(200, 0)) { _, _, _ in
      ("/api/v1/imports/users", "name;login;role;organisation\nLola;lola;sales;Here\n")
    },
    AccessCase(.get, "/api/v1/exports/organisations", own: only(200, 0)) { _, _, _ in
      ("/api/v1/exports/organisations?format=csv", nil)
    },
    AccessCase(.get, "/api/v1/exports/users", own: only(200, 0)) { _, _, _ in ("/api/v1/exports/users", nil) },
  ]

  private static func plan(_ world: AccessWorld, own: Bool, digest: String?) -> String {
    let account = own ? world.person(.accountant).account : world.foreignAccountant.account
    let shown = digest.map { #","digest":"\#($0)""# } ?? ""
    return #"""
      {"account":\#(account),"organisations":[\#(own ? world.here.id : world.there.id)],"topics":["bank"],"from":"2030-01-01"\#(shown)}
      """#
  }
}
