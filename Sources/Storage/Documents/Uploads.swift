public import Domain

/// Files on their way into a topic.
public enum Uploads {
  /// How long an upload may take from its beginning to its end.
  public static let life: Duration = .seconds(24 * 3600)

  /// An upload.
  public struct Record: Sendable, Hashable {
    /// Whose.
    public let account: AccountID
    /// What the client calls it; unique among the account's.
    public let id: Key
    /// Where it goes.
    public let topic: TopicID
    /// The file's name.
    public let name: String
    /// How many bytes were announced.
    public let size: Int64
    /// The document whose newer version it is.
    public let replaces: DocumentID?
    /// When it began.
    public let createdAt: Timestamp
    /// Whether it has ended, one way or the other.
    public let isFinished: Bool
    /// What became of it.
    public let document: DocumentID?
    /// The code of why nothing became of it.
    public let refusal: String?

    fileprivate init(_ row: Row) throws {
      account = try row["account_id"]
      id = try row["id"]
      topic = try row["topic_id"]
      name = try row["name"]
      size = try row["size"]
      replaces = try row["replaces"]
      createdAt = try row["created_at"]
      isFinished = try row["finished"]
      document = try row["document_id"]
      refusal = try row["refusal"]
    }
  }

  private static let columns: SQL = """
    account_id, id, topic_id, name, size, replaces, created_at, finished_at IS NOT NULL AS finished, document_id, refusal
    """

  /// An upload of an account; nil when there is none. Throws: `DatabaseError`.
  public static func find(_ id: Key, of account: AccountID, in session: Session) throws -> Record? {
    try session.row("SELECT \(columns) FROM upload WHERE account_id = \(account) AND id = \(id)").map { try Record($0) }
  }

  /// What a new upload would add to.
  public struct Usage: Sendable, Hashable {
    /// Uploads that the account has open.
    public let open: Int
    /// Uploads that it has begun within the last 24 hours.
    public let begun: Int
    /// Bytes of those, however they ended: what was refused or given up has cost as much as what was taken.
    public let accountBytes: Int64
    /// Bytes of the organisation's documents, or on their way to be.
    public let organisationBytes: Int64
  }

  /// Holds the organisation's row until the end of the transaction, so that two uploads don't both take the last of its room, and counts.
  ///
  /// Throws: `DatabaseError`.
  public static func usage(of account: AccountID, in organisation: OrganisationID, in session: Session) throws -> Usage {
    _ = try session.row("SELECT id FROM organisation WHERE id = \(organisation) FOR NO KEY UPDATE")
    let row = try session.one(
      """
      SELECT d.open, d.begun, d.bytes,
             (SELECT coalesce(sum(u.size), 0)::bigint FROM upload u JOIN topic t ON t.id = u.topic_id
               WHERE u.finished_at IS NULL AND t.organisation_id = \(organisation))
             + (SELECT coalesce(sum(size), 0)::bigint FROM document WHERE organisation_id = \(organisation))
        FROM (SELECT count(*) FILTER (WHERE finished_at IS NULL) AS open, count(*) AS begun, coalesce(sum(size), 0)::bigint AS bytes
                FROM upload WHERE account_id = \(account) AND created_at > now() - interval '1 day') d
      """)
    return Usage(
      open: try row.decode(at: 0), begun: try row.decode(at: 1), accountBytes: try row.decode(at: 2),
      organisationBytes: try row.decode(at: 3))
  }

  /// Whether `document` is one that `account` may put a newer version in the place of: its own, sent, and in that topic. Throws: `DatabaseError`.
  public static func mayReplace(_ document: DocumentID, in topic: TopicID, by account: AccountID, in session: Session) throws
    -> Bool
  {
    try session.row(
      """
      SELECT FROM document d WHERE d.id = \(document) AND d.topic_id = \(topic) AND d.uploader_id = \(account) AND d.message IS NOT NULL
         AND NOT EXISTS (SELECT FROM topic_entry x WHERE x.topic_id = d.topic_id AND x.message = d.message AND x.kind IN (3, 4, 13))
      """) != nil
  }

