public import Domain

/// Grants and revocations. Each function is meant to run inside `AccessChange.run`.
extension Accounts {
  /// Gives an account a membership.
  ///
  /// - Throws: `DatabaseError`: `.uniqueViolation` when it has it, `.checkViolation` when role, organisation and department don't fit,
  ///   `.foreignKeyViolation` when one of them doesn't exist.
  public static func addMembership(
    _ account: AccountID, role: Role, organisation: OrganisationID?, department: DepartmentID?, in session: Session
  ) throws -> MembershipID {
    _ = try AccessChange.lock(account, in: session)
    let id: MembershipID = try session.one(
      """
      INSERT INTO membership (account_id, role, organisation_id, department_id)
      VALUES (\(account), \(role), \(organisation), \(department)) RETURNING id
      """)["id"]
    try AccessChange.publish(accounts: [account], topics: try AccessChange.topics(of: account, in: session), in: session)
    if role == .admin { try SecondFactors.endOwing(account, in: session) }
    return id
  }

  /// Ends a membership, and with it what its owner joined and doesn't oversee any more. Returns whose it was and of which organisation; nil when there is
  /// no live one.
  ///
  /// - Throws: `DatabaseError`.
  public static func endMembership(
    _ membership: MembershipID, in session: Session
  ) throws -> (account: AccountID, role: Role, organisation: OrganisationID?)? {
    guard let account = try owner(of: membership, in: session) else { return nil }
    _ = try AccessChange.lock(account, in: session)
    let topics = try AccessChange.topics(of: account, in: session)
    try AccessChange.raise(topics, in: session)
    let row = try session.row(
      "UPDATE membership SET ended_at = now() WHERE id = \(membership) AND ended_at IS NULL RETURNING role, organisation_id")
    guard let row else { return nil }
    try Assignments.endJoined(by: account, session: session)
    try AccessChange.publish(accounts: [account], topics: topics, in: session)
    return (account, try row["role"], try row["organisation_id"])
  }

  /// Whose membership this is; nil when there is no live one.
  ///
  /// - Throws: `DatabaseError`.
  public static func owner(of membership: MembershipID, in session: Session) throws -> AccountID? {
    try session.value("SELECT account_id FROM membership WHERE id = \(membership) AND ended_at IS NULL")
  }

  /// Whom to lock before an account is taken something: itself, and with an admin all of them, since `liveAdmins` locks them and two admins who take
  /// something from others would meet in a deadlock. Throws: `DatabaseError`.
  public static func those(locking account: AccountID, in session: Session) throws -> [AccountID] {
    let admins = try admins(in: session)
    return admins.contains(account) ? admins : [account]
  }

  /// How many accounts that may sign in are admins, so that the last one isn't locked out.
  ///
  /// - Throws: `DatabaseError`.
  public static func liveAdmins(in session: Session) throws -> Set<AccountID> {
    // The lock makes two admins who remove each other at the same time wait in line.
    let rows = try session.rows(
      """
      SELECT m.account_id FROM membership m JOIN account a ON a.id = m.account_id AND a.disabled_at IS NULL
       WHERE m.role = 'admin' AND m.ended_at IS NULL ORDER BY m.id FOR NO KEY UPDATE OF m, a
      """)
    return Set(try rows.map { row in try row["account_id"] as AccountID })
  }

  /// Disables an account, ending its sessions, or enables it again.
  ///
  /// - Throws: `DatabaseError`.
  public static func setDisabled(_ account: AccountID, _ disabled: Bool, in session: Session) throws {
    guard try AccessChange.lock(account, in: session) else { return }
    if disabled {
      let topics = try AccessChange.topics(of: account, in: session)
      try AccessChange.raise(topics, in: session)
      try session.execute("UPDATE account SET disabled_at = coalesce(disabled_at, now()) WHERE id = \(account)")
      try OneTimeLinks.revokeResets(of: account, in: session)
      try Sessions.endLocked(account, except: nil, reason: "disabled", in: session)
      try AccessChange.publish(accounts: [account], topics: topics, in: session)
    } else {
      try session.execute("UPDATE account SET disabled_at = NULL WHERE id = \(account)")
      try AccessChange.publish(accounts: [account], topics: try AccessChange.topics(of: account, in: session), in: session)
    }
  }

  /// Sets a new password, forgets the known devices and ends the account's sessions but one.
  ///
  /// - Parameters:
  ///   - old: the hash that the person's current password was checked against: when another has taken its place since, nothing is changed. Nil
  ///     when somebody else sets the password.
  ///   - except: the session that goes on: the one in which the person changed it; nil when somebody else set it.
  ///   - device: the hash of the device token that stays known, if it was: the one on which the person changed it.
  /// - Returns: whether it was set.
  /// - Throws: `DatabaseError`.
  @discardableResult
  public static func setPassword(
    _ account: AccountID, from old: String? = nil, hash: String, except: SessionID?, keeping device: [UInt8]? = nil,
    in session: Session
  ) throws -> Bool {
    guard try AccessChange.lock(account, in: session) else { return false }
    if let old, try passwordHash(of: account, in: session) != old { return false }
    try AccessChange.raise(try AccessChange.topics(of: account, in: session), in: session)
    try session.execute("UPDATE account SET password_hash = \(hash), password_changed_at = now() WHERE id = \(account)")
    try session.execute("DELETE FROM known_device WHERE account_id = \(account) AND token_hash IS DISTINCT FROM \(device)")
    try OneTimeLinks.revokeResets(of: account, in: session)
    try Sessions.endLocked(account, except: except, reason: "password", in: session)
    return true
  }
}
