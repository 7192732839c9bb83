import Domain
import Foundation
import TestSupport
import Testing

@testable import Storage

/// Bytes of erased files go from the store, when nothing else has the same ones, and nobody's new file loses bytes by that.
@Suite struct ErasedFileTests {
  @Test func bytesGoOnceNothingElseHasThem() async throws {
    try await FileWorld.run { world in
      // The same file in two messages, one of which has a thumbnail of its own.
      let file = try await world.put("the same paper")
      let thumbnail = try await world.put("a thumbnail of it")
      let (first, second) = (try await world.send(file), try await world.send(file))
      try await world.render(first.document, as: thumbnail)
      #expect(try await world.sweep() == [0, 0])
      try await world.erase(first.message)
      #expect(try await world.sweep() == [1, 1])
      #expect(try await world.kept() == [file.hash])
      try await world.erase(second.message)
      #expect(try await world.sweep() == [1, 1])
      #expect(try await world.kept().isEmpty)
      #expect(try await world.sweep() == [0, 0])
      let log = try await world.log()
      #expect(log.filter { $0 == "file.remove" }.count == 2 && log.filter { $0 == "file.retire" }.count == 2)
      let report = try await world.audit()
      #expect(report.isEmpty, "\(report)")
      // A backup that was brought back has them again, and they go again.
      try await world.store.put(file: file.path, hash: file.hash, size: file.size)
      #expect(try await world.sweep() == [0, 0])
      #expect(try await world.sweep(again: true) == [0, 0])
      #expect(try await world.kept().isEmpty)
    }
  }

  @Test func aLogoAndAnUnsentUploadKeepTheirBytes() async throws {
    try await FileWorld.run { world in
      let (logo, draft) = (try await world.put("a logo"), try await world.put("a draft"))
      for file in [logo, draft] { try await world.erase(try await world.send(file).message) }
      let (admin, hex) = (world.log.admin, logo.hash.hex)
      try await world.database.app.run { session in
        try session.execute(
          """
          INSERT INTO setting_change (name, version, value, changed_by)
          VALUES ('watermark', 1, jsonb_build_object('logo', \(hex)::text), \(admin))
          """)
      }
      _ = try await world.upload(draft)
      #expect(try await world.sweep() == [0, 0])
      #expect(try await world.kept() == [logo.hash, draft.hash].sorted())
    }
  }

  @Test func aHoldStopsIt() async throws {
    try await FileWorld.run { world in
      let file = try await world.put("evidence")
      try await world.erase(try await world.send(file).message)
      let (organisation, admin) = (world.log.organisation.id, world.log.admin)
      let hold = try await world.database.app.run {
        try LegalHolds.set(organisation: organisation, topic: nil, reason: "sud ishi", by: admin, in: $0)
      }
      #expect(try await world.sweep() == [0, 0])
      try await world.database.app.run { try LegalHolds.lift(hold, reason: "tugadi", by: admin, in: $0) }
      #expect(try await world.sweep() == [1, 1])
    }
  }

  @Test func aRemovalThatWasInterruptedIsDoneAgain() async throws {
    try await FileWorld.run { world in
      let file = try await world.put("half gone")
      try await world.erase(try await world.send(file).message)
      // The bytes go, and whoever removed them dies before it can say so.
      let dying = DyingStore(store: world.store)
      let removal = try await world.database.app.run { session in
        try ErasedFiles.retire(in: session)
        return try ErasedFiles.remove(from: dying, in: session)
      }
      #expect(removal.count == 0 && removal.failures.mapValues(\.kind) == [file.hash: .unavailable])
      #expect(try await world.kept().isEmpty)
      #expect(try await world.sweep() == [0, 1])
    }
  }

  @Test func oneThatTheStoreRefusesStopsNoOther() async throws {
    try await FileWorld.run { world in
      var files: [FileWorld.File] = []
      for number in 0..<5 { files.append(try await world.put("erased \(number)")) }
      for file in files { try await world.erase(try await world.send(file).message) }
      // The first in the order of hashes: a folder stands where its file was, which no unlink removes.
      let stuck = try #require(files.map(\.hash).min())
      let place = world.place(of: stuck)
      try FileManager.default.removeItem(atPath: place)
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
      let removal = try await world.removal()
      #expect(removal.count == 4 && Array(removal.failures.keys) == [stuck] && !removal.isCutShort, "\(removal)")
      #expect(removal.failures[stuck]?.kind != .unavailable, "\(removal)")
      #expect(try await world.removedCount() == 4)
      // Once it can go, it goes.
      try FileManager.default.removeItem(atPath: place)
      let rest = try await world.removal()
      #expect(rest == ErasedFiles.Removal(count: 1))
      #expect(try await world.removedCount() == 5)
    }
  }

