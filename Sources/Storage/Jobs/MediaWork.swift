public import Domain

/// What a job says about its document, and what comes of it.
public enum MediaWork {
  /// A document whose renditions are to be made.
  public struct Paper: Sendable, Hashable {
    /// The document.
    public let id: DocumentID
    /// Where it was uploaded to.
    public let topic: TopicID
    /// Who uploaded it.
    public let uploader: AccountID
    /// When it leaves with a stamp.
    public enum Stamping: Sendable, Hashable {
      /// A client uploaded it, or its type is one that staff may hand out without.
      case never
      /// Staff uploaded it.
      case always
      /// Staff uploaded a PDF that goes out without if it is signed: it claims to be.
      case unlessSigned
    }

    /// When it leaves with a stamp.
    public let stamping: Stamping
    /// Whether it may leave only with a stamp.
    public var isStamped: Bool { stamping == .always }
    /// The type that its content showed.
    public let type: String
    /// The untouched bytes.
    public let hash: BlobHash
    /// Bytes of them.
    public let size: Int64
    /// When it was uploaded.
    public let at: Timestamp
    /// How far it is: `waiting`, `ready`, …
    public let media: String
  }

  /// A file that was made.
  public struct Rendition: Sendable, Hashable {
    /// What it is for.
    public enum Kind: String, Sendable {
      /// What everybody gets of a staff document.
      case stamped
      /// What everybody gets of others.
      case clean
      /// The first page, to look at.
      case preview
      /// The first page, small.
      case thumbnail
    }

    /// What it is for.
    public var kind: Kind
    /// Its bytes, which are in the blob store.
    public var hash: BlobHash
    /// Its type.
    public var type: String
    /// Bytes.
    public var size: Int64
    /// Pixels across, if it is a picture.
    public var width: Int32?
    /// Pixels down, if it is a picture.
    public var height: Int32?
    /// Pages, if it has any.
    public var pages: Int32?

    /// A file that was made.
    public init(
      kind: Kind, hash: BlobHash, type: String, size: Int64, width: Int32? = nil, height: Int32? = nil, pages: Int32? = nil
    ) {
      (self.kind, self.hash, self.type, self.size) = (kind, hash, type, size)
      (self.width, self.height, self.pages) = (width, height, pages)
    }
  }

  /// Why a document has no renditions.
  public enum State: String, Sendable {
    /// Something that makes them isn't installed.
    case pending
    /// It is not what may be shown.
    case refused
    /// It was tried often enough.
    case failed
  }

  /// The document of a job; nil when there is none. Throws: `DatabaseError`.
  public static func paper(_ id: DocumentID, in session: Session) throws -> Paper? {
    let row = try session.row(
      """
      SELECT id, topic_id, uploader_id, staff, type, hash, size, at, media, unstamped FROM document WHERE id = \(id)
      """)
    guard let row else { return nil }
    guard let hash = BlobHash(bytes: try row.decode(at: 5, as: [UInt8].self)) else {
      throw DatabaseError(.decoding, "the hash of a document is not 32 bytes")
    }
    let (isStaff, isUnstamped, type): (Bool, Bool, String) = (
      try row.decode(at: 3), try row.decode(at: 9), try row.decode(at: 4)
    )
    var stamping = Paper.Stamping.never
    if isStaff, !isUnstamped { stamping = .always }
    // Whoever took the upload has only seen that it looks signed; nobody has parsed it yet.
    if isUnstamped, type == FileType.pdf.rawValue, try !DocumentSettings.read(in: session).unstamped.contains(type) {
      stamping = .unlessSigned
    }
    return Paper(
      id: try row.decode(at: 0), topic: try row.decode(at: 1), uploader: try row.decode(at: 2), stamping: stamping, type: type,
      hash: hash, size: try row.decode(at: 6), at: try row.decode(at: 7),
      media: try row.decode(at: 8))
  }

