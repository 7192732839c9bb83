internal import Dispatch
internal import Domain
internal import Synchronization

/// Reads the rows of cases and folds them into waits, while Postgres already reads the next ones.
///
/// The cases are known before their rows are read, with the last row of each: the log only grows, so that all of it is as it was when the list
/// was made, however many statements follow.
struct CaseReader {
  let session: Session
  let works: [TopicID: TopicWork]
  /// So many rows of the log come with one statement, or those of one case.
  var batch: Int64 = 50_000

  /// The waits of every case that was open at some time from `start` on and before `end`, by topic and number, and how many rows they were read
  /// off. Of a case in which a closed month has paid a wait that ended before `start`, those after the last of them: the row that ended it stands,
  /// whatever was taken back since. So nothing is paid twice, no paid answer that is deleted swallows a later miss, and a case that is open for a
  /// year isn't read whole for each month. Throws: `DatabaseError`.
  func waits(from start: Timestamp, before end: Timestamp) throws -> (waits: [WaitRecord], events: Int) {
    let cases = try session.result(
      """
      SELECT c.topic_id, c.number, coalesce(p.end_seq + 1, c.opened_seq), coalesce(c.closed_seq, t.head), p.end_seq IS NOT NULL
        FROM topic_case c JOIN topic t ON t.id = c.topic_id
        LEFT JOIN LATERAL (SELECT w.end_seq FROM month_wait w
                            WHERE c.opened_at < \(start) AND w.topic_id = c.topic_id AND w.case_number = c.number AND w.end_at < \(start)
                              AND w.start_seq BETWEEN c.opened_seq AND coalesce(c.closed_seq, t.head)
                            ORDER BY w.start_seq DESC LIMIT 1) p ON true
       WHERE c.opened_at < \(end) AND (c.closed_at IS NULL OR c.closed_at >= \(start))
       ORDER BY c.topic_id, c.number
      """
    ).map {
      CaseSpan(
        topic: try $0.decode(at: 0), number: try $0.decode(at: 1), first: try $0.decode(at: 2), last: try $0.decode(at: 3),
        isContinued: try $0.decode(at: 4))
    }
    let folding = CaseFolding(works: works)
    var (next, rows) = (cases.startIndex, Int64(0))
    for index in cases.indices {
      rows += cases[index].last - cases[index].first + 1
      guard rows >= batch || index == cases.index(before: cases.endIndex) else { continue }
      folding.take(try read(cases[next...index]))
      (next, rows) = (cases.index(after: index), 0)
    }
    return try folding.finish()
  }

  /// The rows of each of these cases as arrays, one row of the result for a case.
  private func read(_ cases: ArraySlice<CaseSpan>) throws -> Rows {
    try session.result(
      """
      SELECT c.topic_id, c.number, a.seqs, a.times, a.authors, a.codes, a.deleted, c.is_continued
        FROM unnest(\(cases.map(\.topic)), \(cases.map(\.number)), \(cases.map(\.first)), \(cases.map(\.last)), \(cases.map(\.isContinued)))
             AS c (topic_id, number, first, last, is_continued),
             LATERAL (SELECT array_agg(x.seq) AS seqs, array_agg(x.at) AS times, array_agg(x.author_id) AS authors, array_agg(x.code) AS codes,
                             array_agg(x.message) FILTER (WHERE x.kind = 3) AS deleted
                        FROM (SELECT y.seq, y.at, y.author_id, y.kind, y.message,
                                     (y.kind * 8 + y.staff::integer + y.holding::integer * 2
                                      + CASE WHEN y.kind = 12 AND y.meta LIKE '%"rejected"%' OR y.kind = 7 AND y.meta LIKE '%"left"%' THEN 4 ELSE 0 END)::smallint AS code
                                FROM topic_entry y
                               WHERE y.topic_id = c.topic_id AND y.seq BETWEEN c.first AND c.last AND y.kind IN (1, 3, 7, 8, 11, 12)
                               ORDER BY y.seq) x) a
       WHERE a.seqs IS NOT NULL
      """)
  }
}

