public import Domain

/// Client companies and the departments of the firm.
public enum Organisations {
  /// A company as lists show it.
  public struct Record: Sendable, Hashable {
    /// Its id.
    public let id: OrganisationID
    /// Its name.
    public let name: String
    /// Its taxpayer's number, nine digits.
    public let stir: String?
    /// The department of the firm that serves it.
    public let department: Named<DepartmentID>
    /// Since when it is no client any more; nil: it is one.
    public let closedAt: Timestamp?
    /// Its five topics, in the order of their kinds.
    public let topics: [(id: TopicID, kind: TopicKind)]

    /// By all that is stored.
    public static func == (left: Record, right: Record) -> Bool {
      left.id == right.id && left.name == right.name && left.stir == right.stir && left.department == right.department
        && left.closedAt == right.closedAt
        && left.topics.elementsEqual(right.topics) { $0 == $1 }
    }
    /// By the id.
    public func hash(into hasher: inout Hasher) { hasher.combine(id) }
  }

  /// Makes a company with its five topics. Inside `AccessChange.run`.
  ///
  /// - Throws: `DatabaseError`: `.uniqueViolation` for a name or STIR that is taken, `.foreignKeyViolation` for an unknown department.
  public static func create(
    name: String, stir: String?, department: DepartmentID, in session: Session
  ) throws -> OrganisationID {
    let id: OrganisationID = try session.one(
      "INSERT INTO organisation (name, stir, department_id) VALUES (\(name), \(stir), \(department)) RETURNING id")["id"]
    let kinds = TopicKind.allCases
    let rows = try session.rows("INSERT INTO topic (organisation_id, kind) SELECT \(id), unnest(\(kinds)) RETURNING id")
    let topics = try rows.map { row in try row["id"] as TopicID }.sorted()
    // Nobody takes part yet, but those who oversee it have one more in their lists.
    try AccessChange.publish(accounts: try AccessChange.accounts(seeing: topics, in: session), topics: topics, in: session)
    return id
  }

  /// The companies in sight by id.
  ///
  /// - Parameter search: a part of the name, the STIR or the department; empty: all.
  /// - Throws: `DatabaseError`.
  public static func list(
    for viewer: Viewer, search: String = "", after: Int64 = 0, limit: Int = 100, in session: Session
  ) throws -> Page<Record> {
    let words: SQL = search.isEmpty ? "TRUE" : SearchText.contains(search, in: ["o.name", "o.stir", "d.name"])
    let fetched = try records(where: "o.id > \(after) AND \(words)", for: viewer, limit: limit + 1, in: session)
    return Page(fetched, limit: limit) { $0.id.rawValue }
  }

  /// One company in sight; nil when there is none or it is out of sight.
  ///
  /// - Throws: `DatabaseError`.
  public static func find(_ id: OrganisationID, for viewer: Viewer, in session: Session) throws -> Record? {
    try records(where: "o.id = \(id)", for: viewer, limit: 1, in: session).first
  }

  private static func records(
    where condition: SQL, for viewer: Viewer, limit: Int, in session: Session
  ) throws -> [Record] {
    let rows = try session.rows(
      """
      SELECT o.id, o.name, o.stir, o.closed_at, o.department_id, d.name AS department_name, t.ids, t.kinds
        FROM organisation o
        JOIN department d ON d.id = o.department_id
       CROSS JOIN LATERAL (SELECT array_agg(id ORDER BY kind) AS ids, array_agg(kind ORDER BY kind) AS kinds
                             FROM topic WHERE organisation_id = o.id) t
       WHERE \(condition) AND \(viewer.organisations) ORDER BY o.id LIMIT \(limit)
      """)
    return try rows.map { row in
      let ids: [TopicID] = try row.decode("ids", as: [TopicID]?.self) ?? []
      let kinds: [TopicKind] = try row.decode("kinds", as: [TopicKind]?.self) ?? []
      return Record(
        id: try row["id"], name: try row["name"], stir: try row["stir"],
        department: Named(id: try row["department_id"], name: try row["department_name"]),
        closedAt: try row["closed_at"], topics: zip(ids, kinds).map { (id: $0, kind: $1) })
    }
  }

