import Domain
import Storage
import Synchronization
import TestSupport
import Testing

@testable import MediaWorker

/// A folder whose reads and puts wait for something first, as those of a store that is far away.
private struct SlowStore: BlobStore {
  let store: FolderBlobStore
  let hold: @Sendable () async throws(BlobError) -> Void

  func put(file path: String, hash: BlobHash, size: Int64) async throws(BlobError) {
    try await hold()
    try await store.put(file: path, hash: hash, size: size)
  }

  func read(_ hash: BlobHash, range: Range<Int64>?) async throws(BlobError) -> BlobContent {
    try await hold()
    return try await store.read(hash, range: range)
  }

  func size(of hash: BlobHash) async throws(BlobError) -> Int64? { try await store.size(of: hash) }
  func page(after: BlobHash?) async throws(BlobError) -> [BlobEntry] { try await store.page(after: after) }
  func remove(_ hash: BlobHash) async throws(BlobError) { try await store.remove(hash) }
  func sweep() async throws(BlobError) -> Int { try await store.sweep() }
  func close() async {}
}

/// The worker with a store that takes its time.
@Suite
struct SlowStoreTests {
  private static func job(_ database: TestDatabase) async throws -> String {
    try await database.app.run { session in
      let row = try session.one("SELECT state, attempts FROM job")
      return "\(try row.decode(at: 0, as: String.self)) \(try row.decode(at: 1, as: Int32.self))"
    }
  }

  @Test("A lease lasts as long as the work, also while the file is fetched and what was made is put away")
  func kept() async throws {
    try await withTestDatabase { database in
      let world = try await WorkerWorld(database)
      let id = try await world.addPicture(width: 300, height: 200), holds = Mutex(0)
      let store = SlowStore(store: world.blobs) { () throws(BlobError) in
        holds.withLock { $0 += 1 }
        do {
          // Until the lease that was valid when it was asked for would be over.
          let end: Double? = try await database.app.run {
            try $0.value("SELECT CAST(extract(epoch FROM leased_until) AS float8) FROM job")
          }
          try await WorkerWorld.until("its time is over") {
            try await database.app.run { try $0.value("SELECT extract(epoch FROM clock_timestamp()) > \(end ?? 0)") ?? false }
          }
        } catch {
          throw BlobError(.cancelled, "\(error)")
        }
      }
      let workers = [
        try world.worker(blobs: store, lease: .seconds(2)), try world.worker(blobs: store, lease: .seconds(2)),
      ]
      let work = workers.map { worker in Task { await worker.run() } }
      try await WorkerWorld.until("ready", seconds: 120) { try await world.media(id) == "ready" }
      for task in work {
        task.cancel()
        await task.value
      }
      let state = try await Self.job(database)
      #expect(state == "done 1")
      let count = holds.withLock { $0 }
      #expect(count == 4)
    }
  }

  @Test("Work whose lease is lost is left to whoever has it")
  func lost() async throws {
    try await withTestDatabase { database in
      let world = try await WorkerWorld(database)
      _ = try await world.addPicture(width: 300, height: 200)
      let isHeld = Mutex(false), isOver = Mutex(false)
      let store = SlowStore(store: world.blobs) { () throws(BlobError) in
        isHeld.withLock { $0 = true }
        defer { isOver.withLock { $0 = true } }
        do { try await Task.sleep(for: .seconds(3600)) } catch { throw BlobError(.cancelled, "\(error)") }
      }
      let worker = try world.worker(blobs: store, lease: .seconds(2))
      let work = Task { await worker.run() }
      try await WorkerWorld.until("it is fetched") { isHeld.withLock { $0 } }
      try await database.app.run { session in try session.execute("UPDATE job SET worker = 'another'") }
      try await WorkerWorld.until("it is given up") { isOver.withLock { $0 } }
      work.cancel()
      await work.value
      let state = try await Self.job(database)
      #expect(state == "leased 1")
    }
  }

  @Test("A stop costs no attempt, whatever the store calls it")
  func stopped() async throws {
    try await withTestDatabase { database in
      let world = try await WorkerWorld(database)
      _ = try await world.addPicture(width: 300, height: 200)
      let isHeld = Mutex(false)
      let store = SlowStore(store: world.blobs) { () throws(BlobError) in
        isHeld.withLock { $0 = true }
        do { try await Task.sleep(for: .seconds(3600)) } catch { throw BlobError(.cancelled, "\(error)") }
      }
      let worker = try world.worker(blobs: store)
      let work = Task { await worker.run() }
      try await WorkerWorld.until("it is fetched") { isHeld.withLock { $0 } }
      work.cancel()
      await work.value
      let state = try await Self.job(database)
      #expect(state == "waiting 0")
    }
  }
}
