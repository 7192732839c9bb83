import Domain
import HTTPTypes
import Storage

/// Closing a month.
enum MonthActions {
  /// The months that are closed, and those that can be seen before them: from the first case on, the newest first.
  static func list(_ call: SignedCall) async throws -> [MonthAnswer] {
    let now = Month(inTashkentAt: call.services.clock())
    let (closed, first, totals, names) = try await call.services.database.run { session in
      let closed = try MonthBook.closed(in: session)
      let totals = try closed.map { try MonthBook.pays(of: $0.month, in: session) }
      return (
        closed, try MonthBook.firstMonth(in: session), totals, try WorkNames.accounts(closed.map(\.closedBy), in: session)
      )
    }
    var answers: [MonthAnswer] = []
    var month = now
    let oldest = min(first ?? now, closed.last?.month ?? now)
    while month >= oldest, answers.count < 120 {
      if let index = closed.firstIndex(where: { $0.month == month }) {
        answers.append(answer(closed[index], totals[index], names[closed[index].closedBy] ?? ""))
      } else {
        answers.append(
          MonthAnswer(
            month: month.description, state: "open", closedBy: nil, closedAt: nil, hash: nil, blockers: [], notices: [],
            accountants: 0, salaries: 0, bonuses: 0, rules: nil, waits: 0, documents: 0, ratings: 0))
      }
      month = month.previous
    }
    return answers
  }

  /// A month: how it was closed, or what would happen and what stands in the way.
  static func look(_ month: Month, _ call: SignedCall) async throws -> MonthAnswer {
    let shown = try await FiguresActions.shown(month, call.services)
    if let closed = shown.closed {
      let (pays, names) = try await call.services.database.run { session in
        (try MonthBook.pays(of: month, in: session), try WorkNames.accounts([closed.closedBy], in: session))
      }
      return answer(closed, pays, names[closed.closedBy] ?? "", work: shown.work)
    }
    let now = call.services.clock()
    return try await call.services.database.run { session in
      let (pays, rules) = try BonusActions.open(month, shown.work, in: session)
      let blockers = try blockers(month, rules: rules, calendar: try FirmCalendar.read(in: session), at: now, in: session)
      return open(month, shown, pays, rules, blockers)
    }
  }

  /// Closes a month as it was looked at. Throws: 409 with what stands in the way, or when a sum has changed since.
  static func close(_ month: Month, bonuses: Int64, salaries: Int64, _ call: SignedCall) async throws -> MonthAnswer {
    let now = call.services.clock()
    try await BonusActions.unlessClosed {
      try await call.closeMonth { call, session in
        let firm = try FirmCalendar.read(in: session)
        let calendar = firm.calendar
        let loaded = try MonthLoader(month, calendar: calendar, in: session).load()
        let (pays, rules) = try BonusActions.open(month, loaded.work, in: session)
        let blockers = try blockers(month, rules: rules, calendar: firm, at: now, in: session)
        if let first = blockers.first {
          throw Problem(.conflict, first.blocker, "Something stands in the way of closing the month.")
        }
        let sums = (pays.reduce(0) { $0 + $1.paid }, pays.reduce(0) { $0 + $1.salary })
        guard sums == (bonuses, salaries) else { throw BonusActions.changed }
        let hash = try MonthBook.close(
          month, work: loaded.work, pays: pays, rules: rules, calendar: calendar, by: call.account, at: now, in: session)
        try ActionLog.append(
          "month.close", by: call.actor,
          detail: [
            "month": .text(month.description), "hash": .text(Hex.string(hash)), "bonuses": .number(bonuses),
            "salaries": .number(salaries),
          ], in: session)
      }
    }
    return try await look(month, call)
  }

  /// What stands in the way, the first of it first.
  private static func blockers(
    _ month: Month, rules: BonusRuleBook.Version?, calendar: FirmCalendar, at now: Timestamp, in session: Session
  ) throws -> [MonthAnswer.Blocker] {
    var blockers: [MonthAnswer.Blocker] = []
    func add(_ word: String, _ count: Int) { if count > 0 { blockers.append(.init(blocker: word, count: count)) } }
    add("not_over", now < month.end ? 1 : 0)
    if let first = try MonthBook.firstMonth(in: session) {
      let last = try MonthBook.closed(in: session).first?.month
      let next = last.map(\.next) ?? first
      add("earlier_open", next < month ? 1 : 0)
    }
    add("no_rules", rules == nil ? 1 : 0)
    // What nobody has confirmed pays nobody: the holidays that a year begins with are only the likely ones.
    add("calendar", calendar.isSet(month.year) ? 0 : 1)
    let likely = (calendar.exceptions[month.year] ?? []).count { $0.isApproximate && Month($0.date) == month }
    add("approximate", likely)
    add("rateable", try MonthBook.rateable(month, at: now, in: session))
    add("contests", try Contests.waiting(until: month, in: session))
    return blockers
  }

  private static func open(
    _ month: Month, _ shown: FiguresActions.Shown, _ pays: [MonthPay], _ rules: BonusRuleBook.Version?,
    _ blockers: [MonthAnswer.Blocker]
  ) -> MonthAnswer {
    MonthAnswer(
      month: month.description, state: "open", closedBy: nil, closedAt: nil, hash: nil, blockers: blockers,
      notices: shown.running == 0 ? [] : [.init(blocker: "waits", count: shown.running)], accountants: pays.count,
      salaries: pays.reduce(0) { $0 + $1.salary }, bonuses: pays.reduce(0) { $0 + $1.paid }, rules: rules?.version,
      waits: shown.work.waits.count, documents: shown.work.documents.count, ratings: shown.work.ratings.count)
  }

  private static func answer(_ closed: ClosedMonth, _ pays: [MonthPay], _ name: String, work: MonthWork? = nil) -> MonthAnswer {
    MonthAnswer(
      month: closed.month.description, state: "closed", closedBy: NamedAnswer(Named(id: closed.closedBy, name: name)),
      closedAt: closed.closedAt.rfc3339, hash: Hex.string(closed.hash), blockers: [], notices: [],
      accountants: pays.count,
      salaries: pays.reduce(0) { $0 + $1.salary }, bonuses: pays.reduce(0) { $0 + $1.paid }, rules: closed.ruleVersion,
      waits: work?.waits.count ?? 0, documents: work?.documents.count ?? 0, ratings: work?.ratings.count ?? 0)
  }
}
