import Domain
import Foundation
import Storage

/// Documents as they are listed and handed out.
enum DocumentActions {
  /// Those of the documents that the caller may know of. Throws: 404 when the topic isn't theirs to read.
  static func list(_ ids: [DocumentID], of topic: TopicID, _ call: SignedCall) async throws -> [DocumentRecord] {
    let reader = reader(call)
    let found = try await call.services.database.transaction { try Documents.list(ids, of: topic, for: reader, in: $0) }
    guard let found else { throw Problem.notFound }
    return found
  }

  /// A page of the gallery. Throws: as `list`.
  static func gallery(
    of topic: TopicID, _ filter: Documents.Filter, _ call: SignedCall
  ) async throws -> (items: [DocumentRecord], next: DocumentID?) {
    let reader = reader(call)
    let page = try await call.services.database.transaction { session -> GalleryPage? in
      try Documents.gallery(of: topic, filter, for: reader, in: session).map { GalleryPage(items: $0.items, next: $0.next) }
    }
    guard let page else { throw Problem.notFound }
    return (page.items, page.next)
  }

  private struct GalleryPage: Sendable {
    let items: [DocumentRecord]
    let next: DocumentID?
  }

  /// An address of a file for the caller's session. Throws: 404 for what is foreign, missing or not made yet.
  static func link(to id: DocumentID, _ rendition: DocumentRendition, _ call: SignedCall) async throws -> FileLinks.Target {
    try await call.judge { call, session in
      guard try file(id, rendition, call, session) != nil else { throw Problem.notFound }
    }
    return target(id, rendition, call)
  }

  /// Addresses of the files of many documents of a topic; those of which there is none for the caller are left out. Throws: 404 when the topic
  /// isn't theirs to read.
  static func links(
    to ids: [DocumentID], of topic: TopicID, _ rendition: DocumentRendition, _ call: SignedCall
  ) async throws -> [FileLinks.Target] {
    let found = try await call.judge { call, session in
      guard let files = try Documents.files(ids, of: topic, rendition, for: reader(call), in: session) else {
        throw Problem.notFound
      }
      return files.filter { mayRead($0, call) }.map(\.document)
    }
    return found.map { target($0, rendition, call) }
  }

  private static func target(_ id: DocumentID, _ rendition: DocumentRendition, _ call: SignedCall) -> FileLinks.Target {
    FileLinks.Target(
      document: id, rendition: rendition, session: call.caller.live.id,
      expires: call.services.clock().advanced(by: FileLinks.life).microseconds / 1_000_000)
  }

  /// Finds a file that is about to be handed out and writes that down, in one transaction. Throws: 404 for what isn't the caller's to have.
  ///
  /// - Parameter handing: how the file is handed out; nil when no byte of it is, or only more of what was begun: that isn't written down.
  static func open(
    _ id: DocumentID, _ rendition: DocumentRendition, _ call: SignedCall,
    as handing: @escaping @Sendable (DocumentFile) -> Documents.Handing?
  ) async throws -> DocumentFile {
    let (actor, today) = (call.actor, LocalDate(inTashkentAt: call.services.clock()))
    let found = try await call.services.database.transaction { session -> DocumentFile? in
      guard let file = try file(id, rendition, call, session) else { return nil }
      guard let handing = handing(file) else { return file }
      return try Documents.note(file, handing, by: actor, today: today, in: session) ? file : nil
    }
    guard let found else { throw Problem.notFound }
    return found
  }

  private static func file(
    _ id: DocumentID, _ rendition: DocumentRendition, _ call: SignedCall, _ session: Session
  ) throws -> DocumentFile? {
    guard let file = try Documents.file(id, rendition, for: reader(call), in: session), mayRead(file, call) else { return nil }
    return file
  }

  private static func mayRead(_ file: DocumentFile, _ call: SignedCall) -> Bool {
    let place = ObjectPlace(
      organisation: file.access.organisation, department: file.access.department, assigned: file.access.rights.staff == true)
    return allows(call.caller.live.memberships, .document, file.rendition == .original ? .readOriginal : .read, on: place)
  }

  private static func reader(_ call: SignedCall) -> DocumentReader {
    DocumentReader(account: call.account, session: call.caller.live.id, at: call.services.clock())
  }
}
