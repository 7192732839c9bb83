import Domain
import Storage

/// Figures of a month and the rows behind them.
enum FiguresActions {
  /// A month as it is shown: as it was closed, or as it stands.
  struct Shown: Sendable {
    let month: Month
    let closed: ClosedMonth?
    let work: MonthWork
    let topics: [TopicID: TopicPlace]
    /// Waits that began before its end and still run: they count in whichever month they end.
    var running = 0
  }

  /// The month, whole: whoever shows it narrows it by the caller's reach.
  static func shown(_ month: Month, _ services: RestServices) async throws -> Shown {
    let now = Month(inTashkentAt: services.clock())
    let settled = try await services.database.run { session -> Shown? in
      if let closed = try MonthBook.find(month, in: session) {
        return Shown(
          month: month, closed: closed, work: try MonthBook.work(of: month, in: session),
          topics: try MonthLoader.topics(in: session))
      }
      // Nothing is worked in a month to come, nor was before the first case; and there are as many such months as anybody cares to name.
      let first = try MonthBook.firstMonth(in: session) ?? now
      guard month > now || month < min(first, now) else { return nil }
      return Shown(month: month, closed: nil, work: MonthWork(waits: [], documents: [], ratings: []), topics: [:])
    }
    if let settled { return settled }
    let kept = try await services.months.month(month, services: services)
    return Shown(
      month: month, closed: nil, work: kept.month.work, topics: kept.month.topics, running: kept.month.running)
  }

  /// Figures by a grouping, within reach.
  static func figures(
    _ month: Month, by grouping: FiguresGrouping, _ filter: FiguresFilter, _ call: SignedCall
  ) async throws -> MonthFiguresAnswer {
    let shown = try await shown(month, call.services)
    let (viewer, topics) = (call.viewer, shown.topics)
    func isIn(_ place: MonthWork.Place) -> Bool { filter.allows(place, topics, viewer) }
    let total = FiguresAnswer(shown.work.figures(where: isIn))
    var groups: [MonthFiguresAnswer.Group] = []
    switch grouping {
    case .topic:
      let figures = shown.work.figures { isIn($0) ? topics[$0.topic]?.kind : nil }
      groups = TopicKind.allCases.compactMap { kind in
        figures[kind].map { MonthFiguresAnswer.Group(id: nil, name: kind.slug, figures: FiguresAnswer($0)) }
      }
    case .day:
      let figures = shown.work.figures { isIn($0) ? LocalDate(inTashkentAt: $0.at) : nil }
      groups = figures.sorted { $0.key < $1.key }
        .map { MonthFiguresAnswer.Group(id: nil, name: $0.key.description, figures: FiguresAnswer($0.value)) }
    case .month:
      groups = try await months(until: month, filter, call)
    case .person:
      // What is nobody's is a group of its own.
      let figures = shown.work.figures { isIn($0) ? $0.account.map(\.rawValue) ?? 0 : nil }
      let names = try await names(of: figures.keys.map { AccountID($0) }, call.services)
      groups = Self.named(figures) { names[AccountID($0)] }
    case .organisation:
      let figures = shown.work.figures { isIn($0) ? topics[$0.topic]?.organisation.rawValue : nil }
      let names = try await organisations(figures.keys.map { OrganisationID($0) }, call.services)
      groups = Self.named(figures) { names[OrganisationID($0)] }
    case .department:
      let figures = shown.work.figures { isIn($0) ? topics[$0.topic]?.department.rawValue : nil }
      let names = try await call.services.database.run {
        try WorkNames.departments(figures.keys.map { DepartmentID($0) }, in: $0)
      }
      groups = Self.named(figures) { names[DepartmentID($0)] }
    }
    return MonthFiguresAnswer(
      month: month.description, state: shown.closed == nil ? "open" : "closed", groups: groups, total: total)
  }

  /// The month and those before it that have any work, the newest last.
  private static func months(
    until month: Month, _ filter: FiguresFilter, _ call: SignedCall
  ) async throws -> [MonthFiguresAnswer.Group] {
    let first = try await call.services.database.run { try MonthBook.firstMonth(in: $0) } ?? month
    var (groups, month) = ([MonthFiguresAnswer.Group](), month)
    while groups.count < FiguresGrouping.months, month >= first {
      let figures = try await figures(month, filter, call)
      groups.append(MonthFiguresAnswer.Group(id: nil, name: month.description, figures: FiguresAnswer(figures)))
      month = month.previous
    }
    return groups.reversed()
  }

  /// A month's figures within reach. What somebody alone had in a closed month is written down, and needs none of its rows.
  private static func figures(_ month: Month, _ filter: FiguresFilter, _ call: SignedCall) async throws -> Figures {
    let viewer = call.viewer
    if let account = filter.onlyAccount(viewer) {
      let pays = try await call.services.database.run { session in
        try MonthBook.find(month, in: session).map { try MonthBook.pays(of: $0.month, in: session) }
      }
      if let pay = pays?.first(where: { $0.account == account }) { return pay.figures }
    }
    let shown = try await shown(month, call.services)
    return shown.work.figures { filter.allows($0, shown.topics, viewer) }
  }

  private static func named(_ figures: [Int64: Figures], _ name: (Int64) -> String?) -> [MonthFiguresAnswer.Group] {
    figures.map {
      MonthFiguresAnswer.Group(id: $0.key == 0 ? nil : $0.key, name: name($0.key) ?? "", figures: FiguresAnswer($0.value))
    }
    .sorted { ($0.name, $0.id ?? 0) < ($1.name, $1.id ?? 0) }
  }

  /// A page of the rows behind a figure, within reach.
  static func rows(
    _ month: Month, of kind: FigureKind, _ filter: FiguresFilter, after: Int, limit: Int, _ call: SignedCall
  ) async throws -> ListAnswer<FigureRowAnswer> {
    let shown = try await shown(month, call.services)
    let (viewer, topics) = (call.viewer, shown.topics)
    let rows = shown.work.rows(of: kind) { filter.allows($0, topics, viewer) }
    let page = rows.dropFirst(after).prefix(limit)
    let names = try await names(of: Array(Set(page.compactMap(\.account))), call.services)
    let organisations = try await organisations(
      Array(Set(page.compactMap { topics[$0.place.topic]?.organisation })), call.services)
    let answers = page.compactMap { row -> FigureRowAnswer? in
      guard let place = topics[row.place.topic] else { return nil }
      return FigureRowAnswer(
        row, place: place, organisation: organisations[place.organisation] ?? "", account: row.account.flatMap { names[$0] })
    }
    return ListAnswer(answers, next: after + limit < rows.count ? Int64(after + limit) : nil)
  }

  static func names(of accounts: [AccountID], _ services: RestServices) async throws -> [AccountID: String] {
    try await services.database.run { try WorkNames.accounts(accounts, in: $0) }
  }

  static func organisations(_ ids: [OrganisationID], _ services: RestServices) async throws -> [OrganisationID: String] {
    try await services.database.run { try WorkNames.organisations(ids, in: $0) }
  }
}
