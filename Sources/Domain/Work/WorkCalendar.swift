/// When the firm works: shifts for each weekday, and other shifts (or none) on single dates. The zone is Tashkent's, five hours before UTC in
/// summer and winter alike.
///
/// Working time is counted in microseconds, as moments are, and belongs to the local day on which it lies: the part of a night shift after
/// midnight counts with the day after. Each query takes O(log n) of the number of exceptions, whatever lies between its moments.
public struct WorkCalendar: Sendable, Hashable {
  /// The shifts of an ordinary week, Monday first: seven lists.
  public let weekly: [[WorkShift]]
  /// The shifts of dates that differ: none on a holiday, some on a working Saturday, others on a short day.
  public let exceptions: [LocalDate: [WorkShift]]

  /// What of the ordinary week lies on each weekday, Monday first.
  private let ordinary: [DayPlan]
  /// Microseconds of work before each weekday of an ordinary week; the eighth is that of the whole week.
  private let beforeWeekday: [Int64]
  /// The days that aren't like others of their weekday: exceptions, and the days after them, in order.
  private let special: [SpecialDay]

  /// Monday to Friday from 9 to 18 with an hour of rest at 13, without any exception.
  public static let standard: WorkCalendar = {
    let day = [WorkShift("09:00-13:00"), WorkShift("14:00-18:00")].compactMap { $0 }
    return WorkCalendar(weekly: Array(repeating: day, count: 5) + [[], []], exceptions: [:])
  }()

  /// Makes the calendar. Shifts may overlap: what two of them cover counts once.
  /// - Parameter weekly: seven lists, Monday first; missing days are days without work, and what is more than seven isn't read.
  public init(weekly: [[WorkShift]], exceptions: [LocalDate: [WorkShift]]) {
    let weekly = Array((weekly + Array(repeating: [], count: 7)).prefix(7))
    self.weekly = weekly
    self.exceptions = exceptions
    let ordinary = (0..<7).map { DayPlan(of: weekly[$0], after: weekly[($0 + 6) % 7]) }
    self.ordinary = ordinary
    var before: [Int64] = [0]
    for plan in ordinary { before.append((before.last ?? 0) + plan.total) }
    self.beforeWeekday = before

    var numbers = Set<Int>()
    for date in exceptions.keys { numbers.formUnion([date.daysSince1970, date.daysSince1970 + 1]) }
    var special: [SpecialDay] = []
    var delta: Int64 = 0
    for number in numbers.sorted() {
      func shifts(_ number: Int) -> [WorkShift] {
        exceptions[LocalDate(daysSince1970: number)] ?? weekly[Self.weekday(number)]
      }
      let plan = DayPlan(of: shifts(number), after: shifts(number - 1))
      special.append(SpecialDay(number: number, plan: plan, deltaBefore: delta))
      delta += plan.total - ordinary[Self.weekday(number)].total
    }
    self.special = special
  }

  /// The shifts that begin on a date.
  public func shifts(on date: LocalDate) -> [WorkShift] { exceptions[date] ?? weekly[Self.weekday(date.daysSince1970)] }

  /// The working time between two moments; zero when `end` isn't after `start`.
  public func workingTime(from start: Timestamp, to end: Timestamp) -> Duration {
    .microseconds(workingMicroseconds(from: start, to: end))
  }

  /// `workingTime(from:to:)` as a number of microseconds.
  public func workingMicroseconds(from start: Timestamp, to end: Timestamp) -> Int64 {
    end > start ? cumulative(end) - cumulative(start) : 0
  }

  /// The earliest moment at which `time` of work has passed since `start`; `start` itself for no time. Nil when there is not so much work
  /// in the 50 years that follow.
  public func instant(working time: Duration, after start: Timestamp) -> Timestamp? {
    let (seconds, attoseconds) = time.components
    return instant(workingMicroseconds: seconds * 1_000_000 + attoseconds / 1_000_000_000_000, after: start)
  }

