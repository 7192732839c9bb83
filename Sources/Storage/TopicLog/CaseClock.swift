import Domain

/// What the clock of a topic's newest case is read off: the same fold that figures are made of, so that a batch which takes back or reopens decides by
/// the rules that people are paid by. Plain messages need none of it.
struct CaseClock {
  /// Who takes part when, targets and calendar.
  let work: TopicWork
  /// The rows that move the clock, from the last answer that stands on: what came before is over.
  var events: [WorkEvent]

  /// Since when a client waits; nil: none does.
  var waitingSince: Timestamp? { open.map(\.start) }

  /// Whether a client has taken a question back since the last answer.
  var hasLostQuestions: Bool {
    let questions = Set(events.filter { $0.what == .clientMessage }.map(\.seq))
    return events.contains { event in
      guard case .delete(let message) = event.what else { return false }
      return questions.contains(message)
    }
  }

  /// The wait that is under way.
  var open: Wait? {
    guard let wait = CaseFold.waits(of: events, in: work).last, wait.outcome == .open else { return nil }
    return wait
  }

  /// The wait over which the last row closed the case; nil: nobody waited.
  var shelved: Wait? {
    guard let close = events.last, let wait = CaseFold.waits(of: events, in: work).last, wait.endSeq == close.seq else {
      return nil
    }
    return wait
  }

  /// Whether a client waits whose case would be a miss, if it closed by itself at `moment`.
  func isMissed(at moment: Timestamp) -> Bool {
    guard open != nil else { return false }
    let end = WorkEvent(seq: .max, at: moment, author: nil, what: .close)
    return CaseFold.waits(of: events + [end], in: work).last?.isMiss ?? false
  }
}

extension WorkEvent {
  /// A row of the log; nil for one that moves no clock.
  init?(_ entry: LogEntry) {
    guard
      let what = What(
        entry.kind, isStaff: entry.staff, isHolding: entry.holding, message: entry.message, meta: entry.meta)
    else { return nil }
    self.init(seq: entry.seq, at: entry.at, author: entry.author, what: what)
  }
}

extension WorkEvent.What {
  /// What a row says; nil for one that moves no clock.
  init?(_ kind: EntryKind, isStaff: Bool, isHolding: Bool, message: Int64, meta: String) {
    switch kind {
    case .message: self = isStaff ? .staffMessage(holding: isHolding) : .clientMessage
    case .delete: self = .delete(message)
    case .close: self = EntryMeta(decoding: meta) == .left ? .leave : .close
    case .reopen: self = .reopen
    case .pause: self = .pause
    case .resume: self = .resume(rejected: EntryMeta(decoding: meta) == .resume(.rejected))
    case .edit, .redact, .erase, .react, .pin, .rate, .documentState: return nil
    }
  }
}

extension TopicLog {
  /// The clocks of these topics' newest cases, as they are when answers among the messages `taken` are none. Throws: `DatabaseError`.
  static func clocks(_ topics: [TopicID], without taken: [Int64] = [], in session: Session) throws -> [TopicID: CaseClock] {
    guard !topics.isEmpty else { return [:] }
    let calendar = try FirmCalendar.read(in: session).calendar
    return try clocks(topics, without: taken, calendar: calendar, in: session)
  }

  /// The same with a calendar that is known. Throws: `DatabaseError`.
  static func clocks(
    _ topics: [TopicID], without taken: [Int64] = [], calendar: WorkCalendar, in session: Session
  ) throws -> [TopicID: CaseClock] {
    let works = try TopicWorks.read(topics, calendar: calendar, in: session)
    let newest: SQL = """
      SELECT t.id AS key, t.id AS topic_id, c.number, c.opened_seq, t.head AS last_seq
        FROM topic t JOIN topic_case c ON c.topic_id = t.id AND c.number = t.case_number WHERE t.id = ANY (\(topics))
      """
    let events = try caseEvents(of: newest, without: taken, in: session)
    return works.reduce(into: [:]) { clocks, work in
      clocks[work.key] = CaseClock(work: work.value, events: events[work.key.rawValue] ?? [])
    }
  }

