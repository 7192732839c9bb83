public import Domain

/// What people are told besides the chat: lines of their bell. A line is kept for ever, is told to the devices of its reader on every node through
/// the outbox, and is read once.
public enum Notifications {
  /// Unread lines are counted up to here.
  public static let maximumUnread = 100

  /// Tells an account something, in the transaction of what it tells of. `Outbox.wake` after its commit makes it quick; `AccessChange.run` and
  /// `SignedCall.write` do that.
  ///
  /// - Parameters:
  ///   - account: whom. Whether that person may know of it is the caller's matter.
  ///   - kind: what it is about.
  ///   - detail: what else there is to know. It stays when a topic is taken from its reader, so never the text of a message, and never a secret.
  ///   - topic: the topic that it leads to, if any.
  ///   - organisation: the organisation that it is about; with a topic it is that of the topic, whatever is given.
  /// - Returns: the new line's id.
  /// - Throws: `DatabaseError`: `.foreignKeyViolation` when one of them doesn't exist.
  @discardableResult
  public static func add(
    to account: AccountID, kind: NotificationKind, detail: [String: ActionLog.Value] = [:], topic: TopicID? = nil,
    organisation: OrganisationID? = nil, in session: Session
  ) throws -> NotificationID {
    let members = detail.sorted { $0.key < $1.key }.map { "\(JSONText.quoted($0.key)):\($0.value.json)" }
    let json = "{\(members.joined(separator: ","))}"
    let id: NotificationID = try session.one(
      """
      INSERT INTO notification (account_id, kind, detail, topic_id, organisation_id)
      VALUES (\(account), \(kind.rawValue), \(json: json), \(topic),
              coalesce((SELECT t.organisation_id FROM topic t WHERE t.id = \(topic)), \(organisation)))
      RETURNING id
      """)["id"]
    try Outbox.publish(channel: "notification", payload: #"{"notifications":[\#(id)]}"#, in: session)
    return id
  }

  /// One's own lines, the newest first.
  ///
  /// - Parameters:
  ///   - before: lines with lower ids; nil: from the newest on.
  ///   - limit: at most so many.
  /// - Throws: `DatabaseError`.
  public static func list(
    of account: AccountID, before: NotificationID? = nil, limit: Int, in session: Session
  ) throws -> Page<NotificationRecord> {
    let rows = try session.result(
      """
      SELECT \(NotificationRecord.columns) FROM notification n
       WHERE n.account_id = \(account) AND (\(before) IS NULL OR n.id < \(before)) ORDER BY n.id DESC LIMIT \(limit + 1)
      """)
    return Page(try rows.map { try NotificationRecord($0) }, limit: limit) { $0.id.rawValue }
  }

  /// How many of one's own lines are unread, counted to `maximumUnread`. Throws: `DatabaseError`.
  public static func unread(of account: AccountID, in session: Session) throws -> Int {
    try session.one("SELECT \(unread("\(account)"))").decode(at: 0)
  }

  /// Notes that one's own lines were read: all up to `last`, or `ids` alone. Lines of others stay as they are, like lines that don't exist. Returns
  /// how many were unread. Inside a transaction; `Outbox.wake` after its commit.
  ///
  /// - Throws: `DatabaseError`.
  public static func read(
    of account: AccountID, upTo last: NotificationID? = nil, ids: [NotificationID] = [], in session: Session
  ) throws -> Int {
    let count = try session.execute(
      """
      UPDATE notification n SET read_at = clock_timestamp()
       WHERE n.account_id = \(account) AND n.read_at IS NULL AND (n.id <= \(last) OR n.id = ANY (\(ids)))
      """)
    if count > 0 { try Outbox.publish(channel: "notification", payload: #"{"accounts":[\#(account)]}"#, in: session) }
    return count
  }

  /// What the devices of the readers are told of these lines, and those of `readers`, who have read some. For servers only: it asks nobody's
  /// permission. Throws: `DatabaseError`.
  public static func news(_ ids: [NotificationID], readers: [AccountID], in session: Session) throws -> [NotificationNews] {
    var news: [NotificationNews] = []
    if !ids.isEmpty {
      for row in try session.result(
        """
        SELECT \(NotificationRecord.columns), \(unread("n.account_id")) FROM notification n WHERE n.id = ANY (\(ids)) ORDER BY n.id
        """)
      {
        let record = try NotificationRecord(row)
        news.append(NotificationNews(account: record.account, record: record, unread: try row.decode(at: 8)))
      }
    }
    let silent = Set(readers).subtracting(news.map(\.account)).sorted()
    guard !silent.isEmpty else { return news }
    for row in try session.result("SELECT u.account, \(unread("u.account")) FROM unnest(\(silent)) AS u (account) ORDER BY 1") {
      news.append(NotificationNews(account: try row.decode(at: 0), record: nil, unread: try row.decode(at: 1)))
    }
    return news
  }

  private static func unread(_ account: SQL) -> SQL {
    """
    (SELECT count(*) FROM (SELECT FROM notification x WHERE x.account_id = \(account) AND x.read_at IS NULL
      LIMIT \(Int64(maximumUnread))) y)
    """
  }
}
