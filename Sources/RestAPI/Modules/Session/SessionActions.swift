import Domain
import HTTPTypes
import Logging
import ServerKit
import Storage

/// Signing in and out, and the list of devices.
enum SessionActions {
  /// A new session, to be told to its owner.
  struct Opened: Sendable {
    let account: AccountRecord
    let token: SessionToken
    /// The device's own secret; new when it had none.
    let device: SessionToken
  }

  /// Signs in.
  ///
  /// An unknown login, a wrong password and a disabled account are answered alike, after the same work.
  /// Throws: 401 `invalid_credentials`, 429 with the wait, 503 when hashes queue up or Postgres is away.
  static func signIn(_ request: SignIn, device presented: SessionToken?, in call: Call) async throws -> Opened {
    let services = call.services
    let address = call.context.address
    let candidate = try await services.database.run {
      try Accounts.candidate(login: request.login, device: presented?.hash, in: $0)
    }
    let knownDevice = candidate?.knowsDevice == true ? presented?.csrf : nil
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
    let account = try await services.database.transaction { session -> AccountRecord? in
      // Disabled, or another password, since it was looked at: the row lock orders us after whoever did that.
      guard try AccessChange.lock(candidate.id, in: session),
        try Accounts.passwordHash(of: candidate.id, in: session) == candidate.passwordHash
      else { return nil }
      let id = try Sessions.create(
        account: candidate.id, tokenHash: token.hash, kind: request.kind.rawValue, device: request.device, address: address,
        in: session)
      try Accounts.remember(device: device.hash, of: candidate.id, in: session)
      if let renewed { try Accounts.rehash(candidate.id, from: candidate.passwordHash, to: renewed, in: session) }
      try ActionLog.append(
        "session.start", by: ActionLog.Actor(account: candidate.id, session: id, address: address),
        detail: ["kind": .text(request.kind.rawValue), "device": .text(request.device)], in: session)
      return try Sessions.find(tokenHash: token.hash, in: session)?.account
    }
    guard let account else { throw Problem(.unauthorized, "invalid_credentials", "The login or the password is wrong.") }
    return Opened(account: account, token: token, device: device)
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
    guard owner == call.account || call.reach.all else { throw Problem.notFound }
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
}
