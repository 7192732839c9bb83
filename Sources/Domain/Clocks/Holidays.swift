/// The public holidays of Uzbekistan (Labour Code, article 208), as a year's calendar begins with them.
///
/// Seven have a date of their own. The two hayits follow the moon, and the government names their day shortly before: here they stand where the
/// tabular Islamic calendar puts them, which may be a day off, and are marked so.
public enum Holidays {
  /// A holiday.
  public struct Day: Sendable, Hashable {
    /// When.
    public let date: LocalDate
    /// Which one: a stable word that pages have a name for.
    public let name: String
    /// Whether the day is only the likely one.
    public let isApproximate: Bool
  }

  private static let fixed: [(month: Int, day: Int, name: String)] = [
    (1, 1, "newYear"), (3, 8, "women"), (3, 21, "navruz"), (5, 9, "memory"), (9, 1, "independence"), (10, 1, "teachers"),
    (12, 8, "constitution"),
  ]

  /// The holidays of a year in order. A year of the sun may see a hayit twice, or none.
  public static func days(of year: Int) -> [Day] {
    var days = fixed.compactMap { holiday in
      LocalDate(year: year, month: holiday.month, day: holiday.day).map {
        Day(date: $0, name: holiday.name, isApproximate: false)
      }
    }
    // 354.37 days make a year of the moon, and 1 Muharram of the year 1 was in July 622.
    let first = (year - 622) * 33 / 32
    for lunar in first - 1...first + 2 {
      for (month, day, name) in [(10, 1, "ramazon"), (12, 10, "qurbon")] {
        let date = LocalDate(daysSince1970: islamic(lunar, month, day))
        if date.year == year { days.append(Day(date: date, name: name, isApproximate: true)) }
      }
    }
    return days.sorted { ($0.date, $0.name) < ($1.date, $1.name) }
  }

  /// Days from 1970 to a day of the tabular Islamic calendar (eleven leap years in thirty, 16 July 622 Julian as its first day).
  private static func islamic(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let julianDay = day + (59 * (month - 1) + 1) / 2 + (year - 1) * 354 + (3 + 11 * year) / 30 + 1_948_439
    return julianDay - 2_440_588
  }
}
