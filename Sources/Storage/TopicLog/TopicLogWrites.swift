import Domain

/// What was decided, written in the second round trip of a batch's transaction.
extension TopicLog {
  static func write(_ planner: LogPlanner, into pipeline: inout Pipeline) {
    let writes = planner.writes
    if !writes.entries.seq.isEmpty {
      for statement in entries(writes) { pipeline.add(statement) }
      for statement in documents(writes) { pipeline.add(statement) }
      if !writes.pauses.seq.isEmpty {
        let pauses = writes.pauses
        pipeline.add(
          """
          INSERT INTO topic_pause (topic_id, seq, kind, at)
          SELECT * FROM unnest(\(pauses.topic), \(pauses.seq), \(pauses.kind), \(pauses.at))
          """)
        tellOfPauses(planner.news.map(\.entry), into: &pipeline)
      }
      pipeline.add(topics(planner))
      if !writes.cases.isEmpty {
        pipeline.add(cases(planner))
        tellOfDismissals(planner.news.map(\.entry), into: &pipeline)
      }
      if let actions = writes.actionStatement { pipeline.add(actions) }
    }
    if !writes.marks.isEmpty {
      for statement in marks(writes) { pipeline.add(statement) }
    }
  }

  private static func entries(_ writes: LogWrites) -> [SQL] {
    let (rows, bodies, keys) = (writes.entries, writes.bodies, writes.keys)
    // Most batches have nothing in `meta`, and take no column for it along.
    let (metaName, metas): (SQL, SQL) = rows.metas.isEmpty ? ("", "") : (", meta", ", \(rows.meta)")
    var statements: [SQL] = [
      """
      INSERT INTO topic_entry (topic_id, seq, kind, at, author_id, staff, case_number, message, version, reply, holding, stars, body_hash,
                               prev_hash, hash\(metaName))
      SELECT * FROM unnest(\(rows.topic), \(rows.seq), \(rows.kind), \(rows.at), \(rows.author), \(rows.staff), \(rows.caseNumber),
        \(rows.message), \(rows.version), \(rows.reply), \(rows.holding), \(rows.stars), \(rows.bodyHash), \(rows.prevHash), \(rows.hash)\(metas))
      """,
      """
      INSERT INTO send_key (author_id, key, topic_id, seq, request_hash)
      SELECT * FROM unnest(\(keys.author), \(keys.key), \(keys.topic), \(keys.seq), \(keys.fingerprint))
      """,
    ]
    if !bodies.seq.isEmpty {
      statements.append(
        """
        INSERT INTO topic_body (topic_id, seq, salt, body)
        SELECT * FROM unnest(\(bodies.topic), \(bodies.seq), \(bodies.salt), \(bodies.body))
        """)
    }
    return statements
  }

  /// Gives documents their messages and notes states of the work on them; nothing for most batches.
  private static func documents(_ writes: LogWrites) -> [SQL] {
    var statements: [SQL] = []
    let (sent, marks) = (writes.documents, writes.documentMarks)
    if !sent.document.isEmpty {
      statements.append(
        """
        UPDATE document d SET message = u.message FROM unnest(\(sent.document), \(sent.message)) AS u (document, message)
         WHERE d.id = u.document
        """)
    }
    if !marks.seq.isEmpty {
      statements.append(
        """
        INSERT INTO document_mark (topic_id, seq, document_id, state, by, at)
        SELECT * FROM unnest(\(marks.topic), \(marks.seq), \(marks.document), \(marks.state), \(marks.author), \(marks.at))
        """)
    }
    return statements
  }

  private static func topics(_ planner: LogPlanner) -> SQL {
    let ids = planner.writes.topics.sorted()
    let topics = ids.compactMap { planner.facts.topics[$0] }
    var lastAt: [TopicID: Timestamp] = [:]
    for news in planner.news { lastAt[news.entry.topic] = news.entry.at }
    return """
      UPDATE topic t SET head = u.head, head_hash = u.hash, case_number = u.number, case_open = u.open, last_at = u.last_at,
                         waiting_since = u.waiting
        FROM unnest(\(ids), \(topics.map(\.summary.head)), \(topics.map(\.headHash)), \(topics.map { $0.summary.current?.number ?? 0 }),
                    \(topics.map(\.caseOpen)), \(ids.map { lastAt[$0] }), \(topics.map(\.summary.waitingSince)))
          AS u (id, head, hash, number, open, last_at, waiting)
       WHERE t.id = u.id
      """
  }

  private static func cases(_ planner: LogPlanner) -> SQL {
    let places = Array(planner.writes.cases)
    let records = places.compactMap { planner.facts.cases[$0] }
    return """
      INSERT INTO topic_case AS c (topic_id, number, opened_seq, opened_at, closed_seq, closed_at, closed_by, rated_seq, rated_at, rated_by,
                                   stars)
      SELECT * FROM unnest(\(places.map(\.topic)), \(places.map(\.number)), \(records.map(\.openedSeq)), \(records.map(\.openedAt)),
        \(records.map(\.closedSeq)), \(records.map(\.closedAt)), \(records.map(\.closedBy)), \(records.map(\.ratedSeq)),
        \(records.map(\.ratedAt)), \(records.map(\.ratedBy)), \(records.map(\.stars)))
      ON CONFLICT (topic_id, number) DO UPDATE SET (closed_seq, closed_at, closed_by, rated_seq, rated_at, rated_by, stars) =
        (excluded.closed_seq, excluded.closed_at, excluded.closed_by, excluded.rated_seq, excluded.rated_at, excluded.rated_by,
         excluded.stars)
      """
  }

  private static func marks(_ writes: LogWrites) -> [SQL] {
    let readers = Array(writes.marks.keys)
    let marks = readers.compactMap { writes.marks[$0] }
    let moves = writes.advances
    return [
      """
      INSERT INTO read_mark AS r (topic_id, account_id, seq, at)
      SELECT * FROM unnest(\(readers.map(\.topic)), \(readers.map(\.account)), \(marks.map(\.seq)), \(marks.map(\.at)))
      ON CONFLICT (topic_id, account_id) DO UPDATE SET (seq, at) = (excluded.seq, excluded.at) WHERE excluded.seq > r.seq
      """,
      """
      INSERT INTO read_advance (topic_id, account_id, from_seq, to_seq, at)
      SELECT * FROM unnest(\(moves.topic), \(moves.account), \(moves.from), \(moves.to), \(moves.at))
      """,
    ]
  }
}
