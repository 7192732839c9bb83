import Domain
import Foundation
import HTTPTypes
import Storage

/// A new upload, as sent.
struct NewUpload: Sendable {
  let id: Key
  let topic: TopicID
  let name: String
  let size: Int64
  let replaces: DocumentID?

  init(_ fields: inout Fields) throws(Problem) {
    id = fields.key("id")
    topic = fields.id("topic")
    name = Self.fileName(fields.text("name", 1...1000))
    if name.isEmpty { fields.refuse("name", "invalid") }
    size = fields.integer("size", 1...Int64.max)
    replaces = fields.optionalID("replaces")
    try fields.finish()
  }

  /// The last part of a path, without what makes a name look like another: marks that turn the direction of writing, and letters without width.
  /// Long names keep their end, which says the type.
  static func fileName(_ text: String) -> String {
    let last = text.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last ?? ""
    var scalars = String.UnicodeScalarView()
    for scalar in last.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: continue
      default: scalars.append(scalar)
      }
    }
    let name = String(scalars).trimmingCharacters(in: .whitespaces)
    guard name.contains(where: { $0 != "." }) else { return "" }
    let count = name.unicodeScalars.count
    guard count > 255 else { return name }
    let end = name.unicodeScalars.suffix(20)
    let start = name.unicodeScalars.prefix(254 - end.count)
    return String(String.UnicodeScalarView(start)) + "…" + String(String.UnicodeScalarView(end))
  }

  /// Whether an upload that was begun under this id is the same one.
  func isSame(as record: Uploads.Record) -> Bool {
    record.topic == topic && record.name == name && record.size == size && record.replaces == replaces
  }
}

/// How far an upload is, as answers carry it.
struct UploadAnswer: Encodable {
  let id: String
  let topic: Int64
  let name: String
  let size: Int64
  /// How many bytes have come; the next ones belong there.
  let offset: Int64
  /// The most bytes of one request.
  let chunk: Int64
  /// The code of why nothing became of it; absent while it is open, and when it is a document.
  let refusal: String?

  init(_ record: Uploads.Record, offset: Int64) {
    id = record.id.description
    topic = record.topic.rawValue
    name = record.name
    size = record.size
    self.offset = offset
    chunk = UploadStream.chunk
    refusal = record.refusal
  }
}

extension Problem {
  static let diskFull = Problem(
    HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage"), "disk_full",
    "The server has no room for this file now; try again later.", retryAfter: 60)
  static let takenOver = Problem(.conflict, "taken_over", "Another request goes on with this upload.")

  /// What a file is refused for by its content. Pages have a sentence of their own for each code.
  static func refused(_ refusal: FileRefusal) -> Problem {
    let detail =
      switch refusal {
      case .empty: "The file is empty."
      case .unknownType: "Files of this type are not taken."
      case .oldOffice: "Files of old Word and Excel are not taken; save it as DOCX or XLSX."
      case .disguised: "The file's name says another type than its content."
      case .encrypted: "The file needs a password; save it without one."
      case .macros: "The file holds macros."
      case .polyglot: "The file is of two types at once."
      case .activeContent: "The file holds a script or a page."
      case .broken: "The file is damaged or not whole."
      case .bomb: "The file grows out of all proportion when it is unpacked."
      }
    return Problem(.unprocessableContent, refusal.rawValue, detail)
  }
}