  /// The clocks of cases as they were when these rows closed them, which are the last of their events; in the order of the rows. Throws: `DatabaseError`.
  static func clocks(closedBy rows: [(topic: TopicID, seq: Int64)], in session: Session) throws -> [CaseClock?] {
    guard !rows.isEmpty else { return [] }
    let calendar = try FirmCalendar.read(in: session).calendar
    let works = try TopicWorks.read(Set(rows.map(\.topic)).sorted(), calendar: calendar, in: session)
    let closed: SQL = """
      SELECT u.n AS key, u.topic AS topic_id, c.number, c.opened_seq, u.seq AS last_seq
        FROM unnest(\(rows.map(\.topic)), \(rows.map(\.seq))) WITH ORDINALITY AS u (topic, seq, n)
        JOIN topic_entry e ON e.topic_id = u.topic AND e.seq = u.seq
        JOIN topic_case c ON c.topic_id = e.topic_id AND c.number = e.case_number
      """
    let events = try caseEvents(of: closed, without: [], in: session)
    return rows.enumerated().map { number, row in
      works[row.topic].map { CaseClock(work: $0, events: events[Int64(number + 1)] ?? []) }
    }
  }

  /// The rows that move the clock of each case of `source` (a key of the caller's, topic, number, first and last row) in order, from the last answer on
  /// that stands and is not among `taken`, each message with the row that took it back. Holding replies move nothing. Of very many messages the first
  /// ones, those that stand and those that don't: no batch takes back as many as that.
  private static func caseEvents(
    of source: SQL, without taken: [Int64], in session: Session
  ) throws -> [Int64: [WorkEvent]] {
    let rows = try session.result(
      """
      SELECT s.key, m.seq, m.at, m.author_id, m.kind, m.staff, m.meta, m.gone_seq, m.gone_at, m.gone_by
        FROM (\(source)) s
        CROSS JOIN LATERAL (SELECT coalesce((SELECT a.seq FROM topic_entry a
                                              WHERE a.topic_id = s.topic_id AND a.kind = 1 AND a.staff AND NOT a.holding
                                                AND a.seq BETWEEN s.opened_seq AND s.last_seq AND a.seq <> ALL (\(taken))
                                                AND NOT EXISTS (SELECT FROM topic_entry g
                                                                 WHERE g.topic_id = s.topic_id AND g.message = a.seq AND g.kind = 3 AND g.seq <= s.last_seq)
                                              ORDER BY a.seq DESC LIMIT 1), s.opened_seq - 1) AS seq) l
        CROSS JOIN LATERAL (SELECT x.seq, x.at, x.author_id, x.kind, x.staff, x.meta, g.seq AS gone_seq, g.at AS gone_at, g.author_id AS gone_by,
                                   row_number() OVER (PARTITION BY x.kind, g.seq IS NULL ORDER BY x.seq) AS place
                              FROM topic_entry x
                              LEFT JOIN LATERAL (SELECT d.seq, d.at, d.author_id FROM topic_entry d
                                                  WHERE x.kind = 1 AND d.topic_id = x.topic_id AND d.message = x.seq AND d.kind = 3
                                                    AND d.seq <= s.last_seq LIMIT 1) g ON true
                             WHERE x.topic_id = s.topic_id AND x.seq > l.seq AND x.seq <= s.last_seq AND x.kind IN (1, 7, 8, 11, 12)
                               AND x.case_number = s.number AND NOT (x.kind = 1 AND x.staff AND x.holding)) m
       WHERE m.place <= \(Int64(maximumEvents)) OR m.seq = ANY (\(taken))
       ORDER BY s.key, m.seq
      """)
    var events: [Int64: [WorkEvent]] = [:]
    for row in rows {
      let (key, seq): (Int64, Int64) = (try row.decode(at: 0), try row.decode(at: 1))
      let what = WorkEvent.What(
        try row.decode(at: 4), isStaff: try row.decode(at: 5), isHolding: false, message: seq, meta: try row.decode(at: 6))
      guard let what else { continue }
      events[key, default: []].append(
        WorkEvent(seq: seq, at: try row.decode(at: 2), author: try row.decode(at: 3), what: what))
      guard let gone: Int64 = try row.decode(at: 7) else { continue }
      events[key, default: []].append(
        WorkEvent(seq: gone, at: try row.decode(at: 8), author: try row.decode(at: 9), what: .delete(seq)))
    }
    return events.mapValues { $0.sorted { $0.seq < $1.seq } }
  }

  /// More than the items of a batch.
  private static var maximumEvents: Int { 1000 }
}
