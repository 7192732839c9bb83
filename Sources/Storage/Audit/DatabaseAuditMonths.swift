extension DatabaseAudit {
  /// Closed months that aren't what was sealed, one fault each. Nothing of a closed month changes, so it needs no snapshot. Throws: `DatabaseError`.
  static func months(in session: Session) throws -> [AuditFault] {
    try MonthBook.closed(in: session).compactMap { closed in
      do {
        if try MonthBook.isIntact(closed, in: session) { return nil }
        return AuditFault("month \(closed.month)", "its rows, figures, rules or calendar aren't those that were sealed")
      } catch let error as DatabaseError where error.kind == .decoding {
        return AuditFault("month \(closed.month)", "it can't be read any more: \(error)")
      }
    }
  }
}
