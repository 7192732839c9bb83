import Domain
import Hummingbird
import HummingbirdCore
import Storage

/// Response times, as answers carry them, in whole seconds of working time.
struct TimesAnswer: Encodable {
  let count: Int
  let median: Int64?
  let mean: Int64?
  let p90: Int64?

  init(_ times: ResponseTimes) {
    count = times.count
    median = times.median.map { $0 / 1_000_000 }
    mean = times.mean.map { $0 / 1_000_000 }
    p90 = times.ninetieth.map { $0 / 1_000_000 }
  }
}

/// Figures, as answers carry them.
struct FiguresAnswer: Encodable {
  let first: TimesAnswer
  let responses: TimesAnswer
  let hits: Int
  let misses: Int
  /// Ten-thousandths, rounded down; null when nothing was measured.
  let share: Int?
  let documents: Int
  let stars: [Int]
  let dismissed: Int
  let dismissedLate: Int

  init(_ figures: Figures) {
    first = TimesAnswer(figures.first)
    responses = TimesAnswer(figures.responses)
    (hits, misses, share) = (figures.hits, figures.misses, figures.slaShare)
    (documents, stars) = (figures.documents, figures.stars)
    (dismissed, dismissedLate) = (figures.dismissed, figures.dismissedLate)
  }
}

/// By what figures are grouped.
enum FiguresGrouping: String {
  case person, department, topic, organisation, day
  /// The month and those before it, as far as there is work.
  case month

  /// So many months at most.
  static let months = 6
}

/// The figures of a month.
struct MonthFiguresAnswer: Encodable {
  struct Group: Encodable {
    /// The id of a person, department or organisation; null for kinds of topics, days, months, and what is nobody's.
    let id: Int64?
    /// A name, a topic's slug, a day, or a month.
    let name: String
    let figures: FiguresAnswer
  }

  let month: String
  /// `open` or `closed`.
  let state: String
  let groups: [Group]
  let total: FiguresAnswer
}

/// A row behind a figure, as answers carry it.
struct FigureRowAnswer: Encodable {
  let topic: Int64
  let kind: String
  let organisation: NamedAnswer
  let account: NamedAnswer?
  let `case`: Int32
  /// The row of the log to open.
  let seq: Int64
  let at: String
  var start: String?
  var due: String?
  var end: String?
  var endSeq: Int64?
  var outcome: String?
  /// Whole seconds of working time.
  var elapsed: Int64?
  var target: Int64?
  var late: Bool?
  var paused: Bool?
  var document: Int64?
  var count: Int?
  var stars: Int?

  init(_ row: FigureRow, place: TopicPlace, organisation: String, account: String?) {
    topic = place.topic.rawValue
    kind = place.kind.slug
    self.organisation = NamedAnswer(Named(id: place.organisation, name: organisation))
    self.account = row.account.map { NamedAnswer(Named(id: $0, name: account ?? "")) }
    self.case = row.place.number
    seq = row.seq
    at = row.at.rfc3339
    switch row.record {
    case .wait(let wait):
      (start, due, end) = (wait.start.rfc3339, wait.due?.rfc3339, wait.end?.rfc3339)
      (endSeq, outcome) = (wait.endSeq, wait.outcome.rawValue)
      (elapsed, target) = (wait.elapsed.map { $0 / 1_000_000 }, wait.target.map { $0 / 1_000_000 })
      (late, paused) = (wait.isLate, !wait.pauses.isEmpty)
    case .document(let id, let number): (document, count) = (id.rawValue, number)
    case .rating(let given): stars = given
    }
  }
}

/// Which part of a month is asked for.
struct FiguresFilter: Sendable {
  var account: AccountID?
  /// Only what is nobody's.
  var isNobodys = false
  var day: LocalDate?
  var organisation: OrganisationID?
  var department: DepartmentID?
  var kind: TopicKind?

  /// Reads them off the address. Throws: 422.
  init(_ call: Call) throws(Problem) {
    isNobodys = call.text("account") == "none"
    if !isNobodys { account = try call.query("account").map { AccountID($0) } }
    if let text = call.text("day") {
      guard let day = LocalDate(text) else { throw .invalid(["day": "invalid"]) }
      self.day = day
    }
    organisation = try call.query("organisation").map { OrganisationID($0) }
    department = try call.query("department").map { DepartmentID($0) }
    if let slug = call.text("topic") {
      guard let kind = TopicKind(slug: slug) else { throw .invalid(["topic": "invalid"]) }
      self.kind = kind
    }
  }

  init() {}

  /// Whether something lies in it and within reach: of everything, of the topics of a department, or one's own.
  func allows(_ place: MonthWork.Place, _ topics: [TopicID: TopicPlace], _ viewer: Viewer) -> Bool {
    guard let topic = topics[place.topic] else { return false }
    let object = ObjectPlace(department: topic.department, own: place.account == viewer.account)
    guard viewer.reach.allows(object) else { return false }
    if let account, place.account != account { return false }
    if isNobodys, place.account != nil { return false }
    if let day, LocalDate(inTashkentAt: place.at) != day { return false }
    if let organisation, topic.organisation != organisation { return false }
    if let department, topic.department != department { return false }
    if let kind, topic.kind != kind { return false }
    return true
  }

  /// The one account that it and the viewer's reach are about; nil when they take more in, or less.
  func onlyAccount(_ viewer: Viewer) -> AccountID? {
    guard organisation == nil, department == nil, kind == nil, day == nil, !isNobodys else { return nil }
    let reach = viewer.reach
    if reach.all { return account }
    let isOwn = reach.own && reach.departments.isEmpty && !reach.assigned && reach.organisations.isEmpty
    return isOwn && (account ?? viewer.account) == viewer.account ? viewer.account : nil
  }
}

extension Call {
  /// A word of the query; nil when it is absent or empty.
  func text(_ name: String) -> String? {
    request.uri.queryParameters[Substring(name)].map(String.init).flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The month that is asked for, this one unless told. Throws: 422 when it is none.
  func month() throws(Problem) -> Month {
    guard let text = text("month") else { return Month(inTashkentAt: services.clock()) }
    guard let month = Month(text) else { throw .invalid(["month": "invalid"]) }
    return month
  }

  /// The month in the address. Throws: 404 when it is none.
  func monthInPath() throws(Problem) -> Month {
    guard let text = context.parameters.get("month"), let month = Month(text) else { throw .notFound }
    return month
  }
}
