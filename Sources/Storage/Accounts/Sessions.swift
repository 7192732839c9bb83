public import Domain

/// Devices that are signed in.
public enum Sessions {
  /// How long a session lives after it was last used.
  public static let life: Duration = .seconds(30 * 24 * 3600)
  /// How often using a session is written down.
  public static let touchInterval: Duration = .seconds(60)

  /// A live session with everything that deciding about a request needs.
  public struct Live: Sendable {
    /// The session.
    public let id: SessionID
    /// `browser` or `app`.
    public let kind: String
    /// When its use was last written down.
    public let lastUsed: Timestamp
    /// Whose it is, with the live memberships.
    public let account: AccountRecord
    /// Whether its owner has to enrol a second factor before anything else.
    public let owesSecondFactor: Bool
    /// Whether its owner has confirmed the notice that supervisors may watch.
    public let hasReadOversight: Bool

    /// What permissions ask.
    public var memberships: [Membership] { account.memberships.map(\.membership) }
  }

  /// A session as the list of devices shows it.
  public struct Device: Sendable {
    /// The session.
    public let id: SessionID
    /// Whose it is.
    public let account: AccountID
    /// `browser` or `app`.
    public let kind: String
    /// What the client said that it is.
    public let device: String
    /// The address that it was last used from.
    public let address: String
    /// When it signed in.
    public let createdAt: Timestamp
    /// When it was last used, to the minute.
    public let lastUsedAt: Timestamp
  }

  /// Writes a new session down.
  ///
  /// - Parameters:
  ///   - tokenHash: SHA-256 of the token; the token itself is never stored.
  ///   - deviceHash: SHA-256 of the device token, if there is one.
  /// - Throws: `DatabaseError`.
  public static func create(
    account: AccountID, tokenHash: [UInt8], kind: String, device: String, deviceHash: [UInt8]? = nil, address: String,
    in session: Session
  ) throws -> SessionID {
    try session.one(
      """
      INSERT INTO session (account_id, token_hash, kind, device, device_hash, address, expires_at)
      VALUES (\(account), \(tokenHash), \(kind), \(device), \(deviceHash), \(address), now() + \(seconds) * interval '1 second')
      RETURNING id
      """)["id"]
  }

  /// Finds the live session of a token with its account and memberships, in one query. Nil when it ended, expired or never was, or the
  /// account is disabled.
  ///
  /// - Throws: `DatabaseError`.
  public static func find(tokenHash: [UInt8], in session: Session) throws -> Live? {
    let rows = try session.rows(
      """
      SELECT s.id AS session_id, s.kind, s.last_used_at, a.id, a.login, a.name, a.language, false AS disabled,
             \(SecondFactors.owed) AS owes, \(Acknowledgements.hasReadOversight) AS has_read,
             m.id AS membership_id, m.role, m.organisation_id, o.name AS organisation_name, m.department_id, d.name AS department_name
        FROM session s
        JOIN account a ON a.id = s.account_id AND a.disabled_at IS NULL
        LEFT JOIN membership m ON m.account_id = a.id AND m.ended_at IS NULL
        LEFT JOIN organisation o ON o.id = m.organisation_id
        LEFT JOIN department d ON d.id = m.department_id
       WHERE s.token_hash = \(tokenHash) AND s.ended_at IS NULL AND s.expires_at > now()
       ORDER BY m.id
      """)
    guard let first = rows.first else { return nil }
    var memberships: [MembershipRecord] = []
    for row in rows {
      if let membership = try MembershipRecord(row) { memberships.append(membership) }
    }
    return Live(
      id: try first["session_id"], kind: try first["kind"], lastUsed: try first["last_used_at"],
      account: try AccountRecord(first, memberships: memberships), owesSecondFactor: try first["owes"],
      hasReadOversight: try first["has_read"])
  }

