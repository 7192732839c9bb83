import Domain

/// The rows of a closed month in their three tables.
enum MonthRows {
  /// So many rows go into one statement.
  private static let batch = 20_000

  static func write(_ work: MonthWork, of month: Month, in session: Session) throws {
    for waits in batches(work.waits) { try write(waits, of: month, in: session) }
    for documents in batches(work.documents) {
      try session.execute(
        """
        INSERT INTO month_document (month, topic_id, case_number, seq, at, account_id, document_id, count)
        SELECT \(month.firstDay), * FROM unnest(\(documents.map(\.place.topic)), \(documents.map(\.place.number)), \(documents.map(\.seq)),
          \(documents.map(\.at)), \(documents.map(\.account)), \(documents.map(\.document)), \(documents.map { Int16($0.count) }))
        """)
    }
    for ratings in batches(work.ratings) {
      try session.execute(
        """
        INSERT INTO month_rating (month, topic_id, case_number, seq, closed_at, account_id, stars)
        SELECT \(month.firstDay), * FROM unnest(\(ratings.map(\.place.topic)), \(ratings.map(\.place.number)), \(ratings.map(\.seq)),
          \(ratings.map(\.closedAt)), \(ratings.map(\.account)), \(ratings.map { Int16($0.stars) }))
        """)
    }
  }

  private static func write(_ records: [WaitRecord], of month: Month, in session: Session) throws {
    let waits = records.map(\.wait)
    // unnest would flatten an array of arrays, so the pauses travel as text.
    let pauses = waits.map { wait in "{" + numbers(of: wait.pauses).map { String($0) }.joined(separator: ",") + "}" }
    try session.execute(
      """
      INSERT INTO month_wait (month, topic_id, case_number, start_seq, start_at, is_first, target, due_at, outcome, end_seq, end_at, ended_by,
                              elapsed, credited, holder, is_paused, pauses)
      SELECT \(month.firstDay), u.a, u.b, u.c, u.d, u.e, u.f, u.g, u.h, u.i, u.j, u.k, u.l, u.m, u.n, u.o, u.p::bigint[]
        FROM unnest(\(records.map(\.place.topic)), \(records.map(\.place.number)), \(waits.map(\.startSeq)), \(waits.map(\.start)),
                    \(waits.map(\.isFirst)), \(waits.map(\.target)), \(waits.map(\.due)), \(waits.map(\.outcome.rawValue)),
                    \(waits.map(\.endSeq)), \(waits.map(\.end)), \(waits.map(\.endedBy)), \(waits.map(\.elapsed)), \(waits.map(\.credited)),
                    \(waits.map(\.holderAtBreach)), \(waits.map(\.isPaused)), \(pauses))
             AS u (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p)
      """)
  }

  static func read(_ month: Month, in session: Session) throws -> MonthWork {
    let day = month.firstDay
    let waits = try session.result(
      """
      SELECT topic_id, case_number, start_seq, start_at, is_first, target, due_at, outcome, end_seq, end_at, ended_by, elapsed, credited, holder,
             is_paused, pauses
        FROM month_wait WHERE month = \(day)
      """
    ).map(wait)
    let documents = try session.result(
      "SELECT topic_id, case_number, seq, at, account_id, document_id, count FROM month_document WHERE month = \(day)"
    ).map { row in
      WorkedDocument(
        place: CasePlace(topic: try row.decode(at: 0), number: try row.decode(at: 1)), seq: try row.decode(at: 2),
        at: try row.decode(at: 3), account: try row.decode(at: 4), document: try row.decode(at: 5), count: try row.decode(at: 6))
    }
    let ratings = try session.result(
      "SELECT topic_id, case_number, seq, closed_at, account_id, stars FROM month_rating WHERE month = \(day)"
    ).map { row in
      RatingRecord(
        place: CasePlace(topic: try row.decode(at: 0), number: try row.decode(at: 1)), seq: try row.decode(at: 2),
        closedAt: try row.decode(at: 3), account: try row.decode(at: 4), stars: try row.decode(at: 5))
    }
    return MonthWork(waits: waits, documents: documents, ratings: ratings)
  }

  private static func wait(_ row: Row) throws -> WaitRecord {
    guard let outcome = Wait.Outcome(rawValue: try row.decode(at: 7)) else {
      throw DatabaseError(.decoding, "a wait has no outcome")
    }
    let place = CasePlace(topic: try row.decode(at: 0), number: try row.decode(at: 1))
    let wait = Wait(
      startSeq: try row.decode(at: 2), start: try row.decode(at: 3), isFirst: try row.decode(at: 4),
      target: try row.decode(at: 5),
      due: try row.decode(at: 6), outcome: outcome, endSeq: try row.decode(at: 8), end: try row.decode(at: 9),
      endedBy: try row.decode(at: 10), elapsed: try row.decode(at: 11), credited: try row.decode(at: 12),
      holderAtBreach: try row.decode(at: 13), pauses: pauses(try row.decode(at: 15)), isPaused: try row.decode(at: 14))
    return WaitRecord(place: place, wait: wait)
  }

  private static func numbers(of pauses: [Wait.Pause]) -> [Int64] {
    // A wait that has ended has no pause without an end.
    pauses.flatMap { [$0.seq, $0.from.microseconds, ($0.to ?? $0.from).microseconds, $0.isRejected ? 1 : 0] }
  }

  private static func pauses(_ numbers: [Int64]) -> [Wait.Pause] {
    stride(from: 0, to: numbers.count - numbers.count % 4, by: 4).map {
      Wait.Pause(
        seq: numbers[$0], from: Timestamp(microseconds: numbers[$0 + 1]), to: Timestamp(microseconds: numbers[$0 + 2]),
        isRejected: numbers[$0 + 3] == 1)
    }
  }

  // MARK: In words, for the seal

  static func words(of record: WaitRecord) -> String {
    let wait = record.wait
    let numbers: [Int64?] =
      [
        record.place.topic.rawValue, Int64(record.place.number), wait.startSeq, wait.start.microseconds, wait.isFirst ? 1 : 0,
        wait.target, wait.due?.microseconds, wait.endSeq, wait.end?.microseconds, wait.endedBy?.rawValue, wait.elapsed,
        wait.credited?.rawValue, wait.holderAtBreach?.rawValue, wait.isPaused ? 1 : 0,
      ] + Self.numbers(of: wait.pauses)
    return wait.outcome.rawValue + " " + words(numbers)
  }

  static func words(of record: WorkedDocument) -> String {
    words([
      record.place.topic.rawValue, Int64(record.place.number), record.seq, record.at.microseconds, record.account?.rawValue,
      record.document.rawValue, Int64(record.count),
    ])
  }

  static func words(of record: RatingRecord) -> String {
    words([
      record.place.topic.rawValue, Int64(record.place.number), record.seq, record.closedAt.microseconds, record.account?.rawValue,
      Int64(record.stars),
    ])
  }

  private static func words(_ numbers: [Int64?]) -> String {
    numbers.map { $0.map { String($0) } ?? "-" }.joined(separator: " ")
  }

  private static func batches<T>(_ items: [T]) -> [[T]] {
    stride(from: 0, to: items.count, by: batch).map { Array(items[$0..<min($0 + batch, items.count)]) }
  }
}
