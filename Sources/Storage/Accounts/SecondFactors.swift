public import Domain

/// Authenticators and the codes on paper that take their place. Secrets come here sealed; codes come as hashes.
public enum SecondFactors {
  /// An account's authenticator.
  public struct Record: Sendable {
    /// The sealed secret.
    public let secret: [UInt8]
    /// Since when it counts; nil: its owner hasn't shown a code of it yet.
    public let confirmedAt: Timestamp?
    /// The newest step whose code was taken.
    public let lastStep: Int64
    /// How many codes on paper are left.
    public let recoveryCodes: Int
  }

  /// Whether the account `a` of a query needs a second factor that it doesn't have. The setting is read once a query.
  static let owed: SQL = """
    (coalesce((SELECT CAST(value->>'adminSecondFactor' AS boolean) FROM setting WHERE name = 'sessions'), false)
     AND EXISTS (SELECT FROM membership x WHERE x.account_id = a.id AND x.role = 'admin' AND x.ended_at IS NULL)
     AND NOT EXISTS (SELECT FROM second_factor f WHERE f.account_id = a.id AND f.confirmed_at IS NOT NULL))
    """

  /// An account's authenticator; nil when it has none. Throws: `DatabaseError`.
  public static func find(_ account: AccountID, in session: Session) throws -> Record? {
    let row = try session.row(
      """
      SELECT secret, confirmed_at, last_step,
             (SELECT count(*) FROM recovery_code c WHERE c.account_id = f.account_id AND c.used_at IS NULL) AS left
        FROM second_factor f WHERE account_id = \(account)
      """)
    return try row.map { row in
      Record(
        secret: try row["secret"], confirmedAt: try row["confirmed_at"], lastStep: try row["last_step"],
        recoveryCodes: Int(try row["left", as: Int64.self]))
    }
  }

  /// Begins an enrolment, in the place of one that was begun before. False when there is a confirmed one. Under the account's lock.
  ///
  /// Throws: `DatabaseError`.
  public static func begin(_ account: AccountID, secret: [UInt8], in session: Session) throws -> Bool {
    try session.execute(
      """
      INSERT INTO second_factor (account_id, secret) VALUES (\(account), \(secret))
      ON CONFLICT (account_id) DO UPDATE SET secret = excluded.secret, created_at = now(), last_step = 0
       WHERE second_factor.confirmed_at IS NULL
      """) > 0
  }

  /// Confirms an enrolment by a code of `step`, and keeps the hashes of the codes on paper. False when there is none to confirm. Under the
  /// account's lock. Throws: `DatabaseError`.
  public static func confirm(_ account: AccountID, step: Int64, recovery: [[UInt8]], in session: Session) throws -> Bool {
    let isConfirmed =
      try session.execute(
        """
        UPDATE second_factor SET confirmed_at = now(), last_step = \(step) WHERE account_id = \(account) AND confirmed_at IS NULL
        """) > 0
    if isConfirmed { try setRecovery(account, recovery, in: session) }
    return isConfirmed
  }

  /// Puts new codes on paper in the place of the old ones. Throws: `DatabaseError`.
  public static func setRecovery(_ account: AccountID, _ hashes: [[UInt8]], in session: Session) throws {
    try session.execute("DELETE FROM recovery_code WHERE account_id = \(account)")
    try session.execute("INSERT INTO recovery_code (account_id, hash) SELECT \(account), unnest(\(hashes))")
  }

  /// Takes the code of a step. False when it or a later one was taken already. Throws: `DatabaseError`.
  public static func take(_ account: AccountID, step: Int64, in session: Session) throws -> Bool {
    try session.execute(
      """
      UPDATE second_factor SET last_step = \(step)
       WHERE account_id = \(account) AND confirmed_at IS NOT NULL AND last_step < \(step)
      """) > 0
  }

  /// Takes a code on paper. False when there is none with this hash that wasn't used. Throws: `DatabaseError`.
  public static func take(_ account: AccountID, recovery hash: [UInt8], in session: Session) throws -> Bool {
    try session.execute(
      "UPDATE recovery_code SET used_at = now() WHERE account_id = \(account) AND hash = \(hash) AND used_at IS NULL") > 0
  }

  /// Takes an account's second factor away. False when it had none that counts. Inside `AccessChange.run`. Throws: `DatabaseError`.
  public static func remove(_ account: AccountID, in session: Session) throws -> Bool {
    let isRemoved =
      try session.row("DELETE FROM second_factor WHERE account_id = \(account) RETURNING confirmed_at IS NOT NULL AS counted")
      .map { row in try row["counted", as: Bool.self] } ?? false
    if isRemoved { try endOwing(account, in: session) }
    return isRemoved
  }

  /// Ends the sessions of everybody who owes a second factor since something has changed: their sockets have admins' rights, and whoever signs
  /// in again may only enrol. Inside `AccessChange.run`.
  ///
  /// - Parameter only: one account; nil: all.
  /// - Throws: `DatabaseError`.
  public static func endOwing(_ only: AccountID? = nil, in session: Session) throws {
    let rows = try session.rows(
      """
      SELECT a.id FROM account a
       WHERE (\(only) IS NULL OR a.id = \(only)) AND \(owed)
         AND EXISTS (SELECT FROM session s WHERE s.account_id = a.id AND s.ended_at IS NULL) ORDER BY a.id
      """)
    for account in try rows.map({ row in try row["id"] as AccountID }) {
      try Sessions.endAll(of: account, except: nil, reason: "second factor", in: session)
    }
  }
}
