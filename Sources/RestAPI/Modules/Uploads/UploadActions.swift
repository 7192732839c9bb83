import Domain
import HTTPTypes
import Hummingbird
import Storage

/// Uploading: the right to write in the topic, room, the bytes, and what they turn out to be.
enum UploadActions {
  /// How many uploads one account may have open.
  static let open = 8
  /// How many it may begin within 24 hours, however they end: each leaves a row for good.
  static let daily = 2000

  /// An upload and how far it has come.
  struct Progress: Sendable {
    let record: Uploads.Record
    let offset: Int64
    /// What it has become.
    let document: DocumentRecord?
    /// Whether this request made it.
    let isNew: Bool
  }

  /// Begins an upload, or finds the one that this request has begun before.
  ///
  /// Throws: 404 when the topic is not one to write in; 409 for an id that was used for something else; 413; 422; 429 with too many open; 507.
  static func begin(_ new: NewUpload, _ call: SignedCall) async throws -> Progress {
    let desk = call.services.uploads
    let now = call.services.clock()
    try await desk.prepare()
    let (record, isNew) = try await call.write { call, session in
      let access = try place(new.topic, call, at: now, session)
      if let known = try Uploads.find(new.id, of: call.account, in: session) {
        guard new.isSame(as: known) else { throw Problem(.conflict, "conflict", "This id was used for another upload.") }
        return (known, false)
      }
      let settings = try DocumentSettings.read(in: session)
      guard new.size <= settings.largest else { throw tooLarge(settings.largest) }
      if let replaces = new.replaces {
        guard try Uploads.mayReplace(replaces, in: new.topic, by: call.account, in: session) else {
          throw Problem.invalid(["replaces": "unknown"])
        }
      }
      let usage = try Uploads.usage(of: call.account, in: access.organisation, in: session)
      guard usage.open < open else {
        throw Problem(.tooManyRequests, "too_many_uploads", "Finish or cancel some uploads first.", retryAfter: 10)
      }
      guard usage.begun < daily, usage.accountBytes + new.size <= settings.accountDaily else {
        throw Problem(.tooManyRequests, "quota_account", "You have uploaded too much within a day.", retryAfter: 3600)
      }
      guard usage.organisationBytes + new.size <= settings.organisationTotal else {
        throw Problem(.forbidden, "quota_organisation", "The company's room for documents is used up.")
      }
      try desk.checkRoom(for: new.size)
      let record = try Uploads.begin(
        new.id, by: call.account, session: call.caller.live.id, topic: new.topic, name: new.name, size: new.size,
        replaces: new.replaces, in: session)
      guard let record else { throw Problem(.conflict, "conflict", "This id was used for another upload.") }
      return (record, true)
    }
    let progress = try await progress(of: record, call)
    return Progress(record: progress.record, offset: progress.offset, document: progress.document, isNew: isNew)
  }

  /// How far an upload has come. Throws: 404 for whatever isn't the caller's.
  static func find(_ id: Key, _ call: SignedCall) async throws -> Progress {
    try await progress(of: try await record(id, call), call)
  }

  /// Gives an upload up. Throws: 404 for whatever isn't the caller's; 409 when it is a document already, or about to be: its bytes may be in the
  /// store by now, where nothing is ever removed.
  static func cancel(_ id: Key, _ call: SignedCall) async throws {
    let desk = call.services.uploads
    let isOpen = try await call.write { call, session -> Bool in
      guard let record = try Uploads.find(id, of: call.account, in: session) else { throw Problem.notFound }
      guard record.document == nil, !desk.isEnding(call.account, id) else {
        throw Problem(.conflict, "conflict", "The upload is finished, or about to be.")
      }
      return try Uploads.refuse(id, of: call.account, code: "cancelled", in: session)
    }
    if isOpen { desk.forget(call.account, id) }
  }

  /// What becomes of a piece.
  enum Step: Sendable {
    /// It has come; the next one belongs there.
    case progress(Progress)
    /// The piece belongs elsewhere: there.
    case elsewhere(Int64)
  }

  /// Takes the next bytes of an upload, and ends it with the last of them. Without bytes it tries the end again.
  ///
  /// Throws: 404; 408, 409, 413, 507 while the bytes come; 422 with the code of why the file isn't taken; 503 when the scanner or store is away.
  static func append(_ id: Key, at offset: Int64, _ call: SignedCall) async throws -> Step {
    let record = try await record(id, call)
    if record.isFinished { return .progress(try await progress(of: record, call)) }
    do {
      return try await append(to: record, at: offset, call)
    } catch let error as BlobError where error.kind == .source {
      // It was given up while the bytes came.
      throw Problem.takenOver
    }
  }

  private static func append(to record: Uploads.Record, at offset: Int64, _ call: SignedCall) async throws -> Step {
    let (id, desk) = (record.id, call.services.uploads)
    let file = try await desk.file(of: call.account, id)
    let step = try await BlobThreads.shared.run { () throws(BlobError) in try file.takeTurn(at: offset) }
    // Whoever gave it up meanwhile removed its file before this one was made, or will remove this one.
    let current = try await Self.record(id, call)
    if current.isFinished {
      desk.forget(call.account, id)
      return .progress(try await progress(of: current, call))
    }
    let turn: UploadFile.Turn
    switch step {
    case .turn(let given): turn = given
    case .elsewhere(let end): return .elsewhere(end)
    }
    let limit = min(UploadStream.chunk, record.size - offset)
    if let length = call.call.request.headers[.contentLength].flatMap({ Int64($0) }), length > limit { throw Problem.tooLarge }
    try desk.checkRoom(for: limit)
    try await UploadStream.pour(call.call.request.body, into: file, turn, limit: limit, desk: desk)
    let reached = try await BlobThreads.shared.run { () throws(BlobError) in try file.offset() }
    guard reached == record.size else {
      return .progress(Progress(record: record, offset: reached, document: nil, isNew: false))
    }
    let document = try await desk.end(of: call.account, id) { try await UploadEnd(record: record, call: call).run(file) }
    return .progress(Progress(record: record, offset: record.size, document: document, isNew: false))
  }

  private static func record(_ id: Key, _ call: SignedCall) async throws -> Uploads.Record {
    let account = call.account
    guard let record = try await call.services.database.run({ try Uploads.find(id, of: account, in: $0) }) else {
      throw Problem.notFound
    }
    return record
  }

  private static func progress(of record: Uploads.Record, _ call: SignedCall) async throws -> Progress {
    if let id = record.document {
      let document = try await call.services.database.run { try Documents.find(id, in: $0) }
      return Progress(record: record, offset: record.size, document: document, isNew: false)
    }
    let offset = record.isFinished ? 0 : try await call.services.uploads.offset(of: record.account, record.id)
    return Progress(record: record, offset: offset, document: nil, isNew: false)
  }

  /// The topic to write in. Throws: 404 when the caller may not.
  static func place(_ topic: TopicID, _ call: SignedCall, at now: Timestamp, _ session: Session) throws -> DocumentAccess {
    let reader = DocumentReader(account: call.account, session: call.caller.live.id, at: now)
    guard let access = try Documents.access(to: topic, for: reader, in: session), access.rights.isParticipant else {
      throw Problem.notFound
    }
    let place = ObjectPlace(
      organisation: access.organisation, department: access.department, assigned: access.rights.staff == true)
    guard call.reach.allows(place) else { throw Problem.notFound }
    return access
  }

  static func tooLarge(_ limit: Int64) -> Problem {
    var problem = Problem(.contentTooLarge, "too_large", "Files of this kind may have \(limit) bytes.")
    problem.limit = limit
    return problem
  }
}
