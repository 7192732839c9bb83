import Domain

/// What a batch has to know before it is decided: asked in the first round trip of its transaction.
extension TopicLog {
  /// Somebody's access has changed since it was remembered. What is out of date has been forgotten; nothing was written.
  struct StaleMemory: Error {}

  /// Which statement of the first round trip answers what; nil where nothing needs to be asked.
  struct Lookups {
    var topics = 0
    var access: Int?
    var memberships: Int?
    var cases = 0
    var marks = 0
    var keys: Int?
    var targets: Int?
    var documents: Int?
    var lines: Int?
    var unread: Int?
    var paused: Int?
    var words: Int?
    /// Topics whose clock must be known, since something is to be taken back or a case to be opened again, and the messages that are.
    var clocks: [TopicID] = []
    var shrunk: [Int64] = []
    /// What needs not be asked, by the items' places.
    var remembered: [AccessMemory.Entry?]

    init(_ items: [LogItem]) { remembered = Array(repeating: nil, count: items.count) }
  }

  /// Each statement takes a new snapshot, so those after the lock see everything that was committed before it was granted.
  static func gather(_ items: [LogItem], _ lookups: inout Lookups, into pipeline: inout Pipeline) {
    let needs = LogNeeds(items)
    let topics = Set(items.map(\.topic)).sorted()
    let known = Set(items.indices.filter { lookups.remembered[$0] != nil || items[$0].isSystem }.map { items[$0].topic }).sorted()
    let strangers = items.indices.filter { lookups.remembered[$0] == nil && !items[$0].isSystem }
    lookups.topics = pipeline.add(
      """
      SELECT t.id, t.organisation_id, t.kind, t.head, t.head_hash, t.access, t.case_number, t.case_open, t.waiting_since
        FROM topic t WHERE t.id IN (SELECT unnest(\(known)) UNION ALL \(seen(strangers.map { items[$0] }))) ORDER BY t.id FOR UPDATE OF t
      """)
    if !strangers.isEmpty {
      lookups.access = pipeline.add(access(items, strangers))
      lookups.memberships = pipeline.add(memberships(of: Set(strangers.map { items[$0].account }).sorted()))
    }
    lookups.cases = pipeline.add(cases(topics, needs))
    lookups.marks = pipeline.add(
      """
      SELECT r.topic_id, r.account_id, r.seq FROM unnest(\(items.map(\.topic)), \(items.map(\.account))) AS u (topic, account)
        JOIN read_mark r ON r.topic_id = u.topic AND r.account_id = u.account
      """)
    if !needs.keys.isEmpty {
      lookups.keys = pipeline.add(
        """
        SELECT u.n, k.request_hash, \(Self.entryColumns)
          FROM unnest(\(needs.keyItems), \(needs.authors), \(needs.keys)) AS u (n, author, key)
          JOIN send_key k ON k.author_id = u.author AND k.key = u.key
          JOIN topic_entry e ON e.topic_id = k.topic_id AND e.seq = k.seq
          \(Self.entryJoins)
        """)
    }
    if !needs.targets.isEmpty {
      lookups.targets = pipeline.add(
        """
        SELECT m.topic_id, m.seq, m.author_id, m.case_number,
               coalesce((SELECT x.version FROM topic_entry x WHERE x.topic_id = m.topic_id AND x.message = m.seq AND x.version > 1
                          ORDER BY x.version DESC LIMIT 1), 1),
               (SELECT max(x.kind) FROM topic_entry x WHERE x.topic_id = m.topic_id AND x.message = m.seq AND x.kind IN (3, 4, 13))
          FROM (SELECT DISTINCT * FROM unnest(\(needs.targetTopics), \(needs.targets)) AS w (topic, seq)) u
          JOIN topic_entry m ON m.topic_id = u.topic AND m.seq = u.seq AND m.kind = 1
        """)
    }
    if !needs.documents.isEmpty { lookups.documents = pipeline.add(documents(needs.documents.sorted())) }
    if !needs.lines.isEmpty {
      lookups.lines = pipeline.add(
        "SELECT u.topic, \(Self.lastColumns) FROM unnest(\(needs.lines.sorted())) AS u (topic) \(Self.lastJoin("u.topic"))")
    }
    if !needs.reads.isEmpty {
      let reads = needs.reads
      lookups.unread = pipeline.add(
        """
        SELECT u.n, \(Self.unread(topic: "u.topic", account: "u.account", after: "greatest(r.seq, least(u.seq, t.head))"))
          FROM unnest(\(needs.readItems), \(reads.map(\.topic)), \(reads.map(\.account)), \(reads.map(\.seq)))
                 AS u (n, topic, account, seq)
          JOIN topic t ON t.id = u.topic LEFT JOIN read_mark r ON r.topic_id = u.topic AND r.account_id = u.account
        """)
    }
    if !needs.paused.isEmpty { lookups.paused = pipeline.add(paused(needs.paused.sorted())) }
    if !needs.quiet.isEmpty {
      lookups.words = pipeline.add(words("u.topic AS topic FROM unnest(\(needs.quiet.sorted())) AS u (topic)"))
    }
    lookups.clocks = needs.shrinking.union(needs.reopened).sorted()
    lookups.shrunk = needs.shrunk
  }

