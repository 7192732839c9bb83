public import Domain

/// The id of a one-time link.
public typealias LinkID = Identifier<OneTimeLinks>

/// Links that work once: to set a new password, or to take up a role.
public enum OneTimeLinks {
  /// How long a link to a new password works.
  public static let resetLife: Duration = .seconds(3600)
  /// How long an invitation works.
  public static let invitationLife: Duration = .seconds(72 * 3600)
  /// The most open invitations of one organisation, and of the firm.
  public static let mostOpen = 200

  /// What a link is for.
  public enum Purpose: Sendable, Hashable {
    /// A new password of this account.
    case reset(Named<AccountID>, login: String)
    /// A role.
    case invitation(role: Role, organisation: Named<OrganisationID>?, department: Named<DepartmentID>?, name: String)
  }

  /// A link that nobody has used, that wasn't revoked and that hasn't expired.
  public struct Open: Sendable {
    /// Its id.
    public let id: LinkID
    /// What it is for.
    public let purpose: Purpose
    /// Who made it.
    public let by: Named<AccountID>
    /// When it was made.
    public let createdAt: Timestamp
    /// Until when it works.
    public let expiresAt: Timestamp
  }

  /// Makes a link to a new password. Others to the same account that are open end. Under the account's lock.
  ///
  /// - Parameter life: how long it works: an hour; for somebody new who is to set a first password, as long as an invitation.
  /// - Returns: its id and until when it works. Throws: `DatabaseError`.
  public static func reset(
    _ account: AccountID, tokenHash: [UInt8], by creator: AccountID, life: Duration = resetLife, in session: Session
  ) throws -> (id: LinkID, expiresAt: Timestamp) {
    try revokeResets(of: account, in: session)
    let row = try session.one(
      """
      INSERT INTO one_time_link (kind, token_hash, account_id, created_by, expires_at)
      VALUES ('reset', \(tokenHash), \(account), \(creator), now() + \(seconds(life)) * interval '1 second') RETURNING id, expires_at
      """)
    return (try row["id"], try row["expires_at"])
  }

  /// Makes an invitation; whether its maker may is the caller's matter. Nil when there are too many open ones already.
  ///
  /// - Parameter name: for whom, in the words of whoever invites.
  /// - Throws: `DatabaseError`: `.checkViolation` when role, organisation and department don't fit, or the organisation is closed.
  public static func invitation(
    role: Role, organisation: OrganisationID?, department: DepartmentID?, name: String, tokenHash: [UInt8], by creator: AccountID,
    in session: Session
  ) throws -> (id: LinkID, expiresAt: Timestamp)? {
    let count: Int64 = try session.one(
      """
      SELECT count(*) AS n FROM one_time_link
       WHERE used_at IS NULL AND revoked_at IS NULL AND expires_at > now() AND kind = 'invitation'
         AND organisation_id IS NOT DISTINCT FROM \(organisation)
      """)["n"]
    guard count < mostOpen else { return nil }
    let row = try session.one(
      """
      INSERT INTO one_time_link (kind, token_hash, role, organisation_id, department_id, name, created_by, expires_at)
      VALUES ('invitation', \(tokenHash), \(role), \(organisation), \(department), \(name), \(creator),
              now() + \(seconds(invitationLife)) * interval '1 second') RETURNING id, expires_at
      """)
    return (try row["id"], try row["expires_at"])
  }

  /// The open link of a token. Nil when it was used or revoked, has expired or never was; when its account is disabled; when its organisation is
  /// closed; or when whoever made an invitation could not make it any more: what an owner who was sent away has handed out is worth nothing.
  ///
  /// - Throws: `DatabaseError`.
  public static func find(tokenHash: [UInt8], in session: Session) throws -> Open? {
    try open(where: "l.token_hash = \(tokenHash) AND \(counts)", limit: 1, in: session).first
  }

  /// The open links in sight, the newest first: invitations to organisations within reach, all links for whoever reaches everything.
  ///
  /// - Throws: `DatabaseError`.
  public static func list(for viewer: Viewer, limit: Int = 500, in session: Session) throws -> [Open] {
    try open(where: sight(of: viewer), limit: limit, in: session)
  }

