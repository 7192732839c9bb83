import Domain
import HTTPTypes
import ServerKit
import Storage

/// Accounts and their memberships, as an admin manages them.
enum UserActions {
  static func list(search: String, after: Int64, limit: Int, _ call: SignedCall) async throws -> Page<AccountRecord> {
    let viewer = call.viewer
    return try await call.services.database.run {
      try Accounts.list(for: viewer, search: search, after: after, limit: limit, in: $0)
    }
  }

  /// Throws: 409 for a login that is taken; 422 for an unknown organisation or department; 503.
  static func create(_ new: NewUser, _ call: SignedCall) async throws -> AccountRecord {
    let hash = try await call.services.passwords.hash(new.password)
    return try await translating {
      try await call.write { call, session in
        let id = try Accounts.create(
          name: new.name, login: new.login, language: new.language.rawValue, passwordHash: hash, in: session)
        let membership = new.membership
        let role = try Accounts.addMembership(
          id, role: membership.role, organisation: membership.organisation, department: membership.department, in: session)
        let made = try found(id, call.viewer, session)
        var after = made.logged
        after.merge(made.memberships.first?.logged ?? [:]) { own, _ in own }
        var detail = ActionLog.change(from: nil, to: after)
        detail["account"] = .number(id.rawValue)
        try ActionLog.append(
          "account.create", by: call.actor, organisation: membership.organisation, detail: detail, written: .account(id),
          .membership(role), in: session)
        return made
      }
    }
  }

  /// Throws: 404 for an account out of reach, 403 for a change that only an admin makes, 409 when it would leave no admin, 422, 503.
  static func update(_ id: AccountID, _ change: UserChange, _ call: SignedCall) async throws -> AccountRecord {
    let viewer = call.viewer
    let before = try await call.services.database.run { try found(id, viewer, $0) }
    if change.needsAdmin && !call.reach.all { throw Problem.forbidden }
    if change.password != nil && id == call.account {
      throw Problem(.forbidden, "forbidden", "One's own password is changed with the current one at hand.")
    }
    var hash: String?
    if let password = change.password {
      if PasswordRules.problem(with: password, login: before.login) != nil { throw Problem.invalid(["password": "weak"]) }
      hash = try await call.services.passwords.hash(password)
    }
    let newHash = hash
    return try await call.write(locking: { try Accounts.those(locking: id, in: $0) }) { call, session in
      let before = try found(id, call.viewer, session)
      if change.needsAdmin && !call.reach.all { throw Problem.forbidden }
      try Accounts.update(id, name: change.name, language: change.language?.rawValue, in: session)
      if let newHash { try Accounts.setPassword(id, hash: newHash, except: nil, in: session) }
      if let disabled = change.isDisabled, disabled != before.isDisabled {
        if disabled { try keepAnAdmin(without: id, session) }
        try Accounts.setDisabled(id, disabled, in: session)
      }
      let after = try found(id, call.viewer, session)
      var detail = ActionLog.change(from: before.logged, to: after.logged)
      detail["account"] = .number(id.rawValue)
      if newHash != nil { detail["password"] = "reset" }
      try ActionLog.append("account.update", by: call.actor, detail: detail, written: .account(id), in: session)
      return after
    }
  }

  /// Throws: 404; 409 when the account has it already; 422 for an unknown organisation or department.
  static func addMembership(_ new: NewMembership, to id: AccountID, _ call: SignedCall) async throws -> MembershipRecord {
    try await translating {
      try await call.write(locking: { _ in [id] }) { call, session in
        _ = try found(id, call.viewer, session)
        let membership = try Accounts.addMembership(
          id, role: new.role, organisation: new.organisation, department: new.department, in: session)
        guard let record = try found(id, call.viewer, session).memberships.first(where: { $0.id == membership }) else {
          throw Problem.notFound
        }
        var detail = ActionLog.change(from: nil, to: record.logged)
        detail["account"] = .number(id.rawValue)
        try ActionLog.append(
          "membership.create", by: call.actor, organisation: new.organisation, detail: detail, written: .membership(membership),
          in: session)
        return record
      }
    }
  }

  /// Throws: 404; 409 when it would leave no admin.
  static func endMembership(_ id: MembershipID, _ call: SignedCall) async throws {
    try await call.write(locking: { session in
      try Accounts.owner(of: id, in: session).map { try Accounts.those(locking: $0, in: session) } ?? []
    }) { call, session in
      let owner = try Accounts.owner(of: id, in: session).map { try found($0, call.viewer, session) }
      let before = owner?.memberships.first { $0.id == id }
      guard let before, let ended = try Accounts.endMembership(id, in: session) else { throw Problem.notFound }
      if ended.role == .admin, try Accounts.liveAdmins(in: session).isEmpty { throw lastAdmin }
      var detail = ActionLog.change(from: before.logged, to: nil)
      detail["account"] = .number(ended.account.rawValue)
      try ActionLog.append(
        "membership.delete", by: call.actor, organisation: ended.organisation, detail: detail, written: .membership(id),
        in: session)
    }
  }

  private static let lastAdmin = Problem(.conflict, "conflict", "This would leave the firm without an admin.")

  private static func keepAnAdmin(without id: AccountID, _ session: Session) throws {
    let admins = try Accounts.liveAdmins(in: session)
    if admins == [id] { throw lastAdmin }
  }

  private static func found(_ id: AccountID, _ viewer: Viewer, _ session: Session) throws -> AccountRecord {
    guard let record = try Accounts.find(id, for: viewer, in: session) else { throw Problem.notFound }
    return record
  }
}