  /// `instant(working:after:)` with the time as a number of microseconds.
  public func instant(workingMicroseconds time: Int64, after start: Timestamp) -> Timestamp? {
    guard time > 0 else { return start }
    let goal = cumulative(start) + time
    var low = Self.place(of: start).day
    var high = low + 50 * 366
    guard before(high) >= goal else { return nil }
    // The last day that begins with less than the goal is the one on which it is reached.
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if before(middle) < goal { low = middle } else { high = middle }
    }
    let inDay = plan(of: low).moment(of: goal - before(low))
    return Timestamp(microseconds: Int64(low) * Self.dayLength + inDay - Self.offset)
  }

  /// Whether the firm works at a moment.
  public func isWorking(at moment: Timestamp) -> Bool {
    let (day, inDay) = Self.place(of: moment)
    return plan(of: day).spans.contains { $0.contains(inDay) }
  }

  /// Microseconds of work from the beginning of an arbitrary week to a moment.
  private func cumulative(_ moment: Timestamp) -> Int64 {
    let (day, inDay) = Self.place(of: moment)
    return before(day) + plan(of: day).work(before: inDay)
  }

  /// Microseconds of work before a day, counted from the Monday of the week in which 1970 began; less than zero before it.
  private func before(_ day: Int) -> Int64 {
    let (week, weekday) = Int64(day + 3).flooredDivision(by: 7)
    let index = firstSpecial(from: day)
    // Before the first special day nothing differs; after the last one everything before has been counted.
    var delta: Int64 = 0
    if index < special.count {
      delta = special[index].deltaBefore
    } else if let last = special.last {
      delta = last.deltaBefore + last.plan.total - ordinary[Self.weekday(last.number)].total
    }
    return week * beforeWeekday[7] + beforeWeekday[Int(weekday)] + delta
  }

  private func plan(of day: Int) -> DayPlan {
    let index = firstSpecial(from: day)
    return index < special.count && special[index].number == day ? special[index].plan : ordinary[Self.weekday(day)]
  }

  /// The index of the first special day that is `day` or later.
  private func firstSpecial(from day: Int) -> Int {
    var (low, high) = (0, special.count)
    while low < high {
      let middle = (low + high) / 2
      if special[middle].number < day { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private static let dayLength: Int64 = 86_400_000_000
  private static let offset: Int64 = LocalDate.tashkentOffset.components.seconds * 1_000_000

  /// 1970-01-01 was a Thursday.
  private static func weekday(_ day: Int) -> Int { Int(Int64(day + 3).flooredDivision(by: 7).remainder) }

  private static func place(of moment: Timestamp) -> (day: Int, inDay: Int64) {
    let (day, inDay) = (moment.microseconds + offset).flooredDivision(by: dayLength)
    return (Int(day), inDay)
  }
}

/// A day that isn't like others of its weekday.
private struct SpecialDay: Sendable, Hashable {
  /// Days after 1970-01-01.
  var number: Int
  var plan: DayPlan
  /// How much more work than ordinarily the special days before this one have, in microseconds.
  var deltaBefore: Int64
}

/// The work that lies on one local day: spans of microseconds after midnight, in order and apart from each other.
private struct DayPlan: Sendable, Hashable {
  var spans: [Range<Int64>] = []
  var total: Int64 = 0

  /// What lies on the day between its midnights: its own shifts, and what reaches over from the day before.
  init(of shifts: [WorkShift], after yesterday: [WorkShift]) {
    let day = WorkShift.day
    let pieces =
      shifts.map { $0.start..<min($0.end, day) } + yesterday.filter { $0.end > day }.map { 0..<$0.end - day }
    for piece in pieces.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      let span = Int64(piece.lowerBound) * 60_000_000..<Int64(piece.upperBound) * 60_000_000
      if let last = spans.last, span.lowerBound <= last.upperBound {
        spans[spans.count - 1] = last.lowerBound..<max(last.upperBound, span.upperBound)
      } else {
        spans.append(span)
      }
    }
    total = spans.reduce(0) { $0 + Int64($1.count) }
  }

  /// The work of the day before a moment of it.
  func work(before moment: Int64) -> Int64 {
    var sum: Int64 = 0
    for span in spans where span.lowerBound < moment { sum += min(moment, span.upperBound) - span.lowerBound }
    return sum
  }

  /// The earliest moment of the day at which so much work has been done; midnight after it when the day has less.
  func moment(of work: Int64) -> Int64 {
    var rest = work
    for span in spans {
      let length = span.upperBound - span.lowerBound
      if rest <= length { return span.lowerBound + rest }
      rest -= length
    }
    return Int64(WorkShift.day) * 60_000_000
  }
}
