public import Domain

/// A document as the readers of its topic are told of it, whenever something has become of it.
public struct DocumentNews: Sendable, Hashable {
  /// Which one.
  public var document: DocumentID
  /// Where it was sent.
  public var topic: TopicID
  /// The name of the file as its uploader had it.
  public var name: String
  /// The original's size in bytes.
  public var size: Int64
  /// The type that its content showed: `pdf`, `jpeg`, …
  public var type: String
  /// Whether it was uploaded from the staff's side, and so is stamped.
  public var staff: Bool
  /// Who uploaded it.
  public var uploader: AccountID
  /// When.
  public var at: Timestamp
  /// The message that carries it.
  public var message: Int64
  /// The document that it replaces.
  public var replaces: DocumentID?
  /// What has become of its renditions: `waiting`, `ready`, `pending`, `refused`, `failed`.
  public var media: String
  /// Why they are not ready, a stable word; nil otherwise.
  public var reason: String?
  /// A staff file of a type that goes out without a stamp.
  public var unstamped: Bool
  /// Width of the renditions in pixels, once known.
  public var width: Int32?
  /// Their height.
  public var height: Int32?
  /// How many pages they have.
  public var pages: Int32?
  /// How far the work on it has come.
  public var state: DocumentState
}

extension DocumentNews {
  /// Those of `documents` that everybody in their topics may be told of: sent, and neither redacted nor taken back by a client. Ascending by id.
  ///
  /// For servers only: it asks nobody's permission. Throws: `DatabaseError`.
  public static func read(_ documents: [DocumentID], in session: Session) throws -> [DocumentNews] {
    guard !documents.isEmpty else { return [] }
    return try session.result(
      """
      SELECT d.id, d.topic_id, d.name, d.size, d.type, d.staff, d.uploader_id, d.at, d.message, d.replaces, d.media, d.media_reason,
             d.unstamped, d.width, d.height, d.pages, coalesce(k.state, 'received')
        FROM document d
        LEFT JOIN LATERAL (SELECT x.state FROM document_mark x WHERE x.document_id = d.id ORDER BY x.seq DESC LIMIT 1) k ON true
       WHERE d.id = ANY (\(documents)) AND d.message IS NOT NULL
         AND NOT EXISTS (SELECT FROM topic_entry x WHERE x.topic_id = d.topic_id AND x.message = d.message
                          AND (x.kind = 4 OR x.kind = 3 AND NOT x.staff))
       ORDER BY d.id
      """
    ).map { row in
      DocumentNews(
        document: try row.decode(at: 0), topic: try row.decode(at: 1), name: try row.decode(at: 2), size: try row.decode(at: 3),
        type: try row.decode(at: 4), staff: try row.decode(at: 5), uploader: try row.decode(at: 6), at: try row.decode(at: 7),
        message: try row.decode(at: 8), replaces: try row.decode(at: 9), media: try row.decode(at: 10),
        reason: try row.decode(at: 11), unstamped: try row.decode(at: 12), width: try row.decode(at: 13),
        height: try row.decode(at: 14), pages: try row.decode(at: 15),
        state: DocumentState(rawValue: try row.decode(at: 16)) ?? .received)
    }
  }

  /// Tells every server that something has become of these documents. Inside the transaction that did it; `Outbox.wake` after its commit.
  ///
  /// Throws: `DatabaseError`.
  public static func publish(_ documents: [DocumentID], in session: Session) throws {
    let list = documents.map(\.description).joined(separator: ",")
    try Outbox.publish(channel: "document", payload: #"{"documents":[\#(list)]}"#, in: session)
  }
}
