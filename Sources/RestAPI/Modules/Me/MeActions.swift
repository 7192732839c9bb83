import Domain
import HTTPTypes
import ServerKit
import Storage

/// The languages of the interface.
enum Language: String {
  case uz
  case ru
  case en
}

/// What people do with their own account.
enum MeActions {
  /// Changes the caller's password and ends the other sessions.
  ///
  /// Throws: 422 with `current: wrong` or what is wrong with the new one; 429; 503.
  static func setPassword(current: String, new: String, device: SessionToken?, in call: SignedCall) async throws {
    let services = call.services
    let (account, keep) = (call.account, call.caller.live.id)
    if PasswordRules.problem(with: new, login: call.caller.live.account.login) != nil { throw Problem.invalid(["new": "weak"]) }
    guard let hash = try await services.database.run({ try Accounts.passwordHash(of: account, in: $0) }) else {
      throw Problem.unauthenticated
    }
    // Whoever found an open page must not guess the password through it.
    let attempt = SignInThrottle.Attempt(
      login: call.caller.live.account.login, address: call.call.context.address, knownDevice: "session \(keep)")
    let ticket = try services.admit(attempt)
    let isRight: Bool
    do {
      isRight = try await services.passwords.verify(current, against: hash)
    } catch {
      services.giveBack(ticket)
      throw error
    }
    guard isRight else { throw Problem.invalid(["current": "wrong"]) }
    services.giveBack(ticket)
    let newHash = try await services.passwords.hash(new)
    try await call.write { call, session in
      let isSet = try Accounts.setPassword(
        account, from: hash, hash: newHash, except: keep, keeping: device?.hash, in: session)
      // Somebody set another one while this one was hashed, and that one stays.
      guard isSet else { throw Problem.invalid(["current": "wrong"]) }
      try ActionLog.append("account.password", by: call.actor, in: session)
    }
  }

  /// Changes the language of the caller's interface.
  static func setLanguage(_ language: Language, in call: SignedCall) async throws {
    try await call.write { call, session in
      let before = call.caller.live.account.language
      guard language.rawValue != before else { return }
      try Accounts.update(call.account, language: language.rawValue, in: session)
      var detail = ActionLog.change(from: ["language": .text(before)], to: ["language": .text(language.rawValue)])
      detail["account"] = .number(call.account.rawValue)
      try ActionLog.append("account.update", by: call.actor, detail: detail, in: session)
    }
  }
}