  /// Looks at a caller's session again inside the transaction that writes for it, and holds its account's row lock until the end: every end of a
  /// session and every change of a membership takes that lock, so nothing commits after one on the strength of what was true before it.
  ///
  /// - Parameter others: further accounts that the transaction is going to change; all are locked in the order of their ids, so that two that
  ///   change each other wait instead of meeting in a deadlock.
  /// - Parameter isOneMoment: the transaction reads everything as it was when it began, which may be before the wait for the lock. Then whoever ended the
  ///   session or a role meanwhile makes this fail with 40001, and `AccessChange.run` begins anew.
  /// - Returns: the session as it is now; nil when it isn't live any more.
  /// - Throws: `DatabaseError`.
  public static func hold(
    _ live: Live, tokenHash: [UInt8], with others: [AccountID] = [], isOneMoment: Bool = false, in session: Session
  ) throws -> Live? {
    let accounts = [live.account.id] + others
    _ = try session.rows("SELECT id FROM account WHERE id = ANY (\(accounts)) ORDER BY id FOR NO KEY UPDATE")
    if isOneMoment {
      _ = try session.rows("SELECT id FROM session WHERE id = \(live.id) FOR SHARE")
      _ = try session.rows("SELECT id FROM membership WHERE account_id = \(live.account.id) FOR SHARE")
    }
    // A statement of its own: its snapshot is taken after the wait for the lock.
    guard let now = try find(tokenHash: tokenHash, in: session), now.id == live.id, now.account.id == live.account.id else {
      return nil
    }
    return now
  }

  /// Writes down that a session is used and moves its end, at most once a minute. True when it did.
  ///
  /// - Throws: `DatabaseError`.
  @discardableResult
  public static func touch(_ live: Live, address: String, at now: Timestamp, in session: Session) throws -> Bool {
    try touch([(live.id, live.lastUsed, address)], at: now, in: session) > 0
  }

  /// The same for many; returns for how many it did.
  static func touch(
    _ used: [(id: SessionID, lastUsed: Timestamp, address: String)], at now: Timestamp, in session: Session
  ) throws -> Int {
    let due = used.filter { $0.lastUsed.advanced(by: touchInterval) <= now }
    guard !due.isEmpty else { return 0 }
    // Whoever else writes a session just now, to touch or to end it, is not waited for: two that touch many in different order would wait for each
    // other for ever.
    return try session.execute(
      """
      UPDATE session s SET last_used_at = now(), expires_at = now() + \(seconds) * interval '1 second', address = u.address
        FROM (SELECT x.id, x.address FROM unnest(\(due.map(\.id)), \(due.map(\.address))) AS x (id, address)
                JOIN session o ON o.id = x.id AND o.ended_at IS NULL AND o.last_used_at <= now() - interval '1 minute'
                 FOR UPDATE OF o SKIP LOCKED) u
       WHERE s.id = u.id
      """)
  }

  /// The live sessions of an account, the last used first.
  ///
  /// - Throws: `DatabaseError`.
  public static func list(of account: AccountID, in session: Session) throws -> [Device] {
    let rows = try session.rows(
      """
      SELECT id, account_id, kind, device, address, created_at, last_used_at FROM session
       WHERE account_id = \(account) AND ended_at IS NULL AND expires_at > now() ORDER BY last_used_at DESC, id DESC LIMIT 1000
      """)
    return try rows.map { row in
      Device(
        id: try row["id"], account: try row["account_id"], kind: try row["kind"], device: try row["device"],
        address: try row["address"],
        createdAt: try row["created_at"], lastUsedAt: try row["last_used_at"])
    }
  }

  /// Whose live session this is; nil when there is none.
  ///
  /// - Throws: `DatabaseError`.
  public static func owner(of id: SessionID, in session: Session) throws -> AccountID? {
    try session.value("SELECT account_id FROM session WHERE id = \(id) AND ended_at IS NULL AND expires_at > now()")
  }