  /// The topics of those items whose author may see them: nobody makes others wait for a topic that is not theirs. Whether they may still when it
  /// is locked is asked again then.
  private static func seen(_ items: [LogItem]) -> SQL {
    """
    SELECT u.topic FROM unnest(\(items.map(\.topic)), \(items.map(\.account))) AS u (topic, account)
     WHERE EXISTS (SELECT FROM topic_participant q WHERE q.topic_id = u.topic AND q.account_id = u.account)
        OR EXISTS (SELECT FROM topic_observer q WHERE q.topic_id = u.topic AND q.account_id = u.account)
    """
  }

  /// Documents that are to be sent or marked, and how far the work on them is. One that waits for its message is changed only under the lock of its
  /// topic, which this batch holds when the document is of any use to it.
  private static func documents(_ documents: [DocumentID]) -> SQL {
    """
    SELECT d.id, d.topic_id, d.uploader_id, d.staff, coalesce(d.message, 0), coalesce(k.state, 'received'), d.name, encode(d.hash, 'hex'),
           d.size, d.type, m.author_id, m.case_number,
           (SELECT max(x.kind) FROM topic_entry x WHERE x.topic_id = d.topic_id AND x.message = d.message AND x.kind IN (3, 4, 13))
      FROM document d
      LEFT JOIN LATERAL (SELECT x.state FROM document_mark x WHERE x.document_id = d.id ORDER BY x.seq DESC LIMIT 1) k ON true
      LEFT JOIN topic_entry m ON m.topic_id = d.topic_id AND m.seq = d.message
     WHERE d.id = ANY (\(documents))
    """
  }

  /// What the items at these places have to know of their authors.
  private static func access(_ items: [LogItem], _ places: [Int]) -> SQL {
    """
    SELECT u.place, u.session = 0 OR s.id IS NOT NULL, p.staff,
           CASE WHEN p.staff IS NULL OR u.redacts THEN EXISTS (SELECT FROM topic_observer o
             WHERE o.topic_id = u.topic AND o.account_id = u.account) ELSE false END, s.expires_at,
           (SELECT o.department_id FROM topic t JOIN organisation o ON o.id = t.organisation_id WHERE t.id = u.topic)
      FROM unnest(\(places), \(places.map { items[$0].session?.rawValue ?? 0 }), \(places.map { items[$0].account }),
                  \(places.map { items[$0].topic }), \(places.map { items[$0].isRedaction })) AS u (place, session, account, topic, redacts)
      LEFT JOIN session s ON s.id = u.session AND s.account_id = u.account AND s.ended_at IS NULL AND s.expires_at > now()
      LEFT JOIN LATERAL (SELECT bool_or(q.staff) AS staff FROM topic_participant q
                          WHERE q.topic_id = u.topic AND q.account_id = u.account) p ON true
    """
  }

  /// The newest case of each topic, and those that are to be rated.
  private static func cases(_ topics: [TopicID], _ needs: LogNeeds) -> SQL {
    let columns: SQL = """
      SELECT c.topic_id, c.number, c.opened_seq, c.opened_at, c.closed_seq, c.closed_at, c.closed_by, c.rated_seq, c.rated_at,
             c.rated_by, c.stars
      """
    let newest: SQL =
      "\(columns) FROM topic t JOIN topic_case c ON c.topic_id = t.id AND c.number = t.case_number WHERE t.id = ANY (\(topics))"
    guard !needs.caseNumbers.isEmpty else { return newest }
    return """
      \(newest) UNION ALL
      \(columns) FROM unnest(\(needs.caseTopics), \(needs.caseNumbers)) AS u (topic, number)
        JOIN topic_case c ON c.topic_id = u.topic AND c.number = u.number
      """
  }

