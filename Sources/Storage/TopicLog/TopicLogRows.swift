import Domain

extension TopicLog {
  /// The columns of an entry `e`, to be read by `entry(_:from:)`; needs `entryJoins`.
  static let entryColumns: SQL = """
    e.topic_id, e.seq, e.kind, e.at, e.author_id, e.staff, e.case_number, e.message, e.version, e.reply, e.holding, e.stars, b.body, \
    CASE WHEN e.kind NOT IN (1, 2) THEN 0 ELSE coalesce(h.hiding, 0) END::smallint AS hiding, e.hash, e.meta
    """

  /// The body of `e` and whether it has been hidden since. Only messages and edits can be. Of a message's versions only the few that hide it are
  /// read: there is an index of those alone.
  static let entryJoins: SQL = """
    \(bodyJoin)
    LEFT JOIN LATERAL (SELECT max(\(hides)) AS hiding FROM topic_entry x
      WHERE x.topic_id = e.topic_id AND x.message = e.message AND x.kind IN (3, 4)) h ON e.kind IN (1, 2)
    """

  /// The body of `e`. LIMIT makes Postgres look each body up: it cannot know how few rows a page has, and would rather read all bodies of the topic.
  private static let bodyJoin: SQL =
    "LEFT JOIN LATERAL (SELECT x.body FROM topic_body x WHERE x.topic_id = e.topic_id AND x.seq = e.seq LIMIT 1) b ON true"

  /// The `Hiding` that a deletion or redaction `x` brings.
  private static let hides: SQL = "CASE WHEN x.kind = 4 THEN 2 WHEN x.staff THEN 0 ELSE 1 END"

  /// Reads `entryColumns`, the first of which is at `first`.
  static func entry(_ row: Row, from first: Int) throws -> LogEntry {
    LogEntry(
      topic: try row.decode(at: first), seq: try row.decode(at: first + 1), kind: try row.decode(at: first + 2),
      at: try row.decode(at: first + 3), author: try row.decode(at: first + 4), staff: try row.decode(at: first + 5),
      caseNumber: try row.decode(at: first + 6), message: try row.decode(at: first + 7), version: try row.decode(at: first + 8),
      reply: try row.decode(at: first + 9), holding: try row.decode(at: first + 10), stars: try row.decode(at: first + 11),
      meta: try row.decode(at: first + 15), body: try row.decode(at: first + 12), hiding: try row.decode(at: first + 13),
      hash: try row.decode(at: first + 14))
  }

  /// The columns of the newest message, to be read by `lastLine(_:from:)`; needs `lastJoin`.
  static let lastColumns: SQL = "l.seq, l.author_id, l.at, l.text, l.edited, l.deleted, l.hiding, l.documents"

  /// The newest message `l` of `topic`.
  static func lastJoin(_ topic: SQL) -> SQL {
    """
    LEFT JOIN LATERAL (
      SELECT m.seq, m.author_id, m.at, left(b.body, 160) AS text, v.seq > m.seq AS edited, g.deleted, g.hiding,
             CASE WHEN m.meta = '' THEN 0 ELSE coalesce(jsonb_array_length(m.meta::jsonb -> 'documents'), 0) END AS documents
        FROM (SELECT * FROM topic_entry n WHERE n.topic_id = \(topic) AND n.kind = 1 ORDER BY n.seq DESC LIMIT 1) m
        CROSS JOIN LATERAL (
          SELECT coalesce((SELECT x.seq FROM topic_entry x
                            WHERE x.topic_id = m.topic_id AND x.message = m.seq AND x.version > 1 AND x.kind = 2
                            ORDER BY x.version DESC LIMIT 1), m.seq) AS seq) v
        CROSS JOIN LATERAL (
          SELECT coalesce(bool_or(x.kind = 3), false) AS deleted,
                 coalesce(max(CASE WHEN x.kind = 4 THEN 2 WHEN NOT x.staff THEN 1 ELSE 0 END), 0)::smallint AS hiding
            FROM topic_entry x WHERE x.topic_id = m.topic_id AND x.message = m.seq AND x.kind IN (3, 4)) g
        LEFT JOIN topic_body b ON b.topic_id = m.topic_id AND b.seq = v.seq) l ON true
    """
  }

  /// Reads `lastColumns`, the first of which is at `first`; nil without a message.
  static func lastLine(_ row: Row, from first: Int) throws -> LastLine? {
    guard let seq: Int64 = try row.decode(at: first) else { return nil }
    return LastLine(
      seq: seq, author: try row.decode(at: first + 1), at: try row.decode(at: first + 2), text: try row.decode(at: first + 3),
      isEdited: try row.decode(at: first + 4), isDeleted: try row.decode(at: first + 5), hiding: try row.decode(at: first + 6),
      documents: Int(try row.decode(at: first + 7, as: Int32.self)))
  }

  /// How many messages of others lie past `after`, counted to `maximumUnread`.
  static func unread(topic: SQL, account: SQL, after: SQL) -> SQL {
    """
    (SELECT count(*) FROM (SELECT FROM topic_entry n WHERE n.topic_id = \(topic) AND n.kind = 1 AND n.seq > \(after)
      AND n.author_id IS DISTINCT FROM \(account) LIMIT 1000) c)
    """
  }
}