  /// Writes a new upload down. Nil when the account has used the id before. Throws: `DatabaseError`.
  public static func begin(
    _ id: Key, by account: AccountID, session sessionID: SessionID, topic: TopicID, name: String, size: Int64,
    replaces: DocumentID?,
    in session: Session
  ) throws -> Record? {
    try session.row(
      """
      INSERT INTO upload (account_id, id, session_id, topic_id, name, size, replaces)
      VALUES (\(account), \(id), \(sessionID), \(topic), \(name), \(size), \(replaces)) ON CONFLICT (account_id, id) DO NOTHING
      RETURNING \(columns)
      """
    ).map { try Record($0) }
  }

  /// Ends an upload of which nothing becomes. True when it was open. Throws: `DatabaseError`.
  @discardableResult
  public static func refuse(_ id: Key, of account: AccountID, code: String, in session: Session) throws -> Bool {
    try session.execute(
      """
      UPDATE upload SET finished_at = now(), refusal = \(code) WHERE account_id = \(account) AND id = \(id) AND finished_at IS NULL
      """) > 0
  }

  /// A file that has come whole and is in the blob store.
  public struct Whole: Sendable, Hashable {
    /// SHA-256 of it.
    public var hash: BlobHash
    /// Its type by content.
    public var type: String
    /// Whether it was uploaded from the firm's side.
    public var staff: Bool
    /// Whether it is handed out without a stamp.
    public var isUnstamped: Bool

    /// A whole file.
    public init(hash: BlobHash, type: String, staff: Bool, isUnstamped: Bool) {
      (self.hash, self.type, self.staff, self.isUnstamped) = (hash, type, staff, isUnstamped)
    }
  }

  /// Makes the document of an upload: blob, document, the job that makes its renditions, and the upload's end, in the caller's transaction. Nil when
  /// the upload has ended meanwhile.
  ///
  /// Throws: `DomainError.unavailable` as `BlobTable.keep` does; `DatabaseError`.
  public static func finish(
    _ id: Key, of account: AccountID, organisation: OrganisationID, as whole: Whole, in session: Session
  ) throws -> DocumentRecord? {
    let row = try session.row(
      "SELECT \(columns) FROM upload WHERE account_id = \(account) AND id = \(id) AND finished_at IS NULL FOR UPDATE")
    guard let row else { return nil }
    let upload = try Record(row)
    try BlobTable.keep(whole.hash, size: upload.size, in: session)
    let document: DocumentID = try session.one(
      """
      INSERT INTO document (organisation_id, topic_id, uploader_id, staff, name, type, size, hash, replaces, unstamped)
      VALUES (\(organisation), \(upload.topic), \(account), \(whole.staff), \(upload.name), \(whole.type), \(upload.size), \(whole.hash.bytes),
              \(upload.replaces), \(whole.isUnstamped)) RETURNING id
      """
    ).decode(at: 0)
    try session.execute(
      "UPDATE upload SET finished_at = now(), document_id = \(document) WHERE account_id = \(account) AND id = \(id)")
    try session.execute("INSERT INTO job (kind, document_id) VALUES ('document', \(document))")
    return try Documents.find(document, in: session)
  }

  /// Ends uploads that took too long, at most a thousand, the oldest first. Returns how many. Throws: `DatabaseError`.
  public static func expire(in session: Session) throws -> Int {
    try session.execute(
      """
      UPDATE upload SET finished_at = now(), refusal = 'expired'
       WHERE (account_id, id) IN (SELECT account_id, id FROM upload
               WHERE finished_at IS NULL AND created_at < now() - \(life.components.seconds) * interval '1 second'
               ORDER BY created_at LIMIT 1000 FOR UPDATE SKIP LOCKED)
      """)
  }

  /// Which of these uploads are open. `accounts` and `ids` go together. Throws: `DatabaseError`.
  public static func open(accounts: [AccountID], ids: [Key], in session: Session) throws -> Set<String> {
    let rows = try session.rows(
      """
      SELECT u.account_id, u.id FROM upload u JOIN unnest(\(accounts), \(ids)) AS w (account, id) ON u.account_id = w.account AND u.id = w.id
       WHERE u.finished_at IS NULL
      """)
    return Set(try rows.map { row in "\(try row.decode(at: 0, as: AccountID.self))-\(try row.decode(at: 1, as: Key.self))" })
  }
}
