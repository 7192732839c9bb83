/// A month of the firm, in Tashkent's time.
public struct Month: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The year, 1…9999.
  public let year: Int
  /// The month, 1…12.
  public let month: Int

  /// That month; nil when the calendar has none such.
  public init?(year: Int, month: Int) {
    guard (1...9999).contains(year), (1...12).contains(month) else { return nil }
    (self.year, self.month) = (year, month)
  }

  /// Reads `2026-11`; nil for anything else.
  public init?(_ text: String) {
    guard let day = LocalDate(text + "-01") else { return nil }
    self.init(day)
  }

  /// The month in which it is that moment in Tashkent.
  public init(inTashkentAt moment: Timestamp) { self.init(LocalDate(inTashkentAt: moment)) }

  /// The month of a day.
  public init(_ day: LocalDate) { (year, month) = (day.year, day.month) }

  /// Its first day.
  public var firstDay: LocalDate { LocalDate(year: year, month: month, day: 1) ?? LocalDate(daysSince1970: 0) }
  /// The moment with which it begins.
  public var start: Timestamp { firstDay.startInTashkent }
  /// The moment with which the next one begins.
  public var end: Timestamp { next.start }
  /// The month after it.
  public var next: Month { Month(firstDay.advanced(by: 31)) }
  /// The month before it.
  public var previous: Month { Month(firstDay.advanced(by: -1)) }

  /// Whether a moment lies in it.
  public func contains(_ moment: Timestamp) -> Bool { start <= moment && moment < end }

  /// Earlier is less.
  public static func < (left: Self, right: Self) -> Bool { (left.year, left.month) < (right.year, right.month) }

  /// `2026-11`.
  public var description: String { String(firstDay.description.dropLast(3)) }
}
