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
      WHERE x.topic_id = e.topic_id AND x.message = e.message AND x.kind IN (3, 4, 13)) h ON e.kind IN (1, 2)
    """

  /// The body of `e`. LIMIT makes Postgres look each body up: it cannot know how few rows a page has, and would rather read all bodies of the topic.
  private static let bodyJoin: SQL =
    "LEFT JOIN LATERAL (SELECT x.body FROM topic_body x WHERE x.topic_id = e.topic_id AND x.seq = e.seq LIMIT 1) b ON true"

  /// The `Hiding` that a deletion, redaction or erasure `x` brings: the one place that says so, for texts and documents alike.
  private static let hides: SQL = "CASE WHEN x.kind = 13 THEN 3 WHEN x.kind = 4 THEN 2 WHEN x.staff THEN 0 ELSE 1 END"

  /// The `Hiding` of a message and of the documents in it.
  static func hiding(topic: SQL, message: SQL) -> SQL {
    """
    coalesce((SELECT max(\(hides)) FROM topic_entry x
               WHERE x.topic_id = \(topic) AND x.message = \(message) AND x.kind IN (3, 4, 13)), 0)::smallint
    """
  }

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
                 coalesce(max(\(hides)), 0)::smallint AS hiding
            FROM topic_entry x WHERE x.topic_id = m.topic_id AND x.message = m.seq AND x.kind IN (3, 4, 13)) g
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
  /// The columns that `arrays(of:where:keep:)` returns, to be read by `entries(_:from:)`: twenty of them. The few rows with `meta` are named in
  /// `noted`, those with a body in `bodied`.
  static let arrayColumns: SQL = """
    e.seqs, e.kinds, e.times, e.authors, e.staff, e.cases, e.messages, e.versions, e.replies, e.holdings, e.stars, e.hashes, e.noted, e.metas, \
    e.count, e.bodied, e.bodies, e.dropped, e.gone, e.hidings
    """

  /// One row with the entries of `topic` that satisfy `condition`, by `seq`, each column an array; `keep` says in which order bodies are taken until
  /// `maximumPageBytes` are full, and `dropped` is the first row that found no room. Bodies that are left out are weighed, but not read.
  ///
  /// Bodies, and what hides them, are looked up for all rows at once: once for each would cost as much as all the rest. But for versions, whether a
  /// row belongs to the page hangs on its number alone, so that the bodies of a page are one stretch of their own table.
  static func arrays(of topic: SQL, where condition: SQL, keep: Keep) -> SQL {
    let weight: SQL = "octet_length(\(keep.body)) + \(Int32(entryBytes))"
    return """
      SELECT a.*, z.*, h.gone, h.hidings
        FROM (SELECT array_agg(e.seq) AS seqs, array_agg(e.kind) AS kinds, array_agg(e.at) AS times, array_agg(e.author_id) AS authors,
                     array_agg(e.staff) AS staff, array_agg(e.case_number) AS cases, array_agg(e.message) AS messages,
                     array_agg(e.version) AS versions, array_agg(e.reply) AS replies, array_agg(e.holding) AS holdings,
                     array_agg(e.stars) AS stars, array_agg(e.hash) AS hashes, array_agg(e.seq) FILTER (WHERE e.meta <> '') AS noted,
                     array_agg(e.meta) FILTER (WHERE e.meta <> '') AS metas, count(*) AS count
                FROM (SELECT * FROM topic_entry e WHERE e.topic_id = \(topic) AND \(condition) ORDER BY e.seq) e) a
        CROSS JOIN LATERAL
             (SELECT array_agg(w.seq) FILTER (WHERE w.fits) AS bodied, array_agg(w.body) FILTER (WHERE w.fits) AS bodies,
                     \(keep.first)(w.seq) FILTER (WHERE NOT w.fits) AS dropped
                FROM (SELECT e.seq, \(keep.body) AS body, sum(\(weight)) OVER (ORDER BY \(keep.order)) <= \(Int64(maximumPageBytes)) AS fits
                        FROM \(keep.bodies) WHERE e.topic_id = \(topic) AND \(condition)) w) z
        LEFT JOIN LATERAL (SELECT array_agg(x.message) AS gone, array_agg((\(hides))::smallint) AS hidings FROM topic_entry x
                            WHERE x.topic_id = \(topic) AND x.message = ANY (a.messages) AND x.kind IN (3, 4, 13)) h ON true
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

    /// Which of the rows without room is the first in that order.
    fileprivate var first: SQL { self == .oldest ? "min" : "max" }

    /// Where the bodies are, as `e`, with the columns that the order and the condition ask for.
    fileprivate var bodies: SQL {
      self == .firstAndNewest ? "topic_entry e JOIN topic_body b ON b.topic_id = e.topic_id AND b.seq = e.seq" : "topic_body e"
    }

    fileprivate var body: SQL { self == .firstAndNewest ? "b.body" : "e.body" }

    /// Those of `entries`, which are ordered by number, that are left when `dropped` found no room, and that weigh no more than a page with all that
    /// is sent of them.
    func cut(_ entries: [LogEntry], dropped: Int64?) -> [LogEntry] {
      var room = maximumPageBytes
      func fits(_ entry: LogEntry) -> Bool {
        room -= entryBytes + entry.meta.utf8.count + (entry.body?.utf8.count ?? 0)
        return room >= 0
      }
      switch self {
      case .oldest: return Array(entries.prefix { $0.seq < dropped ?? .max && fits($0) })
      case .newest: return entries.suffix(entries.reversed().prefix { $0.seq > dropped ?? 0 && fits($0) }.count)
      case .firstAndNewest:
        let first = entries.prefix(1).filter { fits($0) }
        let others = entries.dropFirst()
        return first + others.suffix(others.reversed().prefix { $0.seq > dropped ?? 0 && fits($0) }.count)
      }
    }
  }

  /// Reads `arrayColumns`, the first of which is at `first`: rows of `topic`, and whether some were left out because not all fit. Costs of a page
  /// are here: nothing is looked up for a row that is the same for nearly all.
  static func entries(_ row: Row, from first: Int, topic: TopicID, keep: Keep) throws -> (entries: [LogEntry], isCut: Bool) {
    let count: Int = try row.decode(at: first + 14)
    guard count > 0 else { return ([], false) }
    let seqs: [Int64] = try row.decode(at: first)
    let kinds: [EntryKind] = try row.decode(at: first + 1)
    let times: [Timestamp] = try row.decode(at: first + 2)
    let authors: [AccountID?] = try row.decode(at: first + 3)
    let staff: [Bool] = try row.decode(at: first + 4)
    let cases: [Int32] = try row.decode(at: first + 5)
    let messages: [Int64] = try row.decode(at: first + 6)
    let versions: [Int32] = try row.decode(at: first + 7)
    let replies: [Int64] = try row.decode(at: first + 8)
    let holdings: [Bool] = try row.decode(at: first + 9)
    let stars: [Int16] = try row.decode(at: first + 10)
    let hashes: [[UInt8]] = try row.decode(at: first + 11)
    var metas = try RowTexts(row, from: first + 12)
    var bodies = try RowTexts(row, from: first + 15)
    let gone: [Int64] = try row.decode(at: first + 18, as: [Int64]?.self) ?? []
    let hidings: [Hiding] = try row.decode(at: first + 19, as: [Hiding]?.self) ?? []
    let hiding = Dictionary(zip(gone, hidings)) { $0.rawValue > $1.rawValue ? $0 : $1 }
    let entries = seqs.indices.map {
      LogEntry(
        topic: topic, seq: seqs[$0], kind: kinds[$0], at: times[$0], author: authors[$0], staff: staff[$0], caseNumber: cases[$0],
        message: messages[$0], version: versions[$0], reply: replies[$0], holding: holdings[$0], stars: stars[$0],
        meta: metas.text(of: seqs[$0]) ?? "", body: bodies.text(of: seqs[$0]),
        hiding: kinds[$0] == .message || kinds[$0] == .edit ? hiding[messages[$0]] ?? .none : .none, hash: hashes[$0])
    }
    let kept = keep.cut(entries, dropped: try row.decode(at: first + 17))
    return (kept, kept.count < count)
  }

  /// Texts that only some rows have, handed out to the rows in their order.
  private struct RowTexts {
    private var rest: ArraySlice<(seq: Int64, text: String)> = []

    /// Reads two arrays, the numbers of the rows and the texts; both are null when there are none.
    init(_ row: Row, from first: Int) throws {
      guard let seqs: [Int64] = try row.decode(at: first) else { return }
      let texts: [String] = try row.decode(at: first + 1)
      // They come in the order in which they were weighed; to sort a reversed list costs one pass.
      rest = zip(seqs, texts).map { (seq: $0, text: $1) }.sorted { $0.seq < $1.seq }[...]
    }

    /// The text of a row; each row is asked for once, with rising numbers.
    mutating func text(of seq: Int64) -> String? {
      guard rest.first?.seq == seq else { return nil }
      return rest.removeFirst().text
    }
  }
}

extension Hiding: SQLScalar {}
