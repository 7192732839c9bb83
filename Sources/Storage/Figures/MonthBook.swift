private import Crypto
public import Domain

/// What an accountant got for a month.
public struct MonthPay: Sendable, Hashable {
  /// Who.
  public let account: AccountID
  /// The salary, soʻm.
  public let salary: Int64
  /// What was measured.
  public let figures: Figures
  /// What accepted doubts have put right in it.
  public let correction: FigureCorrection
  /// The bonus, worked out from both.
  public let bonus: Bonus
  /// What doubts about the month before come to that were accepted after it was closed, soʻm.
  public let carried: Int64
  /// What the month before could not take back, soʻm: its `rest`.
  public let brought: Int64

  /// Puts a pay together, with the bonus by these rules.
  public init(
    account: AccountID, salary: Int64, figures: Figures, corrections: Corrections.Counting = .init(), rules: BonusRules
  ) {
    (self.account, self.salary, self.figures) = (account, salary, figures)
    (correction, carried, brought) = (corrections.figures, corrections.carried, corrections.brought)
    bonus = Bonus(of: figures.corrected(by: corrections.figures), by: rules)
  }

  /// A pay as it was written down.
  fileprivate init(
    account: AccountID, salary: Int64, figures: Figures, correction: FigureCorrection, bonus: Bonus, carried: Int64,
    brought: Int64
  ) {
    (self.account, self.salary, self.figures, self.correction, self.bonus) = (account, salary, figures, correction, bonus)
    (self.carried, self.brought) = (carried, brought)
  }

  /// The figures with what was put right.
  public var corrected: Figures { figures.corrected(by: correction) }

  /// What is paid beside the salary: the bonus and what comes from the month before, at least nothing.
  public var paid: Int64 { max(0, due) }

  /// What this month can't take back, since nobody is paid less than nothing: 0 or less. It is carried into the next one.
  public var rest: Int64 { min(0, due) }

  private var due: Int64 { bonus.total + carried + brought }
}

/// A month that has been closed: what it was worked out from, and what was paid.
public struct ClosedMonth: Sendable {
  /// The month.
  public let month: Month
  /// Who closed it.
  public let closedBy: AccountID
  /// When.
  public let closedAt: Timestamp
  /// The version of the rules; nil: there were none.
  public let ruleVersion: Int32?
  /// The shifts and exceptions by which working time was counted.
  public let calendar: String
  /// What it is sealed with, 32 bytes.
  public fileprivate(set) var hash: [UInt8]
}

/// The months that are closed. Closing writes down everything that the figures are made of, and seals it: what was paid can be shown and checked
/// for ever, whatever becomes of rules, calendar and people.
public enum MonthBook {
  /// By what name the triggers refuse that a closed month takes anything more (`DatabaseError.constraint`).
  public static let openConstraint = "month_open"

  /// Whoever closes a month, or writes what a closed month refuses, waits here for the others until its transaction ends. Throws: `DatabaseError`.
  public static func lock(in session: Session) throws {
    try session.execute("SELECT pg_advisory_xact_lock(\(lockNumber))")
  }

  /// Holds the same lock around a transaction: one that reads at a moment of its own must have the lock before that moment. Throws: `DatabaseError`; what
  /// `body` throws.
  public static func holding<Value>(in session: Session, _ body: () throws -> Value) throws -> Value {
    try session.execute("SELECT pg_advisory_lock(\(lockNumber))")
    // A connection that is gone has let go of it by that.
    defer { if session.isAlive { _ = Result { try session.row("SELECT pg_advisory_unlock(\(lockNumber))") } } }
    return try body()
  }

  /// 0x66696775726573 spells «figures».
  private static let lockNumber: Int64 = 28_826_340_697_466_227

  /// All closed months, the newest first. Throws: `DatabaseError`.
  public static func closed(in session: Session) throws -> [ClosedMonth] {
    try session.rows("SELECT month, closed_by, closed_at, rule_version, calendar, hash FROM month_close ORDER BY month DESC").map(
      record)
  }

  /// The month, when it is closed. Throws: `DatabaseError`.
  public static func find(_ month: Month, in session: Session) throws -> ClosedMonth? {
    try session.row(
      "SELECT month, closed_by, closed_at, rule_version, calendar, hash FROM month_close WHERE month = \(month.firstDay)"
    ).map(record)
  }

  /// What is left of a closed month in the way: cases closed in it that can still be rated or opened again. Throws: `DatabaseError`.
  public static func rateable(_ month: Month, at now: Timestamp, in session: Session) throws -> Int {
    let since = now.advanced(by: .zero - LogPlanner.rateLimit)
    return try session.one(
      """
      SELECT count(*) FROM topic_case
       WHERE closed_at >= \(month.start) AND closed_at < \(month.end) AND stars IS NULL AND closed_at >= \(since)
      """
    ).decode(at: 0)
  }

  /// The month of the oldest case; nil: there is none. Throws: `DatabaseError`.
  public static func firstMonth(in session: Session) throws -> Month? {
    try session.value("SELECT min(opened_at) FROM topic_case", as: Timestamp?.self).flatMap { $0 }.map { Month(inTashkentAt: $0) }
  }

