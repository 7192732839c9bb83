public import Domain

/// Accounts and memberships. Both servers and the front door use these; every function runs on the given session, and those that take part in
/// a change of access say so.
public enum Accounts {
  /// What signing in needs to know.
  public struct Candidate: Sendable {
    /// The account.
    public let id: AccountID
    /// libsodium's text form of the hash.
    public let passwordHash: String
    /// Whether it may not sign in.
    public let isDisabled: Bool
    /// Whether this account signed in on the device before.
    public let knowsDevice: Bool
  }

  /// A login as it is stored: without blanks around, lower case.
  public static func normalised(login: String) -> String {
    var login = login[...]
    while login.first?.isWhitespace == true { login.removeFirst() }
    while login.last?.isWhitespace == true { login.removeLast() }
    return login.lowercased()
  }

  /// Makes an account.
  ///
  /// - Throws: `DatabaseError`; `.uniqueViolation` when the login is taken.
  public static func create(
    name: String, login: String, language: String, passwordHash: String, in session: Session
  ) throws -> AccountID {
    try session.one(
      """
      INSERT INTO account (login, name, language, password_hash)
      VALUES (\(normalised(login: login)), \(name), \(language), \(passwordHash)) RETURNING id
      """)["id"]
  }

  /// Finds the account of a login, and whether it knows the device that shows this hash of its device token.
  ///
  /// - Throws: `DatabaseError`.
  public static func candidate(login: String, device: [UInt8]?, in session: Session) throws -> Candidate? {
    let row = try session.row(
      """
      SELECT a.id, a.password_hash, a.disabled_at IS NOT NULL AS disabled,
             EXISTS (SELECT FROM known_device k WHERE k.account_id = a.id AND k.token_hash = \(device)) AS known
        FROM account a WHERE a.login = \(normalised(login: login))
      """)
    guard let row else { return nil }
    return Candidate(
      id: try row["id"], passwordHash: try row["password_hash"], isDisabled: try row["disabled"], knowsDevice: try row["known"])
  }

  /// Notes that an account has signed in on a device. The 50 last used ones are kept.
  ///
  /// - Throws: `DatabaseError`.
  public static func remember(device: [UInt8], of account: AccountID, in session: Session) throws {
    try session.execute(
      """
      INSERT INTO known_device (account_id, token_hash) VALUES (\(account), \(device))
      ON CONFLICT (account_id, token_hash) DO UPDATE SET last_used_at = now()
      """)
    // Whoever signs in a thousand times without keeping the cookie must not leave a thousand rows.
    try session.execute(
      """
      DELETE FROM known_device WHERE account_id = \(account) AND token_hash IN (
        SELECT token_hash FROM known_device WHERE account_id = \(account) ORDER BY last_used_at DESC, token_hash OFFSET 50)
      """)
  }

  /// Replaces the hash of an unchanged password, made with newer parameters. Nothing is revoked.
  ///
  /// - Throws: `DatabaseError`.
  public static func rehash(_ account: AccountID, from old: String, to new: String, in session: Session) throws {
    try session.execute("UPDATE account SET password_hash = \(new) WHERE id = \(account) AND password_hash = \(old)")
  }

  /// The stored hash of a live account.
  ///
  /// - Throws: `DatabaseError`.
  public static func passwordHash(of account: AccountID, in session: Session) throws -> String? {
    try session.value("SELECT password_hash FROM account WHERE id = \(account) AND disabled_at IS NULL")
  }

  /// The admins of today, by id. Throws: `DatabaseError`.
  public static func admins(in session: Session) throws -> [AccountID] {
    try session.rows(
      """
      SELECT DISTINCT a.id FROM membership m JOIN account a ON a.id = m.account_id
       WHERE m.role = 'admin' AND m.ended_at IS NULL AND a.disabled_at IS NULL ORDER BY a.id
      """
    ).map { try $0.decode(at: 0) }
  }

