public import Domain

/// A line of somebody's bell.
public struct NotificationRecord: Sendable, Hashable {
  /// Its id; newer ones are higher.
  public let id: NotificationID
  /// Whom it tells something.
  public let account: AccountID
  /// What it is about, as a stable word: `wait.soon`, `session.new`, …
  public let kind: String
  /// What else there is to know, a JSON object.
  public let detail: String
  /// The topic that it is about, if any.
  public let topic: TopicID?
  /// The organisation that it is about, if any; that of the topic.
  public let organisation: OrganisationID?
  /// When it was told.
  public let at: Timestamp
  /// When it was read; nil while it is unread.
  public let readAt: Timestamp?

  /// The columns of a notification `n`, to be read by `init(_:from:)`.
  static let columns: SQL = "n.id, n.account_id, n.kind, n.detail::text, n.topic_id, n.organisation_id, n.at, n.read_at"

  /// Reads `columns`, the first of which is at `first`.
  init(_ row: Row, from first: Int = 0) throws {
    id = try row.decode(at: first)
    account = try row.decode(at: first + 1)
    kind = try row.decode(at: first + 2)
    detail = try row.decode(at: first + 3)
    topic = try row.decode(at: first + 4)
    organisation = try row.decode(at: first + 5)
    at = try row.decode(at: first + 6)
    readAt = try row.decode(at: first + 7)
  }

  /// The JSON object of docs/protocol.md: REST answers and chat events carry these same bytes.
  public var json: String {
    let fields = [
      "\"id\":\(id)", "\"kind\":\(JSONText.quoted(kind))", "\"detail\":\(detail)",
      "\"topic\":\(topic.map { "\($0)" } ?? "null")", "\"organisation\":\(organisation.map { "\($0)" } ?? "null")",
      "\"at\":\"\(at.rfc3339)\"", "\"readAt\":\(readAt.map { "\"\($0.rfc3339)\"" } ?? "null")",
    ]
    return "{" + fields.joined(separator: ",") + "}"
  }
}

/// What somebody's devices are told: a new line, or, without one, that something was read elsewhere.
public struct NotificationNews: Sendable, Hashable {
  /// Whose devices.
  public let account: AccountID
  /// The new line; nil when lines were read.
  public let record: NotificationRecord?
  /// How many lines are unread, counted to `Notifications.maximumUnread`.
  public let unread: Int

  /// News.
  public init(account: AccountID, record: NotificationRecord?, unread: Int) {
    (self.account, self.record, self.unread) = (account, record, unread)
  }
}