/// A case and which rows of its topic it has.
private struct CaseSpan {
  var topic: TopicID
  var number: Int32
  var first: Int64
  var last: Int64
  /// Whether waits before its first row were paid.
  var isContinued: Bool
}

/// Folds what was read on a thread of its own, in the order in which it came.
private final class CaseFolding: Sendable {
  private struct State {
    var waits: [WaitRecord] = []
    var events = 0
    var failure: (any Error)?
  }

  private let works: [TopicID: TopicWork]
  private let queue = DispatchQueue(label: "waits")
  /// Results that lie in memory at once: the one that is folded and the one that comes next.
  private let room = DispatchSemaphore(value: 2)
  private let state = Mutex(State())

  init(works: [TopicID: TopicWork]) { self.works = works }

  /// Takes rows over. Blocks while others wait to be folded.
  func take(_ rows: Rows) {
    room.wait()
    queue.async {
      do {
        let (waits, events) = try self.fold(rows)
        self.state.withLock {
          $0.waits += waits
          $0.events += events
        }
      } catch {
        self.state.withLock { $0.failure = $0.failure ?? error }
      }
      self.room.signal()
    }
  }

  /// All waits, once everything is folded. Throws: what the first rows that could not be read threw.
  func finish() throws -> (waits: [WaitRecord], events: Int) {
    queue.sync {}
    let state = state.withLock { $0 }
    if let failure = state.failure { throw failure }
    return (state.waits, state.events)
  }

  private func fold(_ rows: Rows) throws -> (waits: [WaitRecord], events: Int) {
    var (waits, count) = ([WaitRecord](), 0)
    for row in rows {
      let place = CasePlace(topic: try row.decode(at: 0), number: try row.decode(at: 1))
      guard let work = works[place.topic] else { continue }
      let events = try WorkEventArrays(row, from: 2).events
      count += events.count
      let isContinued: Bool = try row.decode(at: 7)
      for wait in CaseFold.waits(of: events, in: work, isContinued: isContinued) {
        waits.append(WaitRecord(place: place, wait: wait))
      }
    }
    return (waits, count)
  }
}

/// The rows of a case, as they come out of the database.
private struct WorkEventArrays {
  var events: [WorkEvent] = []

  /// Reads five columns from `first` on: numbers, times, authors, codes, and the messages that deletions are about. Rows that a case's clock doesn't
  /// know are left out.
  init(_ row: Row, from first: Int) throws {
    let seqs: [Int64] = try row.decode(at: first)
    let times: [Timestamp] = try row.decode(at: first + 1)
    let authors: [AccountID?] = try row.decode(at: first + 2)
    let codes: [Int16] = try row.decode(at: first + 3)
    var deleted = (try row.decode(at: first + 4, as: [Int64]?.self) ?? [])[...]
    events.reserveCapacity(seqs.count)
    for index in seqs.indices {
      let (kind, isStaff, isHolding, isMarked) =
        (codes[index] >> 3, codes[index] & 1 != 0, codes[index] & 2 != 0, codes[index] & 4 != 0)
      let what: WorkEvent.What
      switch kind {
      case 1: what = isStaff ? .staffMessage(holding: isHolding) : .clientMessage
      case 3: what = .delete(deleted.popFirst() ?? 0)
      case 7: what = isMarked ? .leave : .close
      case 8: what = .reopen
      case 11: what = .pause
      case 12: what = .resume(rejected: isMarked)
      default: continue
      }
      events.append(WorkEvent(seq: seqs[index], at: times[index], author: authors[index], what: what))
    }
    // An aggregate keeps the order of its input today; should it ever not, the clock must not run backwards.
    if zip(events, events.dropFirst()).contains(where: { $0.seq > $1.seq }) { events.sort { $0.seq < $1.seq } }
  }
}
