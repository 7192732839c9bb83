/// A span of work of one day, in minutes after the local midnight at which the day begins. A night shift ends after 24:00.
public struct WorkShift: Sendable, Hashable {
  /// The minute with which it begins, 0…1439.
  public let start: Int
  /// The minute before which it ends, more than `start` and at most a day later: 1440 is midnight, 1800 six o'clock of the next morning.
  public let end: Int

  /// Minutes of a day.
  public static let day = 1440

  /// The shift of those minutes; nil when it begins outside the day, ends before it begins or lasts for more than a day.
  public init?(start: Int, end: Int) {
    guard (0..<Self.day).contains(start), end > start, end - start <= Self.day else { return nil }
    (self.start, self.end) = (start, end)
  }

  /// Reads `09:00-13:00`. An end that isn't after the start is of the next day: `22:00-06:00`, and `00:00-24:00` is the whole day. Nil for
  /// anything else.
  public init?(_ text: String) {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map(Self.minute)
    guard ends.count == 2, let start = ends[0], let end = ends[1] else { return nil }
    self.init(start: start, end: end > start ? end : end + Self.day)
  }

  /// `09:00-13:00`, as `init(_:)` reads it.
  public var text: String {
    func clock(_ minute: Int) -> String {
      let minute = minute > Self.day ? minute - Self.day : minute
      let (hours, minutes) = minute.quotientAndRemainder(dividingBy: 60)
      return (hours < 10 ? "0" : "") + String(hours) + ":" + (minutes < 10 ? "0" : "") + String(minutes)
    }
    return clock(start) + "-" + clock(end)
  }

  private static func minute(_ text: Substring) -> Int? {
    let bytes = Array(text.utf8)
    guard bytes.count == 5, bytes[2] == UInt8(ascii: ":") else { return nil }
    let digits = [bytes[0], bytes[1], bytes[3], bytes[4]]
    guard digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
    let values = digits.map { Int($0) - 48 }
    let (hour, minute) = (values[0] * 10 + values[1], values[2] * 10 + values[3])
    guard minute < 60, hour < 24 || (hour == 24 && minute == 0) else { return nil }
    return hour * 60 + minute
  }
}
