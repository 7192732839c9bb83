public import Domain

/// Closes over a waiting client: by somebody who said that no answer was needed, and by seven days of silence. No response time comes of them, so
/// they are put before whoever oversees the topic. The closes of a company that left are none of them.
///
/// That no answer was needed is said by the row itself. Whether a client waited in the silence, since when, and for an answer to which message, the clock
/// says (`CaseFold`), as it says what people are paid for: a question that was taken back after its time is waited for still.
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
    let limit = max(1, limit)
    var (items, place) = ([Record](), cursor)
    // Most of the silence is no wait, and is passed over in the database; of the rest some may be none by the clock.
    while items.count <= limit {
      let found = try candidates(for: viewer, way: way, after: place, limit: limit + 1, in: session)
      let clocks = try TopicLog.clocks(closedBy: found.map { ($0.topic, $0.seq) }, in: session)
      items += zip(found, clocks).compactMap { candidate, clock in clock.flatMap { candidate.record(by: $0) } }
      guard found.count > limit, let last = found.last else { break }
      place = Cursor(at: last.at, topic: last.topic, seq: last.seq)
    }
    let page = Array(items.prefix(limit))
    return (page, items.count > limit ? page.last?.cursor : nil)
  }

  /// Those by somebody, and those by silence in which a client has written since the last answer, whether that was taken back or not.
  private static func candidates(
    for viewer: Viewer, way: Way?, after cursor: Cursor?, limit: Int, in session: Session
  ) throws -> [Candidate] {
    let wanted: SQL =
      switch way {
      case nil: "TRUE"
      case .dismissed: "e.author_id IS NOT NULL"
      case .silent: "e.author_id IS NULL"
      }
    let said: SQL = "m.topic_id = e.topic_id AND m.kind = 1 AND m.seq >= c.opened_seq AND m.seq < e.seq"
    // The first line of the condition is that of the index, word for word.
    return try session.rows(
      """
      SELECT e.topic_id, t.kind, o.id, o.name, e.case_number, e.seq, e.at, e.author_id, a.name,
             EXISTS (SELECT FROM topic_entry r WHERE r.topic_id = e.topic_id AND r.kind = 8 AND r.case_number = e.case_number AND r.seq > e.seq)
        FROM topic_entry e
        JOIN topic t ON t.id = e.topic_id
        JOIN topic_case c ON c.topic_id = e.topic_id AND c.number = e.case_number
        JOIN organisation o ON o.id = t.organisation_id
        LEFT JOIN account a ON a.id = e.author_id
       WHERE e.kind = 7 AND (e.meta LIKE '{"answer":"none"%' OR e.author_id IS NULL AND e.meta = '')
         AND \(wanted) AND \(viewer.topics)
         AND (e.author_id IS NOT NULL OR EXISTS (
               SELECT FROM topic_entry m
                WHERE \(said) AND NOT m.staff AND m.seq > coalesce((
                      SELECT max(m.seq) FROM topic_entry m
                       WHERE \(said) AND m.staff AND NOT m.holding
                         AND NOT EXISTS (SELECT FROM topic_entry g
                                          WHERE g.topic_id = m.topic_id AND g.message = m.seq AND g.kind = 3 AND g.seq < e.seq)), 0)))
         AND (\(cursor?.at) IS NULL OR (e.at, e.topic_id, e.seq) < (\(cursor?.at), \(cursor?.topic), \(cursor?.seq)))
       ORDER BY e.at DESC, e.topic_id DESC, e.seq DESC LIMIT \(limit)
      """
    ).map { row in
      let by: AccountID? = try row.decode(at: 7)
      return Candidate(
        topic: try row.decode(at: 0), kind: try row.decode(at: 1),
        organisation: Named(id: try row.decode(at: 2), name: try row.decode(at: 3)), caseNumber: try row.decode(at: 4),
        seq: try row.decode(at: 5), at: try row.decode(at: 6), by: try by.map { Named(id: $0, name: try row.decode(at: 8)) },
        wasReopened: try row.decode(at: 9))
    }
  }
}

/// A close that may be one over a waiting client.
private struct Candidate {
  let topic: TopicID
  let kind: TopicKind
  let organisation: Named<OrganisationID>
  let caseNumber: Int32
  let seq: Int64
  let at: Timestamp
  let by: Named<AccountID>?
  let wasReopened: Bool

  /// As it is listed; nil when nobody waited. What its row says stands, even if by a calendar that was changed since the clock sees it otherwise.
  func record(by clock: CaseClock) -> UnansweredCloses.Record? {
    let question = clock.events.first { $0.what == .clientMessage && $0.author != nil }
    let said = by == nil ? nil : question.map { (seq: $0.seq, at: $0.at) }
    guard let wait = clock.shelved.map({ (seq: $0.startSeq, at: $0.start) }) ?? said else { return nil }
    return UnansweredCloses.Record(
      topic: topic, kind: kind, organisation: organisation, caseNumber: caseNumber, seq: seq, at: at, by: by,
      message: wait.seq, since: wait.at, wasReopened: wasReopened)
  }
}
