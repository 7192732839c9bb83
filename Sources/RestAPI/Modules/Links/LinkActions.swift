import Domain
import HTTPTypes
import ServerKit
import Storage

/// Links that work once: invitations, and new passwords.
enum LinkActions {
  /// A link that was just made: its token is told once.
  struct Made: Sendable {
    let id: LinkID
    let token: LinkToken
    let expiresAt: Timestamp
  }

  /// Invites somebody to a role. An organisation's owner gives roles of that organisation only; whether a role of the firm exists is nobody's
  /// secret, so that is 403, and another organisation is as unknown as a missing one.
  ///
  /// Throws: 403, 422; 409 when the organisation is closed or has too many open invitations.
  static func invite(_ new: NewMembership, name: String, _ call: SignedCall) async throws -> Made {
    let token = LinkToken()
    return try await translating {
      try await call.write { call, session in
        if new.role.isFirm && !call.reach.all { throw Problem.forbidden }
        if let organisation = new.organisation {
          let place = ObjectPlace(organisation: organisation)
          guard call.reach.allows(place), try Organisations.find(organisation, for: call.viewer, in: session) != nil else {
            throw Problem.invalid(["organisation": "unknown"])
          }
        }
        let made = try OneTimeLinks.invitation(
          role: new.role, organisation: new.organisation, department: new.department, name: name, tokenHash: token.hash,
          by: call.account, in: session)
        guard let made else {
          throw Problem(.conflict, "too_many", "There are too many open invitations; revoke those that nobody needs.")
        }
        var detail = new.detail
        detail["link"] = .number(made.id.rawValue)
        detail["name"] = .text(name)
        try ActionLog.append("invitation.create", by: call.actor, organisation: new.organisation, detail: detail, in: session)
        return Made(id: made.id, token: token, expiresAt: made.expiresAt)
      }
    }
  }

  /// Makes a link to a new password for somebody else. Throws: 403 for oneself; 404.
  static func reset(of account: AccountID, _ call: SignedCall) async throws -> Made {
    if account == call.account {
      throw Problem(.forbidden, "forbidden", "One's own password is changed with the current one at hand.")
    }
    let token = LinkToken()
    return try await call.write(locking: { _ in [account] }) { call, session in
      guard let record = try Accounts.find(account, for: call.viewer, in: session), !record.isDisabled else {
        throw Problem.notFound
      }
      let made = try OneTimeLinks.reset(account, tokenHash: token.hash, by: call.account, in: session)
      try ActionLog.append(
        "reset_link.create", by: call.actor,
        detail: ["account": .number(account.rawValue), "link": .number(made.id.rawValue)], in: session)
      return Made(id: made.id, token: token, expiresAt: made.expiresAt)
    }
  }

  static func list(_ call: SignedCall) async throws -> [OneTimeLinks.Open] {
    let viewer = call.viewer
    return try await call.services.database.run { try OneTimeLinks.list(for: viewer, in: $0) }
  }

  /// Throws: 404 when there is no open one in sight.
  static func revoke(_ id: LinkID, _ call: SignedCall) async throws {
    try await call.write { call, session in
      guard let link = try OneTimeLinks.revoke(id, for: call.viewer, in: session) else { throw Problem.notFound }
      let (action, organisation): (String, OrganisationID?) =
        switch link.purpose {
        case .reset: ("reset_link.revoke", nil)
        case .invitation(_, let organisation, _, _): ("invitation.revoke", organisation?.id)
        }
      try ActionLog.append(
        action, by: call.actor, organisation: organisation, detail: ["link": .number(id.rawValue)], in: session)
    }
  }

  /// What a link is for. Unknown, used, revoked and expired ones answer alike. Throws: 404, 429.
  static func look(_ text: String, _ call: Call) async throws -> OneTimeLinks.Open {
    try call.services.admitLink(from: call.context.address)
    guard let hash = LinkToken(text)?.hash,
      let link = try await call.services.database.run({ try OneTimeLinks.find(tokenHash: hash, in: $0) })
    else { throw Problem.notFound }
    return link
  }

