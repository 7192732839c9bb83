public import Domain

/// What must be known of topics to read their clocks: who took part when, the targets, the calendar.
public enum TopicWorks {
  /// Of each of these topics. A topic that doesn't exist is left out. For servers: it asks nobody's permission. Throws: `DatabaseError`.
  public static func read(_ topics: [TopicID], calendar: WorkCalendar, in session: Session) throws -> [TopicID: TopicWork] {
    guard !topics.isEmpty else { return [:] }
    var holdings: [TopicID: [Holding]] = [:]
    for row in try session.result(rows(of: topics)) {
      let (first, made): (LocalDate, Timestamp) = (try row.decode(at: 3), try row.decode(at: 4))
      let (last, ended): (LocalDate?, Timestamp?) = (try row.decode(at: 5), try row.decode(at: 6))
      let until = [last?.advanced(by: 1).startInTashkent, ended].compactMap(\.self).min()
      holdings[try row.decode(at: 0), default: []].append(
        Holding(
          account: try row.decode(at: 2), isAccountant: try row.decode(at: 7), from: max(first.startInTashkent, made),
          until: until,
          assignment: try row.decode(at: 1)))
    }
    var works: [TopicID: TopicWork] = [:]
    for (topic, targets) in try ResponseTargets.changes(of: topics, in: session) {
      works[topic] = TopicWork(holdings: holdings[topic] ?? [], targets: targets, calendar: calendar)
    }
    return works
  }

  /// Nobody takes part before the assignment was made, whatever day it says, nor after it was ended or the account was disabled.
  private static func rows(of topics: [TopicID]) -> SQL {
    """
    SELECT t.id, s.id, s.account_id, s.starts_on, s.created_at, s.ends_on, least(s.ended_at, a.disabled_at),
           EXISTS (SELECT FROM membership m WHERE m.account_id = s.account_id AND m.role = 'accountant'
                    AND (m.ended_at IS NULL OR m.ended_at > s.created_at))
      FROM topic t
      JOIN assignment s ON s.organisation_id = t.organisation_id AND t.kind = ANY (s.topics)
      JOIN account a ON a.id = s.account_id
     WHERE t.id = ANY (\(topics)) ORDER BY t.id, s.id
    """
  }
}
