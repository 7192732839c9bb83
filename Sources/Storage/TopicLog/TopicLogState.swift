public import Domain

extension TopicLog {
  /// Opens a topic, or comes back to it: `states` for one reader. Throws: what its answer holds; `DatabaseError`.
  public static func state(
    topic: TopicID, account: AccountID, session sessionID: SessionID?, epoch: Key?, after: Int64?, at: Timestamp,
    in session: Session
  ) throws -> TopicState {
    let look = TopicLook(topic: topic, account: account, session: sessionID, epoch: epoch, after: after)
    return try states([look], at: at, in: session)[0].get()
  }

  /// Opens topics, each for one reader, in one statement: one snapshot, one round trip. Most of what a look costs alone is Postgres' making ready
  /// for it, so that many at once, after a restart of the server, are far cheaper together.
  ///
  /// - Parameter memory: where rows are remembered from look to look; without it all are read.
  /// - Returns: one answer for each look, in order: `DomainError.notFound`; `.forbidden` for a ghost without an open observation. For ghosts the
  ///   rows are noted in their observations before this returns.
  /// - Throws: `DatabaseError`.
  public static func states(_ looks: [TopicLook], at: Timestamp, memory: PageMemory? = nil, in session: Session) throws
    -> [Result<TopicState, DomainError>]
  {
    // Before the statement's snapshot.
    let place = memory.map { PlaceInMemory(memory: $0, erasures: $0.erasures) }
    let known = memory?.rows(of: looks.lazy.map(\.topic)) ?? [LogRows?](repeating: nil, count: looks.count)
    var answers = [Result<TopicState, DomainError>](repeating: .failure(.notFound), count: looks.count)
    var watched: [(place: Int, range: ObservedRange)] = []
    var again: [Int] = []
    for row in try lookRows(looks, known, at: at, in: session) {
      let number: Int = try row.decode(at: 58)
      guard let answer = try state(row, known[number], place) else {
        again.append(number)
        continue
      }
      answers[number] = answer
      guard case .success(let state) = answer, let observation = state.observation else { continue }
      guard let lowest = state.entries.first?.seq, let highest = state.entries.last?.seq else { continue }
      watched.append((number, ObservedRange(observation: observation.id, lowest: lowest, highest: highest)))
    }
    let ended = try widen(watched.map(\.range), in: session)
    for (place, range) in watched where ended.contains(range.observation) { answers[place] = .failure(.needsObservation) }
    guard !again.isEmpty else { return answers }
    for (place, answer) in zip(again, try states(again.map { looks[$0] }, at: at, in: session)) { answers[place] = answer }
    return answers
  }

  /// Where rows are remembered, as it was before they were read.
  private struct PlaceInMemory {
    let memory: PageMemory
    let erasures: Int
  }

