public import Domain

/// Closes over a waiting client: by somebody who said that no answer was needed, and by seven days of silence. No response time comes of them, so
/// they are put before whoever oversees the topic.
public enum UnansweredCloses {
  /// Who closed over the client.
  public enum Way: String, Sendable, CaseIterable {
    /// Staff said that no answer was needed.
    case dismissed
    /// Nobody said a word for a week.
    case silent
  }

  /// Where a page ended: the next one goes on with older rows.
  public struct Cursor: Sendable, Hashable, CustomStringConvertible {
    let at: Timestamp
    let topic: TopicID
    let seq: Int64

    /// As addresses carry it.
    public var description: String { "\(at.microseconds)-\(topic)-\(seq)" }

    init(at: Timestamp, topic: TopicID, seq: Int64) { (self.at, self.topic, self.seq) = (at, topic, seq) }

    /// Reads `description`; nil when it is none.
    public init?(_ text: String) {
      let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int64($0) }
      guard parts.count == 3, let at = parts[0], let topic = parts[1], let seq = parts[2], topic > 0, seq > 0 else { return nil }
      self.init(at: Timestamp(microseconds: at), topic: TopicID(topic), seq: seq)
    }
  }

  /// One of them.
  public struct Record: Sendable, Hashable {
    /// Where.
    public let topic: TopicID
    /// Which of the five.
    public let kind: TopicKind
    /// Whose topic.
    public let organisation: Named<OrganisationID>
    /// The case.
    public let caseNumber: Int32
    /// The row that closed it.
    public let seq: Int64
    /// When it was closed.
    public let at: Timestamp
    /// Who closed it; nil: the silence did.
    public let by: Named<AccountID>?
    /// The message with which the client's wait began.
    public let message: Int64
    /// When that was.
    public let since: Timestamp
    /// Whether the case was opened again since.
    public let wasReopened: Bool

    /// How it was closed.
    public var way: Way { by == nil ? .silent : .dismissed }
    /// Where the page after it begins.
    public var cursor: Cursor { Cursor(at: at, topic: topic, seq: seq) }
  }

  /// Those in reach of `viewer`, the newest first, at most `limit`, and whether there are more.
  ///
  /// - Parameters:
  ///   - way: only those.
  ///   - cursor: only those after it.
  /// - Throws: `DatabaseError`.
  public static func list(
    for viewer: Viewer, way: Way? = nil, after cursor: Cursor? = nil, limit: Int, in session: Session
  ) throws -> (items: [Record], next: Cursor?) {
    let wanted: SQL =
      switch way {
      case nil: "TRUE"
      case .dismissed: "e.author_id IS NOT NULL"
      case .silent: "e.author_id IS NULL"
      }
    // An answer or a message that was taken back before the close is none.
    let stands: SQL = """
      m.topic_id = e.topic_id AND m.kind = 1 AND m.seq >= c.opened_seq AND m.seq < e.seq
        AND NOT EXISTS (SELECT FROM topic_entry g WHERE g.topic_id = m.topic_id AND g.message = m.seq AND g.kind = 3 AND g.seq < e.seq)
      """
    let rows = try session.rows(
      """
      SELECT e.topic_id, t.kind, o.id, o.name, e.case_number, e.seq, e.at, e.author_id, a.name, w.seq, w.at,
             EXISTS (SELECT FROM topic_entry r WHERE r.topic_id = e.topic_id AND r.kind = 8 AND r.case_number = e.case_number AND r.seq > e.seq)
        FROM topic_entry e
        JOIN topic t ON t.id = e.topic_id
        JOIN topic_case c ON c.topic_id = e.topic_id AND c.number = e.case_number
        JOIN organisation o ON o.id = t.organisation_id
        LEFT JOIN account a ON a.id = e.author_id
       CROSS JOIN LATERAL (
             SELECT m.seq, m.at FROM topic_entry m
              WHERE \(stands) AND NOT m.staff
                AND m.seq > coalesce((SELECT max(m.seq) FROM topic_entry m WHERE \(stands) AND m.staff AND NOT m.holding), 0)
              ORDER BY m.seq LIMIT 1) w
       WHERE e.kind = 7 AND (e.meta <> '' OR e.author_id IS NULL) AND \(wanted) AND \(viewer.topics)
         AND (\(cursor?.at) IS NULL OR (e.at, e.topic_id, e.seq) < (\(cursor?.at), \(cursor?.topic), \(cursor?.seq)))
       ORDER BY e.at DESC, e.topic_id DESC, e.seq DESC LIMIT \(limit + 1)
      """)
    let items = try rows.map { row in
      let by: AccountID? = try row.decode(at: 7)
      return Record(
        topic: try row.decode(at: 0), kind: try row.decode(at: 1),
        organisation: Named(id: try row.decode(at: 2), name: try row.decode(at: 3)), caseNumber: try row.decode(at: 4),
        seq: try row.decode(at: 5), at: try row.decode(at: 6), by: try by.map { Named(id: $0, name: try row.decode(at: 8)) },
        message: try row.decode(at: 9), since: try row.decode(at: 10), wasReopened: try row.decode(at: 11))
    }
    let page = Array(items.prefix(limit))
    return (page, items.count > limit ? page.last?.cursor : nil)
  }
}