extension TopicLog {
  /// The columns that `arrays(of:where:keep:)` returns, to be read by `entries(_:from:)`: twenty of them, the last of which is `cut`. The few rows
  /// with `meta` are named in `noted`; nearly always there is none, and both are null.
  static let arrayColumns: SQL = """
    e.topics, e.seqs, e.kinds, e.times, e.authors, e.staff, e.cases, e.messages, e.versions, e.replies, e.holdings, e.stars, e.bodies, \
    e.gone, e.hidings, e.hashes, e.noted, e.metas, e.count, e.cut
    """

  /// One row with the entries of `topic` that satisfy `condition`, by `seq`, each column an array; `cut` when not all of them fit into
  /// `maximumPageBytes`. `keep` says in which order they are taken until it is full. Bodies that are left out are weighed, but not read. What hides
  /// them is looked up for all of them at once: once for each would cost as much as all the rest.
  static func arrays(of topic: SQL, where condition: SQL, keep: Keep) -> SQL {
    """
    SELECT a.*, h.gone, h.hidings
      FROM (SELECT array_agg(y.topic_id) AS topics, array_agg(y.seq) AS seqs, array_agg(y.kind) AS kinds, array_agg(y.at) AS times,
                   array_agg(y.author_id) AS authors, array_agg(y.staff) AS staff, array_agg(y.case_number) AS cases,
                   array_agg(y.message) AS messages, array_agg(y.version) AS versions, array_agg(y.reply) AS replies,
                   array_agg(y.holding) AS holdings, array_agg(y.stars) AS stars, array_agg(y.body) AS bodies, array_agg(y.hash) AS hashes,
                   array_agg(y.seq) FILTER (WHERE y.meta <> '') AS noted, array_agg(y.meta) FILTER (WHERE y.meta <> '') AS metas,
                   count(*) AS count, coalesce(max(y.found) > count(*), false) AS cut
              FROM (SELECT w.*
                      FROM (SELECT e.topic_id, e.seq, e.kind, e.at, e.author_id, e.staff, e.case_number, e.message, e.version, e.reply,
                                   e.holding, e.stars, b.body, e.hash, e.meta, count(*) OVER () AS found,
                                   sum(coalesce(octet_length(b.body), 0) + octet_length(e.meta) + \(Int32(entryBytes))) OVER (ORDER BY \(keep.order)) AS bytes
                              FROM topic_entry e \(bodyJoin) WHERE e.topic_id = \(topic) AND \(condition)) w
                     WHERE w.bytes <= \(Int64(maximumPageBytes))
                     ORDER BY w.seq) y) a
      LEFT JOIN LATERAL (SELECT array_agg(x.message) AS gone, array_agg((\(hides))::smallint) AS hidings FROM topic_entry x
                          WHERE x.topic_id = \(topic) AND x.message = ANY (a.messages) AND x.kind IN (3, 4)) h ON true
    """
  }

  /// Which rows stay when not all fit.
  enum Keep {
    /// The oldest ones.
    case oldest
    /// The newest ones.
    case newest
    /// A message's first version, then the newest ones.
    case firstAndNewest

    fileprivate var order: SQL {
      switch self {
      case .oldest: "e.seq"
      case .newest: "e.seq DESC"
      case .firstAndNewest: "e.version = 1 DESC, e.seq DESC"
      }
    }
  }

  /// Reads `arrayColumns`, the first of which is at `first`.
  static func entries(_ row: Row, from first: Int) throws -> [LogEntry] {
    guard try row.decode(at: first + 18, as: Int.self) > 0 else { return [] }
    let topics: [TopicID] = try row.decode(at: first)
    let seqs: [Int64] = try row.decode(at: first + 1)
    let kinds: [EntryKind] = try row.decode(at: first + 2)
    let times: [Timestamp] = try row.decode(at: first + 3)
    let authors: [AccountID?] = try row.decode(at: first + 4)
    let staff: [Bool] = try row.decode(at: first + 5)
    let cases: [Int32] = try row.decode(at: first + 6)
    let messages: [Int64] = try row.decode(at: first + 7)
    let versions: [Int32] = try row.decode(at: first + 8)
    let replies: [Int64] = try row.decode(at: first + 9)
    let holdings: [Bool] = try row.decode(at: first + 10)
    let stars: [Int16] = try row.decode(at: first + 11)
    let bodies: [String?] = try row.decode(at: first + 12)
    let gone: [Int64] = try row.decode(at: first + 13, as: [Int64]?.self) ?? []
    let hidings: [Hiding] = try row.decode(at: first + 14, as: [Hiding]?.self) ?? []
    let hashes: [[UInt8]] = try row.decode(at: first + 15)
    var metas: [Int64: String] = [:]
    if let noted: [Int64] = try row.decode(at: first + 16) {
      metas = Dictionary(zip(noted, try row.decode(at: first + 17, as: [String].self))) { $1 }
    }
    let hiding = Dictionary(zip(gone, hidings)) { $0.rawValue > $1.rawValue ? $0 : $1 }
    return seqs.indices.map { [metas] in
      LogEntry(
        topic: topics[$0], seq: seqs[$0], kind: kinds[$0], at: times[$0], author: authors[$0], staff: staff[$0],
        caseNumber: cases[$0],
        message: messages[$0], version: versions[$0], reply: replies[$0], holding: holdings[$0], stars: stars[$0],
        meta: metas.isEmpty ? "" : metas[seqs[$0]] ?? "", body: bodies[$0],
        hiding: kinds[$0] == .message || kinds[$0] == .edit ? hiding[messages[$0]] ?? .none : .none, hash: hashes[$0])
    }
  }
}

extension Hiding: SQLScalar {}
