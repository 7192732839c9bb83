import Domain
import Testing

/// Working time against a walk over single minutes, and the edges by name.
@Suite struct WorkCalendarTests {
  @Test func shiftsAreReadAndWritten() {
    for text in ["09:00-13:00", "22:00-06:00", "00:00-24:00", "23:59-24:00", "08:30-08:00"] {
      #expect(WorkShift(text)?.text == text)
    }
    #expect(WorkShift("22:00-06:00")?.end == 1800)
    #expect(WorkShift("00:00-00:00")?.end == 1440)
    for text in ["", "9:00-13:00", "09:00", "09:00-13:60", "24:00-25:00", "24:00-24:00", "09:00-13:00-14:00", "٠٩:00-13:00"] {
      #expect(WorkShift(text) == nil)
    }
    #expect(WorkShift(start: -1, end: 5) == nil)
    #expect(WorkShift(start: 5, end: 5) == nil)
    #expect(WorkShift(start: 1, end: 1442) == nil)
  }

  @Test func theRestAtNoonDoesNotCount() {
    let calendar = WorkCalendar.standard
    // 2026-11-20 is a Friday.
    #expect(calendar.workingTime(from: at("2026-11-20T12:30"), to: at("2026-11-20T14:30")) == .seconds(3600))
    #expect(calendar.instant(working: .seconds(3600), after: at("2026-11-20T12:30")) == at("2026-11-20T14:30"))
    #expect(calendar.isWorking(at: at("2026-11-20T12:59")))
    #expect(!calendar.isWorking(at: at("2026-11-20T13:00")))
    #expect(!calendar.isWorking(at: at("2026-11-21T10:00")))
  }

  @Test func outOfHoursIsNothingAndTheWeekendIsJumped() {
    let calendar = WorkCalendar.standard
    #expect(calendar.workingTime(from: at("2026-11-20T18:00"), to: at("2026-11-23T09:00")) == .zero)
    #expect(calendar.workingTime(from: at("2026-11-20T17:30"), to: at("2026-11-23T09:30")) == .seconds(3600))
    // The target is used up with the last minute of Friday, not with the first of Monday.
    #expect(calendar.instant(working: .seconds(1800), after: at("2026-11-20T17:30")) == at("2026-11-20T18:00"))
    #expect(
      calendar.instant(working: .microseconds(1), after: at("2026-11-20T18:00"))
        == at("2026-11-23T09:00").advanced(by: .microseconds(1)))
  }

  @Test func holidaysAndWorkingSaturdaysAndShortDays() throws {
    let calendar = WorkCalendar(
      weekly: WorkCalendar.standard.weekly,
      exceptions: [
        try #require(LocalDate("2026-12-08")): [],
        try #require(LocalDate("2026-12-12")): [try #require(WorkShift("10:00-12:00"))],
        try #require(LocalDate("2026-12-31")): [try #require(WorkShift("09:00-12:00"))],
      ])
    #expect(calendar.workingTime(from: at("2026-12-07T17:00"), to: at("2026-12-09T10:00")) == .seconds(7200))
    #expect(calendar.workingTime(from: at("2026-12-11T17:00"), to: at("2026-12-14T10:00")) == .seconds(4 * 3600))
    #expect(calendar.workingTime(from: at("2026-12-31T00:00"), to: at("2027-01-01T00:00")) == .seconds(3 * 3600))
    #expect(calendar.instant(working: .seconds(3 * 3600), after: at("2026-12-11T17:00")) == at("2026-12-12T12:00"))
    #expect(calendar.shifts(on: try #require(LocalDate("2026-12-08"))).isEmpty)
  }

  @Test func aNightShiftReachesIntoTheNextDay() throws {
    let night = try #require(WorkShift("22:00-06:00"))
    let calendar = WorkCalendar(
      weekly: Array(repeating: [night], count: 7), exceptions: [try #require(LocalDate("2026-11-21")): []])
    // The night that began on the 20th is worked to its end, although the 21st is free.
    #expect(calendar.workingTime(from: at("2026-11-20T20:00"), to: at("2026-11-21T23:59")) == .seconds(8 * 3600))
    #expect(calendar.workingTime(from: at("2026-11-22T00:00"), to: at("2026-11-22T21:00")) == .zero)
    #expect(calendar.instant(working: .seconds(3 * 3600), after: at("2026-11-20T22:00")) == at("2026-11-21T01:00"))
  }

  @Test func aCalendarWithoutWorkReachesNothing() {
    let calendar = WorkCalendar(weekly: [], exceptions: [:])
    #expect(calendar.instant(working: .seconds(1), after: at("2026-11-20T10:00")) == nil)
    #expect(calendar.instant(working: .zero, after: at("2026-11-20T10:00")) == at("2026-11-20T10:00"))
    #expect(calendar.workingTime(from: at("2026-11-20T10:00"), to: at("2036-11-20T10:00")) == .zero)
  }

  /// Minute by minute, without a table: is a shift of this day or of the day before under way?
  @Test(arguments: 0..<12) func agreesWithAWalkOverMinutes(seed: UInt64) throws {
    var random = WorkRandom(seed)
    let calendar = random.calendar(around: try #require(LocalDate("2026-02-25")), days: 14)
    let from = at("2026-02-20T00:00")
    let minutes = 20 * 1440
    var work: [Int64] = [0]
    for minute in 0..<minutes {
      let moment = from.advanced(by: .seconds(minute * 60))
      let works = NaiveCalendar.works(calendar, at: moment)
      if works != calendar.isWorking(at: moment) { Issue.record("isWorking says otherwise at \(moment)") }
      work.append((work.last ?? 0) + (works ? 60 : 0))
    }
    for _ in 0..<200 {
      let (first, second) = (random.number(minutes), random.number(minutes))
      let (start, end) = (min(first, second), max(first, second))
      let moments = (from.advanced(by: .seconds(start * 60)), from.advanced(by: .seconds(end * 60)))
      let expected = work[end] - work[start]
      #expect(calendar.workingTime(from: moments.0, to: moments.1) == .seconds(expected))
      #expect(calendar.workingTime(from: moments.1, to: moments.0) == .zero)
      guard expected > 0 else { continue }
      let reached = (start...end).first { work[$0] - work[start] >= expected }
      let instant = calendar.instant(working: .seconds(expected), after: moments.0)
      #expect(instant == from.advanced(by: .seconds((reached ?? 0) * 60)))
    }
  }

  /// There and back for any moment, to the microsecond.
  @Test(arguments: 0..<20) func instantIsTheEarliest(seed: UInt64) throws {
    var random = WorkRandom(seed &+ 1000)
    let calendar = random.calendar(around: try #require(LocalDate("2026-02-25")), days: 14)
    for _ in 0..<200 {
      let start = at("2026-02-20T00:00").advanced(by: .microseconds(random.number(20 * 86_400_000_000 as Int)))
      let time = Int64(random.number(40 * 3600)) * 1_000_000 + Int64(random.number(1_000_000))
      guard time > 0, let end = calendar.instant(workingMicroseconds: time, after: start) else { continue }
      #expect(calendar.workingMicroseconds(from: start, to: end) == time)
      #expect(calendar.workingMicroseconds(from: start, to: Timestamp(microseconds: end.microseconds - 1)) == time - 1)
    }
  }
}