  /// Changes what is given; moving it to another department moves the supervisors' scope, and ends what those
  /// of the old one have joined. Whoever has it in a list hears of a new name or place. Inside `AccessChange.run`.
  ///
  /// - Parameter stir: nil leaves it; an empty text removes it.
  /// - Throws: `DatabaseError` as `create`.
  public static func update(
    _ id: OrganisationID, name: String?, stir: String?, department: DepartmentID?, in session: Session
  ) throws {
    let row = try session.row("SELECT name, department_id FROM organisation WHERE id = \(id) FOR NO KEY UPDATE")
    guard let row else { return }
    let moves = try department.map { try $0 != row["department_id"] } ?? false
    let isRenamed = try name.map { try $0 != row["name"] } ?? false
    var topics: [TopicID] = []
    var accounts: Set<AccountID> = []
    if moves || isRenamed {
      topics = try session.rows("SELECT id FROM topic WHERE organisation_id = \(id) ORDER BY id").map { row in try row["id"] }
      if moves { try AccessChange.raise(topics, in: session) }
      // Before and after: those who lose it and those who get it.
      accounts.formUnion(try AccessChange.accounts(seeing: topics, in: session))
    }
    try session.execute(
      """
      UPDATE organisation SET name = coalesce(\(name), name), department_id = coalesce(\(department), department_id),
             stir = CASE WHEN \(stir) IS NULL THEN stir ELSE nullif(\(stir), '') END
       WHERE id = \(id)
      """)
    if moves { try Assignments.endJoined(in: id, session: session) }
    guard moves || isRenamed else { return }
    accounts.formUnion(try AccessChange.accounts(seeing: topics, in: session))
    try AccessChange.publish(accounts: accounts.sorted(), topics: topics, in: session)
  }

  /// Makes a department.
  ///
  /// - Throws: `DatabaseError`: `.uniqueViolation` for a name that is taken.
  public static func createDepartment(name: String, in session: Session) throws -> DepartmentID {
    try session.one("INSERT INTO department (name) VALUES (\(name)) RETURNING id")["id"]
  }

  /// The departments in sight by name.
  ///
  /// - Throws: `DatabaseError`.
  public static func departments(for viewer: Viewer, in session: Session) throws -> [Named<DepartmentID>] {
    let rows = try session.rows(
      "SELECT d.id, d.name FROM department d WHERE d.retired_at IS NULL AND \(viewer.departments) ORDER BY d.name, d.id LIMIT 1000"
    )
    return try rows.map { row in Named(id: try row["id"], name: try row["name"]) }
  }

  /// The departments out of use, the last one first. For whoever takes departments out of use; it asks nobody's permission. Throws: `DatabaseError`.
  public static func retiredDepartments(in session: Session) throws -> [Named<DepartmentID>] {
    try session.rows("SELECT id, name FROM department WHERE retired_at IS NOT NULL ORDER BY retired_at DESC, id DESC LIMIT 1000")
      .map {
        Named(id: try $0["id"], name: try $0["name"])
      }
  }

  /// Takes a department back into use. Returns its name; nil when there is no such one out of use.
  ///
  /// - Throws: `DatabaseError`: `.uniqueViolation` when its name is another one's by now.
  public static func restoreDepartment(_ id: DepartmentID, in session: Session) throws -> String? {
    try session.row("UPDATE department SET retired_at = NULL WHERE id = \(id) AND retired_at IS NOT NULL RETURNING name").map {
      try $0["name"]
    }
  }

  /// Renames a department. Returns the name that it had; nil when there is no such one.
  ///
  /// - Throws: `DatabaseError`: `.uniqueViolation` for a name that is taken.
  public static func renameDepartment(_ id: DepartmentID, to name: String, in session: Session) throws -> String? {
    guard let before = try lockedName(of: id, in: session) else { return nil }
    try session.execute("UPDATE department SET name = \(name) WHERE id = \(id)")
    return before
  }

  /// What became of a department that was to be retired.
  public enum Retirement: Sendable, Hashable {
    /// It is out of use; it had this name, which is free again.
    case retired(name: String)
    /// An open company, a role that somebody has or an open invitation belongs to it.
    case inUse
    /// There is no such one in use.
    case missing
  }

  /// Takes a department out of use; nothing is deleted, and whoever looks at old things still finds its name. From here on a trigger lets nothing
  /// belong to it, ordered with this by the department's row lock. Throws: `DatabaseError`.
  public static func retireDepartment(_ id: DepartmentID, in session: Session) throws -> Retirement {
    guard let name = try lockedName(of: id, in: session) else { return .missing }
    let isUsed: Bool = try session.one(
      """
      SELECT EXISTS (SELECT FROM organisation WHERE department_id = \(id) AND closed_at IS NULL)
          OR EXISTS (SELECT FROM membership WHERE department_id = \(id) AND ended_at IS NULL)
          OR EXISTS (SELECT FROM one_time_link WHERE department_id = \(id) AND used_at IS NULL AND revoked_at IS NULL
                                                 AND expires_at > now()) AS used
      """)["used"]
    if isUsed { return .inUse }
    try session.execute("UPDATE department SET retired_at = now() WHERE id = \(id)")
    return .retired(name: name)
  }

  /// The name of a department in use, under its row lock until the transaction ends.
  private static func lockedName(of id: DepartmentID, in session: Session) throws -> String? {
    try session.row("SELECT name FROM department WHERE id = \(id) AND retired_at IS NULL FOR UPDATE").map { row in try row["name"]
    }
  }
}