  /// A row for each look that may be answered. Rows of the log that are among the `known` ones aren't read.
  private static func lookRows(_ looks: [TopicLook], _ known: [LogRows?], at: Timestamp, in session: Session) throws -> [Row] {
    // A gapless log: the range of numbers is the range of rows, so the page needs no LIMIT and no OFFSET.
    try session.rows(
      """
      SELECT t.id, t.organisation_id, t.kind, t.head, t.access, t.waiting_since, t.head_hash, g.epoch, r.staff, r.observer, r.clearance,
             o.id, o.ends_at, coalesce(m.seq, 0), \(unread(topic: "t.id", account: "u.account", after: "coalesce(m.seq, 0)")),
             f.first, f.reset, c.number, c.opened_at, c.closed_at, c.closed_by, c.stars, \(lastColumns), \(arrayColumns),
             k.accounts, k.seqs, k.times, p.accounts, p.names, p.roles, p.staff, p.participants, u.n - 1, s.start
        FROM unnest(\(looks.map(\.topic)), \(looks.map(\.account)), \(looks.map(\.session)), \(looks.map(\.epoch)), \(looks.map(\.after)),
                    \(known.map { $0?.headHash }), \(known.map { $0?.first }))
               WITH ORDINALITY AS u (topic, account, session, epoch, after, known, first, n)
        JOIN topic t ON t.id = u.topic
        CROSS JOIN (SELECT epoch FROM chat_epoch LIMIT 1) g
        CROSS JOIN LATERAL (\(rights(topic: "t.id", organisation: "t.organisation_id", account: "u.account"))) r
        CROSS JOIN LATERAL (SELECT CASE WHEN a.fits THEN u.after ELSE greatest(t.head - 50, 0) END AS first,
                                   u.after IS NOT NULL AND NOT a.fits AS reset
                              FROM (SELECT CASE WHEN g.epoch = u.epoch AND u.after BETWEEN u.first AND t.head AND t.head_hash = u.known THEN true
                                             WHEN g.epoch = u.epoch AND u.after BETWEEN t.head - 500 AND t.head
                                             THEN (t.head - u.after) * \(Int64(entryBytes)) + coalesce((SELECT sum(octet_length(x.body))
                                                    FROM topic_body x WHERE x.topic_id = t.id AND x.seq > u.after AND x.seq <= u.after + 500), 0)
                                                  + coalesce((SELECT sum(octet_length(x.meta))
                                                    FROM topic_entry x WHERE x.topic_id = t.id AND x.seq > u.after AND x.seq <= u.after + 500), 0)
                                                  <= \(Int64(maximumPageBytes))
                                             ELSE false END AS fits OFFSET 0) a OFFSET 0) f
        CROSS JOIN LATERAL (SELECT CASE WHEN t.head_hash = u.known AND f.first >= u.first THEN t.head ELSE f.first END AS start OFFSET 0) s
        LEFT JOIN topic_case c ON c.topic_id = t.id AND c.number = t.case_number
        LEFT JOIN read_mark m ON m.topic_id = t.id AND m.account_id = u.account
        LEFT JOIN LATERAL (SELECT x.id, x.ends_at FROM observation x WHERE x.topic_id = t.id AND x.account_id = u.account
                            AND x.session_id = u.session AND x.ended_at IS NULL AND x.ends_at > \(at)
                            AND r.staff IS NULL ORDER BY x.id DESC LIMIT 1) o ON true
        \(lastJoin("t.id"))
        CROSS JOIN LATERAL (\(arrays(of: "t.id", where: "e.seq > s.start AND e.seq <= f.first + 500", keep: .newest))) e
        CROSS JOIN LATERAL (SELECT array_agg(x.account_id) AS accounts, array_agg(x.seq) AS seqs, array_agg(x.at) AS times
                              FROM (SELECT * FROM read_mark y WHERE y.topic_id = t.id ORDER BY y.account_id) x) k
        CROSS JOIN LATERAL (\(people(topic: "t.id", organisation: "t.organisation_id", writers: "e.authors"))) p
       WHERE (r.staff IS NOT NULL OR r.observer) AND \(isAlive(session: "u.session", account: "u.account"))
      """)
  }

  /// The answer of a row; nil when `known` rows were left out that don't tell all that has to be said.
  private static func state(
    _ row: Row, _ known: LogRows?, _ place: PlaceInMemory?
  ) throws -> Result<TopicState, DomainError>? {
    let rights = try rights(row, from: 8)
    var observation: Observation?
    if !rights.isParticipant {
      guard let id: ObservationID = try row.decode(at: 11) else { return .failure(.needsObservation) }
      observation = Observation(id: id, until: try row.decode(at: 12))
    }
    let summary = TopicSummary(
      topic: try row.decode(at: 0), organisation: try row.decode(at: 1), kind: try row.decode(at: 2), head: try row.decode(at: 3),
      access: try row.decode(at: 4), current: try caseSummary(row, from: 17), last: try lastLine(row, from: 22),
      waitingSince: try row.decode(at: 5))
    let (first, start): (Int64, Int64) = (try row.decode(at: 15), try row.decode(at: 59))
    let headHash: [UInt8]? = try row.decode(at: 6)
    let people = try people(row, from: 53)
    guard let page = try page(row, of: summary, headHash, from: first, to: start, known, people, place) else { return nil }
    return .success(
      TopicState(
        epoch: try row.decode(at: 7), summary: summary, headHash: headHash, rights: rights, observation: observation,
        mark: try row.decode(at: 13), unread: rights.isParticipant ? try row.decode(at: 14) : 0,
        entries: page.entries, rows: page.rows, hasMore: page.isCut || first > 0, isReset: try row.decode(at: 16),
        reads: try reads(row, topic: summary.topic, from: 50), people: people))
  }

