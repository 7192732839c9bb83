public import Domain

/// What of a document is asked for as a file.
public enum DocumentRendition: String, Sendable, Hashable, CaseIterable {
  /// What everybody gets: the stamped file of staff, the cleaned one of clients.
  case file
  /// The first page, to look at.
  case preview
  /// The first page, small.
  case thumbnail
  /// The bytes that were uploaded: for the admin only.
  case original

  /// Reads the name in an address; `stamped` and `clean` are the two that `file` can be.
  public init?(name: String) {
    switch name {
    case "stamped", "clean": self = .file
    default: self.init(rawValue: name)
    }
  }

  /// The kinds of rows in `rendition` that it can be.
  var kinds: [String] {
    switch self {
    case .file: ["stamped", "clean"]
    case .preview: ["preview"]
    case .thumbnail: ["thumbnail"]
    case .original: []
    }
  }
}

/// A file that may be handed out.
public struct DocumentFile: Sendable, Hashable {
  /// Of which document.
  public let document: DocumentID
  /// What of it.
  public let rendition: DocumentRendition
  /// The bytes, in the blob store.
  public let hash: [UInt8]
  /// The type of these bytes: that of a stamped spreadsheet is `pdf`.
  public let type: String
  /// How many bytes.
  public let size: Int64
  /// Whether they are the uploaded bytes, in which nothing was changed.
  public let isUnchanged: Bool
  /// The name that the document was uploaded with.
  public let name: String
  /// The message that carries it; nil while it isn't sent.
  public let message: Int64?
  /// By what right it is read.
  public let access: DocumentAccess
}

extension Documents {
  /// The file of a document. Nil when there is none, it isn't made yet, or not for `reader`, whichever: nobody can tell these apart.
  ///
  /// The original is told to whoever reads the topic; the caller decides by the permission table who gets it. Throws: `DatabaseError`.
  public static func file(
    _ id: DocumentID, _ rendition: DocumentRendition, for reader: DocumentReader, in session: Session
  ) throws -> DocumentFile? {
    try files(where: "d.id = \(id)", rendition, for: reader, in: session).first
  }

  /// The files of those of the documents `ids` of a topic that have one and are for `reader`, by id. Nil when the topic isn't theirs to read.
  ///
  /// Throws: `DatabaseError`.
  public static func files(
    _ ids: [DocumentID], of topic: TopicID, _ rendition: DocumentRendition, for reader: DocumentReader, in session: Session
  ) throws -> [DocumentFile]? {
    guard try access(to: topic, for: reader, in: session) != nil else { return nil }
    return try files(where: "d.topic_id = \(topic) AND d.id = ANY (\(ids))", rendition, for: reader, in: session)
  }

  private static func files(
    where condition: SQL, _ rendition: DocumentRendition, for reader: DocumentReader, in session: Session
  ) throws -> [DocumentFile] {
    let source: SQL =
      rendition == .original
      ? "SELECT d.hash, d.type, d.size"
      : "SELECT y.hash, y.type, y.size FROM rendition y WHERE y.document_id = d.id AND y.kind = ANY (\(rendition.kinds)) AND d.media = 'ready'"
    let rows = try session.rows(
      """
      SELECT d.id, f.hash, f.type, f.size, d.name, d.message, f.hash = d.hash, \(DocumentAccess.columns)
        FROM document d
        JOIN topic t ON t.id = d.topic_id
        \(DocumentAccess.joins(reader))
        CROSS JOIN LATERAL (\(source)) f
       WHERE \(condition) AND \(DocumentAccess.condition(reader)) AND \(DocumentAccess.sees(reader))
       ORDER BY d.id
      """)
    return try rows.map { row in
      DocumentFile(
        document: try row.decode(at: 0), rendition: rendition, hash: try row.decode(at: 1), type: try row.decode(at: 2),
        size: try row.decode(at: 3), isUnchanged: try row.decode(at: 6), name: try row.decode(at: 4),
        message: try row.decode(at: 5),
        access: try DocumentAccess(row, from: 7))
    }
  }

  /// How a file is handed out, for the action log.
  public enum Handing: String, Sendable {
    /// Shown in the page.
    case view
    /// Saved.
    case download
  }

  /// Writes down that a file is handed out; call it in the transaction that found the file, and send the first byte after its commit. A thumbnail is
  /// written down once for each session, document and day.
  ///
  /// Returns false when the observation by which it would be read has ended: then it isn't handed out. Throws: `DatabaseError`.
  public static func note(
    _ file: DocumentFile, _ handing: Handing, by actor: ActionLog.Actor, today: LocalDate, in session: Session
  ) throws -> Bool {
    if let observation = file.access.observation {
      guard try GhostLedger.open(file.document, file.rendition.rawValue, handing.rawValue, in: observation, session) else {
        return false
      }
    }
    if file.rendition == .thumbnail {
      let isNew = try session.execute(
        """
        INSERT INTO thumbnail_view (session_id, document_id, day) VALUES (\(actor.session), \(file.document), \(today))
        ON CONFLICT DO NOTHING
        """)
      if isNew == 0 { return true }
    }
    let device: String = try session.value("SELECT device FROM session WHERE id = \(actor.session)") ?? ""
    var detail: [String: ActionLog.Value] = [
      "document": .number(file.document.rawValue), "topic": .number(file.access.topic.rawValue),
      "rendition": .text(file.rendition.rawValue), "sha256": .text(Hex.string(file.hash)), "device": .text(device),
    ]
    if let observation = file.access.observation { detail["observation"] = .number(observation.rawValue) }
    try ActionLog.append(
      "document.\(handing.rawValue)", by: actor, organisation: file.access.organisation, detail: detail, in: session)
    return true
  }
}

/// What a stamp says to whoever holds the paper.
public struct StampRecord: Sendable, Hashable {
  /// The document's number.
  public let document: DocumentID
  /// Whose stamp it is.
  public let uploader: Named<AccountID>
  /// When it was stamped.
  public let at: Timestamp
  /// The bytes that bear it.
  public let hash: [UInt8]
  /// How many bytes they are.
  public let size: Int64
}

extension Documents {
  /// The stamp with this token; nil when there is none. Throws: `DatabaseError`.
  public static func stamp(tokenHash: [UInt8], in session: Session) throws -> StampRecord? {
    let row = try session.row(
      """
      SELECT s.document_id, a.id, a.name, s.at, s.rendition_hash, b.size
        FROM stamp s JOIN document d ON d.id = s.document_id JOIN account a ON a.id = d.uploader_id JOIN blob b ON b.hash = s.rendition_hash
       WHERE s.token_hash = \(tokenHash)
      """)
    guard let row else { return nil }
    return StampRecord(
      document: try row.decode(at: 0), uploader: Named(id: try row.decode(at: 1), name: try row.decode(at: 2)),
      at: try row.decode(at: 3),
      hash: try row.decode(at: 4), size: try row.decode(at: 5))
  }
}
