extension DatabaseAudit {
  /// How many months are closed; those that aren't what was sealed, one fault each; those that paid something else than follows from their rows, rules and
  /// corrections and from the month before; and those of which the action log says something else: whoever makes the seal anew can't make the log's row
  /// anew, which its chain and the daily roots hold. Throws: `DatabaseError`.
  static func months(in session: Session) throws -> (count: Int64, faults: [AuditFault]) {
    // Nothing of a closed month changes, so the seals need no snapshot.
    let closed = try MonthBook.closed(in: session)
    let broken = try closed.flatMap { closed -> [AuditFault] in
      let place = "month \(closed.month)"
      return try reading(place, in: session) {
        guard try MonthBook.isIntact(closed, in: session) else {
          return [AuditFault(place, "its rows, figures, rules or calendar aren't those that were sealed")]
        }
        return try MonthCheck.faults(of: closed, in: session).map { AuditFault(place, $0) }
      }
    }
    let strange = try faults(
      """
      SELECT 'month ' || coalesce(a.month, to_char(c.month, 'YYYY-MM')),
             CASE WHEN c.month IS NULL THEN 'it is gone, and the action log says that it was closed'
                  WHEN a.month IS NULL THEN 'the action log doesn''t say that it was closed'
                  ELSE 'it isn''t the one that was closed, by the action log' END
        FROM month_close c
        FULL JOIN (SELECT l.detail ->> 'month' AS month, l.detail ->> 'hash' AS hash, l.account_id FROM action_log l
                    WHERE l.action = 'month.close') a ON a.month = to_char(c.month, 'YYYY-MM')
       WHERE (a.hash, a.account_id) IS DISTINCT FROM (encode(c.hash, 'hex'), c.closed_by)
      """, in: session)
    return (Int64(closed.count), broken + strange)
  }
}
