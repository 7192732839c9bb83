public import Domain

/// What must be known of topics to read their clocks: who took part when, the targets, the calendar.
public enum TopicWorks {
  /// Of each of these topics. A topic that doesn't exist is left out. For servers: it asks nobody's permission. Throws: `DatabaseError`.
  public static func read(_ topics: [TopicID], calendar: WorkCalendar, in session: Session) throws -> [TopicID: TopicWork] {
    guard !topics.isEmpty else { return [:] }
    var holdings: [TopicID: [Holding]] = [:]
    for row in try session.result(rows(of: topics)) {
      let (from, until): (Timestamp, Timestamp?) = (try row.decode(at: 3), try row.decode(at: 4))
      let gaps: [Timestamp] = try row.decode(at: 7)
      for span in Self.spans(from: from, until: until, without: gaps) {
        holdings[try row.decode(at: 0), default: []].append(
          Holding(
            account: try row.decode(at: 2), isAccountant: try row.decode(at: 5), from: span.from, until: span.until,
            assignment: try row.decode(at: 1), begun: try row.decode(at: 6)))
      }
    }
    var works: [TopicID: TopicWork] = [:]
    for (topic, targets) in try ResponseTargets.changes(of: topics, in: session) {
      works[topic] = TopicWork(holdings: holdings[topic] ?? [], targets: targets, calendar: calendar)
    }
    return works
  }

  /// Nobody takes part before the assignment was made, whatever day it says, nor after it was ended, nor without a role in the firm, nor while the
  /// account is disabled. Each role counts for its own time: who becomes a supervisor is no accountant any more from then on. Who joined oversees, whatever else
  /// the same person is.
  private static func rows(of topics: [TopicID]) -> SQL {
    """
    SELECT t.id, coalesce(s.origin_id, s.id), s.account_id,
           greatest(s.starts_on::timestamp AT TIME ZONE 'Asia/Tashkent', s.created_at, m.created_at) AS since,
           least((s.ends_on + 1)::timestamp AT TIME ZONE 'Asia/Tashkent', s.ended_at, m.ended_at, a.disabled_at) AS until,
           m.role = 'accountant' AND NOT s.joined, greatest(b.starts_on::timestamp AT TIME ZONE 'Asia/Tashkent', b.created_at),
           ARRAY(SELECT unnest(ARRAY[g.since, g.until]) FROM account_gap g WHERE g.account_id = s.account_id ORDER BY 1)
      FROM topic t
      JOIN assignment s ON s.organisation_id = t.organisation_id AND t.kind = ANY (s.topics)
      JOIN assignment b ON b.id = coalesce(s.origin_id, s.id)
      JOIN account a ON a.id = s.account_id
      JOIN membership m ON m.account_id = s.account_id AND m.organisation_id IS NULL
       AND (m.ended_at IS NULL OR m.ended_at > greatest(s.created_at, m.created_at))
     WHERE t.id = ANY (\(topics)) ORDER BY t.id, s.id, m.id
    """
  }

  /// A time without those in `gaps`, which are pairs of a beginning and an end, in order and apart from each other.
  static func spans(from: Timestamp, until: Timestamp?, without gaps: [Timestamp]) -> [(from: Timestamp, until: Timestamp?)] {
    var (spans, next) = ([(from: Timestamp, until: Timestamp?)](), from)
    for place in stride(from: 0, to: gaps.count - 1, by: 2) {
      let (begin, end) = (gaps[place], gaps[place + 1])
      if let until, until <= begin { break }
      if next < begin { spans.append((next, begin)) }
      next = max(next, end)
    }
    if until.map({ next < $0 }) ?? true { spans.append((next, until)) }
    return spans
  }
}
