import Domain
import Foundation
import HTTPTypes
import Storage

/// The end of an upload: what its bytes are, whether they are taken, and the document that comes of it.
///
/// The caller may have gone by now. What is temporary leaves the upload open, so that the client asks again; a refusal ends it.
struct UploadEnd: Sendable {
  let record: Uploads.Record
  let call: SignedCall

  private var services: RestServices { call.services }

  /// Throws: 404 when the right to write was lost meanwhile; 413 and 422 with why the file isn't taken; 503.
  func run(_ file: UploadFile) async throws -> DocumentRecord {
    do {
      let document = try await take(file)
      await services.wakeWorkers()
      services.uploads.forget(record.account, record.id)
      return document
    } catch let problem as Problem where Self.isFinal(problem) {
      let (id, account) = (record.id, record.account)
      try await services.database.run { try Uploads.refuse(id, of: account, code: problem.code, in: $0) }
      services.uploads.forget(account, id)
      throw problem
    }
  }

  /// A refusal of these bytes, or of this caller, for good.
  private static func isFinal(_ problem: Problem) -> Bool {
    [.unprocessableContent, .contentTooLarge, .notFound].contains(problem.status)
  }

  private func take(_ file: UploadFile) async throws -> DocumentRecord {
    let look = try await services.uploads.look(file)
    let type: FileType
    do throws(FileRefusal) {
      type = try FileTypeSniffer.sniff(head: look.head, tail: look.tail, size: look.size, name: record.name)
    } catch {
      throw Problem.refused(error)
    }
    let settings = try await services.database.run { try DocumentSettings.read(in: $0) }
    guard look.size <= settings.limit(of: type) else { throw UploadActions.tooLarge(settings.limit(of: type)) }
    let isSigned = type == .pdf ? try await isSigned(file, size: look.size) : false
    // The side is looked at before the store is asked, so that a refusal costs nothing, and again in the transaction that decides.
    let now = services.clock()
    let (call, topic) = (call, record.topic)
    let side = try await services.database.run { try UploadActions.place(topic, call, at: now, $0).rights.staff == true }
    _ = try stamping(type, isSigned, staff: side, settings)
    try await services.uploads.scan(file)
    try await keep(file, look)
    return try await finish(look, type, isSigned, settings)
  }

  private func keep(_ file: UploadFile, _ look: UploadFile.Look) async throws {
    let isKnown = try await services.database.run { try BlobTable.claim(look.hash, in: $0) }
    do {
      try await services.uploads.keep(file, look, isKnown: isKnown, in: services.blobs)
    } catch let error as BlobError where error.kind == .source {
      // It was given up, and its file removed, while it was read.
      throw Problem.takenOver
    }
  }

  private func finish(
    _ look: UploadFile.Look, _ type: FileType, _ isSigned: Bool, _ settings: DocumentSettings
  ) async throws -> DocumentRecord {
    let now = services.clock()
    let (record, end) = (record, self)
    return try await call.write { call, session in
      let access = try UploadActions.place(record.topic, call, at: now, session)
      let isStaff = access.rights.staff == true
      let stamping = try end.stamping(type, isSigned, staff: isStaff, settings)
      let whole = Uploads.Whole(
        hash: look.hash, type: type.rawValue, staff: isStaff, isUnstamped: stamping == .unstamped)
      guard
        let document = try Uploads.finish(
          record.id, of: record.account, organisation: access.organisation, as: whole, in: session)
      else { throw Problem(.conflict, "conflict", "The upload has ended meanwhile.") }
      try ActionLog.append(
        "document.upload", by: call.actor, organisation: access.organisation,
        detail: [
          "document": .number(document.id.rawValue), "topic": .number(record.topic.rawValue), "name": .text(record.name),
          "type": .text(type.rawValue), "size": .number(look.size), "sha256": .text(look.hash.hex),
        ], in: session)
      return document
    }
  }

  /// What is to be done with the file. Throws: 422 when staff may not hand it out.
  private func stamping(
    _ type: FileType, _ isSigned: Bool, staff: Bool, _ settings: DocumentSettings
  ) throws(Problem) -> DocumentSettings.Stamping {
    guard staff else { return .stamped }
    let stamping = settings.stamping(of: type, isSigned: isSigned)
    guard stamping != .refused else {
      throw isSigned
        ? Problem(
          .unprocessableContent, "signed_pdf",
          "A stamp would break the signature of this PDF, and the admin has not allowed it without.")
        : Problem(
          .unprocessableContent, "unstampable", "Files of this type can't be stamped, and the admin has not allowed them without."
        )
    }
    return stamping
  }

  /// Whether a PDF bears a signature: the bytes that one covers are always told in the clear, as `/ByteRange`.
  private func isSigned(_ file: UploadFile, size: Int64) async throws -> Bool {
    let mark = Data("/ByteRange".utf8)
    var offset: Int64 = 0
    var rest = Data()
    while offset < size {
      let start = offset
      let piece = try await BlobThreads.shared.run { () throws(BlobError) in try file.read(at: start, count: 1 << 20) }
      guard !piece.isEmpty else { break }
      rest.append(contentsOf: piece)
      if rest.range(of: mark) != nil { return true }
      rest = Data(rest.suffix(mark.count - 1))
      offset += Int64(piece.count)
    }
    return false
  }
}
