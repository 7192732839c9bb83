public import Domain

/// Who looks at documents, in which session, and when.
public struct DocumentReader: Sendable, Hashable {
  /// Who.
  public var account: AccountID
  /// In which session: an observation belongs to one.
  public var session: SessionID
  /// The moment at which observations must be open.
  public var at: Timestamp

  /// A reader.
  public init(account: AccountID, session: SessionID, at: Timestamp) {
    (self.account, self.session, self.at) = (account, session, at)
  }
}

/// What a reader may do in a topic's documents, at this moment.
public struct DocumentAccess: Sendable, Hashable {
  /// The topic.
  public let topic: TopicID
  /// Whose topic.
  public let organisation: OrganisationID
  /// The department that serves the organisation.
  public let department: DepartmentID
  /// What the reader may do with the topic.
  public let rights: TopicRights
  /// The open observation by which whoever takes no part reads; nil for participants.
  public let observation: ObservationID?
  /// When that observation ends by itself; nil for participants.
  public let until: Timestamp?

  /// The columns `t` (topic), `r` (rights) and `o` (observation) give, to be read by `init(_:from:)`.
  static let columns: SQL = """
    t.id, t.organisation_id, (SELECT g.department_id FROM organisation g WHERE g.id = t.organisation_id), r.staff, r.observer, \
    r.clearance, o.id, o.ends_at
    """

  /// What a query with `topic t` joins to know the rights of `reader` there.
  static func joins(_ reader: DocumentReader) -> SQL {
    """
    CROSS JOIN LATERAL (\(TopicLog.rights(topic: "t.id", organisation: "t.organisation_id", account: "\(reader.account)"))) r
    LEFT JOIN LATERAL (SELECT x.id, x.ends_at FROM observation x WHERE x.topic_id = t.id AND x.account_id = \(reader.account)
                        AND x.session_id = \(reader.session) AND x.ended_at IS NULL AND x.ends_at > \(reader.at)
                        AND r.staff IS NULL ORDER BY x.id DESC LIMIT 1) o ON true
    """
  }

  /// Whether `reader` reads here at all, for the same query: a live session, and part in the topic or an observation of it.
  static func condition(_ reader: DocumentReader) -> SQL {
    """
    (r.staff IS NOT NULL OR r.observer AND o.id IS NOT NULL)
    AND \(TopicLog.isAlive(session: "CAST(\(reader.session) AS bigint)", account: "\(reader.account)"))
    """
  }

  /// Whether `reader` may know of a document `d`: it was sent in a message that isn't hidden from them, or is their own and not sent yet.
  static func sees(_ reader: DocumentReader) -> SQL {
    """
    (d.message IS NULL AND d.uploader_id = \(reader.account) AND r.staff IS NOT NULL
     OR d.message IS NOT NULL AND r.clearance >= \(TopicLog.hiding(topic: "d.topic_id", message: "d.message")))
    """
  }

  /// Reads `columns`, the first of which is at `first`.
  init(_ row: Row, from first: Int = 0) throws {
    topic = try row.decode(at: first)
    organisation = try row.decode(at: first + 1)
    department = try row.decode(at: first + 2)
    rights = try TopicLog.rights(row, from: first + 3)
    observation = try row.decode(at: first + 6)
    until = try row.decode(at: first + 7)
  }
}
