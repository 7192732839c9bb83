import Domain
import HTTPTypes
import ServerKit
import Storage

/// A second factor: an authenticator, and ten codes on paper for when it is lost.
enum SecondFactorActions {
  /// What a code was, when it was right.
  enum Taken: String { case code, recovery }

  static let required = Problem(.unauthorized, "second_factor_required", "Send the code of the authenticator too.")
  static let wrong = Problem(.unauthorized, "second_factor_wrong", "The code is wrong, or was used already.")

  /// Checks the code of a sign-in under the account's lock, and takes it. Nothing is asked of whoever has no second factor.
  ///
  /// - Returns: what the code was; nil where none is asked.
  /// - Throws: `required`, `wrong`.
  static func check(_ code: String?, of account: AccountID, at now: Timestamp, in session: Session) throws -> Taken? {
    guard let factor = try SecondFactors.find(account, in: session), factor.confirmedAt != nil else { return nil }
    guard let code else { throw required }
    guard let taken = try take(code, of: account, factor, at: now, in: session) else { throw wrong }
    return taken
  }

  /// Tells somebody that one of their codes on paper was used, by whoever it was: paper is copied without anybody's noticing.
  static func tell(_ account: AccountID, from address: String, in session: Session) throws {
    let left = try SecondFactors.find(account, in: session)?.recoveryCodes ?? 0
    try Notifications.add(
      to: account, kind: .recoveryUse, detail: ["address": .text(address), "left": .number(Int64(left))], in: session)
  }

  /// Takes a code of the authenticator or of the paper; nil when it is neither. Under the account's lock.
  private static func take(
    _ text: String, of account: AccountID, _ factor: SecondFactors.Record, at now: Timestamp, in session: Session
  ) throws -> Taken? {
    let digits = text.filter { !$0.isWhitespace }
    let totp = try SecondFactorSeal.open(factor.secret, of: account, key: try SecondFactorSeal.key(in: session))
    if let step = totp.step(of: digits, at: now, after: factor.lastStep) {
      return try SecondFactors.take(account, step: step, in: session) ? .code : nil
    }
    guard let recovery = RecoveryCode(text) else { return nil }
    return try SecondFactors.take(account, recovery: recovery.hash, in: session) ? .recovery : nil
  }

  static func state(_ call: SignedCall) async throws -> SecondFactorAnswer {
    let account = call.account
    let (factor, owes) = (
      try await call.services.database.run { try SecondFactors.find(account, in: $0) }, call.caller.live.owesSecondFactor
    )
    return SecondFactorAnswer(factor, owes: owes)
  }

  /// Begins an enrolment: whoever finds an open page must not tie the account to their own phone, so the password is asked.
  ///
  /// Throws: 422 `password: wrong`; 409 when there is one already; 429, 503.
  static func begin(password: String, _ call: SignedCall) async throws -> EnrolmentAnswer {
    try await checkPassword(password, call)
    let totp = TOTP()
    let firm = call.services.configuration.shared.firmName
    try await call.write { call, session in
      let key = try SecondFactorSeal.key(in: session)
      let isBegun = try SecondFactors.begin(
        call.account, secret: try SecondFactorSeal.seal(totp.secret, of: call.account, key: key), in: session)
      guard isBegun else { throw Problem(.conflict, "conflict", "There is a second factor already.") }
      try ActionLog.append("second_factor.begin", by: call.actor, in: session)
    }
    return EnrolmentAnswer(
      secret: Base32.string(totp.secret),
      address: totp.address(issuer: firm.isEmpty ? "1fin" : firm, account: call.caller.live.account.login))
  }

  /// Confirms an enrolment by a code of it. Returns the codes on paper, which nobody is told again.
  ///
  /// Throws: 422 `code: wrong`; 409 when nothing was begun; 429.
  static func confirm(code: String, _ call: SignedCall) async throws -> [RecoveryCode] {
    let codes = (0..<RecoveryCode.count).map { _ in RecoveryCode() }
    let now = call.services.clock()
    return try await counted(call) {
      try await call.write { call, session in
        guard let factor = try SecondFactors.find(call.account, in: session), factor.confirmedAt == nil else {
          throw Problem(.conflict, "conflict", "There is nothing to confirm.")
        }
        let totp = try SecondFactorSeal.open(factor.secret, of: call.account, key: try SecondFactorSeal.key(in: session))
        let digits = code.filter { !$0.isWhitespace }
        guard let step = totp.step(of: digits, at: now, after: factor.lastStep) else { throw Problem.invalid(["code": "wrong"]) }
        _ = try SecondFactors.confirm(call.account, step: step, recovery: codes.map(\.hash), in: session)
        try ActionLog.append("second_factor.enable", by: call.actor, in: session)
        return codes
      }
    }
  }