  /// Whether there is any account at all: on an empty database the first admin is asked for.
  ///
  /// - Throws: `DatabaseError`.
  public static func anyExists(in session: Session) throws -> Bool {
    try session.one("SELECT EXISTS (SELECT FROM account) AS found")["found"]
  }

  /// The accounts in sight by id, with the memberships in sight.
  ///
  /// - Parameters:
  ///   - search: a part of the name, the login, or of a company or department of theirs; empty: all.
  ///   - after: the id after which the page begins.
  ///   - limit: how many at most.
  /// - Throws: `DatabaseError`.
  public static func list(
    for viewer: Viewer, search: String = "", after: Int64 = 0, limit: Int = 100, in session: Session
  ) throws -> Page<AccountRecord> {
    let fetched = try records(where: "a.id > \(after) AND \(found(search, viewer))", for: viewer, limit: limit + 1, in: session)
    return Page(fetched, limit: limit) { $0.id.rawValue }
  }

  /// What is searched for is in the account's own words, or in those of a membership in sight.
  private static func found(_ search: String, _ viewer: Viewer) -> SQL {
    guard !search.isEmpty else { return "TRUE" }
    return """
      (\(SearchText.contains(search, in: ["a.name", "a.login"])) OR EXISTS (
        SELECT FROM membership m LEFT JOIN organisation o ON o.id = m.organisation_id LEFT JOIN department d ON d.id = m.department_id
         WHERE m.account_id = a.id AND m.ended_at IS NULL AND \(viewer.memberships)
           AND \(SearchText.contains(search, in: ["o.name", "d.name"]))))
      """
  }

  /// One account in sight; nil when there is none or it is out of sight.
  ///
  /// - Throws: `DatabaseError`.
  public static func find(_ account: AccountID, for viewer: Viewer, in session: Session) throws -> AccountRecord? {
    try records(where: "a.id = \(account)", for: viewer, limit: 1, in: session).first
  }

  private static func records(
    where condition: SQL, for viewer: Viewer, limit: Int, in session: Session
  ) throws -> [AccountRecord] {
    let rows = try session.rows(
      """
      WITH page AS (
        SELECT a.id, a.login, a.name, a.language, a.disabled_at IS NOT NULL AS disabled
          FROM account a WHERE \(condition) AND \(viewer.accounts) ORDER BY a.id LIMIT \(limit))
      SELECT page.*, m.id AS membership_id, m.role, m.organisation_id, o.name AS organisation_name, m.department_id,
             d.name AS department_name
        FROM page
        LEFT JOIN (membership m LEFT JOIN organisation o ON o.id = m.organisation_id LEFT JOIN department d ON d.id = m.department_id)
          ON m.account_id = page.id AND m.ended_at IS NULL AND \(viewer.memberships)
       ORDER BY page.id, m.id
      """)
    var records: [AccountRecord] = []
    for row in rows {
      let id: AccountID = try row["id"]
      if records.last?.id != id { records.append(try AccountRecord(row)) }
      if let membership = try MembershipRecord(row) { records[records.count - 1].memberships.append(membership) }
    }
    return records
  }

  /// Changes what is given. A new name is told to the chat servers, wherever it stands. Inside `AccessChange.run`.
  ///
  /// - Throws: `DatabaseError`.
  public static func update(
    _ account: AccountID, name: String? = nil, language: String? = nil, in session: Session
  ) throws {
    guard try AccessChange.lock(account, in: session) else { return }
    let before: String? = try session.value("SELECT name FROM account WHERE id = \(account)")
    try session.execute(
      """
      UPDATE account SET name = coalesce(\(name), name), language = coalesce(\(language), language) WHERE id = \(account)
      """)
    if let name, name != before {
      let topics = try AccessChange.topics(showing: account, in: session)
      try AccessChange.publish(accounts: [account], topics: topics, in: session)
    }
  }
}
