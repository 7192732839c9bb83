public import Domain

/// What stands in one cell of a report. The kind decides how it looks and that text stays text: nothing in it is ever a formula.
public enum ReportCell: Sendable, Hashable {
  /// Nothing.
  case empty
  /// Text, whatever it looks like.
  case text(String)
  /// A whole number, such as a count or an amount in so'm.
  case number(Int64)
  /// A share, 1 for 100 %; shown with one digit after the point.
  case share(Double)
  /// A length of time, shown as hours, minutes and seconds.
  case duration(Duration)
  /// A day, shown as DD.MM.YYYY.
  case date(LocalDate)
  /// A moment, shown as DD.MM.YYYY HH:MM:SS in Tashkent.
  case time(Timestamp)

  /// As text, the way CSV and PDF show it. Numbers have no separators, so that other programs read them.
  public var plain: String {
    switch self {
    case .empty: ""
    case .text(let text): text
    case .number(let number): String(number)
    case .share(let share): Self.tenths(share * 1000) + "%"
    case .duration(let duration): Self.clock(duration)
    case .date(let date): Self.day(date)
    case .time(let time): Self.moment(time)
    }
  }

  /// As text for people: whole numbers in groups of three, with U+00A0 between them.
  public var shown: String {
    guard case .number(let number) = self else { return plain }
    let digits = String(number.magnitude)
    var groups: [Substring] = []
    var rest = digits[...]
    while !rest.isEmpty {
      groups.insert(rest.suffix(3), at: 0)
      rest = rest.dropLast(3)
    }
    return (number < 0 ? "-" : "") + groups.joined(separator: "\u{A0}")
  }

  /// Whether it stands at the right edge of its column.
  var isRight: Bool {
    switch self {
    case .number, .share, .duration: true
    case .empty, .text, .date, .time: false
    }
  }

  private static func tenths(_ thousandths: Double) -> String {
    guard thousandths.isFinite, thousandths.magnitude < 1e15 else { return "–" }
    let tenths = Int64(thousandths.rounded())
    return (tenths < 0 ? "-" : "") + "\(tenths.magnitude / 10).\(tenths.magnitude % 10)"
  }

  private static func clock(_ duration: Duration) -> String {
    let seconds = duration.components.seconds
    let sign = seconds < 0 ? "-" : ""
    let (hours, rest) = seconds.magnitude.quotientAndRemainder(dividingBy: 3600)
    return "\(sign)\(hours):\(two(Int(rest / 60))):\(two(Int(rest % 60)))"
  }

  private static func day(_ date: LocalDate) -> String { "\(two(date.day)).\(two(date.month)).\(date.year)" }

  private static func moment(_ time: Timestamp) -> String {
    let date = LocalDate(inTashkentAt: time)
    let seconds = Int(time.since(date.startInTashkent).components.seconds)
    return "\(day(date)) \(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
  }

  private static func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
}

/// A column of a report.
public struct ReportColumn: Sendable, Hashable {
  /// What stands above it.
  public var title: String
  /// How wide it is, in characters of ordinary text.
  public var width: Int

  /// A column. - Parameter width: in characters, 12 unless told.
  public init(_ title: String, width: Int = 12) {
    self.title = title
    self.width = width
  }
}

/// Why a report was not made or a table not read.
public struct ReportError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A sentence for whoever reads a log.
  public let description: String

  /// An error.
  public init(_ description: String) { self.description = description }
}