  /// Puts new codes on paper in the place of the old ones. Throws: 422 `password: wrong` or `code: wrong`; 409 without a second factor; 429, 503.
  static func renewRecovery(password: String, code: String, _ call: SignedCall) async throws -> [RecoveryCode] {
    let codes = (0..<RecoveryCode.count).map { _ in RecoveryCode() }
    try await proven(password, code, call) { call, taken, session in
      try SecondFactors.setRecovery(call.account, codes.map(\.hash), in: session)
      try ActionLog.append("second_factor.recovery", by: call.actor, detail: ["factor": .text(taken.rawValue)], in: session)
    }
    return codes
  }

  /// Takes one's own second factor away. Throws: as `renewRecovery`; 409 `second_factor_owed` when the firm demands it of one.
  static func disable(password: String, code: String, _ call: SignedCall) async throws {
    try await proven(password, code, call) { call, taken, session in
      let isAdmin = call.caller.live.memberships.contains { $0.role == .admin }
      if isAdmin, try SessionSettings.read(in: session).adminSecondFactor {
        throw Problem(.conflict, "second_factor_owed", "The firm demands a second factor of its admins.")
      }
      _ = try SecondFactors.remove(call.account, in: session)
      try ActionLog.append("second_factor.disable", by: call.actor, detail: ["factor": .text(taken.rawValue)], in: session)
    }
  }

  /// Takes somebody's second factor away, whose phone is lost. Throws: 403 for one's own; 404 for nobody, or without one.
  static func remove(of account: AccountID, _ call: SignedCall) async throws {
    if account == call.account {
      throw Problem(.forbidden, "forbidden", "One's own second factor is taken away with a code of it.")
    }
    try await call.write(locking: { _ in [account] }) { call, session in
      guard try SecondFactors.remove(account, in: session) else { throw Problem.notFound }
      try ActionLog.append("second_factor.remove", by: call.actor, detail: ["account": .number(account.rawValue)], in: session)
    }
  }

  /// Asks for password and code, and does something for whoever knows both.
  private static func proven(
    _ password: String, _ code: String, _ call: SignedCall,
    _ body: @escaping @Sendable (SignedCall, Taken, Session) throws -> Void
  ) async throws {
    try await checkPassword(password, call)
    let now = call.services.clock()
    try await counted(call) {
      try await call.write { call, session in
        guard let factor = try SecondFactors.find(call.account, in: session), factor.confirmedAt != nil else {
          throw Problem(.conflict, "conflict", "There is no second factor.")
        }
        guard let taken = try take(code, of: call.account, factor, at: now, in: session) else {
          throw Problem.invalid(["code": "wrong"])
        }
        if taken == .recovery { try tell(call.account, from: call.call.context.address, in: session) }
        try body(call, taken, session)
      }
    }
  }

  /// Counts what the body calls a wrong code; everything else gives the attempt back.
  private static func counted<Value: Sendable>(_ call: SignedCall, _ body: () async throws -> Value) async throws -> Value {
    let ticket = try call.services.admitCode(attempt(call))
    do {
      let value = try await body()
      call.services.giveBackCode(ticket)
      return value
    } catch {
      if (error as? Problem)?.fields != ["code": "wrong"] { call.services.giveBackCode(ticket) }
      throw error
    }
  }

  private static func checkPassword(_ password: String, _ call: SignedCall) async throws {
    let (services, account) = (call.services, call.account)
    guard let hash = try await services.database.run({ try Accounts.passwordHash(of: account, in: $0) }) else {
      throw Problem.unauthenticated
    }
    let ticket = try services.admit(attempt(call))
    let isRight: Bool
    do {
      isRight = try await services.passwords.verify(password, against: hash)
    } catch {
      services.giveBack(ticket)
      throw error
    }
    guard isRight else { throw Problem.invalid(["password": "wrong"]) }
    services.giveBack(ticket)
  }

  private static func attempt(_ call: SignedCall) -> SignInThrottle.Attempt {
    SignInThrottle.Attempt(
      login: call.caller.live.account.login, address: call.call.context.address, knownDevice: "session \(call.caller.live.id)")
  }
}
