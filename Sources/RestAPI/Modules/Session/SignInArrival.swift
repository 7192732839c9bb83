import Domain
import HTTPTypes
import ServerKit
import Storage

/// Somebody whose password was right, on the way to a session: what remains to be judged under the account's lock.
struct SignInArrival: Sendable {
  let request: SignIn
  let candidate: Accounts.Candidate
  let token: SessionToken
  let device: SessionToken
  let address: String
  let now: Timestamp
  /// The password's hash with today's parameters, when the stored one has others.
  let renewedHash: String?

  /// Opens the session; nil when the account was disabled or got another password since it was looked at. Inside `AccessChange.run`: whatever
  /// is thrown takes everything back, a code of the authenticator included, so that a repeated request may show it again.
  ///
  /// Throws: what is wrong with the code; 409 `device_limit`.
  func open(in session: Session) throws -> Sessions.Live? {
    // The row lock orders this after whoever disabled the account or set another password.
    guard try AccessChange.lock(candidate.id, in: session),
      try Accounts.passwordHash(of: candidate.id, in: session) == candidate.passwordHash
    else { return nil }
    let factor = try SecondFactorActions.check(request.code, of: candidate.id, at: now, in: session)
    if factor == .recovery { try SecondFactorActions.tell(candidate.id, from: address, in: session) }
    if request.kind == .browser { try Sessions.endBefore(on: device.hash, of: candidate.id, in: session) }
    let id = try Sessions.create(
      account: candidate.id, tokenHash: token.hash, kind: request.kind.rawValue, device: request.device, deviceHash: device.hash,
      address: address, in: session)
    guard let live = try Sessions.find(tokenHash: token.hash, in: session) else { return nil }
    let others = try Sessions.list(of: candidate.id, in: session).filter { $0.id != id }
    let ended = try keepLimit(live, others, in: session)
    // A thief's sign-in is seen where its owner is, or the next time that they are somewhere. Whoever comes for the first time has nobody to be told.
    if try !candidate.knowsDevice && (!others.isEmpty || Sessions.hadAny(of: candidate.id, in: session)) {
      try Notifications.add(
        to: candidate.id, kind: .sessionNew,
        detail: ["device": .text(request.device), "address": .text(address), "session": .number(id.rawValue)], in: session)
    }
    try Accounts.remember(device: device.hash, of: candidate.id, in: session)
    if let renewedHash { try Accounts.rehash(candidate.id, from: candidate.passwordHash, to: renewedHash, in: session) }
    var detail: [String: ActionLog.Value] = [
      "kind": .text(request.kind.rawValue), "device": .text(request.device), "known_device": .flag(candidate.knowsDevice),
    ]
    if let factor { detail["factor"] = .text(factor.rawValue) }
    if ended > 0 { detail["replaced"] = .number(Int64(ended)) }
    try ActionLog.append(
      "session.start", by: ActionLog.Actor(account: candidate.id, session: id, address: address), detail: detail, in: session)
    return live
  }

  /// Holds the limit of devices; returns how many others were ended for it. Throws: 409 `device_limit`, with the devices.
  private func keepLimit(_ live: Sessions.Live, _ others: [Sessions.Device], in session: Session) throws -> Int {
    let settings = try SessionSettings.read(in: session)
    guard let limit = settings.limit(of: live.memberships.map(\.role)) else { return 0 }
    let excess = others.count + 1 - Int(limit.devices)
    guard excess > 0 else { return 0 }
    // The list is by last use, the newest first.
    let ending = limit.excess == .replace ? Set(others.suffix(excess).map(\.id)) : []
    guard limit.excess == .replace && request.replaces else {
      var problem = Problem(.conflict, "device_limit", "As many devices are signed in as the firm allows.")
      problem.limit = limit.devices
      problem.devices = others.prefix(20).map { device in
        BusyDeviceAnswer(
          device: device.device, kind: device.kind, address: device.address, lastUsedAt: device.lastUsedAt.rfc3339,
          ends: ending.contains(device.id))
      }
      throw problem
    }
    for id in ending { _ = try Sessions.end(id, reason: "device limit", in: session) }
    return ending.count
  }
}
