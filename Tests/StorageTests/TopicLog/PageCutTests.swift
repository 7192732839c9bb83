import Domain
import Testing

@testable import Storage

/// What is left of a page that is too heavy.
@Suite struct PageCutTests {
  /// Rows 1…`weights.count` of one message, each with a body and names of documents of these many bytes.
  private func rows(_ weights: [(body: Int, meta: Int)]) -> [LogEntry] {
    weights.enumerated().map { place, weight in
      LogEntry(
        topic: TopicID(1), seq: Int64(place + 1), kind: .message, at: .now, author: AccountID(1), staff: false, caseNumber: 1,
        message: 1,
        version: Int32(place + 1), reply: 0, holding: false, stars: 0, meta: String(repeating: "m", count: weight.meta),
        body: String(repeating: "b", count: weight.body), hiding: .none, hash: [])
    }
  }

  private let full = TopicLog.maximumPageBytes

  @Test func whatFitsStaysWhole() {
    let light = rows(Array(repeating: (100, 0), count: 500))
    for keep in [TopicLog.Keep.oldest, .newest, .firstAndNewest] {
      #expect(keep.cut(light, dropped: nil).map(\.seq) == Array(1...500))
    }
    for keep in [TopicLog.Keep.oldest, .newest, .firstAndNewest] { #expect(keep.cut([], dropped: nil).isEmpty) }
  }

  /// Names of documents count, although the statement weighs bodies only: a page of them must not be more than a client takes.
  @Test func namesOfDocumentsCount() {
    let heavy = rows(Array(repeating: (0, 12_000), count: 200))
    let most = full / (12_000 + TopicLog.entryBytes)
    #expect(TopicLog.Keep.oldest.cut(heavy, dropped: nil).map(\.seq) == Array(1...Int64(most)))
    #expect(TopicLog.Keep.newest.cut(heavy, dropped: nil).map(\.seq) == Array(Int64(201 - most)...200))
    #expect(TopicLog.Keep.firstAndNewest.cut(heavy, dropped: nil).map(\.seq) == [1] + Array(Int64(202 - most)...200))
  }

  /// A row whose body was left out is left out, with all behind it.
  @Test func whatTheStatementLeftOutIsLeftOut() {
    let light = rows(Array(repeating: (10, 0), count: 20))
    #expect(TopicLog.Keep.oldest.cut(light, dropped: 15).map(\.seq) == Array(1...14))
    #expect(TopicLog.Keep.newest.cut(light, dropped: 15).map(\.seq) == Array(16...20))
    #expect(TopicLog.Keep.firstAndNewest.cut(light, dropped: 15).map(\.seq) == [1] + Array(16...20))
  }

  /// Nothing behind one that does not fit, even if it would fit itself: a log has no holes.
  @Test func nothingBehindOneThatDoesNotFit() {
    let mixed = rows([(10, 0), (10, full), (10, 0), (10, 0)])
    #expect(TopicLog.Keep.oldest.cut(mixed, dropped: nil).map(\.seq) == [1])
    #expect(TopicLog.Keep.newest.cut(mixed, dropped: nil).map(\.seq) == [3, 4])
    #expect(TopicLog.Keep.firstAndNewest.cut(mixed, dropped: nil).map(\.seq) == [1, 3, 4])
  }
}
