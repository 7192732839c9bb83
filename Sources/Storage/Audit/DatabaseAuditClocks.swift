import Domain

extension DatabaseAudit {
  /// What is read off the logs for clocks: where pauses are, and since when a client waits. Whoever changes these hides a client from the queue and from
  /// the warnings, and no chain covers them. Throws: `DatabaseError`.
  static func clocks(in session: Session) throws -> [AuditFault] {
    try pauses(in: session)
      + session.transaction(isolation: .repeatableRead, readOnly: true) {
        let calendar = try FirmCalendar.read(in: session).calendar
        var (faults, last) = ([AuditFault](), TopicID(0))
        while true {
          let rows = try session.rows("SELECT id, case_open, waiting_since FROM topic WHERE id > \(last) ORDER BY id LIMIT 500")
          guard let newest = rows.last else { return Array(faults.prefix(Int(limit))) }
          last = try newest.decode(at: 0)
          let open: [TopicID] = try rows.filter { try $0.decode(at: 1) }.map { try $0.decode(at: 0) }
          let clocks = try TopicLog.clocks(open, calendar: calendar, in: session)
          for row in rows {
            let topic: TopicID = try row.decode(at: 0)
            // Whether a question was taken back too late was decided by the calendar of then, which may be another one now.
            if clocks[topic]?.hasLostQuestions == true { continue }
            guard try row.decode(at: 2, as: Timestamp?.self) != clocks[topic]?.waitingSince else { continue }
            faults.append(AuditFault("topic \(topic)", "since when a client waits isn't what the log says"))
          }
        }
      }
  }

  private static func pauses(in session: Session) throws -> [AuditFault] {
    try faults(
      """
      SELECT 'topic ' || coalesce(e.topic_id, p.topic_id) || ', row ' || coalesce(e.seq, p.seq),
             CASE WHEN p.seq IS NULL THEN 'the pause that was read off it is gone' ELSE 'the pause that was read off it is another one' END
        FROM (SELECT topic_id, seq, kind, at FROM topic_entry WHERE kind IN (11, 12)) e
        FULL JOIN topic_pause p ON p.topic_id = e.topic_id AND p.seq = e.seq
       WHERE (e.kind, e.at) IS DISTINCT FROM (p.kind, p.at)
      """, in: session)
  }
}
