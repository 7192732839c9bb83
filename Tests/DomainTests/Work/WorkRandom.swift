import Domain

/// A moment of Tashkent: `2026-11-20T12:30`. What isn't one is 1970.
func at(_ text: String) -> Timestamp {
  Timestamp(rfc3339: text + ":00+05:00") ?? Timestamp(microseconds: 0)
}

/// Random things of the clock's tests, the same for the same seed (SplitMix64).
struct WorkRandom: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 1 }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// From 0 up to, not including, `limit`.
  mutating func number(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }

  mutating func chance(_ percent: Int) -> Bool { number(100) < percent }

  mutating func shifts() -> [WorkShift] {
    var shifts: [WorkShift] = []
    for _ in 0..<number(4) {
      let start = number(24) * 60 + [0, 0, 15, 59][number(4)]
      if let shift = WorkShift(start: start, end: start + 1 + number(10) * 60) { shifts.append(shift) }
    }
    return shifts
  }

  /// Shifts that overlap and cross midnight, holidays, working Sundays, days one after the other.
  mutating func calendar(around middle: LocalDate, days: Int) -> WorkCalendar {
    let weekly = (0..<7).map { _ in chance(25) ? [] : shifts() }
    var exceptions: [LocalDate: [WorkShift]] = [:]
    for _ in 0..<number(8) {
      exceptions[middle.advanced(by: number(days) - days / 2)] = chance(50) ? [] : shifts()
    }
    return WorkCalendar(weekly: weekly, exceptions: exceptions)
  }
}

/// What a calendar means, written down without cleverness.
enum NaiveCalendar {
  static func works(_ calendar: WorkCalendar, at moment: Timestamp) -> Bool {
    let today = LocalDate(inTashkentAt: moment)
    let minute = Int(moment.since(today.startInTashkent).components.seconds / 60)
    func shifts(_ date: LocalDate) -> [WorkShift] {
      if let other = calendar.exceptions[date] { return other }
      // 2026-02-23, the day 20 507, is a Monday.
      var weekday = (date.daysSince1970 - 20_507) % 7
      if weekday < 0 { weekday += 7 }
      return calendar.weekly[weekday]
    }
    return shifts(today).contains { $0.start <= minute && minute < $0.end }
      || shifts(today.advanced(by: -1)).contains { $0.start <= minute + 1440 && minute + 1440 < $0.end }
  }
}
