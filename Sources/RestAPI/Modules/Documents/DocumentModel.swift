import Domain
import Hummingbird
import Storage

/// An address of a file, as answers carry it.
struct LinkAnswer: Encodable {
  let document: Int64
  let address: String
  let expires: String

  /// Signs the address.
  init(_ target: FileLinks.Target, by links: FileLinks) async throws {
    document = target.document.rawValue
    expires = Timestamp(microseconds: target.expires * 1_000_000).rfc3339
    let signature = try await links.sign(target)
    address = "/files/\(target.document)/\(target.rendition.rawValue)?expires=\(target.expires)&signature=\(signature)"
  }
}

/// Many of them.
struct LinksAnswer: Encodable {
  let items: [LinkAnswer]
}

extension Documents.Filter {
  /// Reads a gallery's filter from the address. Throws: 422 by the name of what can't be used.
  init(_ call: Call) throws(Problem) {
    self.init()
    let parameters = call.request.uri.queryParameters
    if let word = parameters["kind"], !word.isEmpty {
      guard let kind = FileType.Kind(rawValue: String(word)) else { throw .invalid(["kind": "invalid"]) }
      self.kind = kind
    }
    if let month = parameters["month"], !month.isEmpty {
      guard let first = LocalDate("\(month)-01") else { throw .invalid(["month": "invalid"]) }
      // Some day of the next month, whatever this one's length.
      let next = first.advanced(by: 31)
      let start = next.advanced(by: 1 - next.day)
      (from, to) = (first.startInTashkent, start.startInTashkent)
    }
    person = try call.query("person").map { AccountID($0) }
    before = try call.query("before").map { DocumentID($0) }
    let limit = try call.query("limit") ?? 50
    guard limit <= 100 else { throw .invalid(["limit": "invalid"]) }
    self.limit = Int(limit)
  }
}

extension Call {
  /// The documents that the address names, separated by commas; nil when it names none. Throws: 422 for too many, and for what is no number.
  func documents() throws(Problem) -> [DocumentID]? {
    guard let text = request.uri.queryParameters["ids"], !text.isEmpty else { return nil }
    var ids: [DocumentID] = []
    for part in text.split(separator: ",") {
      guard let number = Int64(part), number > 0, ids.count < Documents.maximumPage else { throw .invalid(["ids": "invalid"]) }
      ids.append(DocumentID(number))
    }
    return ids
  }
}
