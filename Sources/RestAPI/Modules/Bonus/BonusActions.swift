import Domain
import HTTPTypes
import Storage

/// Bonuses, their rules, salaries and doubts.
enum BonusActions {
  /// Somebody else has changed it since it was looked at.
  static let changed = Problem(
    .conflict, "conflict", "Somebody has changed this meanwhile; look again.", fields: ["version": "changed"])
  /// The month is closed.
  static let isClosed = Problem(.conflict, "month_closed", "The month is closed, and what was paid stays as it is.")

  // MARK: Bonuses

  /// The pays of a month: as they were paid, or as they stand.
  static func pays(_ shown: FiguresActions.Shown, _ services: RestServices) async throws -> (
    pays: [MonthPay], rules: BonusRuleBook.Version?
  ) {
    let month = shown.month
    if let closed = shown.closed {
      return try await services.database.run { session in
        let rules = try BonusRuleBook.list(in: session).first { $0.version == closed.ruleVersion }
        return (try MonthBook.pays(of: month, in: session), rules)
      }
    }
    return try await services.database.run { session in try open(month, shown.work, in: session) }
  }

  /// What everybody would be paid: whoever has a salary or a figure.
  static func open(_ month: Month, _ work: MonthWork, in session: Session) throws -> (
    pays: [MonthPay], rules: BonusRuleBook.Version?
  ) {
    let rules = try BonusRuleBook.version(for: month, in: session)
    let salaries = try Salaries.amounts(for: month, in: session)
    let figures = work.figures { $0.account }
    let corrections = try Corrections.counting(in: month, session: session)
    let accounts = Set(figures.keys).union(salaries.keys).union(corrections.keys).sorted()
    // Whoever closed a case as an admin has a figure, but no bonus: that is for accountants.
    let accountants = try Salaries.accountants(accounts, in: session)
    let pays = accounts.filter { accountants.contains($0) || salaries[$0] != nil }.map { account in
      MonthPay(
        account: account, salary: salaries[account] ?? 0, figures: figures[account] ?? Figures(),
        corrections: corrections[account] ?? .init(), rules: rules?.rules ?? .none)
    }
    return (pays, rules)
  }

  static func bonuses(_ month: Month, _ call: SignedCall) async throws -> BonusesAnswer {
    let shown = try await FiguresActions.shown(month, call.services)
    let (all, rules) = try await pays(shown, call.services)
    let reach = call.reach
    let pays = all.filter { reach.allows(ObjectPlace(own: $0.account == call.account)) }
    let seesSalaries = !call.viewer(.salary, .read).reach.isEmpty
    let own = reach.all ? nil : call.account
    let (names, contests, contestable) = try await call.services.database.run { session in
      (
        try WorkNames.accounts(pays.map(\.account), in: session), try Contests.list(for: month, of: own, in: session),
        try MonthBook.find(month.next, in: session) == nil
      )
    }
    let items = pays.map { pay in
      BonusesAnswer.Item(
        account: NamedAnswer(Named(id: pay.account, name: names[pay.account] ?? "")), figures: FiguresAnswer(pay.figures),
        bonus: BonusAnswer(pay.bonus, pay.corrected), carried: pay.carried, brought: pay.brought, paid: pay.paid, rest: pay.rest,
        salary: seesSalaries ? pay.salary : nil,
        contests: contests.filter { $0.account.id == pay.account }.map(ContestAnswer.init))
    }
    return BonusesAnswer(
      month: month.description, state: shown.closed == nil ? "open" : "closed", contestable: contestable,
      rules: rules.map(BonusRuleVersionAnswer.init),
      items: items.sorted { ($0.account.name, $0.account.id) < ($1.account.name, $1.account.id) })
  }

  /// What these rules would pay for a month beside what its own pay.
  static func preview(_ month: Month, _ rules: BonusRules, _ call: SignedCall) async throws -> BonusPreviewAnswer {
    let shown = try await FiguresActions.shown(month, call.services)
    let (pays, _) = try await pays(shown, call.services)
    let names = try await FiguresActions.names(of: pays.map(\.account), call.services)
    let pairs = pays.map { ($0, Bonus(of: $0.corrected, by: rules)) }
    let items = pairs.map { pay, proposed in
      BonusPreviewAnswer.Item(
        account: NamedAnswer(Named(id: pay.account, name: names[pay.account] ?? "")), now: BonusAnswer(pay.bonus, pay.corrected),
        proposed: BonusAnswer(proposed, pay.corrected))
    }
    return BonusPreviewAnswer(
      month: month.description, items: items.sorted { ($0.account.name, $0.account.id) < ($1.account.name, $1.account.id) },
      now: pays.reduce(0) { $0 + $1.bonus.total }, proposed: pairs.reduce(0) { $0 + $1.1.total })
  }

  // MARK: Rules

  static func rules(_ call: SignedCall) async throws -> [BonusRuleBook.Version] {
    try await call.services.database.run { try BonusRuleBook.list(in: $0) }
  }