  /// Revokes an open link in sight. Nil when there is none. Throws: `DatabaseError`.
  public static func revoke(_ id: LinkID, for viewer: Viewer, in session: Session) throws -> Open? {
    guard let link = try open(where: "l.id = \(id) AND \(sight(of: viewer))", limit: 1, in: session).first else { return nil }
    let isRevoked =
      try session.execute(
        "UPDATE one_time_link SET revoked_at = now() WHERE id = \(id) AND used_at IS NULL AND revoked_at IS NULL") > 0
    return isRevoked ? link : nil
  }

  /// Uses a link, once. False when somebody else was faster. Throws: `DatabaseError`.
  public static func use(_ id: LinkID, by account: AccountID, in session: Session) throws -> Bool {
    try session.execute(
      """
      UPDATE one_time_link SET used_at = now(), used_by = \(account)
       WHERE id = \(id) AND used_at IS NULL AND revoked_at IS NULL AND expires_at > now()
      """) > 0
  }

  /// Revokes the links to a new password of an account. Throws: `DatabaseError`.
  static func revokeResets(of account: AccountID, in session: Session) throws {
    try session.execute(
      "UPDATE one_time_link SET revoked_at = now() WHERE account_id = \(account) AND used_at IS NULL AND revoked_at IS NULL")
  }

  /// Revokes the invitations to an organisation. Throws: `DatabaseError`.
  static func revokeInvitations(to organisation: OrganisationID, in session: Session) throws {
    try session.execute(
      "UPDATE one_time_link SET revoked_at = now() WHERE organisation_id = \(organisation) AND used_at IS NULL AND revoked_at IS NULL"
    )
  }

  /// What `find` asks of a link `l`, of the account `a` that it is for and of the organisation `o`.
  private static let counts: SQL = """
    a.disabled_at IS NULL AND o.closed_at IS NULL
    AND EXISTS (SELECT FROM account c JOIN membership m ON m.account_id = c.id AND m.ended_at IS NULL
                 WHERE c.id = l.created_by AND c.disabled_at IS NULL
                   AND (m.role = 'admin' OR (l.kind = 'invitation' AND m.role = 'client' AND m.organisation_id = l.organisation_id)))
    """

  private static func sight(of viewer: Viewer) -> SQL {
    if viewer.reach.all { return "TRUE" }
    return "l.organisation_id = ANY (\(viewer.reach.organisations.sorted()))"
  }

  private static func open(where condition: SQL, limit: Int, in session: Session) throws -> [Open] {
    let rows = try session.rows(
      """
      SELECT l.id, l.account_id, a.name AS account_name, a.login, l.role, l.organisation_id, o.name AS organisation_name, l.department_id,
             d.name AS department_name, l.name, l.created_by, b.name AS created_by_name, l.created_at, l.expires_at
        FROM one_time_link l
        JOIN account b ON b.id = l.created_by
        LEFT JOIN account a ON a.id = l.account_id
        LEFT JOIN organisation o ON o.id = l.organisation_id
        LEFT JOIN department d ON d.id = l.department_id
       WHERE l.used_at IS NULL AND l.revoked_at IS NULL AND l.expires_at > now() AND \(condition)
       ORDER BY l.id DESC LIMIT \(limit)
      """)
    return try rows.map { row in
      let purpose: Purpose
      if let account = try row.decode("account_id", as: AccountID?.self) {
        purpose = .reset(Named(id: account, name: try row["account_name"]), login: try row["login"])
      } else {
        purpose = .invitation(
          role: try row["role"], organisation: try MembershipRecord.named(row, "organisation_id", "organisation_name"),
          department: try MembershipRecord.named(row, "department_id", "department_name"), name: try row["name"])
      }
      return Open(
        id: try row["id"], purpose: purpose, by: Named(id: try row["created_by"], name: try row["created_by_name"]),
        createdAt: try row["created_at"], expiresAt: try row["expires_at"])
    }
  }

  private static func seconds(_ life: Duration) -> Double { Double(life.components.seconds) }
}
