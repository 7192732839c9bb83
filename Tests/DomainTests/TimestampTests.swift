import Domain
import Testing

@Suite struct TimestampTests {
  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00.000000Z"), (1_763_629_953_123_456, "2025-11-20T09:12:33.123456Z"),
      (-1, "1969-12-31T23:59:59.999999Z"), (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
    ] as [(Int64, String)])
  func printsAndReads(microseconds: Int64, text: String) {
    #expect(Timestamp(microseconds: microseconds).rfc3339 == text)
    #expect(Timestamp(rfc3339: text)?.microseconds == microseconds)
  }

  @Test func readsOffsetsAndShortFractions() {
    #expect(Timestamp(rfc3339: "2025-11-20T14:12:33.5+05:00") == Timestamp(rfc3339: "2025-11-20T09:12:33.500000Z"))
    #expect(Timestamp(rfc3339: "2025-11-20T04:12:33-05:00") == Timestamp(rfc3339: "2025-11-20T09:12:33Z"))
  }

  @Test(arguments: [
    "", "2025-11-20", "2025-11-20T09:12:33", "2025-02-29T00:00:00Z", "2025-13-01T00:00:00Z", "2025-11-20T24:00:00Z",
    "2025-11-20T09:12:33.Z",
    "2025-11-20T09:12:33Zx", "2025-11-20T09:12:33+5:00",
  ])
  func refuses(text: String) { #expect(Timestamp(rfc3339: text) == nil) }

  @Test func everyDayOfFourCenturiesSurvivesTheRoundTrip() {
    for days in stride(from: -80_000, to: 80_000, by: 1) {
      let date = LocalDate(daysSince1970: days)
      #expect(date.daysSince1970 == days)
      if date.day == 1 { #expect(LocalDate(daysSince1970: days - 1).month != date.month) }
    }
  }

  @Test func tashkentsDayBeginsFiveHoursBeforeUTCs() throws {
    let before = try #require(Timestamp(rfc3339: "2026-11-20T18:59:59.999999Z"))
    #expect(LocalDate(inTashkentAt: before).description == "2026-11-20")
    let after = before.advanced(by: .microseconds(1))
    #expect(LocalDate(inTashkentAt: after).description == "2026-11-21")
    #expect(LocalDate(inTashkentAt: after).startInTashkent == after)
    #expect(LocalDate("2026-02-29") == nil)
    #expect(LocalDate("2026-2-009") == nil)
  }
}