  /// The rows after `first`, those up to `start` from the memory. Nil when somebody who wrote one of those is not among `people`: the names of
  /// who takes no part are looked up only for rows that are read.
  private static func page(
    _ row: Row, of summary: TopicSummary, _ headHash: [UInt8]?, from first: Int64, to start: Int64, _ known: LogRows?,
    _ people: [TopicPerson], _ place: PlaceInMemory?
  ) throws -> (entries: [LogEntry], rows: LogRows?, isCut: Bool)? {
    func areThere(_ entries: some Sequence<LogEntry>) -> Bool {
      entries.allSatisfy { entry in
        entry.author.map { author in people.contains { $0.account == author && $0.isParticipant } } ?? true
      }
    }
    if start > first {
      guard let known, known.headHash == headHash else { throw DatabaseError(.decoding, "rows were left out that nobody knows") }
      let entries = known.entries.suffix(Int(summary.head - first))
      guard areThere(entries) else {
        place?.memory.drop(summary.topic)
        return nil
      }
      return entries.count == known.entries.count ? (known.entries, known, false) : (Array(entries), nil, false)
    }
    let read = try entries(row, from: 30, topic: summary.topic, keep: .newest)
    guard let place, let headHash, !read.isCut, !read.entries.isEmpty, areThere(read.entries) else {
      return (read.entries, nil, read.isCut)
    }
    let rows = LogRows(read.entries, after: first, headHash: headHash)
    place.memory.remember(rows, of: summary.topic, since: place.erasures)
    return (rows.entries, rows, false)
  }

  /// Rows of a log before `before`, else after `after`, at most `limit` and about
  /// `maximumPageBytes`: those next to `before` or `after`. Costs the same however long the log is.
  ///
  /// Throws: as `state`.
  public static func history(
    topic: TopicID, account: AccountID, session sessionID: SessionID?, before: Int64?, after: Int64?, limit: Int, at: Timestamp,
    in session: Session
  ) throws -> LogPage {
    let count = Int64(max(1, min(limit, maximumPage)))
    let range: (low: Int64, high: Int64)
    if let before {
      let high = max(before, 1) - 1
      range = (max(high - count, 0), high)
    } else {
      let low = min(max(after ?? 0, 0), Int64.max - count)
      range = (low, low + count)
    }
    return try page(
      topic: topic, account: account, session: sessionID, at: at,
      rows: "e.seq > \(range.low) AND e.seq <= least(\(range.high), t.head)",
      keep: before == nil ? .oldest : .newest,
      more: before == nil ? "t.head > \(range.high)" : "least(\(range.low), t.head) > 0", in: session)
  }

  /// The rows of a message: the first and the newest, `maximumPage` in all and about `maximumPageBytes`; `hasMore` when there are others between
  /// them. Throws: as `state`; `.notFound` also when there is no such message.
  public static func versions(
    topic: TopicID, account: AccountID, session sessionID: SessionID?, message: Int64, at: Timestamp, in session: Session
  ) throws -> LogPage {
    // A message's versions are as gapless as the log.
    let newest: SQL = """
      coalesce((SELECT v.version FROM topic_entry v WHERE v.topic_id = t.id AND v.message = \(message) AND v.version > 1
                 ORDER BY v.version DESC LIMIT 1), 1)
      """
    let others = Int32(maximumPage) - 1
    let page = try page(
      topic: topic, account: account, session: sessionID, at: at,
      rows: """
        (e.seq = \(message) AND e.version = 1
         OR e.message = \(message) AND e.version > 1 AND e.version > \(newest) - \(others))
        """,
      keep: .firstAndNewest, more: "\(newest) > \(Int32(maximumPage))", in: session)
    guard !page.entries.isEmpty else { throw DomainError.notFound }
    return page
  }