  /// Sets the password that a link is for. All devices of the account are signed out. Throws: 404, 422 `password: weak`, 429, 503.
  static func setPassword(_ password: String, by text: String, _ call: Call) async throws {
    let link = try await look(text, call)
    guard case .reset(let account, let login) = link.purpose else { throw Problem.notFound }
    if PasswordRules.problem(with: password, login: login) != nil { throw Problem.invalid(["password": "weak"]) }
    let hash = try await call.services.passwords.hash(password)
    let address = call.context.address
    try await call.services.database.run { session in
      try AccessChange.run(in: session) {
        // Under the account's lock, and then once more: another use of the link, or its end, may have come meanwhile.
        guard try AccessChange.lock(account.id, in: session), try isStillOpen(link, text, session),
          try OneTimeLinks.use(link.id, by: account.id, in: session)
        else { throw Problem.notFound }
        try Accounts.setPassword(account.id, hash: hash, except: nil, in: session)
        try ActionLog.append(
          "account.password", by: ActionLog.Actor(account: account.id, session: nil, address: address),
          detail: ["link": .number(link.id.rawValue)], in: session)
      }
    }
  }

  /// Takes an invitation up with a new account. Throws: 404, 409 for a login that is taken, 422, 429, 503.
  static func join(_ person: NewPerson, by text: String, _ call: Call) async throws {
    let link = try await look(text, call)
    guard case .invitation(let role, let organisation, let department, _) = link.purpose else { throw Problem.notFound }
    let hash = try await call.services.passwords.hash(person.password)
    let address = call.context.address
    try await translating {
      try await call.services.database.run { session in
        try AccessChange.run(in: session) {
          guard try AccessChange.lock(link.by.id, in: session), try isStillOpen(link, text, session) else {
            throw Problem.notFound
          }
          let id = try Accounts.create(
            name: person.name, login: person.login, language: person.language.rawValue, passwordHash: hash, in: session)
          guard try OneTimeLinks.use(link.id, by: id, in: session) else { throw Problem.notFound }
          let membership = try Accounts.addMembership(
            id, role: role, organisation: organisation?.id, department: department?.id, in: session)
          try ActionLog.append(
            "invitation.use", by: ActionLog.Actor(account: id, session: nil, address: address), organisation: organisation?.id,
            detail: [
              "link": .number(link.id.rawValue), "account": .number(id.rawValue), "login": .text(person.login),
              "role": .text(role.rawValue), "invited_by": .number(link.by.id.rawValue), "new": true,
            ], written: .account(id), .membership(membership), in: session)
        }
      }
    }
  }

  /// Takes an invitation up with the account that one has. Throws: 404; 409 when one has that role already; 429.
  static func join(by text: String, _ call: SignedCall) async throws {
    let link = try await look(text, call.call)
    guard case .invitation(let role, let organisation, let department, _) = link.purpose else { throw Problem.notFound }
    try await translating {
      try await call.write(locking: { _ in [link.by.id] }) { call, session in
        guard try isStillOpen(link, text, session), try OneTimeLinks.use(link.id, by: call.account, in: session) else {
          throw Problem.notFound
        }
        let membership = try Accounts.addMembership(
          call.account, role: role, organisation: organisation?.id, department: department?.id, in: session)
        try ActionLog.append(
          "invitation.use", by: call.actor, organisation: organisation?.id,
          detail: [
            "link": .number(link.id.rawValue), "account": .number(call.account.rawValue), "role": .text(role.rawValue),
            "invited_by": .number(link.by.id.rawValue), "new": false,
          ], written: .membership(membership), in: session)
      }
    }
  }

  private static func isStillOpen(_ link: OneTimeLinks.Open, _ text: String, _ session: Session) throws -> Bool {
    guard let hash = LinkToken(text)?.hash else { return false }
    return try OneTimeLinks.find(tokenHash: hash, in: session)?.id == link.id
  }
}
