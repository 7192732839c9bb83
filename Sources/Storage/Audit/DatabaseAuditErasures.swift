extension DatabaseAudit {
  /// Erasures that the action log knows nothing of: for both steps a row of the person's is there, of that moment and in a session of theirs that was
  /// open then. Whoever owns the database can forge all of that, sessions and rows of the log included. No check of rows against rows finds that; but the
  /// forged rows can't go again, since the log's chain and the daily roots hold them, and they stand where they were added, for the two people whom they
  /// name to be asked. Throws: `DatabaseError`.
  static func erasures(in session: Session) throws -> [AuditFault] {
    try faults(
      """
      SELECT 'erasure ' || x.id, CASE WHEN a.id IS NULL THEN 'the action log doesn''t say that it was asked for'
                                      ELSE 'the action log doesn''t say that it was confirmed' END
        FROM (SELECT x.*, jsonb_build_object('erasure', x.id, 'topic', x.topic_id, 'message', x.message) AS named FROM erasure x) x
        LEFT JOIN LATERAL (\(step("erasure.create", by: "x.requested_by", at: "x.requested_at"))) a ON true
        LEFT JOIN LATERAL (\(step("erasure.confirm", by: "x.confirmed_by", at: "x.confirmed_at"))) c ON true
       WHERE a.id IS NULL OR x.confirmed_at IS NOT NULL AND c.id IS NULL
      """, in: session)
  }

  /// The log's row of a step. It is written in the step's own transaction, after it, and that may wait for locks; so may the end of a session that came
  /// at the same moment.
  private static func step(_ action: String, by account: SQL, at moment: SQL) -> SQL {
    """
    SELECT l.id FROM action_log l JOIN session s ON s.id = l.session_id AND s.account_id = l.account_id
     WHERE l.action = \(action) AND l.account_id = \(account) AND l.detail @> x.named
       AND l.at BETWEEN \(moment) AND \(moment) + interval '5 minutes'
       AND s.created_at <= l.at AND least(s.ended_at, s.expires_at) >= l.at - interval '5 minutes' LIMIT 1
    """
  }
}
