public import Domain

/// What accepted doubts have put right. A correction counts in the month that was doubted while that is open; once it is closed, in the month after
/// it, as a sum: by how much its bonus would be another one by its own rules.
///
/// That sum is of bonuses, not of what was paid. A month whose bonus and sums come to less than nothing pays nothing, and what is missing is carried
/// into the next one (`Counting.brought`): so all months together always pay what all bonuses, as they were put right, come to.
public enum Corrections {
  /// A correction.
  public struct Record: Sendable, Hashable {
    /// Whose.
    public let account: AccountID
    /// The month that was doubted.
    public let about: Month
    /// The month in which it counts.
    public let month: Month
    /// What was put right.
    public let figures: FigureCorrection
    /// How much more bonus that is, when it counts in another month than the one that was doubted, soʻm; otherwise 0, since the figures themselves
    /// pay.
    public let sum: Int64
  }

  /// What counts in a month, for one account: figures of its own, and sums for the month before.
  public struct Counting: Sendable, Hashable {
    /// What is put right in the month's figures.
    public var figures = FigureCorrection.none
    /// What corrections of the month before come to, soʻm.
    public var carried: Int64 = 0
    /// What the month before could not take back, since nobody is paid less than nothing: soʻm, never above 0.
    public var brought: Int64 = 0

    /// Nothing.
    public init() {}
  }

  /// All that count in a month or are about it, in the order in which they were made. Throws: `DatabaseError`.
  public static func list(for month: Month, in session: Session) throws -> [Record] {
    try session.rows(
      """
      SELECT c.account_id, c.month AS about, k.month, k.documents, k.positive, k.negative, k.hits, k.misses, k.sum
        FROM correction k JOIN contest c ON c.id = k.contest_id
       WHERE k.month = \(month.firstDay) OR c.month = \(month.firstDay) ORDER BY k.contest_id
      """
    ).map { row in
      Record(
        account: try row["account_id"], about: Month(try row["about", as: LocalDate.self]),
        month: Month(try row["month", as: LocalDate.self]),
        figures: FigureCorrection(
          documents: try row["documents"], positive: try row["positive"], negative: try row["negative"], hits: try row["hits"],
          misses: try row["misses"]), sum: try row["sum"])
    }
  }

  /// What counts in a month, by account. As long as the month before is open, nothing of it is carried over. Throws: `DatabaseError`.
  public static func counting(in month: Month, session: Session) throws -> [AccountID: Counting] {
    var counting: [AccountID: Counting] = [:]
    for pay in try MonthBook.pays(of: month.previous, in: session) where pay.rest != 0 {
      counting[pay.account, default: Counting()].brought = pay.rest
    }
    for record in try list(for: month, in: session) where record.month == month {
      var sum = counting[record.account] ?? Counting()
      if record.about == month { sum.figures = sum.figures + record.figures }
      sum.carried += record.sum
      counting[record.account] = sum
    }
    return counting
  }

  /// Writes down what an accepted doubt puts right. Inside the transaction that answers it, which holds `MonthBook.lock(in:)`.
  /// - Throws: `DatabaseError`.
  static func add(_ figures: FigureCorrection, of contest: Contests.Record, in session: Session) throws {
    var (month, sum) = (contest.month, Int64(0))
    if let closed = try MonthBook.find(contest.month, in: session) {
      month = contest.month.next
      sum = try difference(figures, of: contest.account.id, closed, in: session)
    }
    try session.execute(
      """
      INSERT INTO correction (contest_id, month, documents, positive, negative, hits, misses, sum)
      VALUES (\(contest.id), \(month.firstDay), \(figures.documents), \(figures.positive), \(figures.negative), \(figures.hits),
              \(figures.misses), \(sum))
      """)
  }

  /// How much higher (or lower) the bonus of a closed month is by its own rules, after all that has been put right in it before.
  private static func difference(
    _ figures: FigureCorrection, of account: AccountID, _ closed: ClosedMonth, in session: Session
  ) throws -> Int64 {
    let pay = try MonthBook.pays(of: closed.month, in: session).first { $0.account == account }
    let later = try list(for: closed.month, in: session).filter { $0.account == account && $0.about != $0.month }
    let before = later.filter { $0.about == closed.month }.reduce(pay?.correction ?? .none) { $0 + $1.figures }
    let rules = try closed.ruleVersion.flatMap { version in
      try BonusRuleBook.list(in: session).first { $0.version == version }?.rules
    }
    func total(_ correction: FigureCorrection) -> Int64 {
      Bonus(of: (pay?.figures ?? Figures()).corrected(by: correction), by: rules ?? .none).total
    }
    return total(before + figures) - total(before)
  }
}