  /// What is known of a batch, its topics being locked. A batch that takes something back or opens a case again asks a few statements more.
  static func facts(
    _ items: [LogItem], _ lookups: Lookups, _ answers: PipelineResults, _ memory: inout AccessMemory, in session: Session
  ) throws -> LogFacts {
    func rows(_ number: Int?) -> [Row] { number.map { Array(answers[$0]) } ?? [] }
    var facts = LogFacts(access: [LogFacts.Access?](repeating: nil, count: items.count))
    for row in answers[lookups.cases] {
      let place = LogFacts.Case(topic: try row.decode(at: 0), number: try row.decode(at: 1))
      facts.cases[place] = LogFacts.CaseRecord(
        openedSeq: try row.decode(at: 2), openedAt: try row.decode(at: 3), closedSeq: try row.decode(at: 4),
        closedAt: try row.decode(at: 5), closedBy: try row.decode(at: 6), ratedSeq: try row.decode(at: 7),
        ratedAt: try row.decode(at: 8), ratedBy: try row.decode(at: 9), stars: try row.decode(at: 10))
    }
    for row in rows(lookups.words) { facts.words[try row.decode(at: 0)] = try row.decode(at: 1) }
    facts.paused = Set(try rows(lookups.paused).map { try $0.decode(at: 0) })
    var lines: [TopicID: LastLine] = [:]
    for row in rows(lookups.lines) { lines[try row.decode(at: 0)] = try lastLine(row, from: 1) }
    for row in answers[lookups.topics] {
      let topic: TopicID = try row.decode(at: 0)
      let number: Int32 = try row.decode(at: 6)
      let summary = TopicSummary(
        topic: topic, organisation: try row.decode(at: 1), kind: try row.decode(at: 2), head: try row.decode(at: 3),
        access: try row.decode(at: 5), current: facts.cases[.init(topic: topic, number: number)]?.summary(number: number),
        last: lines[topic], waitingSince: try row.decode(at: 8))
      facts.topics[topic] = LogFacts.Topic(
        summary: summary, headHash: try row.decode(at: 4), caseOpen: try row.decode(at: 7))
    }
    try access(items, lookups, memberships: rows(lookups.memberships), rows(lookups.access), &facts, &memory)
    for row in rows(lookups.keys) {
      let index: Int = try row.decode(at: 0)
      facts.answered[index] = LogFacts.Answered(entry: try entry(row, from: 2), fingerprint: try row.decode(at: 1))
    }
    for row in rows(lookups.targets) {
      let message = LogFacts.Message(topic: try row.decode(at: 0), seq: try row.decode(at: 1))
      let end: EntryKind? = try row.decode(at: 5)
      facts.targets[message] = LogFacts.Target(
        author: try row.decode(at: 2), caseNumber: try row.decode(at: 3), version: try row.decode(at: 4), isGone: end != nil,
        isRedacted: end == .redact || end == .erase, isErased: end == .erase)
    }
    for row in rows(lookups.documents) {
      let document: DocumentID = try row.decode(at: 0)
      let (topic, message): (TopicID, Int64) = (try row.decode(at: 1), try row.decode(at: 4))
      facts.documents[document] = LogFacts.Document(
        topic: topic, uploader: try row.decode(at: 2), staff: try row.decode(at: 3), message: message,
        state: DocumentState(rawValue: try row.decode(at: 5)) ?? .received,
        entry: EntryDocument(
          document: document, name: try row.decode(at: 6), sha256: try row.decode(at: 7), size: try row.decode(at: 8),
          type: try row.decode(at: 9)))
      // What is to be edited or deleted in the same batch is known already, with its version, which is nobody's business here.
      let target = LogFacts.Message(topic: topic, seq: message)
      guard message > 0, facts.targets[target] == nil else { continue }
      let end: EntryKind? = try row.decode(at: 12)
      facts.targets[target] = LogFacts.Target(
        author: try row.decode(at: 10), caseNumber: try row.decode(at: 11), version: 1, isGone: end != nil,
        isRedacted: end == .redact || end == .erase, isErased: end == .erase)
    }
    for row in answers[lookups.marks] {
      facts.marks[.init(topic: try row.decode(at: 0), account: try row.decode(at: 1))] = try row.decode(at: 2)
    }
    for row in rows(lookups.unread) { facts.unread[try row.decode(at: 0)] = try row.decode(at: 1) }
    if !lookups.clocks.isEmpty {
      // Whoever may not even see a topic makes nobody read it.
      let locked = lookups.clocks.filter { facts.topics[$0] != nil }
      facts.clocks = try clocks(locked, without: lookups.shrunk, in: session)
    }
    return facts
  }

  /// Fills in who may do what, from memory and as it was asked just now. Throws: `StaleMemory`.
  private static func access(
    _ items: [LogItem], _ lookups: Lookups, memberships: [Row], _ rows: [Row], _ facts: inout LogFacts,
    _ memory: inout AccessMemory
  ) throws {
    var isStale = false
    for (index, entry) in lookups.remembered.enumerated() {
      guard let entry else { continue }
      facts.access[index] = entry.access
      guard facts.topics[items[index].topic]?.summary.access != entry.number else { continue }
      memory.forget(items[index])
      isStale = true
    }
    if isStale { throw StaleMemory() }
    let memberships = try self.memberships(memberships)
    for row in rows {
      let index: Int = try row.decode(at: 0)
      let item = items[index]
      let access = LogFacts.Access(
        isAlive: try row.decode(at: 1), staff: try row.decode(at: 2), isObserver: try row.decode(at: 3),
        memberships: memberships[item.account] ?? [], department: try row.decode(at: 5))
      facts.access[index] = access
      guard let number = facts.topics[item.topic]?.summary.access else { continue }
      memory.remember(
        AccessMemory.Entry(access: access, number: number, sessionEnd: try row.decode(at: 4), readAt: .now), for: item)
    }
  }
}
