public import Domain

/// The versions of the bonus rules. A version holds for whole months, from its month on; of those that do the newest counts.
public enum BonusRuleBook {
  /// One version.
  public struct Version: Sendable, Hashable {
    /// 1 and up.
    public let version: Int32
    /// The first month for which it holds.
    public let month: Month
    /// The rules.
    public let rules: BonusRules
    /// Why it was made, in the admin's words; may be empty.
    public let note: String
    /// Who made it.
    public let madeBy: Named<AccountID>
    /// When.
    public let madeAt: Timestamp

    fileprivate init(_ row: Row) throws {
      version = try row["version"]
      guard let rules = BonusRules(text: try row["rules"]) else {
        throw DatabaseError(.decoding, "version \(version) of the bonus rules cannot be read")
      }
      self.rules = rules
      month = Month(try row["month", as: LocalDate.self])
      note = try row["note"]
      madeBy = Named(id: try row["made_by"], name: try row["name"])
      madeAt = try row["made_at"]
    }
  }

  private static let columns: SQL = """
    SELECT r.version, r.month, r.rules, r.note, r.made_by, a.name, r.made_at FROM bonus_rule r JOIN account a ON a.id = r.made_by
    """

  /// All versions, the newest first. Throws: `DatabaseError`.
  public static func list(in session: Session) throws -> [Version] {
    try session.rows("\(columns) ORDER BY r.version DESC").map { try Version($0) }
  }

  /// The version that holds for a month; nil: there are no rules for it. Throws: `DatabaseError`.
  public static func version(for month: Month, in session: Session) throws -> Version? {
    try session.row("\(columns) WHERE r.month <= \(month.firstDay) ORDER BY r.version DESC LIMIT 1").map { try Version($0) }
  }

  /// Adds the version that comes after `previous`; false when somebody else has added it. Takes the months' lock.
  /// - Throws: `DatabaseError`, of the constraint `MonthBook.openConstraint` when the month is closed.
  public static func add(
    _ rules: BonusRules, from month: Month, note: String, after previous: Int32, by account: AccountID, in session: Session
  ) throws -> Bool {
    try MonthBook.lock(in: session)
    return try session.execute(
      """
      INSERT INTO bonus_rule (version, month, rules, note, made_by)
      SELECT \(previous) + 1, \(month.firstDay), \(rules.text), \(note), \(account)
       WHERE coalesce((SELECT max(version) FROM bonus_rule), 0) = \(previous)
      """) > 0
  }
}
