public import Domain

/// What accountants are paid without their bonus, soʻm a month. Every version is kept; it holds from its month on.
public enum Salaries {
  /// A salary as it stands.
  public struct Record: Sendable, Hashable {
    /// Whose.
    public let account: Named<AccountID>
    /// The accountant's department.
    public let department: DepartmentID
    /// 0: none was ever set.
    public let version: Int32
    /// From which month on; nil without any.
    public let month: Month?
    /// Soʻm a month.
    public let amount: Int64
  }

  /// The accountants of today, those who were and have a salary still, and what each is paid for a month, by name. Throws: `DatabaseError`.
  public static func list(for month: Month, in session: Session) throws -> [Record] {
    try session.rows(
      """
      SELECT a.id, a.name, m.department_id, coalesce(n.version, 0) AS newest, s.month, coalesce(s.amount, 0) AS amount
        FROM (SELECT DISTINCT ON (account_id) account_id, department_id, ended_at FROM membership WHERE role = 'accountant'
               ORDER BY account_id, ended_at DESC NULLS FIRST, department_id DESC) m
        JOIN account a ON a.id = m.account_id
        LEFT JOIN LATERAL (SELECT x.version, x.month, x.amount FROM salary x WHERE x.account_id = a.id AND x.month <= \(month.firstDay)
                            ORDER BY x.version DESC LIMIT 1) s ON true
        LEFT JOIN LATERAL (SELECT max(x.version) AS version FROM salary x WHERE x.account_id = a.id) n ON true
       WHERE m.ended_at IS NULL OR n.version IS NOT NULL
       ORDER BY a.name, a.id
      """
    ).map { row in
      Record(
        account: Named(id: try row["id"], name: try row["name"]), department: try row["department_id"],
        version: try row["newest"],
        month: try row["month", as: LocalDate?.self].map { Month($0) }, amount: try row["amount"])
    }
  }

  /// What everybody with a salary is paid for a month: whoever was an accountant in it or will be, whole months only. Who left before it is paid nothing.
  /// Throws: `DatabaseError`.
  public static func amounts(for month: Month, in session: Session) throws -> [AccountID: Int64] {
    let rows = try session.result(
      """
      SELECT DISTINCT ON (s.account_id) s.account_id, s.amount FROM salary s
       WHERE s.month <= \(month.firstDay)
         AND EXISTS (SELECT FROM membership m WHERE m.account_id = s.account_id AND m.role = 'accountant'
                      AND (m.ended_at IS NULL OR m.ended_at > \(month.start)))
       ORDER BY s.account_id, s.version DESC
      """)
    return Dictionary(uniqueKeysWithValues: try rows.map { (try $0.decode(at: 0), try $0.decode(at: 1)) })
  }

  /// Which of these accounts are or ever were accountants, as far as was known at `moment`; nil: now. Throws: `DatabaseError`.
  public static func accountants(
    _ accounts: [AccountID], at moment: Timestamp? = nil, in session: Session
  ) throws -> Set<AccountID> {
    Set(
      try session.result(
        """
        SELECT DISTINCT account_id FROM membership
         WHERE role = 'accountant' AND account_id = ANY (\(accounts)) AND (\(moment) IS NULL OR created_at <= \(moment))
        """
      )
      .map { try $0.decode(at: 0) })
  }

  /// Adds the version that comes after `previous`; false when somebody else has added it. Throws: `DatabaseError`.
  public static func set(
    _ amount: Int64, of account: AccountID, from month: Month, after previous: Int32, by admin: AccountID, in session: Session
  ) throws -> Bool {
    try MonthBook.lock(in: session)
    return try session.execute(
      """
      INSERT INTO salary (account_id, version, month, amount, made_by)
      SELECT \(account), \(previous) + 1, \(month.firstDay), \(amount), \(admin)
       WHERE coalesce((SELECT max(version) FROM salary WHERE account_id = \(account)), 0) = \(previous)
      """) > 0
  }
}