  /// Throws: 409 when somebody has added a version since, or the month is closed.
  static func add(
    _ rules: BonusRules, from month: Month, note: String, after version: Int32, _ call: SignedCall
  ) async throws -> BonusRuleBook.Version {
    try await unlessClosed {
      try await call.writeInMonths { call, session in
        let before = try BonusRuleBook.list(in: session).first?.rules.text ?? ""
        guard try BonusRuleBook.add(rules, from: month, note: note, after: version, by: call.account, in: session) else {
          throw changed
        }
        try ActionLog.append(
          "bonus.update", by: call.actor,
          detail: [
            "version": .number(Int64(version) + 1), "month": .text(month.description), "before": .text(before),
            "after": .text(rules.text),
          ], written: .bonusRules, in: session)
        guard let added = try BonusRuleBook.list(in: session).first else { throw Problem.internal }
        return added
      }
    }
  }

  // MARK: Salaries

  static func salaries(_ month: Month, _ call: SignedCall) async throws -> [Salaries.Record] {
    try await call.services.database.run { try Salaries.list(for: month, in: $0) }
  }

  /// Throws: 404 for whoever is no accountant; 409 when it was changed meanwhile, or the month is closed.
  static func set(
    _ amount: Int64, of account: AccountID, from month: Month, after version: Int32, _ call: SignedCall
  ) async throws -> Salaries.Record {
    try await unlessClosed {
      try await call.writeInMonths { call, session in
        guard let before = try Salaries.list(for: month, in: session).first(where: { $0.account.id == account }) else {
          throw Problem.notFound
        }
        guard try Salaries.set(amount, of: account, from: month, after: version, by: call.account, in: session) else {
          throw changed
        }
        try ActionLog.append(
          "salary.update", by: call.actor,
          detail: [
            "account": .number(account.rawValue), "month": .text(month.description), "before": .number(before.amount),
            "after": .number(amount),
          ], written: .salary(of: account), in: session)
        guard let after = try Salaries.list(for: month, in: session).first(where: { $0.account.id == account }) else {
          throw Problem.notFound
        }
        return after
      }
    }
  }

  // MARK: Contests

  static func contests(_ month: Month, _ call: SignedCall) async throws -> [Contests.Record] {
    let own = call.reach.all ? nil : call.account
    return try await call.services.database.run { try Contests.list(for: month, of: own, in: $0) }
  }

  /// Doubts a line of one's own bonus.
  ///
  /// Throws: 422 for a month in which one is paid nothing; 409 when the month after it is closed or a doubt about the line waits for its answer.
  static func contest(_ line: Bonus.Line, in month: Month, text: String, _ call: SignedCall) async throws -> Contests.Record {
    let shown = try await FiguresActions.shown(month, call.services)
    guard month <= Month(inTashkentAt: call.services.clock()),
      let own = try await pays(shown, call.services).pays.first(where: { $0.account == call.account })
    else { throw Problem.invalid(["month": "nothing_paid"]) }
    return try await unlessClosed {
      try await call.writeInMonths { call, session in
        guard
          let id = try Contests.add(
            line, of: call.account, in: month, text: text, sum: own.bonus.sum(of: line), session: session)
        else { throw Problem(.conflict, "conflict", "A doubt about this line waits for its answer.", fields: ["line": "taken"]) }
        try ActionLog.append(
          "contest.create", by: call.actor,
          detail: ["contest": .number(id.rawValue), "month": .text(month.description), "line": .text(line.rawValue)],
          written: .contest(id), in: session)
        for admin in try Contests.answerers(in: session) {
          try Notifications.add(
            to: admin, kind: .contestCreate,
            detail: [
              "contest": .number(id.rawValue), "account": .number(call.account.rawValue), "month": .text(month.description),
              "line": .text(line.rawValue),
            ], in: session)
        }
        guard let record = try Contests.find(id, in: session) else { throw Problem.internal }
        return record
      }
    }
  }

  /// Answers a doubt, and puts the figures of its line right when it is accepted. Throws: 404; 409 when it has been answered; 422 for a
  /// correction of another line.
  static func answer(
    _ id: ContestID, isAccepted: Bool, text: String, correction: FigureCorrection?, _ call: SignedCall
  ) async throws -> Contests.Record {
    try await call.writeInMonths { call, session in
      guard let doubt = try Contests.find(id, in: session) else { throw Problem.notFound }
      guard correction?.stays(within: doubt.line) ?? true else { throw Problem.invalid(["correction": "invalid"]) }
      guard
        try Contests.answer(
          id, isAccepted: isAccepted, text: text, correction: correction, by: call.account, in: session)
      else { throw changed }
      guard let record = try Contests.find(id, in: session) else { throw Problem.internal }
      var detail: [String: ActionLog.Value] = ["contest": .number(id.rawValue), "accepted": .flag(isAccepted)]
      if let answer = record.answer, let correction = answer.correction, let counts = answer.counts {
        (detail["correction"], detail["month"]) = (.text(correction.text), .text(counts.description))
        detail["sum"] = .number(answer.sum)
      }
      try ActionLog.append("contest.answer", by: call.actor, detail: detail, written: .answer(to: id), in: session)
      try Notifications.add(
        to: record.account.id, kind: .contestAnswer,
        detail: [
          "contest": .number(id.rawValue), "accepted": .flag(isAccepted), "month": .text(record.month.description),
          "line": .text(record.line.rawValue),
        ], in: session)
      return record
    }
  }

  /// Says in words what the triggers of closed months refuse, and nothing else: a right that our role lacks is an error of ours.
  static func unlessClosed<Value>(_ body: () async throws -> Value) async throws -> Value {
    do {
      return try await body()
    } catch let error as DatabaseError where error.constraint == MonthBook.openConstraint {
      throw isClosed
    }
  }
}