  private static func page(
    topic: TopicID, account: AccountID, session sessionID: SessionID?, at: Timestamp, rows: SQL, keep: Keep,
    more: SQL, in session: Session
  ) throws -> LogPage {
    let row = try session.row(
      """
      SELECT r.staff, r.observer, r.clearance, o.id, \(more), \(arrayColumns), p.accounts, p.names, p.roles, p.staff, p.participants, o.ends_at
        FROM topic t
        CROSS JOIN LATERAL (\(rights(topic: "t.id", organisation: "t.organisation_id", account: "\(account)"))) r
        LEFT JOIN LATERAL (SELECT x.id, x.ends_at FROM observation x WHERE x.topic_id = t.id AND x.account_id = \(account)
                            AND x.session_id = \(sessionID) AND x.ended_at IS NULL AND x.ends_at > \(at)
                            AND r.staff IS NULL ORDER BY x.id DESC LIMIT 1) o ON true
        CROSS JOIN LATERAL (\(arrays(of: "t.id", where: rows, keep: keep))) e
        CROSS JOIN LATERAL (\(people(topic: "t.id", organisation: "t.organisation_id", writers: "e.authors", onlyWriters: true))) p
       WHERE t.id = \(topic) AND (r.staff IS NOT NULL OR r.observer) AND \(isAlive(session: "\(sessionID)", account: "\(account)"))
      """)
    guard let row else { throw DomainError.notFound }
    let rights = try rights(row, from: 0)
    let (entries, isCut) = try entries(row, from: 5, topic: topic, keep: keep)
    if !rights.isParticipant {
      guard let id: ObservationID = try row.decode(at: 3) else { throw DomainError.needsObservation }
      if let lowest = entries.first?.seq, let highest = entries.last?.seq {
        let ended = try widen([ObservedRange(observation: id, lowest: lowest, highest: highest)], in: session)
        guard ended.isEmpty else { throw DomainError.needsObservation }
      }
    }
    return LogPage(
      rights: rights, entries: entries, hasMore: try row.decode(at: 4) || isCut, people: try people(row, from: 25),
      until: rights.isParticipant ? nil : try row.decode(at: 30))
  }

  // MARK: Pieces

  /// Whether the session that asks is alive and the account's; the seeder and tests have none.
  static func isAlive(session: SQL, account: SQL) -> SQL {
    """
    (\(session) IS NULL OR EXISTS (SELECT FROM session z
       WHERE z.id = \(session) AND z.account_id = \(account) AND z.ended_at IS NULL AND z.expires_at > now()))
    """
  }

  /// The memberships that are not over, to be read by `memberships(_:)`.
  static func memberships(of accounts: [AccountID]) -> SQL {
    """
    SELECT q.account_id, q.id, q.role, q.organisation_id, q.department_id FROM membership q
     WHERE q.account_id = ANY (\(accounts)) AND q.ended_at IS NULL
    """
  }

  static func memberships(_ rows: some Sequence<Row>) throws -> [AccountID: [Membership]] {
    var memberships: [AccountID: [Membership]] = [:]
    for row in rows {
      // A role that this version does not know may do nothing here.
      guard let role = Role(rawValue: try row.decode(at: 2)) else { continue }
      memberships[try row.decode(at: 0), default: []].append(
        Membership(id: try row.decode(at: 1), role: role, organisation: try row.decode(at: 3), department: try row.decode(at: 4)))
    }
    return memberships
  }

  /// One row: the side on which `account` takes part, whether it may observe, and its clearance. OFFSET keeps Postgres from working each of them
  /// out anew wherever it is used.
  static func rights(topic: SQL, organisation: SQL, account: SQL) -> SQL {
    """
    SELECT (SELECT bool_or(q.staff) FROM topic_participant q WHERE q.topic_id = \(topic) AND q.account_id = \(account)) AS staff,
           EXISTS (SELECT FROM topic_observer q WHERE q.topic_id = \(topic) AND q.account_id = \(account)) AS observer,
           coalesce((SELECT max(CASE q.role WHEN 'admin' THEN 2 ELSE 1 END) FROM membership q
                      WHERE q.account_id = \(account) AND q.ended_at IS NULL AND (q.role = 'admin' OR q.role = 'supervisor'
                        AND q.department_id = (SELECT s.department_id FROM organisation s WHERE s.id = \(organisation)))), 0)::smallint AS clearance
    OFFSET 0
    """
  }

