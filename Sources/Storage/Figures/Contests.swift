public import Domain

/// Doubts of accountants about lines of their own bonus, and what an admin answers.
public enum Contests {
  /// What an admin has answered.
  public struct Answer: Sendable, Hashable {
    /// Whether the accountant is right.
    public let isAccepted: Bool
    /// In words.
    public let text: String
    /// Who answered.
    public let by: Named<AccountID>
    /// When.
    public let at: Timestamp
    /// What is put right; nil: nothing.
    public let correction: FigureCorrection?
    /// The month in which that counts; nil without it.
    public let counts: Month?
    /// What it pays for a month that was closed by then, soʻm.
    public let sum: Int64
  }

  /// A doubt.
  public struct Record: Sendable, Hashable {
    /// Its number.
    public let id: ContestID
    /// The month of the bonus.
    public let month: Month
    /// Whose bonus.
    public let account: Named<AccountID>
    /// Which line.
    public let line: Bonus.Line
    /// In words.
    public let text: String
    /// What the line came to then, soʻm.
    public let sum: Int64
    /// When.
    public let at: Timestamp
    /// The answer; nil: it waits for one.
    public let answer: Answer?
  }

  /// The doubts about a month's bonuses, of everybody or of one, by number; with them those about the month before that wait for an
  /// answer, or whose corrections count in it. Throws: `DatabaseError`.
  public static func list(for month: Month, of account: AccountID? = nil, in session: Session) throws -> [Record] {
    try session.rows(
      """
      \(columns) WHERE (c.month = \(month.firstDay) OR k.month = \(month.firstDay)
          OR (c.month = \(month.previous.firstDay) AND r.contest_id IS NULL)) AND (\(account) IS NULL OR c.account_id = \(account))
       ORDER BY c.id
      """
    )
    .map(record)
  }

  /// One of them. Throws: `DatabaseError`.
  public static func find(_ id: ContestID, in session: Session) throws -> Record? {
    try session.row("\(columns) WHERE c.id = \(id)").map(record)
  }

  /// Adds a doubt about a line; nil when one about it waits for its answer. Takes the months' lock.
  /// - Throws: `DatabaseError`, of the constraint `MonthBook.openConstraint` when the month after it is closed.
  public static func add(
    _ line: Bonus.Line, of account: AccountID, in month: Month, text: String, sum: Int64, session: Session
  ) throws -> ContestID? {
    try MonthBook.lock(in: session)
    return try session.value(
      """
      INSERT INTO contest (month, account_id, line, text, sum)
      SELECT \(month.firstDay), \(account), \(line.rawValue), \(text), \(sum)
       WHERE NOT EXISTS (SELECT FROM contest c WHERE c.month = \(month.firstDay) AND c.account_id = \(account) AND c.line = \(line.rawValue)
                          AND NOT EXISTS (SELECT FROM contest_answer r WHERE r.contest_id = c.id))
      RETURNING id
      """)
  }

  /// How many doubts about a month or an earlier one wait for an answer. Throws: `DatabaseError`.
  public static func waiting(until month: Month, in session: Session) throws -> Int {
    try session.one(
      """
      SELECT count(*) FROM contest c
       WHERE c.month <= \(month.firstDay) AND NOT EXISTS (SELECT FROM contest_answer r WHERE r.contest_id = c.id)
      """
    ).decode(at: 0)
  }

  /// Answers one, and puts figures right with it; false when it has been answered. Takes the months' lock. Throws: `DatabaseError`.
  /// - Parameter correction: for a doubt that is accepted, of nothing but its line; nil changes no figure.
  public static func answer(
    _ id: ContestID, isAccepted: Bool, text: String, correction: FigureCorrection? = nil, by account: AccountID,
    in session: Session
  ) throws -> Bool {
    try MonthBook.lock(in: session)
    let isNew =
      try session.execute(
        """
        INSERT INTO contest_answer (contest_id, accepted, text, by) VALUES (\(id), \(isAccepted), \(text), \(account))
        ON CONFLICT (contest_id) DO NOTHING
        """) > 0
    guard isNew, let correction else { return isNew }
    guard isAccepted, let contest = try find(id, in: session), correction != .none, correction.stays(within: contest.line) else {
      throw DatabaseError(.misuse, "the correction isn't one of the doubt's line")
    }
    try Corrections.add(correction, of: contest, in: session)
    return true
  }

  /// Who answers: the admins of today. Throws: `DatabaseError`.
  public static func answerers(in session: Session) throws -> [AccountID] { try Accounts.admins(in: session) }

  private static let columns: SQL = """
    SELECT c.id, c.month, c.account_id, a.name, c.line, c.text, c.sum, c.at, r.accepted, r.text AS answer, r.by, b.name AS answerer,
           r.at AS answered_at, k.month AS counts, k.documents, k.positive, k.negative, k.hits, k.misses, coalesce(k.sum, 0) AS carried
      FROM contest c JOIN account a ON a.id = c.account_id
      LEFT JOIN contest_answer r ON r.contest_id = c.id LEFT JOIN account b ON b.id = r.by
      LEFT JOIN correction k ON k.contest_id = c.id
    """

  private static func record(_ row: Row) throws -> Record {
    guard let line = Bonus.Line(rawValue: try row["line"]) else { throw DatabaseError(.decoding, "a contest is about no line") }
    var answer: Answer?
    if let accepted: Bool = try row["accepted"] {
      let counts = try row["counts", as: LocalDate?.self].map { Month($0) }
      let correction = try counts.map { _ in
        FigureCorrection(
          documents: try row["documents"], positive: try row["positive"], negative: try row["negative"], hits: try row["hits"],
          misses: try row["misses"])
      }
      answer = Answer(
        isAccepted: accepted, text: try row["answer"], by: Named(id: try row["by"], name: try row["answerer"]),
        at: try row["answered_at"], correction: correction, counts: counts, sum: try row["carried"])
    }
    return Record(
      id: try row["id"], month: Month(try row["month", as: LocalDate.self]),
      account: Named(id: try row["account_id"], name: try row["name"]), line: line, text: try row["text"], sum: try row["sum"],
      at: try row["at"], answer: answer)
  }
}