  /// Writes down what was made and that the document is ready, and ends the job. `wake` the outbox after the commit.
  ///
  /// - Parameters:
  ///   - renditions: what was made; the first is what everybody gets.
  ///   - token: SHA-256 of the stamp's token; nil when there is no stamp.
  /// - Returns: false when the lease isn't the worker's any more: nothing is written then.
  /// - Throws: `DatabaseError`.
  public static func ready(
    _ paper: Paper, by job: Job, renditions: [Rendition], token: [UInt8]?, in session: Session
  ) throws -> Bool {
    guard try Jobs.finish(job, in: session), let main = renditions.first else { return false }
    // In the order of the hashes, so that two workers never wait for each other's rows.
    for rendition in renditions.sorted(by: { $0.hash < $1.hash }) {
      try BlobTable.keep(rendition.hash, size: rendition.size, in: session)
    }
    for rendition in renditions {
      try session.execute(
        """
        INSERT INTO rendition (document_id, kind, hash, type, size, width, height, pages)
        VALUES (\(paper.id), \(rendition.kind.rawValue), \(rendition.hash.bytes), \(rendition.type), \(rendition.size),
                \(rendition.width), \(rendition.height), \(rendition.pages))
        """)
    }
    if let token {
      try session.execute(
        "INSERT INTO stamp (document_id, token_hash, rendition_hash) VALUES (\(paper.id), \(token), \(main.hash.bytes))")
    }
    try session.execute(
      """
      UPDATE document SET media = 'ready', media_reason = NULL, width = \(main.width), height = \(main.height), pages = \(main.pages)
       WHERE id = \(paper.id)
      """)
    try tell(paper.id, in: session)
    return true
  }

  /// Writes down why a document has no renditions, and ends the job. `wake` the outbox after the commit.
  ///
  /// - Parameter reason: a stable word.
  /// - Returns: false when the lease isn't the worker's any more: nothing is written then.
  /// - Throws: `DatabaseError`.
  public static func settle(_ paper: Paper, by job: Job, as state: State, reason: String, in session: Session) throws -> Bool {
    guard try Jobs.finish(job, in: session) else { return false }
    try mark(paper.id, state, reason, in: session)
    return true
  }

  /// Ends an attempt that failed; after the last one the document has failed.
  ///
  /// - Parameters:
  ///   - reason: a stable word, for the page.
  ///   - error: why, for whoever runs the servers.
  /// - Throws: `DatabaseError`.
  public static func fail(
    _ paper: Paper, by job: Job, reason: String, error: String, in session: Session
  ) throws -> Jobs.Failure {
    let outcome = try Jobs.fail(job, error: error, in: session)
    if outcome == .final { try mark(paper.id, .failed, reason, in: session) }
    return outcome
  }

  /// Ends a job whose last attempt's worker vanished. Returns it; nil when there was none. Throws: `DatabaseError`.
  public static func abandon(in session: Session) throws -> Job? {
    guard let job = try Jobs.abandon(in: session) else { return nil }
    if let id = job.document { try mark(id, .failed, "worker_lost", in: session) }
    return job
  }

  /// Has everything that waits for a converter tried again: it has been installed. Returns how many. Throws: `DatabaseError`.
  public static func retryPending(reason: String, in session: Session) throws -> Int {
    try session.execute(
      """
      INSERT INTO job (kind, document_id)
      SELECT 'document', d.id FROM document d WHERE d.media = 'pending' AND d.media_reason = \(reason)
      ON CONFLICT (document_id, kind) WHERE state IN ('waiting', 'leased') DO NOTHING
      """)
  }

  private static func mark(_ id: DocumentID, _ state: State, _ reason: String, in session: Session) throws {
    try session.execute(
      "UPDATE document SET media = \(state.rawValue), media_reason = \(reason) WHERE id = \(id) AND media <> 'ready'")
    try tell(id, in: session)
  }

  /// News for the servers that show it.
  private static func tell(_ id: DocumentID, in session: Session) throws {
    try Outbox.publish(channel: "document", payload: "{\"documents\":[\(id)]}", in: session)
  }
}
