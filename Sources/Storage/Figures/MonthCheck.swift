import Domain

/// Whether what a closed month paid follows from what it was closed with. The seal tells whether anything was changed since; this tells whether it was
/// right: a program that was wrong, or somebody who made month, seal and log anew, pays by other sums than rows, rules, salaries and corrections give.
enum MonthCheck {
  /// What is wrong, one reason for each pay; empty when all of it follows. Throws: `DatabaseError`, also when a row can't be read.
  static func faults(of closed: ClosedMonth, in session: Session) throws -> [String] {
    let month = closed.month
    let rules = try closed.ruleVersion.flatMap { version in
      try BonusRuleBook.list(in: session).first { $0.version == version }?.rules
    }
    let figures = try MonthBook.work(of: month, in: session).figures { $0.account }
    let corrections = try Corrections.counting(in: month, session: session)
    let salaries = try salaries(for: month, in: session)
    let pays = try MonthBook.pays(of: month, in: session)
    let wrong = pays.compactMap { pay -> String? in
      let right = MonthPay(
        account: pay.account, salary: salaries[pay.account] ?? 0, figures: figures[pay.account] ?? Figures(),
        corrections: corrections[pay.account] ?? .init(), rules: rules ?? .none)
      let parts = [
        (pay.figures == right.figures, "rows"), (pay.correction == right.correction, "corrections"),
        (pay.bonus == Bonus(of: pay.corrected, by: rules ?? .none), "rules"),
        (pay.carried == right.carried, "corrections of the month before"),
        (pay.brought == right.brought, "rest of the month before"),
        // Whoever left before the month has a salary in the book still, and isn't paid it.
        (pay.salary == right.salary || pay.salary == 0, "salary"),
      ].filter { !$0.0 }.map(\.1)
      guard !parts.isEmpty else { return nil }
      return "the pay of account \(pay.account) doesn't follow from its \(parts.joined(separator: ", "))"
    }
    let paid = Set(pays.map(\.account))
    // An admin who closed a case has a figure, and no bonus, whatever they became later.
    let accountants = try Salaries.accountants(figures.keys.sorted(), at: closed.closedAt, in: session)
    let left = Set(corrections.keys).union(accountants).subtracting(paid).sorted()
    return wrong + left.map { "account \($0) has figures or corrections in it, and no pay" }
  }

  /// What the book of salaries says for a month. Nothing of a closed month is added to it. Throws: `DatabaseError`.
  private static func salaries(for month: Month, in session: Session) throws -> [AccountID: Int64] {
    let rows = try session.result(
      """
      SELECT DISTINCT ON (account_id) account_id, amount FROM salary WHERE month <= \(month.firstDay) ORDER BY account_id, version DESC
      """)
    return Dictionary(uniqueKeysWithValues: try rows.map { (try $0.decode(at: 0), try $0.decode(at: 1)) })
  }
}
