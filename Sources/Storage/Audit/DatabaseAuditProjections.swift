import Domain

extension DatabaseAudit {
  /// Rows and bodies that belong to nothing.
  static func strays(in session: Session) throws -> [AuditFault] {
    try faults(
      """
      SELECT 'topic ' || b.topic_id || ', row ' || b.seq, 'it has a body that was never written'
        FROM topic_body b LEFT JOIN topic_entry e ON e.topic_id = b.topic_id AND e.seq = b.seq WHERE e.body_hash IS NULL
      UNION ALL
      SELECT 'topic ' || e.topic_id, 'there are ' || count(*) || ' rows of it, and no such topic'
        FROM topic_entry e WHERE NOT EXISTS (SELECT FROM topic t WHERE t.id = e.topic_id) GROUP BY e.topic_id
      """, in: session)
  }

  /// Keys of requests: each names the row that came of it. Rows that nobody asked for, such as a silent close, have none.
  static func keys(in session: Session) throws -> [AuditFault] {
    try faults(
      """
      SELECT 'topic ' || k.topic_id || ', row ' || k.seq, 'a key of account ' || k.author_id || ' names it, and it isn''t that account''s'
        FROM send_key k LEFT JOIN topic_entry e ON e.topic_id = k.topic_id AND e.seq = k.seq AND e.author_id = k.author_id
       WHERE e.seq IS NULL
      UNION ALL
      SELECT 'topic ' || e.topic_id || ', row ' || e.seq, 'no key of its author names it'
        FROM topic_entry e LEFT JOIN send_key k ON k.topic_id = e.topic_id AND k.seq = e.seq AND k.author_id = e.author_id
       WHERE e.author_id IS NOT NULL AND k.seq IS NULL
      UNION ALL
      SELECT 'topic ' || k.topic_id || ', row ' || k.seq, 'it has ' || count(*) || ' keys'
        FROM send_key k GROUP BY k.topic_id, k.seq HAVING count(*) > 1
      """, in: session)
  }

  /// Read marks: each step begins where the one before ended, none goes past the log, and the mark stands where the last one ended.
  static func reads(in session: Session) throws -> [AuditFault] {
    try faults(
      """
      SELECT 'topic ' || a.topic_id || ', read mark of account ' || a.account_id,
             'the step to row ' || a.to_seq || ' begins at ' || a.from_seq || ' and not at ' || a.before
        FROM (SELECT *, coalesce(lag(to_seq) OVER (PARTITION BY topic_id, account_id ORDER BY to_seq), 0) AS before FROM read_advance) a
       WHERE a.from_seq <> a.before
      UNION ALL
      SELECT 'topic ' || coalesce(m.topic_id, a.topic_id) || ', read mark of account ' || coalesce(m.account_id, a.account_id),
             'it stands at ' || coalesce(m.seq, 0) || ', and its steps end at ' || coalesce(a.seq, 0)
        FROM read_mark m
        FULL JOIN (SELECT topic_id, account_id, max(to_seq) AS seq FROM read_advance GROUP BY topic_id, account_id) a
          ON a.topic_id = m.topic_id AND a.account_id = m.account_id
       WHERE m.seq IS DISTINCT FROM a.seq
      UNION ALL
      SELECT 'topic ' || m.topic_id || ', read mark of account ' || m.account_id, 'it stands at ' || m.seq || ', past the end of the log'
        FROM read_mark m LEFT JOIN topic t ON t.id = m.topic_id WHERE m.seq > coalesce(t.head, 0)
      """, in: session)
  }

  /// Cases: opened, closed and rated by the rows that did it, and the topic's newest case.
  static func cases(in session: Session) throws -> [AuditFault] {
    try faults(
      """
      SELECT 'topic ' || coalesce(c.topic_id, t.topic_id) || ', case ' || coalesce(c.number, t.number),
             CASE WHEN c.number IS NULL THEN 'it is missing' WHEN t.opened IS NULL THEN 'no row of the log opened it'
                  WHEN (c.opened_seq, c.opened_at) IS DISTINCT FROM (o.seq, o.at) THEN 'its opening is another one'
                  WHEN (c.closed_seq, c.closed_at, c.closed_by) IS DISTINCT FROM (l.seq, l.at, l.author_id) THEN 'its close is another one'
                  ELSE 'its rating is another one' END
        FROM (SELECT topic_id, case_number AS number, min(seq) FILTER (WHERE kind = 1) AS opened,
                     max(seq) FILTER (WHERE kind IN (7, 8)) AS turned, max(seq) FILTER (WHERE kind = 9) AS rated
                FROM topic_entry WHERE kind IN (1, 7, 8, 9) GROUP BY topic_id, case_number) t
        FULL JOIN topic_case c ON c.topic_id = t.topic_id AND c.number = t.number
        LEFT JOIN topic_entry o ON o.topic_id = t.topic_id AND o.seq = t.opened
        LEFT JOIN topic_entry l ON l.topic_id = t.topic_id AND l.seq = t.turned AND l.kind = 7
        LEFT JOIN topic_entry r ON r.topic_id = t.topic_id AND r.seq = t.rated
       WHERE c.number IS NULL OR t.opened IS NULL OR (c.opened_seq, c.opened_at) IS DISTINCT FROM (o.seq, o.at)
          OR (c.closed_seq, c.closed_at, c.closed_by) IS DISTINCT FROM (l.seq, l.at, l.author_id)
          OR (c.rated_seq, c.rated_at, c.rated_by, c.stars) IS DISTINCT FROM (r.seq, r.at, r.author_id, r.stars)
      UNION ALL
      SELECT 'topic ' || t.id, 'its newest case isn''t ' || t.case_number || CASE WHEN t.case_open THEN ', open' ELSE ', closed' END
        FROM topic t
        LEFT JOIN LATERAL (SELECT c.number, c.closed_seq IS NULL AS open FROM topic_case c WHERE c.topic_id = t.id
                            ORDER BY c.number DESC LIMIT 1) c ON true
       WHERE (t.case_number, t.case_open) IS DISTINCT FROM (coalesce(c.number, 0), coalesce(c.open, false))
      """, in: session)
  }

