public import Domain

/// Which accountant handles which topics of which organisation, from when to when.
public enum Assignments {
  /// An assignment as lists show it.
  public struct Record: Sendable, Hashable {
    /// Its id.
    public let id: AssignmentID
    /// Who handles the topics.
    public let account: Named<AccountID>
    /// Whose topics they are.
    public let organisation: Named<OrganisationID>
    /// The topics.
    public let topics: [TopicKind]
    /// The first day.
    public let from: LocalDate
    /// The last day; nil: open.
    public let to: LocalDate?
  }

  /// Makes an assignment. Inside `AccessChange.run`.
  ///
  /// - Parameters:
  ///   - origin: the one of which it is what is left: it answers for its topics as if that one had gone on.
  ///   - joined: whether the account joined what it oversees: then it ends with the role that allows that, and is nobody's work.
  /// - Throws: `DatabaseError`: `.checkViolation` when the days or topics don't fit, `.foreignKeyViolation` when somebody doesn't exist.
  public static func create(
    account: AccountID, organisation: OrganisationID, topics: [TopicKind], from: LocalDate, to: LocalDate?, by: AccountID,
    leftOf origin: AssignmentID? = nil, joined: Bool = false, in session: Session
  ) throws -> AssignmentID {
    _ = try AccessChange.lock(account, in: session)
    let kinds = Array(Set(topics)).sorted { $0.rawValue < $1.rawValue }
    let id: AssignmentID = try session.one(
      """
      INSERT INTO assignment (account_id, organisation_id, topics, starts_on, ends_on, created_by, origin_id, joined)
      SELECT \(account), \(organisation), \(kinds), \(from), \(to), \(by), coalesce(o.origin_id, o.id), coalesce(o.joined, \(joined))
        FROM (SELECT \(origin) AS id) u LEFT JOIN assignment o ON o.id = u.id RETURNING id
      """)["id"]
    try AccessChange.publish(
      accounts: [account], topics: try Self.topics(of: organisation, kinds: kinds, in: session), in: session)
    return id
  }

  /// The live assignments in sight by id.
  ///
  /// - Parameter search: a part of the person's or the company's name; empty: all.
  /// - Throws: `DatabaseError`.
  public static func list(
    for viewer: Viewer, organisation: OrganisationID? = nil, account: AccountID? = nil, search: String = "", after: Int64 = 0,
    limit: Int = 100, in session: Session
  ) throws -> Page<Record> {
    let words: SQL = search.isEmpty ? "TRUE" : SearchText.contains(search, in: ["a.name", "o.name"])
    let fetched = try records(
      where: """
        s.id > \(after) AND \(words) AND (\(organisation) IS NULL OR s.organisation_id = \(organisation))
        AND (\(account) IS NULL OR s.account_id = \(account))
        """, for: viewer, limit: limit + 1, in: session)
    return Page(fetched, limit: limit) { $0.id.rawValue }
  }

  /// One live assignment in sight; nil when there is none or it is out of sight.
  ///
  /// - Throws: `DatabaseError`.
  public static func find(_ id: AssignmentID, for viewer: Viewer, in session: Session) throws -> Record? {
    try records(where: "s.id = \(id)", for: viewer, limit: 1, in: session).first
  }

  static func records(
    where condition: SQL, for viewer: Viewer, limit: Int, in session: Session
  ) throws -> [Record] {
    let rows = try session.rows(
      """
      SELECT s.id, s.account_id, a.name AS account_name, s.organisation_id, o.name AS organisation_name, s.topics, s.starts_on, s.ends_on
        FROM assignment s JOIN account a ON a.id = s.account_id JOIN organisation o ON o.id = s.organisation_id
       WHERE s.ended_at IS NULL AND \(condition) AND \(viewer.assignments) ORDER BY s.id LIMIT \(limit)
      """)
    return try rows.map { row in
      Record(
        id: try row["id"], account: Named(id: try row["account_id"], name: try row["account_name"]),
        organisation: Named(id: try row["organisation_id"], name: try row["organisation_name"]), topics: try row["topics"],
        from: try row["starts_on"], to: try row["ends_on"])
    }
  }

  /// Ends an assignment. False when there is no live one. Inside `AccessChange.run`.
  ///
  /// - Throws: `DatabaseError`.
  public static func end(_ id: AssignmentID, in session: Session) throws -> Bool {
    let row = try session.row("SELECT account_id, organisation_id, topics FROM assignment WHERE id = \(id) AND ended_at IS NULL")
    guard let row else { return false }
    let account: AccountID = try row["account_id"]
    _ = try AccessChange.lock(account, in: session)
    let topics = try Self.topics(of: try row["organisation_id"], kinds: try row["topics"], in: session)
    try AccessChange.raise(topics, in: session)
    guard try session.execute("UPDATE assignment SET ended_at = now() WHERE id = \(id) AND ended_at IS NULL") > 0 else {
      return false
    }
    try AccessChange.publish(accounts: [account], topics: topics, in: session)
    return true
  }

  /// Ends an assignment that goes to somebody else on the day `from`: at once when that is today, else with the day before. What it keeps goes on as
  /// an assignment of its own. Returns what is there of it then. Inside `AccessChange.run`.
  ///
  /// - Throws: `DatabaseError`.
  public static func hand(
    over old: Record, keeping rest: [TopicKind], from: LocalDate, today: LocalDate, by: AccountID, in session: Session
  ) throws -> [AssignmentID] {
    var ids: [AssignmentID] = []
    if from <= today || from <= old.from {
      guard try end(old.id, in: session) else { throw DomainError.notFound }
    } else {
      // Nobody loses anything today; when the day comes every server looks again by itself.
      try session.execute("UPDATE assignment SET ends_on = \(from.advanced(by: -1)) WHERE id = \(old.id) AND ended_at IS NULL")
      ids.append(old.id)
    }
    if !rest.isEmpty {
      ids.append(
        try create(
          account: old.account.id, organisation: old.organisation.id, topics: rest, from: max(from, old.from), to: old.to, by: by,
          leftOf: old.id, in: session))
    }
    return ids
  }

  /// Whose live assignment this is; nil when there is none. Throws: `DatabaseError`.
  public static func account(of id: AssignmentID, in session: Session) throws -> AccountID? {
    try session.value("SELECT account_id FROM assignment WHERE id = \(id) AND ended_at IS NULL")
  }

  /// The topics of these kinds, by id. Throws: `DatabaseError`.
  public static func topics(
    of organisation: OrganisationID, kinds: [TopicKind], in session: Session
  ) throws -> [TopicID] {
    try session.rows("SELECT id FROM topic WHERE organisation_id = \(organisation) AND kind = ANY (\(kinds)) ORDER BY id")
      .map { row in try row["id"] }
  }
}
