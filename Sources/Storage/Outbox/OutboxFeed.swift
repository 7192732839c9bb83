public import Domain

/// News that another process committed.
public enum OutboxNews: Sendable, Hashable {
  /// What these accounts may do has changed in these topics.
  case access(accounts: [AccountID], topics: [TopicID])
  /// These sessions have ended.
  case session([SessionID])
  /// Something has become of these documents.
  case documents([DocumentRecord])
  /// These accounts were told something, or have read something that they were told.
  case notifications([NotificationNews])
}

/// A place in the outbox: gives each row once, soon after its commit.
///
/// The place is a transaction and not a row: rows get their ids before they are committed, so that one with a lower id can appear after one with
/// a higher. All transactions below `pg_snapshot_xmin` have ended; those above it are looked at again each time, and what was given is remembered.
public struct OutboxFeed: Sendable {
  private var start: Int64?
  private var given: Set<Int64> = []

  /// A place five minutes ago: what a server let in while it was starting may have been revoked before it began to read.
  public init() {}

  /// Rows that have been committed since the last time, in the order of their transactions. The first time also those of the last five minutes.
  ///
  /// Throws: `DatabaseError`; the place has not moved then.
  public mutating func next(in session: Session) throws -> [OutboxNews] {
    let rows = try session.result(
      """
      SELECT s.xmin, o.id, o.xid, o.channel,
             ARRAY(SELECT e::bigint FROM jsonb_array_elements_text(coalesce(o.payload -> 'accounts', '[]')) e),
             ARRAY(SELECT e::bigint FROM jsonb_array_elements_text(coalesce(o.payload -> 'topics', '[]')) e),
             ARRAY(SELECT e::bigint FROM jsonb_array_elements_text(coalesce(o.payload -> 'sessions', '[]')) e),
             ARRAY(SELECT e::bigint FROM jsonb_array_elements_text(coalesce(o.payload -> 'documents', '[]')) e),
             ARRAY(SELECT e::bigint FROM jsonb_array_elements_text(coalesce(o.payload -> 'notifications', '[]')) e)
        FROM (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xmin) s
        LEFT JOIN outbox o ON o.channel IN ('access', 'session', 'document', 'notification')
         AND (o.xid >= CAST(CAST(\(start) AS text) AS xid8) OR \(start == nil) AND (o.xid >= s.xmin OR o.at > now() - interval '5 minutes'))
       ORDER BY o.xid, o.id
      """)
    var news: [OutboxNews] = []
    var recent: Set<Int64> = []
    var documents: Set<DocumentID> = []
    var notified: Set<NotificationID> = []
    var readers: Set<AccountID> = []
    var horizon = start ?? 0
    for row in rows {
      horizon = try row.decode(at: 0)
      guard let id: Int64 = try row.decode(at: 1) else { continue }
      if try row.decode(at: 2, as: Int64.self) >= horizon { recent.insert(id) }
      guard !given.contains(id) else { continue }
      switch try row.decode(at: 3, as: String.self) {
      case "session": news.append(.session(try row.decode(at: 6)))
      case "document": documents.formUnion(try row.decode(at: 7, as: [DocumentID].self))
      case "notification":
        notified.formUnion(try row.decode(at: 8, as: [NotificationID].self))
        readers.formUnion(try row.decode(at: 4, as: [AccountID].self))
      default: news.append(.access(accounts: try row.decode(at: 4), topics: try row.decode(at: 5)))
      }
    }
    // As they are by now; whatever has become of them since has a row of its own.
    let told = try DocumentNews.read(documents.sorted(), in: session)
    if !told.isEmpty { news.append(.documents(told)) }
    let notifications = try Notifications.news(notified.sorted(), readers: readers.sorted(), in: session)
    if !notifications.isEmpty { news.append(.notifications(notifications)) }
    (start, given) = (horizon, recent)
    return news
  }

  /// Removes rows that every reader has had plenty of time for: older than an hour. Throws: `DatabaseError`.
  public static func sweep(in session: Session) throws {
    try session.execute("DELETE FROM outbox WHERE at < now() - interval '1 hour'")
  }
}
