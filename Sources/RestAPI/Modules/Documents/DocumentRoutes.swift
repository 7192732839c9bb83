import Domain
import HTTPTypes
import Hummingbird
import Storage

/// `/api/v1/topics/{id}/documents`, `/api/v1/documents` and `/files`.
enum DocumentRoutes {
  static func add(to table: inout RouteTable) {
    table.needs(.document, .read, .get, "/api/v1/topics/{id}/documents") { call in
      let topic: TopicID = try call.call.id()
      if let ids = try call.call.documents() {
        return list(try await DocumentActions.list(ids, of: topic, call), next: nil)
      }
      let page = try await DocumentActions.gallery(of: topic, try Documents.Filter(call.call), call)
      return list(page.items, next: page.next)
    }
    table.needs(.document, .read, .post, "/api/v1/documents/{id}/links") { call in
      let id: DocumentID = try call.call.id()
      var fields = try await call.call.fields()
      let rendition = fields.rendition()
      try fields.finish()
      let target = try await DocumentActions.link(to: id, rendition, call)
      return try .json(try await LinkAnswer(target, by: call.services.links), status: .created)
    }
    table.needs(.document, .read, .post, "/api/v1/topics/{id}/documents/links") { call in
      let topic: TopicID = try call.call.id()
      var fields = try await call.call.fields()
      let rendition = fields.rendition()
      let ids: [DocumentID] = fields.ids("documents", atMost: Documents.maximumPage)
      try fields.finish()
      var items: [LinkAnswer] = []
      for target in try await DocumentActions.links(to: ids, of: topic, rendition, call) {
        items.append(try await LinkAnswer(target, by: call.services.links))
      }
      return try .json(LinksAnswer(items: items), status: .created)
    }
    table.needs(.document, .read, .get, "/files/{id}/{rendition}") { call in try await file(call) }
  }

  private static func list(_ items: [DocumentRecord], next: DocumentID?) -> Response {
    .json(text: "{\"items\":[\(items.map(\.json).joined(separator: ","))],\"next\":\(next.map { "\"\($0)\"" } ?? "null")}")
  }

  /// The file of a signed address. An address of another session, or one that is over, leads nowhere, like one that never was.
  private static func file(_ call: SignedCall) async throws -> Response {
    let request = call.call.request
    let parameters = request.uri.queryParameters
    let id: DocumentID = try call.call.id()
    guard let name = call.call.context.parameters.get("rendition"), let rendition = DocumentRendition(rawValue: name),
      let expires = parameters["expires"].flatMap({ Int64($0) }), let signature = parameters["signature"],
      expires > call.services.clock().microseconds / 1_000_000
    else { throw Problem.notFound }
    let target = FileLinks.Target(document: id, rendition: rendition, session: call.caller.live.id, expires: expires)
    guard try await call.services.links.isValid(String(signature), of: target) else { throw Problem.notFound }

    let isDownload = parameters["download"] == "1" || rendition == .original
    let (links, handing) = (call.services.links, isDownload ? Documents.Handing.download : .view)
    let isNoted = links.isNoted(String(signature), handing)
    let file = try await DocumentActions.open(id, rendition, call) { file in
      // HEAD shows nothing, and the further parts of a look are the same look.
      guard request.method != .head else { return nil }
      if isNoted, case .part(let part) = FileAnswer(file: file, isDownload: isDownload).range(of: request), part.lowerBound > 0 {
        return nil
      }
      return handing
    }
    if request.method != .head { links.note(String(signature), handing, of: target, at: call.services.clock()) }
    let answer = FileAnswer(file: file, isDownload: isDownload)
    if answer.isKnown(to: request) { return answer.unchanged }
    let range = answer.range(of: request)
    if range == .unsatisfiable { return try answer.outOfRange() }
    return try await answer.response(
      range, from: call.services.blobs, hasBody: request.method != .head, watch: StayWatch(file, call.services))
  }
}

extension Fields {
  /// Which file of a document is meant; refused when there is no such.
  fileprivate mutating func rendition() -> DocumentRendition {
    if let rendition = DocumentRendition(name: text("rendition", 1...20)) { return rendition }
    refuse("rendition", "invalid")
    return .file
  }
}
