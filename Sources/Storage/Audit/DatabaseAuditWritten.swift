import Domain

extension DatabaseAudit {
  /// Rows of people, roles, assignments, settings, targets, pay, holds and doubts (`WrittenRows`) that aren't what the action log says of them, in both
  /// directions: each of them stands in the newest row of the log that tells of it, as it was left. Whoever owns the database can change the row, but not
  /// the log's, which its chain and the daily roots hold; and a row that they add to the log stays there to be read. Throws: `DatabaseError`.
  package static func written(in session: Session) throws -> [AuditFault] {
    try session.result(
      """
      WITH said AS (
        SELECT DISTINCT ON (w.key) w.key AS place, w.value AS image
          FROM action_log l
         CROSS JOIN LATERAL jsonb_each(CASE jsonb_typeof(l.detail -> 'written') WHEN 'object' THEN l.detail -> 'written' END) w
         WHERE l.detail ? 'written' ORDER BY w.key, l.id DESC)
      SELECT coalesce(f.place, s.place), s.place IS NULL, f.place IS NULL
        FROM (\(WrittenRows.everything.selects.union)) f FULL JOIN said s ON s.place = f.place
       WHERE f.image IS DISTINCT FROM s.image ORDER BY 1 LIMIT \(limit)
      """
    ).map { row in
      let place: String = try row.decode(at: 0)
      if try row.decode(at: 1) { return AuditFault(place, "the action log doesn't say that it was written") }
      if try row.decode(at: 2) { return AuditFault(place, "it is gone, and the action log says that it was written") }
      return AuditFault(place, "it isn't what the action log says")
    }
  }
}