  @Test func aStoreThatIsAwayIsNotAskedForEachFile() async throws {
    try await FileWorld.run { world in
      for number in 0..<8 { try await world.erase(try await world.send(try await world.put("erased \(number)")).message) }
      try FileManager.default.moveItem(atPath: world.folder + "/blobs", toPath: world.folder + "/elsewhere")
      let removal = try await world.removal()
      #expect(removal.count == 0 && removal.failures.count == ErasedFiles.patience && removal.isCutShort, "\(removal)")
      try FileManager.default.moveItem(atPath: world.folder + "/elsewhere", toPath: world.folder + "/blobs")
      let rest = try await world.removal()
      #expect(rest == ErasedFiles.Removal(count: 8))
    }
  }

  @Test func whoBringsTheSameBytesMeanwhilePutsThemAgain() async throws {
    try await FileWorld.run { world in
      let file = try await world.put("brought again")
      try await world.erase(try await world.send(file).message)
      // Put before they were retired, named after: the naming is refused, whatever has become of the bytes.
      try await world.store.put(file: file.path, hash: file.hash, size: file.size)
      for round in 0..<2 {
        try await world.database.app.run { session in
          if round == 0 { try ErasedFiles.retire(in: session) }
          if round == 1 { _ = try ErasedFiles.remove(from: world.store, in: session) }
        }
        let refusal = await failure { _ = try await world.upload(file) }
        #expect((refusal as? DomainError)?.code == .unavailable)
      }
      // From the claim on nobody takes them away any more, though nothing has them yet.
      let wasThere = try await world.database.app.run { try BlobTable.claim(file.hash, in: $0) }
      #expect(!wasThere)
      try await world.store.put(file: file.path, hash: file.hash, size: file.size)
      #expect(try await world.sweep(again: true) == [0, 0])
      _ = try await world.upload(file)
      #expect(try await world.kept() == [file.hash])
      let again = try await world.database.app.run { try BlobTable.claim(file.hash, in: $0) }
      #expect(again)
      #expect(try await world.audit().isEmpty)
    }
  }

  @Test func whoIsJustNamingBytesKeepsThem() async throws {
    try await FileWorld.run { world in
      let file = try await world.put("just being named")
      try await world.erase(try await world.send(file).message)
      let database = world.database
      let (locked, ring) = AsyncStream.makeStream(of: Void.self)
      async let named = database.app.transaction { session in
        try BlobTable.keep(file.hash, size: file.size, in: session)
        ring.finish()
        // Until whoever retires waits for this row.
        try session.untilSomebodyWaits()
        return try world.name(file, in: session)
      }
      for await _ in locked {}
      let retired = try await database.app.run { try ErasedFiles.retire(in: $0) }
      _ = try await named
      #expect(retired == 0)
    }
  }

  @Test func nobodyTakesBytesAwayThatAreNotErased() async throws {
    try await FileWorld.run { world in
      let file = try await world.put("to stay")
      _ = try await world.send(file)
      let changes: [SQL] = [
        "UPDATE blob SET retired_at = now()", "UPDATE blob SET retired_at = now(), removed_at = now()",
        "UPDATE blob SET size = 1",
        "DELETE FROM blob", "TRUNCATE blob CASCADE",
      ]
      for pool in [world.database.app, world.database.owner] {
        for change in changes {
          let error = await databaseError { try await pool.run { try $0.execute(change) } }
          #expect(error?.kind == .insufficientPrivilege, "\(change.statement)")
        }
      }
      // A superuser who switches the guards off is found.
      try await world.database.superuser.transaction { session in
        try session.execute("SET LOCAL session_replication_role = replica")
        try session.execute("UPDATE blob SET retired_at = now(), removed_at = now()")
      }
      let report = try await world.audit()
      #expect(
        report == [
          "file \(file.hash.hex): it was removed, and no erasure that two people confirmed covers all that it belongs to"
        ])
    }
  }
}

/// Removes, and then doesn't say so.
private struct DyingStore: BlobStore {
  let store: FolderBlobStore

  func put(file path: String, hash: BlobHash, size: Int64) async throws(BlobError) {
    try await store.put(file: path, hash: hash, size: size)
  }
  func read(_ hash: BlobHash, range: Range<Int64>?) async throws(BlobError) -> BlobContent {
    try await store.read(hash, range: range)
  }
  func size(of hash: BlobHash) async throws(BlobError) -> Int64? { try await store.size(of: hash) }
  func page(after: BlobHash?) async throws(BlobError) -> [BlobEntry] { try await store.page(after: after) }
  func remove(_ hash: BlobHash) async throws(BlobError) {
    try await store.remove(hash)
    throw BlobError(.unavailable, "nobody heard that it was removed")
  }
  func sweep() async throws(BlobError) -> Int { try await store.sweep() }
  func close() async {}
}

