import Domain

extension GhostLedger {
  /// What is wrong with the ledger.
  public struct Fault: Error, Sendable, Hashable, CustomStringConvertible {
    /// The first row that does not fit; 0 when it is no single row.
    public var seq: Int64
    /// What does not fit.
    public var reason: String

    /// `ghost ledger, row 17: …`
    public var description: String { seq == 0 ? "ghost ledger: \(reason)" : "ghost ledger, row \(seq): \(reason)" }
  }

  /// Checks the whole ledger: numbers without gaps, every link, the head, the roots of the days (and `kept`, those that left the house), and that
  /// every stay stands in it as it stands in its own table. nil: all is well.
  ///
  /// Reads in pages, in one snapshot. Throws: `DatabaseError`.
  public static func verify(against kept: [Root] = [], in session: Session) throws -> Fault? {
    do {
      return try session.transaction(isolation: .repeatableRead, readOnly: true) { try walk(against: kept, in: session) }
    } catch let fault as Fault {
      return fault
    }
  }

  private static func walk(against kept: [Root], in session: Session) throws -> Fault? {
    var expected = Head(seq: 0, hash: origin)
    // Roots by the row that they name; a kept one counts as one of the table.
    var roots: [Int64: [Root]] = Dictionary(grouping: try roots(from: nil, limit: .max, in: session) + kept, by: \.head.seq)
    try check(&roots, at: expected)
    while true {
      let page = try rows(after: expected.seq, limit: 1000, in: session)
      for row in page {
        guard row.seq == expected.seq + 1 else {
          return Fault(seq: expected.seq + 1, reason: "it is missing, the next one is \(row.seq)")
        }
        guard row.previous == expected.hash else {
          return Fault(seq: row.seq, reason: "it does not name the hash of the row before")
        }
        guard row.hash == hash(row) else { return Fault(seq: row.seq, reason: "its hash is another one") }
        expected = Head(seq: row.seq, hash: row.hash)
        try check(&roots, at: expected)
      }
      if page.isEmpty { break }
    }
    guard try head(in: session) == expected else {
      return Fault(seq: expected.seq + 1, reason: "the ledger's head is another one")
    }
    if let left = roots.values.joined().min(by: { $0.day < $1.day }) {
      return Fault(seq: left.head.seq, reason: "it is gone, and the root of \(left.day) names it")
    }
    return try stays(in: session)
  }

  /// Takes out the roots that name this row, and throws when one names another hash.
  private static func check(_ roots: inout [Int64: [Root]], at head: Head) throws {
    for root in roots.removeValue(forKey: head.seq) ?? [] where root.head.hash != head.hash {
      throw Fault(seq: head.seq, reason: "the root of \(root.day) names another hash")
    }
  }

  /// Compares each stay's row with what the ledger said of it when it was written.
  private static func stays(in session: Session) throws -> Fault? {
    let wrong = try session.row(
      """
      SELECT coalesce(s.seq, 0), coalesce(o.id, s.observation_id),
             CASE WHEN s.seq IS NULL THEN 'its beginning is not in the ledger'
                  WHEN o.id IS NULL THEN 'its own row is gone'
                  WHEN (o.account_id, o.topic_id, o.session_id) IS DISTINCT FROM (s.account_id, s.topic_id, s.session_id)
                    THEN 'its own row names another watcher, topic or session'
                  WHEN o.reason IS DISTINCT FROM s.detail::jsonb ->> 'reason' OR iso_time(o.started_at) IS DISTINCT FROM s.detail::jsonb ->> 'started'
                    OR iso_time(o.ends_at) IS DISTINCT FROM s.detail::jsonb ->> 'until' THEN 'its own row gives another reason or time'
                  WHEN (o.ended_at IS NULL) <> (e.seq IS NULL) OR iso_time(o.ended_at) IS DISTINCT FROM e.detail::jsonb ->> 'ended'
                    THEN 'its end is not the one in the ledger'
                  ELSE 'its range is not the one in the ledger' END
        FROM observation o
        FULL JOIN (SELECT * FROM ghost_ledger WHERE kind = 1) s ON s.observation_id = o.id
        LEFT JOIN ghost_ledger e ON e.observation_id = coalesce(o.id, s.observation_id) AND e.kind = 5
        LEFT JOIN LATERAL (SELECT min(l.from_seq) AS low, max(l.to_seq) AS high FROM ghost_ledger l
                            WHERE l.observation_id = o.id AND l.kind = 2) r ON true
       WHERE s.seq IS NULL OR o.id IS NULL
          OR (o.account_id, o.topic_id, o.session_id) IS DISTINCT FROM (s.account_id, s.topic_id, s.session_id)
          OR o.reason IS DISTINCT FROM s.detail::jsonb ->> 'reason' OR iso_time(o.started_at) IS DISTINCT FROM s.detail::jsonb ->> 'started'
          OR iso_time(o.ends_at) IS DISTINCT FROM s.detail::jsonb ->> 'until'
          OR (o.ended_at IS NULL) <> (e.seq IS NULL) OR iso_time(o.ended_at) IS DISTINCT FROM e.detail::jsonb ->> 'ended'
          OR (o.from_seq, o.to_seq) IS DISTINCT FROM (r.low, r.high)
       ORDER BY 1, 2 LIMIT 1
      """)
    guard let wrong else { return nil }
    let stay: ObservationID = try wrong.decode(at: 1)
    return Fault(seq: try wrong.decode(at: 0), reason: "stay \(stay): \(try wrong.decode(at: 2, as: String.self))")
  }
}
