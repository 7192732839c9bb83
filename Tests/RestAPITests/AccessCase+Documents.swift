import Domain
import HTTPTypes
import ServerKit
import Storage
import TestSupport

@testable import RestAPI

extension AccessWorld {
  /// Somebody who takes part in the own side's topics: the admin too, by an assignment.
  func joined(_ caller: Signed) async throws {
    guard caller.account == person(.admin).account else { return }
    try await bench.database.makeAssignment(caller.account, organisation: here.id)
  }

  /// An upload of five bytes that has just begun.
  func newUpload(of account: AccountID, in topic: TopicID) async throws -> Key {
    let (id, session) = (Key.random(), try await bench.database.makeSession(account))
    try await bench.database.app.run {
      try $0.execute(
        """
        INSERT INTO upload (id, account_id, session_id, topic_id, name, size) VALUES (\(id), \(account), \(session), \(topic), 'a.txt', 5)
        """)
    }
    return id
  }

  /// A document that was sent and is ready.
  func newDocument(own: Bool) async throws -> DocumentID {
    let documents = DocumentBench(
      bench: bench, here: own ? here : there, there: there, admin: person(.admin), supervisor: person(.supervisor),
      accountant: person(.accountant), client: own ? person(.client) : foreignClient, stranger: foreignClient)
    let (place, uploader, hash) = (documents.here, documents.client.account, try await documents.keep(Sample.text))
    let document: DocumentID = try await bench.database.app.run {
      try $0.one(
        """
        INSERT INTO document (organisation_id, topic_id, uploader_id, staff, name, type, size, hash)
        VALUES (\(place.id), \(place.topic(.bank)), \(uploader), false, 'a.txt', 'txt', 14, \(hash)) RETURNING id
        """
      ).decode(at: 0)
    }
    try await documents.send(document, as: Int64(AccessCase.fresh()))
    try await documents.make(["clean", "preview"], of: document, Sample.pdf)
    return document
  }

  /// Lets admin and supervisor look, inside an observation.
  func observed(by caller: Signed) async throws {
    guard [person(.admin).account, person(.supervisor).account].contains(caller.account) else { return }
    let (account, session, topic) = (caller.account, caller.session, here.topic(.bank))
    try await bench.database.app.run {
      try $0.execute(
        """
        INSERT INTO observation (account_id, session_id, topic_id, reason, ends_at)
        VALUES (\(account), \(session), \(topic), 'a complaint', now() + interval '30 minutes')
        """)
    }
  }
}

extension AccessCase {
  /// For what is only there for those who take part in the own side's topic: the admin of these cases does, the supervisor doesn't.
  private static func taking(_ status: Int) -> [Int] { [status, 404, status, status, 403, 403, 403, 403, 403] }
  /// For what those who watch get too.
  private static func reading(_ status: Int) -> [Int] { [status, status, status, status, 403, 403, 403, 403, 403] }
  private static let foreign = [404, 404, 404, 404, 403, 403, 403, 403, 403]

