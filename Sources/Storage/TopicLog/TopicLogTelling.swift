import Domain

/// Lines of the bell that rows of the log bring, in the same transaction as the rows.
extension TopicLog {
  /// Tells clients that something is wanted of them, and those who answer for a topic that a client has rejected a pause; nothing for other rows.
  static func tellOfPauses(_ entries: [LogEntry], into pipeline: inout Pipeline) {
    let begun = entries.filter { $0.kind == .pause }
    if !begun.isEmpty {
      pipeline.add(
        tell(.pauseWanted, of: begun, to: "SELECT p.account_id FROM topic_participant p WHERE p.topic_id = t.id AND NOT p.staff"))
    }
    let rejected = entries.filter { $0.kind == .resume && EntryMeta(decoding: $0.meta) == .resume(.rejected) }
    if !rejected.isEmpty { pipeline.add(tell(.pauseRejected, of: rejected, to: WaitWarnings.staff(of: "t.id"))) }
  }

  /// Puts cases that were closed over a waiting client before the department's supervisors.
  static func tellOfDismissals(_ entries: [LogEntry], into pipeline: inout Pipeline) {
    let dismissed = entries.filter { $0.kind == .close && EntryMeta(decoding: $0.meta) == .close(noAnswer: true) }
    if !dismissed.isEmpty { pipeline.add(tell(.caseDismissed, of: dismissed, to: WaitWarnings.supervisors(of: "t.id"))) }
  }

  /// A line about each of `entries` to everybody in `readers`, which are those of the topic `t`, but for whoever did it.
  private static func tell(_ kind: NotificationKind, of entries: [LogEntry], to readers: SQL) -> SQL {
    """
    WITH told AS (
      INSERT INTO notification (account_id, kind, detail, topic_id, organisation_id)
      SELECT r.account_id, \(kind.rawValue), jsonb_build_object('case', u.number, 'by', a.name), t.id, t.organisation_id
        FROM unnest(\(entries.map(\.topic)), \(entries.map(\.caseNumber)), \(entries.map(\.author))) AS u (topic, number, author)
        JOIN topic t ON t.id = u.topic
        LEFT JOIN account a ON a.id = u.author
       CROSS JOIN LATERAL (\(readers)) r
       WHERE r.account_id IS DISTINCT FROM u.author
      RETURNING id)
    INSERT INTO outbox (channel, payload)
    SELECT 'notification', jsonb_build_object('notifications', jsonb_agg(id)) FROM told HAVING count(*) > 0
    """
  }
}
