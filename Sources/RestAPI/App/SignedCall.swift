import Domain
import ServerKit
import Storage

/// One request of somebody signed in.
struct SignedCall: Sendable {
  let call: Call
  let caller: Caller
  let rule: RouteRule
  /// Whether the route is open to somebody who has to enrol a second factor or to confirm the notice about oversight first.
  let isEnrolling: Bool
  /// How far the route's permission reaches; empty on routes for one's own things.
  let reach: Reach

  /// Judges the caller by the route's rule. Throws: 403 for whoever hasn't the permission at all, or owes a second factor or the
  /// confirmation of the notice.
  init(call: Call, caller: Caller, rule: RouteRule, isEnrolling: Bool = false) throws(Problem) {
    self.call = call
    self.caller = caller
    self.rule = rule
    self.isEnrolling = isEnrolling
    if caller.live.owesSecondFactor && !isEnrolling { throw .secondFactorOwed }
    if !caller.live.hasReadOversight && !isEnrolling { throw .noticeOwed }
    guard case .needs(let permission) = rule else {
      reach = Reach()
      return
    }
    reach = Reach(caller.live.memberships, for: permission)
    guard !reach.isEmpty else { throw .forbidden }
  }

  var services: RestServices { call.services }
  var account: AccountID { caller.live.account.id }
  /// The caller with the route's reach, for SQL.
  var viewer: Viewer { Viewer(account: account, reach: reach) }
  /// The caller with the reach of another permission.
  func viewer(_ resource: Resource, _ action: Domain.Action) -> Viewer {
    Viewer(account: account, reach: Reach(caller.live.memberships, for: Permission(resource, action)))
  }
  /// Who acts, for the action log.
  var actor: ActionLog.Actor { ActionLog.Actor(account: account, session: caller.live.id, address: call.context.address) }

  /// Runs a change in one transaction, in which the caller's session and memberships are judged again under the account's lock. It is the only
  /// way from a signed-in route to a write: what was true when the request came may have been revoked while its body or a hash took their time.
  ///
  /// - Parameters:
  ///   - others: finds the accounts that the change is going to lock.
  ///   - body: gets the call as it stands now.
  /// Throws: 401 when the session has ended; 403; what `body` throws.
  func write<Value: Sendable>(
    locking others: @escaping @Sendable (Session) throws -> [AccountID] = { _ in [] },
    _ body: @escaping @Sendable (SignedCall, Session) throws -> Value
  ) async throws -> Value {
    try await services.database.run { session in
      try AccessChange.run(in: session) { try body(try judged(locking: others, session), session) }
    }
  }

  /// The same for what a closed month refuses: rules, salaries, doubts and their answers. The months' lock comes before the account's, as it does when a
  /// month is closed.
  func writeInMonths<Value: Sendable>(_ body: @escaping @Sendable (SignedCall, Session) throws -> Value) async throws -> Value {
    try await services.database.run { session in
      try AccessChange.run(in: session) {
        try MonthBook.lock(in: session)
        return try body(try judged(locking: { _ in [] }, session), session)
      }
    }
  }

  /// The same for closing a month, which reads a lot and must read it as it was at one moment: the months' lock is taken first, so that the moment is
  /// after whatever was written under it.
  func closeMonth<Value: Sendable>(_ body: @escaping @Sendable (SignedCall, Session) throws -> Value) async throws -> Value {
    try await services.database.run { session in
      try MonthBook.holding(in: session) {
        try AccessChange.run(isolation: .repeatableRead, in: session) {
          try body(try judged(locking: { _ in [] }, isOneMoment: true, session), session)
        }
      }
    }
  }

  /// The same for what writes nothing that anybody waits for: nobody is woken after it.
  func judge<Value: Sendable>(_ body: @escaping @Sendable (SignedCall, Session) throws -> Value) async throws -> Value {
    try await services.database.transaction { session in try body(try judged(locking: { _ in [] }, session), session) }
  }

  /// The call as it stands now, under the account's lock until the transaction ends. Throws: 401 when the session has ended; 403.
  private func judged(locking others: (Session) throws -> [AccountID], isOneMoment: Bool = false, _ session: Session) throws
    -> SignedCall
  {
    let (live, hash) = (caller.live, caller.token.hash)
    let held = try Sessions.hold(live, tokenHash: hash, with: try others(session), isOneMoment: isOneMoment, in: session)
    guard let now = held else {
      throw Problem.unauthenticated
    }
    let caller = Caller(live: now, token: caller.token, byCookie: caller.byCookie, wasTouched: caller.wasTouched)
    return try SignedCall(call: call, caller: caller, rule: rule, isEnrolling: isEnrolling)
  }
}
