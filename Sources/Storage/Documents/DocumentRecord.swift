public import Domain

/// A document as pages know it: what was uploaded, and how far its renditions and the work on it are.
public struct DocumentRecord: Sendable, Hashable {
  /// The document.
  public let id: DocumentID
  /// Where it was uploaded to.
  public let topic: TopicID
  /// The file's name, without a path.
  public let name: String
  /// Bytes of the original.
  public let size: Int64
  /// The type that its content showed: `pdf`, `jpeg`, …
  public let type: String
  /// Whether its uploader was on the firm's side.
  public let staff: Bool
  /// Who uploaded it.
  public let uploader: AccountID
  /// When it had come whole.
  public let at: Timestamp
  /// The message that carries it; nil while it isn't sent.
  public let message: Int64?
  /// The document whose newer version it is.
  public let replaces: DocumentID?
  /// `waiting`, `ready`, `pending`, `refused` or `failed`.
  public let media: String
  /// Why it is pending, refused or failed, as a stable word.
  public let mediaReason: String?
  /// Whether staff hand it out without a stamp.
  public let isUnstamped: Bool
  /// Pixels of the rendition across.
  public let width: Int32?
  /// Pixels of the rendition down.
  public let height: Int32?
  /// Pages of the rendition.
  public let pages: Int32?
  /// How far the work on it is: `received`, `inWork`, `processed` or `returned`.
  public let state: String

  /// The columns of a document `d`, to be read by `init(_:from:)`; needs `joins`.
  static let columns: SQL = """
    d.id, d.topic_id, d.name, d.size, d.type, d.staff, d.uploader_id, d.at, d.message, d.replaces, d.media, d.media_reason, \
    d.unstamped AND NOT EXISTS (SELECT FROM stamp x WHERE x.document_id = d.id), \
    d.width, d.height, d.pages, coalesce(k.state, 'received')
    """

  /// The newest mark `k` of a document `d`.
  static let joins: SQL =
    "LEFT JOIN LATERAL (SELECT x.state FROM document_mark x WHERE x.document_id = d.id ORDER BY x.seq DESC LIMIT 1) k ON true"

  /// Reads `columns`, the first of which is at `first`.
  init(_ row: Row, from first: Int = 0) throws {
    id = try row.decode(at: first)
    topic = try row.decode(at: first + 1)
    name = try row.decode(at: first + 2)
    size = try row.decode(at: first + 3)
    type = try row.decode(at: first + 4)
    staff = try row.decode(at: first + 5)
    uploader = try row.decode(at: first + 6)
    at = try row.decode(at: first + 7)
    message = try row.decode(at: first + 8)
    replaces = try row.decode(at: first + 9)
    media = try row.decode(at: first + 10)
    mediaReason = try row.decode(at: first + 11)
    isUnstamped = try row.decode(at: first + 12)
    width = try row.decode(at: first + 13)
    height = try row.decode(at: first + 14)
    pages = try row.decode(at: first + 15)
    state = try row.decode(at: first + 16)
  }

  /// The JSON object of docs/documents.md: REST answers and chat events carry these same bytes.
  public var json: String {
    var fields: [String] = [
      "\"document\":\(id)", "\"topic\":\(topic)", "\"name\":\(JSONText.quoted(name))", "\"size\":\(size)",
      "\"type\":\(JSONText.quoted(type))", "\"staff\":\(staff)", "\"uploader\":\(uploader)", "\"at\":\"\(at.rfc3339)\"",
      "\"message\":\(Self.number(message))", "\"replaces\":\(Self.number(replaces?.rawValue))",
      "\"media\":\(JSONText.quoted(media))",
    ]
    if let mediaReason { fields.append("\"reason\":\(JSONText.quoted(mediaReason))") }
    if isUnstamped { fields.append("\"unstamped\":true") }
    if let width { fields.append("\"width\":\(width)") }
    if let height { fields.append("\"height\":\(height)") }
    if let pages { fields.append("\"pages\":\(pages)") }
    fields.append("\"state\":\(JSONText.quoted(state))")
    return "{" + fields.joined(separator: ",") + "}"
  }

  private static func number(_ number: Int64?) -> String { number.map { String($0) } ?? "null" }
}