  /// A stamp names the bytes that bear it.
  static func stamps(in session: Session) throws -> [AuditFault] {
    try faults(
      """
      SELECT 'document ' || s.document_id, 'its stamp is on other bytes than those that are handed out'
        FROM stamp s LEFT JOIN rendition r ON r.document_id = s.document_id AND r.kind = 'stamped'
       WHERE r.hash IS DISTINCT FROM s.rendition_hash
      """, in: session)
  }

  /// Bytes go from the blob store by erasures alone.
  static func files(in session: Session) throws -> [AuditFault] {
    try faults(
      """
      SELECT 'file ' || encode(b.hash, 'hex'), 'it was removed, and no erasure that two people confirmed covers all that it belongs to'
        FROM blob b WHERE b.retired_at IS NOT NULL AND NOT blob_is_erased(b.hash)
      """, in: session)
  }

  /// Documents and the work on them, against what the topic's rows say of them: the chain covers name, size, type and hash of each file
  /// that was sent.
  static func documents(of topic: TopicID, in session: Session) throws -> [AuditFault] {
    try session.transaction(isolation: .repeatableRead, readOnly: true) {
      var (sent, marks) = ([DocumentID: (EntryDocument, seq: Int64)](), [Int64: String]())
      for row in try session.result(
        "SELECT seq, meta FROM topic_entry WHERE topic_id = \(topic) AND kind IN (1, 10) AND meta <> '' ORDER BY seq")
      {
        let seq: Int64 = try row.decode(at: 0)
        switch EntryMeta(decoding: try row.decode(at: 1)) {
        case .documents(let documents): for document in documents { sent[document.document] = (document, seq) }
        case .mark(let document, let state): marks[seq] = "\(document) \(state.rawValue)"
        default: break
        }
      }
      var faults: [AuditFault] = []
      for row in try session.result(
        """
        SELECT id, message, name, type, size, hash FROM document WHERE topic_id = \(topic) AND message IS NOT NULL ORDER BY id
        """)
      {
        let id: DocumentID = try row.decode(at: 0)
        let found = EntryDocument(
          document: id, name: try row.decode(at: 2), sha256: Hex.string(try row.decode(at: 5, as: [UInt8].self)),
          size: try row.decode(at: 4), type: try row.decode(at: 3))
        let message: Int64 = try row.decode(at: 1)
        let said = sent.removeValue(forKey: id)
        if said?.seq != message {
          faults.append(AuditFault("document \(id)", "row \(message) of topic \(topic), which it names, doesn't carry it"))
        } else if said?.0 != found {
          faults.append(AuditFault("document \(id)", "row \(message) of topic \(topic) carries another file"))
        }
      }
      for (id, said) in sent.sorted(by: { $0.key < $1.key }) {
        faults.append(AuditFault("document \(id)", "row \(said.seq) of topic \(topic) carries it, and it is gone"))
      }
      for row in try session.result("SELECT seq, document_id, state FROM document_mark WHERE topic_id = \(topic) ORDER BY seq") {
        let seq: Int64 = try row.decode(at: 0)
        let found = "\(try row.decode(at: 1, as: DocumentID.self)) \(try row.decode(at: 2, as: String.self))"
        if marks.removeValue(forKey: seq) != found {
          faults.append(AuditFault("topic \(topic), row \(seq)", "the state of a document that was read off it is another one"))
        }
      }
      for seq in marks.keys.sorted() {
        faults.append(AuditFault("topic \(topic), row \(seq)", "the state of a document that was read off it is gone"))
      }
      return Array(faults.prefix(Int(limit)))
    }
  }
}