  static let documentCases: [AccessCase] = [
    AccessCase(.post, "/api/v1/uploads", own: taking(201), foreign: foreign) { world, caller, own in
      try await world.joined(caller)
      let topic = (own ? world.here : world.there).topic(.bank)
      return ("/api/v1/uploads", #"{"id":"\#(Key.random())","topic":\#(topic),"name":"a.txt","size":5}"#)
    },
    AccessCase(.get, "/api/v1/uploads/{id}", own: reading(200), foreign: foreign) { world, caller, own in
      let owner = own ? caller.account : world.foreignClient.account
      let id = try await world.newUpload(of: owner, in: (own ? world.here : world.there).topic(.bank))
      return ("/api/v1/uploads/\(id)", nil)
    },
    // The bytes are the last ones, so that the right to write is judged.
    AccessCase(.patch, "/api/v1/uploads/{id}", own: taking(200), foreign: foreign, headers: [.uploadOffset: "0"]) {
      world, caller, own in
      try await world.joined(caller)
      let owner = own ? caller.account : world.foreignClient.account
      let id = try await world.newUpload(of: owner, in: (own ? world.here : world.there).topic(.bank))
      return ("/api/v1/uploads/\(id)", "salom")
    },
    AccessCase(.delete, "/api/v1/uploads/{id}", own: reading(204), foreign: foreign) { world, caller, own in
      let owner = own ? caller.account : world.foreignClient.account
      let id = try await world.newUpload(of: owner, in: (own ? world.here : world.there).topic(.bank))
      return ("/api/v1/uploads/\(id)", nil)
    },
    AccessCase(.get, "/api/v1/topics/{id}/documents", own: reading(200), foreign: foreign) { world, caller, own in
      try await world.observed(by: caller)
      return ("/api/v1/topics/\((own ? world.here : world.there).topic(.bank))/documents", nil)
    },
    AccessCase(.post, "/api/v1/documents/{id}/links", own: reading(201), foreign: foreign) { world, caller, own in
      try await world.observed(by: caller)
      return ("/api/v1/documents/\(try await world.newDocument(own: own))/links", #"{"rendition":"preview"}"#)
    },
    AccessCase(.post, "/api/v1/topics/{id}/documents/links", own: reading(201), foreign: foreign) { world, caller, own in
      try await world.observed(by: caller)
      let document = try await world.newDocument(own: own)
      let topic = (own ? world.here : world.there).topic(.bank)
      return ("/api/v1/topics/\(topic)/documents/links", #"{"documents":[\#(document)],"rendition":"preview"}"#)
    },
    AccessCase(.get, "/files/{id}/{rendition}", own: reading(200), foreign: foreign) { world, caller, own in
      try await world.observed(by: caller)
      let document = try await world.newDocument(own: own)
      let expires = world.bench.clock.time.advanced(by: .seconds(60)).microseconds / 1_000_000
      let target = FileLinks.Target(document: document, rendition: .preview, session: caller.session, expires: expires)
      let signature = try await world.bench.services.links.sign(target)
      return ("/files/\(document)/preview?expires=\(expires)&signature=\(signature)", nil)
    },
    AccessCase(.get, "/api/v1/verify/{token}", own: all(404)) { _, _, _ in ("/api/v1/verify/\(StampToken().text)", nil) },
    AccessCase(.get, "/api/v1/verify/{token}/compare", own: all(404)) { _, _, _ in
      ("/api/v1/verify/\(StampToken().text)/compare?size=5", nil)
    },
    AccessCase(.post, "/api/v1/verify/{token}/compare", own: all(404)) { _, _, _ in
      ("/api/v1/verify/\(StampToken().text)/compare", "salom")
    },
    AccessCase(.get, "/api/v1/settings/documents", own: only(200, 0)) { _, _, _ in ("/api/v1/settings/documents", nil) },
    AccessCase(.put, "/api/v1/settings/documents", own: only(200, 0)) { _, _, _ in
      (
        "/api/v1/settings/documents",
        #"{"version":0,"size":1000,"sizes":{"pdf":2000},"unstamped":["xml"],"accountDaily":5000,"organisationTotal":50000}"#
      )
    },
    AccessCase(.get, "/api/v1/settings/watermark", own: only(200, 0)) { _, _, _ in ("/api/v1/settings/watermark", nil) },
    AccessCase(.put, "/api/v1/settings/watermark", own: only(200, 0)) { _, _, _ in
      ("/api/v1/settings/watermark", #"{"version":0,"text":"1fin","opacity":0.2,"position":"topLeft"}"#)
    },
    AccessCase(.get, "/api/v1/settings/watermark/logo", own: only(404, 0)) { _, _, _ in ("/api/v1/settings/watermark/logo", nil)
    },
    AccessCase(.put, "/api/v1/settings/watermark/logo", own: only(422, 0)) { _, _, _ in
      ("/api/v1/settings/watermark/logo", "no picture")
    },
    AccessCase(.delete, "/api/v1/settings/watermark/logo", own: only(200, 0)) { _, _, _ in
      ("/api/v1/settings/watermark/logo", nil)
    },
    AccessCase(.post, "/api/v1/settings/watermark/samples", own: only(201, 0)) { _, _, _ in
      ("/api/v1/settings/watermark/samples", #"{"version":0,"text":"1fin","opacity":0.2,"position":"topLeft"}"#)
    },
    AccessCase(.get, "/api/v1/settings/watermark/samples/{id}", own: only(200, 0)) { world, _, _ in
      let number = try await world.bench.database.app.run { try WatermarkSamples.ask(for: .initial, in: $0) }
      return ("/api/v1/settings/watermark/samples/\(number)", nil)
    },
  ]
}