  static func rights(_ row: Row, from first: Int) throws -> TopicRights {
    TopicRights(
      staff: try row.decode(at: first), isObserver: try row.decode(at: first + 1), clearance: try row.decode(at: first + 2))
  }

  /// One row of arrays: the participants of a topic, and `writers` (an array of accounts) unless they are among them.
  static func people(topic: SQL, organisation: SQL, writers: SQL, onlyWriters: Bool = false) -> SQL {
    let wanted: SQL = onlyWriters ? "HAVING bool_or(x.wrote)" : ""
    return """
      SELECT array_agg(y.id) AS accounts, array_agg(y.name) AS names, array_agg(y.role) AS roles, array_agg(y.staff) AS staff,
             array_agg(y.participant) AS participants
        FROM (SELECT a.id, a.name, CASE WHEN w.staff IS FALSE THEN 'client' ELSE coalesce(j.role, 'client') END AS role,
                     coalesce(w.staff, j.role IN ('admin', 'supervisor', 'accountant'), false) AS staff, w.staff IS NOT NULL AS participant
                FROM (SELECT x.account, bool_or(x.staff) AS staff
                        FROM (SELECT q.account_id AS account, q.staff, false AS wrote FROM topic_participant q WHERE q.topic_id = \(topic)
                              UNION ALL SELECT DISTINCT v, NULL::boolean, true FROM unnest(\(writers)) v WHERE v IS NOT NULL) x
                       GROUP BY x.account \(wanted)) w
                JOIN account a ON a.id = w.account
                LEFT JOIN LATERAL (SELECT q.role FROM membership q
                                    WHERE w.staff IS DISTINCT FROM false AND q.account_id = w.account
                                      AND (q.organisation_id IS NULL OR q.organisation_id = \(organisation))
                                    ORDER BY q.ended_at IS NOT NULL, array_position(ARRAY['admin', 'supervisor', 'accountant', 'client'], q.role)
                                    LIMIT 1) j ON true
               ORDER BY a.id) y
      """
  }

  /// Reads what `people(topic:organisation:writers:)` returns, the first column of which is at `first`.
  static func people(_ row: Row, from first: Int) throws -> [TopicPerson] {
    let accounts: [AccountID] = try row.decode(at: first, as: [AccountID]?.self) ?? []
    let names: [String] = try row.decode(at: first + 1, as: [String]?.self) ?? []
    let roles: [String] = try row.decode(at: first + 2, as: [String]?.self) ?? []
    let staff: [Bool] = try row.decode(at: first + 3, as: [Bool]?.self) ?? []
    let participants: [Bool] = try row.decode(at: first + 4, as: [Bool]?.self) ?? []
    return accounts.indices.map {
      TopicPerson(
        account: accounts[$0], name: names[$0], role: roles[$0], isStaff: staff[$0], isParticipant: participants[$0])
    }
  }

  static func caseSummary(_ row: Row, from first: Int) throws -> CaseSummary? {
    guard let number: Int32 = try row.decode(at: first) else { return nil }
    return CaseSummary(
      number: number, openedAt: try row.decode(at: first + 1), closedAt: try row.decode(at: first + 2),
      closedBy: try row.decode(at: first + 3), stars: try row.decode(at: first + 4))
  }

  private static func reads(_ row: Row, topic: TopicID, from first: Int) throws -> [ReadMark] {
    let accounts: [AccountID] = try row.decode(at: first, as: [AccountID]?.self) ?? []
    let seqs: [Int64] = try row.decode(at: first + 1, as: [Int64]?.self) ?? []
    let times: [Timestamp] = try row.decode(at: first + 2, as: [Timestamp]?.self) ?? []
    return accounts.indices.map {
      ReadMark(topic: topic, account: accounts[$0], seq: seqs[$0], at: times[$0], unread: 0, head: 0, didMove: false)
    }
  }
}

extension DomainError {
  /// Whoever takes no part reads only inside an observation.
  public static let needsObservation = DomainError(.forbidden, "Whoever takes no part reads only inside an observation.")
}