/// A firm with a topic, and a folder of files that its documents have.
private struct FileWorld: Sendable {
  /// Bytes that were put.
  struct File: Sendable {
    let path: String
    let hash: BlobHash
    let size: Int64
  }

  let database: TestDatabase
  let log: LogWorld
  let store: FolderBlobStore
  let folder: String

  static func run(_ body: @Sendable (FileWorld) async throws -> Void) async throws {
    try await withTestDatabase { database in
      try await withTemporaryFolder { folder in
        try await body(
          FileWorld(
            database: database, log: try await LogWorld.make(database), store: try FolderBlobStore(path: folder + "/blobs"),
            folder: folder))
      }
    }
  }

  func put(_ text: String) async throws -> File {
    let file = File(path: "\(folder)/\(Key.random())", hash: BlobHash(of: Array(text.utf8)), size: Int64(text.utf8.count))
    try Data(text.utf8).write(to: URL(filePath: file.path))
    try await store.put(file: file.path, hash: file.hash, size: file.size)
    return file
  }

  /// Names bytes as those of a new document that no message has.
  @discardableResult
  func name(_ file: File, in session: Session) throws -> DocumentID {
    try BlobTable.keep(file.hash, size: file.size, in: session)
    return try session.one(
      """
      INSERT INTO document (organisation_id, topic_id, uploader_id, staff, name, type, size, hash)
      VALUES (\(log.organisation.id), \(log.topic), \(log.client), false, 'akt.pdf', 'pdf', \(file.size), \(file.hash)) RETURNING id
      """
    ).decode(at: 0)
  }

  func upload(_ file: File) async throws -> DocumentID { try await database.app.transaction { try name(file, in: $0) } }

  func send(_ file: File) async throws -> (message: Int64, document: DocumentID) {
    let document = try await upload(file)
    let entry = try await database.append(
      log.request(log.client, .send(body: "", reply: 0, holding: false, documents: [document])))
    return (entry.seq, document)
  }

  func render(_ document: DocumentID, as file: File) async throws {
    try await database.app.transaction { session in
      try BlobTable.keep(file.hash, size: file.size, in: session)
      try session.execute(
        """
        INSERT INTO rendition (document_id, kind, hash, type, size) VALUES (\(document), 'thumbnail', \(file.hash), 'jpeg', \(file.size))
        """)
    }
  }

  func erase(_ message: Int64) async throws {
    let (topic, admin, supervisor) = (log.topic, log.admin, log.supervisor)
    let (asking, signedIn) = (try await database.makeSession(admin), try await database.makeSession(supervisor))
    try await database.app.run { session in
      let id = try Erasures.request(message, in: topic, reason: "sud qarori", by: admin, session)
      try AccessChange.run(in: session) { try Erasures.confirm(id, by: supervisor, session: signedIn, at: .now, in: session) }
      // As the routes write it down, without which a confirmed erasure is a fault.
      let what: [String: ActionLog.Value] = [
        "erasure": .number(id.rawValue), "topic": .number(topic.rawValue), "message": .number(message),
      ]
      for (action, account, signedIn) in [("erasure.create", admin, asking), ("erasure.confirm", supervisor, signedIn)] {
        let actor = ActionLog.Actor(account: account, session: signedIn, address: "192.0.2.1")
        try ActionLog.append(action, by: actor, organisation: nil, detail: what, in: session)
      }
    }
  }

  /// How many blobs were retired, and how many removed.
  func sweep(again: Bool = false) async throws -> [Int] {
    let store = store
    return try await database.app.run {
      [try ErasedFiles.retire(in: $0), try ErasedFiles.remove(from: store, again: again, in: $0).count]
    }
  }

  /// What became of a round of removals, after one of retirements.
  func removal() async throws -> ErasedFiles.Removal {
    let store = store
    return try await database.app.run { session in
      try ErasedFiles.retire(in: session)
      return try ErasedFiles.remove(from: store, in: session)
    }
  }

  /// How many blobs the database says are gone.
  func removedCount() async throws -> Int64 {
    try await database.app.run { try $0.one("SELECT count(*) FROM blob WHERE removed_at IS NOT NULL").decode(at: 0) }
  }

  /// Where the folder store keeps a blob.
  func place(of hash: BlobHash) -> String {
    "\(folder)/blobs/\(hash.hex.prefix(2))/\(hash.hex.dropFirst(2).prefix(2))/\(hash.hex)"
  }

  func kept() async throws -> [BlobHash] {
    var found: [BlobHash] = []
    for try await entry in store.all() { found.append(entry.hash) }
    return found
  }

  func log() async throws -> [String] {
    try await database.app.run { try $0.rows("SELECT action FROM action_log ORDER BY id").map { try $0.decode(at: 0) } }
  }

  func audit() async throws -> [String] {
    try await database.writeDown()
    return try await database.app.run { try DatabaseAudit.run(now: { .now }, in: $0).faults.map(\.description) }
  }
}
