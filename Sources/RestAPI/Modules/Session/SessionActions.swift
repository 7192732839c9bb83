import Domain
import HTTPTypes
import Logging
import ServerKit
import Storage

/// Signing in and out, and the list of devices.
enum SessionActions {
  /// A new session, to be told to its owner.
  struct Opened: Sendable {
    let live: Sessions.Live
    let token: SessionToken
    /// The device's own secret; new when it had none.
    let device: SessionToken
  }

  /// Signs in.
  ///
  /// An unknown login, a wrong password and a disabled account are answered alike, after the same work. Whether there is a second factor, and how
  /// many devices are signed in, is told only to whoever knew the password.
  /// Throws: 401 `invalid_credentials`, `second_factor_required` or `second_factor_wrong`; 409 `device_limit`; 429 with the wait; 503 when
  /// hashes queue up or Postgres is away.
  static func signIn(_ request: SignIn, device presented: SessionToken?, in call: Call) async throws -> Opened {
    let services = call.services
    let address = call.context.address
    let candidate = try await services.database.run {
      try Accounts.candidate(login: request.login, device: presented?.hash, in: $0)
    }
    let knownDevice = candidate?.knowsDevice == true ? presented?.fingerprint : nil
    let attempt = SignInThrottle.Attempt(login: request.login, address: address, knownDevice: knownDevice)
    let ticket = try services.admit(attempt)

    let isRight: Bool
    do {
      if let candidate, !candidate.isDisabled {
        isRight = try await services.passwords.verify(request.password, against: candidate.passwordHash)
      } else {
        try await services.passwords.verifyStranger(request.password)
        isRight = false
      }
    } catch {
      // Nothing was tried, so nothing is counted.
      services.giveBack(ticket)
      throw error
    }
    guard isRight, let candidate else {
      try await services.noteRefusal(of: candidate?.id, from: address)
      throw Problem(.unauthorized, "invalid_credentials", "The login or the password is wrong.")
    }
    services.giveBack(ticket)

    let renewed = try await renewedHash(request.password, candidate, services)
    let token = SessionToken()
    let device = presented ?? SessionToken()
    let codeTicket = request.code == nil ? nil : try services.admitCode(attempt)
    let arrival = SignInArrival(
      request: request, candidate: candidate, token: token, device: device, address: address, now: services.clock(),
      renewedHash: renewed)
    let live: Sessions.Live?
    do {
      live = try await services.database.run { session in try AccessChange.run(in: session) { try arrival.open(in: session) } }
    } catch {
      if (error as? Problem)?.code == SecondFactorActions.wrong.code {
        try await services.noteRefusal(of: candidate.id, from: address)
      } else if let codeTicket {
        services.giveBackCode(codeTicket)
      }
      throw error
    }
    if let codeTicket { services.giveBackCode(codeTicket) }
    guard let live else { throw Problem(.unauthorized, "invalid_credentials", "The login or the password is wrong.") }
    return Opened(live: live, token: token, device: device)
  }

  /// A hash with today's parameters when the stored one has others. Not being able to make it now is no reason to turn anybody away.
  private static func renewedHash(
    _ password: String, _ candidate: Accounts.Candidate, _ services: RestServices
  ) async throws -> String? {
    guard services.passwords.needsRehash(candidate.passwordHash) else { return nil }
    do {
      return try await services.passwords.hash(password)
    } catch let error as DomainError where error.isTemporary {
      services.logger.info("Password hash not renewed", metadata: ["reason": "\(error.code.rawValue)"])
      return nil
    }
  }

  /// Ends the caller's own session.
  static func signOut(_ call: SignedCall) async throws {
    try await call.write { call, session in
      if try Sessions.end(call.caller.live.id, reason: "signed out", in: session) {
        try ActionLog.append("session.end", by: call.actor, in: session)
      }
    }
  }

  /// The devices of an account: one's own, or anybody's for whoever reaches them. Throws: 404 for others.
  static func devices(of account: AccountID?, in call: SignedCall) async throws -> [Sessions.Device] {
    let owner = account ?? call.account
    guard owner == call.account || call.reach.all else { throw Problem.foreign }
    return try await call.services.database.run { try Sessions.list(of: owner, in: $0) }
  }

  /// Ends a device's session. Throws: 404 when there is no live one or it isn't the caller's to end.
  static func end(_ id: SessionID, in call: SignedCall) async throws {
    try await call.write(locking: { try Sessions.owner(of: id, in: $0).map { [$0] } ?? [] }) { call, session in
      guard let owner = try Sessions.owner(of: id, in: session),
        call.reach.allows(ObjectPlace(own: owner == call.account)),
        try Sessions.end(id, reason: owner == call.account ? "ended by its owner" : "ended by an admin", in: session)
      else { throw Problem.notFound }
      try ActionLog.append(
        "session.end", by: call.actor, detail: ["session": .number(id.rawValue), "account": .number(owner.rawValue)], in: session)
    }
  }

  /// Ends the sessions of an account, but the one that asks. Returns how many. Throws: 404 for an account that isn't the caller's to end.
  static func endAll(of account: AccountID?, in call: SignedCall) async throws -> Int {
    let owner = account ?? call.account
    guard owner == call.account || call.reach.all else { throw Problem.foreign }
    return try await call.write(locking: { _ in [owner] }) { call, session in
      guard owner == call.account || call.reach.all else { throw Problem.foreign }
      let isOwn = owner == call.account
      let count = try Sessions.endAll(
        of: owner, except: isOwn ? call.caller.live.id : nil, reason: isOwn ? "ended by its owner" : "ended by an admin",
        in: session)
      guard count > 0 else { return 0 }
      try ActionLog.append(
        "session.end_all", by: call.actor, detail: ["account": .number(owner.rawValue), "count": .number(Int64(count))],
        in: session)
      return count
    }
  }

  /// The devices of everybody. Throws: 404 for whoever doesn't reach everybody.
  static func everybody(
    search: String, before: SessionID?, limit: Int, in call: SignedCall
  ) async throws -> (items: [Sessions.Owned], next: SessionID?) {
    guard call.reach.all else { throw Problem.notFound }
    return try await call.services.database.run { try Sessions.everybody(search: search, before: before, limit: limit, in: $0) }
  }
}
