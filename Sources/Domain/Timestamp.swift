#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// A moment: microseconds since 1970-01-01 00:00:00 UTC, which is what Postgres' `timestamptz` holds and what the hash chain covers.
public struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Microseconds since 1970 UTC, without leap seconds.
  public var microseconds: Int64

  /// The moment so many microseconds after 1970 UTC.
  public init(microseconds: Int64) { self.microseconds = microseconds }

  /// The wall clock's moment. Never a cursor: clocks jump.
  public static var now: Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
  }

  /// Earlier is less.
  public static func < (left: Self, right: Self) -> Bool { left.microseconds < right.microseconds }

  /// The moment `duration` later; parts of a microsecond are cut off.
  public func advanced(by duration: Duration) -> Timestamp {
    let (seconds, attoseconds) = duration.components
    return Timestamp(microseconds: microseconds + seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
  }

  /// The time from `earlier` to this moment.
  public func since(_ earlier: Timestamp) -> Duration { .microseconds(microseconds - earlier.microseconds) }

  /// RFC 3339 in UTC with six digits of a second: `2026-11-20T09:12:33.123456Z`. Years 0000–9999.
  public var rfc3339: String {
    String(unsafeUninitializedCapacity: 27) { buffer in
      write(into: buffer)
      return 27
    }
  }

  /// The same as `rfc3339`.
  public var description: String { rfc3339 }

  /// Writes the 27 bytes of `rfc3339` to the start of `buffer`, which must hold that many.
  public func write(into buffer: UnsafeMutableBufferPointer<UInt8>) {
    let (days, inDay) = microseconds.flooredDivision(by: 86_400_000_000)
    let date = LocalDate(daysSince1970: Int(days))
    func put(_ value: Int, at offset: Int, digits: Int) {
      var rest = value
      for index in stride(from: offset + digits - 1, through: offset, by: -1) {
        buffer[index] = UInt8(48 + rest % 10)
        rest /= 10
      }
    }
    let seconds = Int(inDay / 1_000_000)
    put(date.year, at: 0, digits: 4)
    put(date.month, at: 5, digits: 2)
    put(date.day, at: 8, digits: 2)
    put(seconds / 3600, at: 11, digits: 2)
    put(seconds / 60 % 60, at: 14, digits: 2)
    put(seconds % 60, at: 17, digits: 2)
    put(Int(inDay % 1_000_000), at: 20, digits: 6)
    for (offset, character) in [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":"), (19, "."), (26, "Z")]
      as [(Int, Unicode.Scalar)]
    {
      buffer[offset] = UInt8(ascii: character)
    }
  }

  /// Reads RFC 3339 with `Z` or an offset and up to six digits of a second (more are cut off); nil for anything else.
  public init?(rfc3339 text: String) {
    var bytes = Array(text.utf8)[...]
    func number(_ digits: Int) -> Int? {
      guard bytes.count >= digits else { return nil }
      var value = 0
      for byte in bytes.prefix(digits) {
        guard (48...57).contains(byte) else { return nil }
        value = value * 10 + Int(byte - 48)
      }
      bytes = bytes.dropFirst(digits)
      return value
    }
    func skip(_ characters: String) -> Bool {
      guard let first = bytes.first, characters.utf8.contains(first) else { return false }
      bytes = bytes.dropFirst()
      return true
    }
    guard let year = number(4), skip("-"), let month = number(2), skip("-"), let day = number(2), skip("Tt "),
      let date = LocalDate(year: year, month: month, day: day),
      let hour = number(2), hour < 24, skip(":"), let minute = number(2), minute < 60, skip(":"), let second = number(2),
      second < 60
    else { return nil }
    var fraction: Int64 = 0
    if skip(".") {
      var unit: Int64 = 100_000
      guard let first = bytes.first, (48...57).contains(first) else { return nil }
      while let digit = bytes.first, (48...57).contains(digit) {
        fraction += Int64(digit - 48) * unit
        unit /= 10
        bytes = bytes.dropFirst()
      }
    }
    var offset = 0
    if !skip("Zz") {
      guard let sign = bytes.first, skip("+-"), let hours = number(2), hours < 24, skip(":"), let minutes = number(2),
        minutes < 60
      else {
        return nil
      }
      offset = (hours * 60 + minutes) * (sign == UInt8(ascii: "-") ? -60 : 60)
    }
    guard bytes.isEmpty else { return nil }
    let seconds = Int64(date.daysSince1970) * 86_400 + Int64(hour * 3600 + minute * 60 + second - offset)
    microseconds = seconds * 1_000_000 + fraction
  }
}

extension Int64 {
  /// Quotient rounded towards minus infinity, and the remainder, which is never negative.
  func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
