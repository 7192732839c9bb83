import Domain
import Storage

/// A client who waits, as answers carry it.
struct ClockAnswer: Encodable {
  let topic: Int64
  let kind: String
  let organisation: NamedAnswer
  let department: Int64
  let `case`: Int32
  /// The message with which the wait began.
  let message: Int64
  let since: String
  /// `ok`, `soon`, `late`, `paused` or `open` (measured against nothing).
  let state: String
  /// When the target is used up; absent without one, and while the clock stands still.
  let due: String?
  /// Seconds of working time: the target, and what is left of it; less than zero when it is used up.
  let target: Int64?
  let left: Int64?
  /// So many seconds or fewer left are `soon`.
  let warning: Int64?
  let holder: NamedAnswer?
  /// What the client is asked for while the clock stands still.
  let wanted: String?

  init(_ clock: Clocks.Clock) {
    topic = clock.topic.rawValue
    kind = clock.kind.slug
    organisation = NamedAnswer(clock.organisation)
    department = clock.department.rawValue
    `case` = clock.caseNumber
    message = clock.wait.startSeq
    since = clock.wait.start.rfc3339
    state = clock.state.rawValue
    due = clock.wait.due?.rfc3339
    target = clock.wait.target.map { $0 / 1_000_000 }
    left = clock.left.map { $0 / 1_000_000 }
    warning = clock.wait.target.map { clock.warning.left(of: $0) / 1_000_000 }
    holder = clock.holder.map { NamedAnswer($0) }
    wanted = clock.wanted
  }
}

/// Who waits, in the order in which something has to happen.
struct QueueAnswer: Encodable {
  let items: [ClockAnswer]
  /// Whether there are others beyond these.
  let more: Bool
  /// When this was so: `left` is as of then.
  let at: String
  /// Whether the firm works at that moment: only then `left` grows less.
  let working: Bool
}

/// The firm's calendar, one year of it, as answers carry it.
struct CalendarAnswer: Encodable {
  struct Day: Encodable {
    let date: String
    let name: String
    let shifts: [String]
    let approximate: Bool
  }

  let version: Int32
  /// Seven lists of `09:00-13:00`, Monday first.
  let weekly: [[String]]
  let year: Int
  /// Whether the year was set; else these are the holidays that it begins with.
  let set: Bool
  let days: [Day]

  init(_ calendar: FirmCalendar, year: Int) {
    version = calendar.version
    weekly = calendar.weekly.map { $0.map(\.text) }
    self.year = year
    set = calendar.isSet(year)
    days = calendar.days(of: year).map {
      Day(date: $0.date.description, name: $0.name, shifts: $0.shifts.map(\.text), approximate: $0.isApproximate)
    }
  }
}

/// Targets, in minutes of working time, as answers carry them.
struct TargetsAnswer: Encodable {
  struct Client: Encodable {
    let organisation: NamedAnswer
    let minutes: Int32
  }

  struct Warning: Encodable {
    let version: Int32
    let percent: Int32
  }

  /// By kind of topic; a kind without a target is absent.
  let topics: [String: Int32]
  let clients: [Client]
  let warning: Warning

  init(_ targets: ResponseTargets.Current, _ warning: WarningShare) {
    self.warning = Warning(version: warning.version, percent: warning.percent)
    topics = Dictionary(uniqueKeysWithValues: targets.topics.map { ($0.key.slug, $0.value) })
    clients = targets.clients.map { Client(organisation: NamedAnswer($0.organisation), minutes: $0.minutes) }
  }
}

extension Fields {
  /// Shifts of a day, apart from each other and in order; nil when they aren't.
  static func shifts(_ value: JSONValue?) -> [WorkShift]? {
    guard case .list(let items)? = value, items.count <= FirmCalendar.maximumShifts else { return nil }
    var shifts: [WorkShift] = []
    for item in items {
      guard case .text(let text) = item, let shift = WorkShift(text) else { return nil }
      if let last = shifts.last, shift.start < last.end { return nil }
      shifts.append(shift)
    }
    return shifts
  }

  /// The seven lists of a week's shifts.
  mutating func week(_ name: String) -> [[WorkShift]] {
    guard case .list(let days)? = json(name) else {
      refuse(name, has(name) ? "type" : "required")
      return []
    }
    let weekly = days.compactMap { Self.shifts($0) }
    if days.count != 7 || weekly.count != 7 { refuse(name, "invalid") }
    return weekly
  }

  /// The days of a year that differ, each once.
  mutating func days(_ name: String, of year: Int) -> [FirmCalendar.Day] {
    guard case .list(let items)? = json(name) else {
      refuse(name, has(name) ? "type" : "required")
      return []
    }
    var days: [LocalDate: FirmCalendar.Day] = [:]
    for item in items {
      guard case .object(let object) = item, case .text(let text)? = object["date"], let date = LocalDate(text),
        date.year == year,
        let shifts = Self.shifts(object["shifts"]), case .text(let title) = object["name"] ?? .text(""),
        title.unicodeScalars.count <= 100, !title.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }),
        days[date] == nil, days.count < FirmCalendar.maximumDays
      else {
        refuse(name, "invalid")
        return []
      }
      let isApproximate = if case .flag(true)? = object["approximate"] { true } else { false }
      days[date] = FirmCalendar.Day(date: date, shifts: shifts, name: title, isApproximate: isApproximate)
    }
    return days.values.sorted { $0.date < $1.date }
  }

  /// A target in minutes; nil when it is null.
  mutating func minutes(_ name: String) -> Int32? {
    guard !isNull(name) else { return nil }
    return Int32(integer(name, 1...Int64(ResponseTargets.maximumMinutes)))
  }
}
