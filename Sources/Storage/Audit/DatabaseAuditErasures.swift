extension DatabaseAudit {
  /// Erasures that the action log knows nothing of. Whoever owns the database can write a confirmed erasure and its row of the topic's log; the action
  /// log's rows of both people they can't, without its chain and the daily roots telling of it. Throws: `DatabaseError`.
  static func erasures(in session: Session) throws -> [AuditFault] {
    try faults(
      """
      SELECT 'erasure ' || x.id, CASE WHEN a.id IS NULL THEN 'the action log doesn''t say that it was asked for'
                                      ELSE 'the action log doesn''t say that it was confirmed' END
        FROM (SELECT x.*, jsonb_build_object('erasure', x.id, 'topic', x.topic_id, 'message', x.message) AS named FROM erasure x) x
        LEFT JOIN LATERAL (SELECT l.id FROM action_log l WHERE l.action = 'erasure.create' AND l.account_id = x.requested_by
                              AND l.detail @> x.named LIMIT 1) a ON true
        LEFT JOIN LATERAL (SELECT l.id FROM action_log l WHERE l.action = 'erasure.confirm' AND l.account_id = x.confirmed_by
                              AND l.detail @> x.named LIMIT 1) c ON true
       WHERE a.id IS NULL OR x.confirmed_at IS NOT NULL AND c.id IS NULL
      """, in: session)
  }
}