  /// Closes a month. Inside a transaction of one snapshot in which `work` was loaded, inside `holding(in:)`. Returns the seal.
  /// - Throws: `DatabaseError`, of the constraint `openConstraint` when it or a later one is closed.
  public static func close(
    _ month: Month, work: MonthWork, pays: [MonthPay], rules: BonusRuleBook.Version?, calendar: WorkCalendar,
    by account: AccountID,
    at now: Timestamp, in session: Session
  ) throws -> [UInt8] {
    let work = ordered(work)
    let pays = pays.sorted { $0.account < $1.account }
    try MonthRows.write(work, of: month, in: session)
    try session.execute(
      """
      INSERT INTO month_pay (month, account_id, salary, bonus, detail)
      SELECT \(month.firstDay), * FROM unnest(\(pays.map(\.account)), \(pays.map(\.salary)), \(pays.map(\.paid)), \(pays.map(detail)))
      """)
    var closed = ClosedMonth(
      month: month, closedBy: account, closedAt: now, ruleVersion: rules?.version, calendar: calendar.text, hash: [])
    closed.hash = seal(closed, work, pays, rules: rules?.rules)
    try session.execute(
      """
      INSERT INTO month_close (month, closed_by, closed_at, rule_version, calendar, hash)
      VALUES (\(month.firstDay), \(account), \(now), \(rules?.version), \(calendar.text), \(closed.hash))
      """)
    return closed.hash
  }

  /// The rows that a closed month is made of. Throws: `DatabaseError`.
  public static func work(of month: Month, in session: Session) throws -> MonthWork { try MonthRows.read(month, in: session) }

  /// What was paid for a closed month, by account. Throws: `DatabaseError`.
  public static func pays(of month: Month, in session: Session) throws -> [MonthPay] {
    try session.rows(
      "SELECT account_id, salary, bonus, detail FROM month_pay WHERE month = \(month.firstDay) ORDER BY account_id"
    ).map {
      row in
      let parts = try row["detail", as: String.self].split(separator: "\n").map(String.init)
      guard parts.count == 5, let figures = Figures(text: parts[0]), let bonus = Bonus(text: parts[1]),
        let correction = FigureCorrection(text: parts[2]), let carried = Int64(parts[3]), let brought = Int64(parts[4])
      else { throw DatabaseError(.decoding, "the pay of account \(try row["account_id", as: Int64.self]) cannot be read") }
      let pay = MonthPay(
        account: try row["account_id"], salary: try row["salary"], figures: figures, correction: correction, bonus: bonus,
        carried: carried, brought: brought)
      guard try row["bonus"] == pay.paid, pay.bonus.documents.count == pay.corrected.documents else {
        throw DatabaseError(.decoding, "the pay of account \(pay.account) contradicts itself")
      }
      return pay
    }
  }

  /// Whether a closed month still is what was sealed: false when any row, figure, rule or shift of it was changed, added or taken away, or who closed
  /// it and when. Throws: `DatabaseError`; also when a row cannot be read any more.
  public static func isIntact(_ closed: ClosedMonth, in session: Session) throws -> Bool {
    try sealed(closed, in: session) == closed.hash
  }

  /// The seal that the rows of a closed month have now.
  static func sealed(_ closed: ClosedMonth, in session: Session) throws -> [UInt8] {
    let rules = try closed.ruleVersion.map { version in
      try session.one("SELECT rules FROM bonus_rule WHERE version = \(version)")["rules", as: String.self]
    }
    let work = ordered(try work(of: closed.month, in: session))
    let pays = try pays(of: closed.month, in: session)
    return seal(closed, work, pays, rules: rules.flatMap { BonusRules(text: $0) })
  }

  private static func detail(_ pay: MonthPay) -> String {
    [pay.figures.text, pay.bonus.text, pay.correction.text, String(pay.carried), String(pay.brought)].joined(separator: "\n")
  }

  private static func record(_ row: Row) throws -> ClosedMonth {
    ClosedMonth(
      month: Month(try row["month", as: LocalDate.self]), closedBy: try row["closed_by"], closedAt: try row["closed_at"],
      ruleVersion: try row["rule_version"], calendar: try row["calendar"], hash: try row["hash"])
  }

  private static func ordered(_ work: MonthWork) -> MonthWork {
    MonthWork(
      waits: work.waits.sorted { ($0.place.topic, $0.wait.startSeq) < ($1.place.topic, $1.wait.startSeq) },
      documents: work.documents.sorted { ($0.place.topic, $0.seq) < ($1.place.topic, $1.seq) },
      ratings: work.ratings.sorted { $0.place < $1.place })
  }

  /// SHA-256 of the month in words; docs/figures.md has the format.
  private static func seal(_ closed: ClosedMonth, _ work: MonthWork, _ pays: [MonthPay], rules: BonusRules?) -> [UInt8] {
    var hash = SHA256()
    func add(_ line: String) { hash.update(data: Array((line + "\n").utf8)) }
    add("1fin.month.v1 \(closed.month)")
    add("closed \(closed.closedBy) \(closed.closedAt.microseconds) \(closed.ruleVersion.map { String($0) } ?? "-")")
    add(rules?.text ?? "-")
    add(closed.calendar)
    for record in work.waits { add("wait " + MonthRows.words(of: record)) }
    for record in work.documents { add("document " + MonthRows.words(of: record)) }
    for record in work.ratings { add("rating " + MonthRows.words(of: record)) }
    for pay in pays { add("pay \(pay.account) \(pay.salary) \(detail(pay).replacing("\n", with: " "))") }
    return Array(hash.finalize())
  }
}