  /// Which of these sessions live, and their accounts too.
  ///
  /// - Throws: `DatabaseError`.
  public static func live(among ids: [SessionID], in session: Session) throws -> Set<SessionID> {
    let rows = try session.rows(
      """
      SELECT s.id FROM session s JOIN account a ON a.id = s.account_id AND a.disabled_at IS NULL
       WHERE s.id = ANY (\(ids)) AND s.ended_at IS NULL AND s.expires_at > now()
      """)
    return Set(try rows.map { row in try row["id"] as SessionID })
  }

  /// Ends one session. True when it was live. Inside `AccessChange.run`.
  ///
  /// - Throws: `DatabaseError`.
  public static func end(_ id: SessionID, reason: String, in session: Session) throws -> Bool {
    guard let account = try owner(of: id, in: session), try AccessChange.lock(account, in: session) else { return false }
    try AccessChange.raise(try AccessChange.topics(of: account, in: session), in: session)
    return try !end("id = \(id)", reason: reason, in: session).isEmpty
  }

  /// Whether the account has signed in before, by the action log: sessions that are over are kept for a while only. Throws: `DatabaseError`.
  public static func hadAny(of account: AccountID, in session: Session) throws -> Bool {
    try session.one("SELECT EXISTS (SELECT FROM action_log WHERE account_id = \(account) AND action = 'session.start')").decode(
      at: 0)
  }

  /// Ends all sessions of an account, but one if given. Returns how many. Inside `AccessChange.run`.
  ///
  /// - Throws: `DatabaseError`.
  @discardableResult
  public static func endAll(of account: AccountID, except: SessionID?, reason: String, in session: Session) throws -> Int {
    guard try AccessChange.lock(account, in: session) else { return 0 }
    try AccessChange.raise(try AccessChange.topics(of: account, in: session), in: session)
    return try endLocked(account, except: except, reason: reason, in: session)
  }

  /// Ends sessions that expired more than a day ago, the oldest thousand. They could do nothing any more; now the list of those that are kept at hand
  /// stays short. Returns how many. Inside `AccessChange.run`.
  ///
  /// - Throws: `DatabaseError`.
  public static func endExpired(in session: Session) throws -> Int {
    try end(
      """
      id IN (SELECT id FROM session WHERE ended_at IS NULL AND expires_at < now() - interval '1 day'
              ORDER BY expires_at LIMIT 1000 FOR UPDATE SKIP LOCKED)
      """, reason: "expired", in: session
    ).count
  }

  /// The same for callers that hold the account's lock and have raised its topics.
  @discardableResult
  static func endLocked(_ account: AccountID, except: SessionID?, reason: String, in session: Session) throws -> Int {
    try end("account_id = \(account) AND id <> coalesce(\(except), 0)", reason: reason, in: session).count
  }

  /// Ends the sessions that an account has in a browser that is just signing in again: its cookie takes the place of theirs. Under the account's
  /// lock, inside `AccessChange.run`. Throws: `DatabaseError`.
  public static func endBefore(on deviceHash: [UInt8], of account: AccountID, in session: Session) throws {
    let which: SQL = "account_id = \(account) AND kind = 'browser' AND device_hash = \(deviceHash)"
    guard try session.row("SELECT id FROM session WHERE \(which) AND ended_at IS NULL LIMIT 1") != nil else { return }
    try AccessChange.raise(try AccessChange.topics(of: account, in: session), in: session)
    _ = try end(which, reason: "signed in again", in: session)
  }

  private static func end(_ which: SQL, reason: String, in session: Session) throws -> [SessionID] {
    let rows = try session.rows(
      "UPDATE session SET ended_at = now(), end_reason = \(reason) WHERE \(which) AND ended_at IS NULL RETURNING id")
    let ended = try rows.map { row in try row["id"] as SessionID }
    try AccessChange.publish(ended: ended, in: session)
    return ended
  }

  private static var seconds: Double { Double(life.components.seconds) }
}
