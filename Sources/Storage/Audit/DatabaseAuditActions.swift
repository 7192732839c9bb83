import Domain

extension DatabaseAudit {
  /// Walks the action log's chain: places without gaps, every row, every hash, the head, and that no row is without a link.
  static func actions(in session: Session) throws -> (count: Int64, faults: [AuditFault]) {
    try session.transaction(isolation: .repeatableRead, readOnly: true) {
      var (seq, prev, faults) = (Int64(0), ActionChain.origin, [AuditFault]())
      walk: while true {
        let rows = try session.result(
          """
          SELECT s.seq, s.log_id, s.hash, \(ActionSeal.columns) FROM action_seal s LEFT JOIN action_log l ON l.id = s.log_id
           WHERE s.seq > \(seq) ORDER BY s.seq LIMIT 1000
          """)
        if rows.isEmpty { break }
        for row in rows {
          seq += 1
          if let reason = try fault(row, seq: seq, prev: prev) {
            faults.append(AuditFault("action log, link \(seq)", reason))
            break walk
          }
          prev = try row.decode(at: 2)
        }
      }
      let head = try session.row("SELECT seq, hash FROM action_head")
      if faults.isEmpty {
        let fits = try head.map { head in
          try head.decode(at: 0, as: Int64.self) == seq && head.decode(at: 1, as: [UInt8]?.self) == (seq == 0 ? nil : prev)
        }
        if fits != true { faults.append(AuditFault("action log, link \(seq + 1)", "the log's head is another one")) }
      }
      faults += try self.faults(
        """
        SELECT 'action log, row ' || l.id, 'it has no link and doesn''t wait for one' FROM action_log l
         WHERE NOT EXISTS (SELECT FROM action_seal s WHERE s.log_id = l.id) AND NOT EXISTS (SELECT FROM action_unsealed u WHERE u.log_id = l.id)
        UNION ALL
        SELECT 'action log, row ' || u.log_id, 'it is gone, and waited for its link' FROM action_unsealed u
         WHERE NOT EXISTS (SELECT FROM action_log l WHERE l.id = u.log_id)
        """, in: session)
      return (seq, faults)
    }
  }

  private static func fault(_ row: Row, seq: Int64, prev: [UInt8]) throws -> String? {
    let (found, id): (Int64, Int64) = (try row.decode(at: 0), try row.decode(at: 1))
    guard found == seq else { return "it is missing, the next one is \(found)" }
    guard try row.decode(at: 3, as: Int64?.self) != nil else { return "its row \(id) is gone" }
    let link = try ActionSeal.link(row, from: 3, seq: seq)
    guard try row.decode(at: 2, as: [UInt8].self) == ActionChain.hash(link, after: prev) else {
      return "its hash is another one, or row \(id) was changed"
    }
    return nil
  }

  /// Checks the daily roots: their numbers, hashes and order, their trees, and that the rows that they name are still those.
  static func roots(in session: Session) throws -> (count: Int64, faults: [AuditFault]) {
    try session.transaction(isolation: .repeatableRead, readOnly: true) {
      var (last, faults) = (DailyRoots.Sealed?.none, [AuditFault]())
      while let row = try session.row(
        "SELECT \(DailyRoots.columns) FROM daily_root WHERE number > \(last?.root.number ?? 0) ORDER BY number LIMIT 1")
      {
        let sealed = try DailyRoots.sealed(row)
        let number = (last?.root.number ?? 0) + 1
        let place = "root \(number)"
        if let reason = fault(sealed, after: last, number: number) {
          faults.append(AuditFault(place, reason))
          break
        }
        faults += try leaves(of: sealed, in: session)
        last = sealed
      }
      return (last?.root.number ?? 0, faults)
    }
  }

  private static func fault(_ sealed: DailyRoots.Sealed, after last: DailyRoots.Sealed?, number: Int64) -> String? {
    let root = sealed.root
    if root.number != number { return "it is missing, the next one is \(root.number)" }
    if let last, root.day <= last.root.day { return "its day \(root.day) isn't after the one before" }
    if root.prev != last?.hash ?? DailyRoot.origin { return "it doesn't name the root before" }
    if root.tree != MerkleTree(leaves: sealed.heads.map(\.leaf)).root { return "its heads don't make its tree" }
    let ghosts = DailyRoot.ghostRoot(
      number: number, day: root.day, seq: sealed.ghostSeq, head: sealed.ghostHead, prev: last?.ghostRoot ?? DailyRoot.ghostOrigin)
    if sealed.ghostRoot != ghosts { return "its root of the ghosts' ledger is another one" }
    if sealed.hash != root.hash { return "its hash is another one" }
    return nil
  }

  /// Rows of logs that a root names, and that are gone or others. An empty log's hash is what stands before its first row.
  private static func leaves(of sealed: DailyRoots.Sealed, in session: Session) throws -> [AuditFault] {
    let number = sealed.root.number
    for head in sealed.heads where head.seq == 0 && head.hash != head.topic.map(HashChain.origin) ?? ActionChain.origin {
      return [AuditFault("root \(number)", "its hash of the empty log of topic \(head.topic?.rawValue ?? 0) is another one")]
    }
    return try faults(
      """
      SELECT CASE WHEN u.topic = 0 THEN 'action log, link ' || u.seq ELSE 'topic ' || u.topic || ', row ' || u.seq END,
             CASE WHEN coalesce(e.hash, s.hash) IS NULL THEN 'it is gone, and' ELSE 'it was another one when' END
             || ' root ' || r.number || ' of ' || r.day || ' sealed it'
        FROM daily_root r CROSS JOIN LATERAL unnest(r.topics, r.seqs, r.heads) AS u (topic, seq, hash)
        LEFT JOIN topic_entry e ON u.topic > 0 AND e.topic_id = u.topic AND e.seq = u.seq
        LEFT JOIN action_seal s ON u.topic = 0 AND s.seq = u.seq
       WHERE r.number = \(number) AND u.seq > 0 AND coalesce(e.hash, s.hash) IS DISTINCT FROM u.hash
      UNION ALL
      SELECT 'ghost ledger, row ' || r.ghost_seq,
             CASE WHEN g.hash IS NULL THEN 'it is gone, and' ELSE 'it was another one when' END || ' root ' || r.number || ' of ' || r.day || ' sealed it'
        FROM daily_root r LEFT JOIN ghost_ledger g ON g.seq = r.ghost_seq
       WHERE r.number = \(number) AND r.ghost_seq > 0 AND g.hash IS DISTINCT FROM r.ghost_head
      UNION ALL
      SELECT 'topic ' || u.topic, 'it is gone, and root ' || r.number || ' of ' || r.day || ' sealed it'
        FROM daily_root r CROSS JOIN LATERAL unnest(r.topics) AS u (topic)
       WHERE r.number = \(number) AND u.topic > 0 AND NOT EXISTS (SELECT FROM topic t WHERE t.id = u.topic)
      """, in: session)
  }
}
