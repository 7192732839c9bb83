public import Domain

/// Documents as they are read: by ids, as a gallery, as files, and by the token of their stamp. Who may not read something gets nothing, which is
/// also the answer for what doesn't exist.
public enum Documents {
  /// How many documents one request may name or list.
  public static let maximumPage = 200

  /// What of a topic's documents a gallery shows.
  public struct Filter: Sendable, Hashable {
    /// Only this kind.
    public var kind: FileType.Kind?
    /// Only what this person uploaded.
    public var person: AccountID?
    /// Only from this moment on, to the one before `to`.
    public var from: Timestamp?
    /// Only before this moment.
    public var to: Timestamp?
    /// Only documents before this one.
    public var before: DocumentID?
    /// How many at most.
    public var limit: Int

    /// A filter.
    public init(
      kind: FileType.Kind? = nil, person: AccountID? = nil, from: Timestamp? = nil, to: Timestamp? = nil,
      before: DocumentID? = nil, limit: Int = 50
    ) {
      (self.kind, self.person, self.from, self.to, self.before, self.limit) = (kind, person, from, to, before, limit)
    }
  }

  /// What `reader` may do in a topic's documents; nil when it isn't theirs to read, or they watch it outside an observation.
  ///
  /// Throws: `DatabaseError`.
  public static func access(to topic: TopicID, for reader: DocumentReader, in session: Session) throws -> DocumentAccess? {
    try session.row(
      """
      SELECT \(DocumentAccess.columns) FROM topic t \(DocumentAccess.joins(reader)) WHERE t.id = \(topic) AND \(DocumentAccess.condition(reader))
      """
    ).map { try DocumentAccess($0) }
  }

  /// One document, whoever asks: for servers that decide themselves whom they tell. Nil when there is none. Throws: `DatabaseError`.
  public static func find(_ id: DocumentID, in session: Session) throws -> DocumentRecord? {
    try session.row("SELECT \(DocumentRecord.columns) FROM document d \(DocumentRecord.joins) WHERE d.id = \(id)").map {
      try DocumentRecord($0)
    }
  }

  /// Those of the documents `ids` of a topic that `reader` may know of, by id. Nil when the topic isn't theirs to read.
  ///
  /// Throws: `DatabaseError`.
  public static func list(
    _ ids: [DocumentID], of topic: TopicID, for reader: DocumentReader, in session: Session
  ) throws -> [DocumentRecord]? {
    try list(of: topic, where: "d.id = ANY (\(ids))", limit: maximumPage, for: reader, in: session).map { Array($0.reversed()) }
  }

  /// A page of a topic's gallery, the newest first: what was sent and can be looked at by `reader`. Nil when the topic isn't theirs to read.
  ///
  /// Throws: `DatabaseError`.
  public static func gallery(
    of topic: TopicID, _ filter: Filter, for reader: DocumentReader, in session: Session
  ) throws -> (items: [DocumentRecord], next: DocumentID?)? {
    var conditions: [SQL] = ["d.message IS NOT NULL"]
    if let kind = filter.kind {
      conditions.append("d.type = ANY (\(FileType.allCases.filter { $0.kind == kind }.map(\.rawValue)))")
    }
    if let person = filter.person { conditions.append("d.uploader_id = \(person)") }
    if let from = filter.from { conditions.append("d.at >= \(from)") }
    if let to = filter.to { conditions.append("d.at < \(to)") }
    if let before = filter.before { conditions.append("d.id < \(before)") }
    let limit = min(max(filter.limit, 1), maximumPage)
    guard
      let found = try list(of: topic, where: conditions.joined(separator: " AND "), limit: limit + 1, for: reader, in: session)
    else { return nil }
    let items = Array(found.prefix(limit))
    return (items, found.count > limit ? items.last?.id : nil)
  }

  /// The newest first. What a ghost sees is in the ledger before it is returned.
  private static func list(
    of topic: TopicID, where condition: SQL, limit: Int, for reader: DocumentReader, in session: Session
  ) throws -> [DocumentRecord]? {
    guard let access = try access(to: topic, for: reader, in: session) else { return nil }
    let rows = try session.rows(
      """
      SELECT \(DocumentRecord.columns)
        FROM document d
        JOIN topic t ON t.id = d.topic_id
        \(DocumentAccess.joins(reader))
        \(DocumentRecord.joins)
       WHERE d.topic_id = \(topic) AND \(condition) AND \(DocumentAccess.condition(reader)) AND \(DocumentAccess.sees(reader))
       ORDER BY d.id DESC LIMIT \(limit)
      """)
    let records = try rows.map { try DocumentRecord($0) }
    if let observation = access.observation, !records.isEmpty {
      guard try GhostLedger.list(records.map(\.id), in: observation, session) else { return nil }
    }
    return records
  }
}
