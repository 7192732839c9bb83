import Domain
import Testing

/// Which target counts, from when.
@Suite struct TargetBookTests {
  private func entry(_ day: String, _ organisation: Int64?, _ kind: TopicKind?, _ minutes: Int64?) -> TargetBook.Entry {
    TargetBook.Entry(
      at: at("2026-11-\(day)T00:00"), organisation: organisation.map { OrganisationID($0) }, kind: kind,
      target: minutes.map { $0 * 60_000_000 })
  }

  private func minutes(_ changes: [TargetChange]) -> [Int64?] { changes.map { $0.target.map { $0 / 60_000_000 } } }

  @Test func theClientsCountsBeforeTheTopics() {
    let book = TargetBook([
      entry("01", nil, nil, 60), entry("02", nil, .bank, 30), entry("03", 7, nil, 20), entry("04", 7, .bank, 10),
      entry("05", 7, .bank, nil), entry("06", 7, nil, nil), entry("07", nil, .bank, nil),
    ])
    #expect(minutes(book.changes(of: .bank, for: OrganisationID(7))) == [60, 30, 20, 10, 20, 30, 60])
    #expect(minutes(book.changes(of: .ttn, for: OrganisationID(7))) == [60, 20, 60])
    #expect(minutes(book.changes(of: .bank, for: OrganisationID(8))) == [60, 30, 60])
  }

  @Test func withoutAnySettingThereIsNone() {
    #expect(TargetBook([]).changes(of: .bank, for: OrganisationID(7)).isEmpty)
    #expect(minutes(TargetBook([entry("01", nil, nil, nil)]).changes(of: .bank, for: OrganisationID(7))) == [nil])
  }

  @Test func theLaterOfTwoAtTheSameMomentCounts() {
    let book = TargetBook([entry("01", nil, nil, 60), entry("01", nil, nil, 45)])
    #expect(minutes(book.changes(of: .bank, for: OrganisationID(7))) == [45])
  }
}
