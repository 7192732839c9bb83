import Domain
import Foundation
import ServerKit
import Storage
import TestSupport
import Testing

@testable import ObjectStorage
@testable import OneFin

/// `blobs check` and `blobs copy`, in process and, where they are killed, as the real program.
struct BlobCommandTests {
  @Test("Missing and damaged blobs are found, with the table against the store")
  func check() async throws {
    try await withTestDatabase { database in
      try await withTemporaryFolder { folder in
        let store = try FolderBlobStore(path: folder + "/blobs")
        var blobs: [TestBlob] = []
        for size in 0..<30 {
          let blob = try TestBlob(of: 100 + size, in: folder)
          try await Self.put(blob, in: store, database)
          blobs.append(blob)
        }
        let unnamed = try TestBlob(of: 7, in: folder)
        try await store.put(file: unnamed.path, hash: unnamed.hash, size: unnamed.size)
        var check = BlobCheck(store: store, database: database.app, isQuick: false)
        check.pageSize = 7
        var lines: [String] = []
        let well = try await check.run { lines.append($0) }
        #expect(well == BlobCheck.Result(known: 30, missing: 0, damaged: 0, unnamed: 1))
        #expect(well.isWell && lines.isEmpty)

        try FileManager.default.removeItem(atPath: Self.path(blobs[3], folder))
        try Self.write(Array(blobs[4].bytes.dropLast()), over: blobs[4], folder)
        var flipped = blobs[5].bytes
        flipped[50] ^= 1
        try Self.write(flipped, over: blobs[5], folder)
        let found = try await check.run { lines.append($0) }
        #expect(found == BlobCheck.Result(known: 30, missing: 1, damaged: 2, unnamed: 1))
        #expect(!found.isWell)
        let wanted = ["missing: \(blobs[3].hash)", "damaged: \(blobs[4].hash)", "damaged: \(blobs[5].hash)"]
        #expect(lines.sorted() == wanted.sorted())
        // A flipped bit has no other length.
        let quick = try await BlobCheck(store: store, database: database.app, isQuick: true).run { _ in }
        #expect(quick == BlobCheck.Result(known: 30, missing: 1, damaged: 1, unnamed: 1))
      }
    }
  }

  @Test("What an erasure covers may be missing, and nothing else; what it removed may not be there again")
  func erased() async throws {
    try await withTestDatabase { database in
      try await withTemporaryFolder { folder in
        let store = try FolderBlobStore(path: folder + "/blobs")
        var blobs: [TestBlob] = []
        for size in 0..<4 {
          let blob = try TestBlob(of: 100 + size, in: folder)
          try await Self.put(blob, in: store, database)
          blobs.append(blob)
        }
        // Of the first two the messages were erased, of the second somebody has the same bytes elsewhere; nobody erased the third, though it says so.
        try await database.superuser.run { [blobs] session in
          try session.execute("SET session_replication_role = replica")
          for (message, blob) in [(1, blobs[0]), (2, blobs[1]), (3, blobs[1]), (4, blobs[2])] {
            try session.execute(
              """
              INSERT INTO document (organisation_id, topic_id, uploader_id, staff, name, type, size, hash, message)
              VALUES (1, 1, 1, false, 'a.pdf', 'pdf', \(blob.size), \(blob.hash), \(Int64(message)))
              """)
          }
          for message in [Int64(1), 2] {
            let hash = [UInt8](repeating: 1, count: 32)
            try session.execute(
              """
              INSERT INTO erasure (organisation_id, topic_id, message, reason, requested_by, confirmed_by, confirmed_at)
              VALUES (1, 1, \(message), 'sud qarori', 1, 2, now())
              """)
            try session.execute(
              """
              INSERT INTO topic_entry (topic_id, seq, kind, at, author_id, staff, case_number, message, version, prev_hash, hash)
              VALUES (1, \(message + 10), 13, now(), 2, true, 1, \(message), 2, \(hash), \(hash))
              """)
          }
          try session.execute(
            "UPDATE blob SET retired_at = now(), removed_at = now() WHERE hash IN (\(blobs[0].hash), \(blobs[2].hash))")
          try session.execute("RESET session_replication_role")
        }
        for blob in blobs.prefix(3) { try await store.remove(blob.hash) }
        let check = BlobCheck(store: store, database: database.app, isQuick: false)
        var lines: [String] = []
        let found = try await check.run { lines.append($0) }
        #expect(found == BlobCheck.Result(known: 4, missing: 2, erased: 1) && !found.isWell)
        let wanted = ["missing: \(blobs[1].hash)", "missing: \(blobs[2].hash)"]
        #expect(lines.sorted() == wanted.sorted())
        for blob in blobs.prefix(3) { try await store.put(file: blob.path, hash: blob.hash, size: blob.size) }
        let back = try await check.run { _ in }
        #expect(back == BlobCheck.Result(known: 4, left: 2) && !back.isWell)
      }
    }
  }

  @Test("From a folder to S3 and back everything is the same, and a second time nothing is copied")
  func copy() async throws {
    try await withTemporaryFolder { folder in
      let here = folder + "/here"
      let store = try FolderBlobStore(path: here)
      for size in [0, 1, 70_000, 17 << 20] {
        let blob = try TestBlob(of: size, in: folder)
        try await store.put(file: blob.path, hash: blob.hash, size: blob.size)
      }
      let bucket = "s3:\(try TestS3().bucket)/\(TestS3.newPrefix())"
      try await Self.makeBucket()
      let away = try await Self.run(["blobs", "copy", "--from", "folder:\(here)", "--to", bucket])
      #expect(away == Output(status: 0, lines: ["4 blobs copied, 0 were there already, 0 could not be copied"]))
      let again = try await Self.run(["blobs", "copy", "--from", "folder:\(here)", "--to", bucket])
      #expect(again == Output(status: 0, lines: ["0 blobs copied, 4 were there already, 0 could not be copied"]))
      let back = try await Self.run(["blobs", "copy", "--from", bucket, "--to", "folder:\(folder)/back"])
      #expect(back == Output(status: 0, lines: ["4 blobs copied, 0 were there already, 0 could not be copied"]))
      let before = try await Self.listed(here)
      let after = try await Self.listed(folder + "/back")
      #expect(before == after && before.count == 4)
    }
  }

  @Test("A damaged blob is told and not copied; the others are, and the status says so")
  func damaged() async throws {
    try await withTemporaryFolder { folder in
      let store = try FolderBlobStore(path: folder + "/blobs")
      var blobs: [TestBlob] = []
      for size in [1000, 2000, 3000] {
        let blob = try TestBlob(of: size, in: folder)
        try await store.put(file: blob.path, hash: blob.hash, size: blob.size)
        blobs.append(blob)
      }
      try Self.write([1], over: blobs[1], folder)
      let output = try await Self.run(["blobs", "copy", "--from", "folder:\(folder)/blobs", "--to", "folder:\(folder)/goal"])
      #expect(output.status == 1)
      #expect(output.lines.last == "2 blobs copied, 0 were there already, 1 could not be copied")
      #expect(output.lines.first?.contains(blobs[1].hash.hex) == true)
      let copied = try await Self.listed(folder + "/goal")
      #expect(copied.map(\.hash) == [blobs[0].hash, blobs[2].hash].sorted())
    }
  }

  @Test("Killed with -9 in the middle of a put: nothing half is shown, and the next copy goes on")
  func killed() async throws {
    try await withTemporaryFolder { folder in
      let here = folder + "/here"
      let store = try FolderBlobStore(path: here)
      for size in [90 << 20, 80 << 20, 1000] {
        let blob = try TestBlob(of: size, in: folder)
        try await store.put(file: blob.path, hash: blob.hash, size: blob.size)
      }
      var wasKilled = false
      var goal = ""
      func words() -> [String] { ["blobs", "copy", "--from", "folder:\(here)", "--to", "folder:\(goal)"] }
      for attempt in 0..<20 where !wasKilled {
        goal = "\(folder)/goal-\(attempt)"
        let process = try Program(words(), temporary: folder)
        // A put is under way as soon as its temporary file has bytes.
        while process.isRunning, !Self.isWriting(goal) {}
        wasKilled = await process.kill()
        let listed = try await Self.listed(goal, sweeping: false)
        let kept = try await Self.listed(here)
        #expect(Set(listed).isSubset(of: kept))
        for entry in listed {
          for try await _ in try await FolderBlobStore(path: goal).read(entry.hash) {}
        }
      }
      #expect(wasKilled)
      let output = try await Self.run(words())
      #expect(output.status == 0)
      let before = try await Self.listed(here)
      let after = try await Self.listed(goal)
      #expect(before == after)
      #expect(try FileManager.default.contentsOfDirectory(atPath: goal + "/incoming").isEmpty)
    }
  }

  @Test(
    "Killed with -9 in the middle of an upload in parts: nothing of it is shown, its parts are swept, and the next copy makes it whole"
  )
  func killedInParts() async throws {
    try await withTemporaryFolder { folder in
      let here = folder + "/here"
      let store = try FolderBlobStore(path: here)
      let blob = try TestBlob(of: 90 << 20, in: folder)
      try await store.put(file: blob.path, hash: blob.hash, size: blob.size)
      try await Self.makeBucket()
      var (wasKilled, place) = (false, Place(bucket: try TestS3().bucket, prefix: ""))
      func words() -> [String] { ["blobs", "copy", "--from", "folder:\(here)", "--to", place.text] }
      for _ in 0..<20 where !wasKilled {
        place.prefix = TestS3.newPrefix()
        let process = try Program(words(), temporary: folder)
        while process.isRunning, try await Self.parts(under: place) == 0 {}
        let wasRunning = await process.kill()
        let size = try await Self.at(place) { try await $0.size(of: blob.hash) }
        wasKilled = wasRunning && size == nil
      }
      let left = try await Self.parts(under: place)
      #expect(wasKilled && left > 0)
      // It may still run, for all that anybody can tell, for a day.
      let (listed, early) = try await Self.at(place) { (try await $0.page(after: nil), try await $0.sweep()) }
      #expect(listed.isEmpty && early == 0)
      let late = try await Self.at(place, abandoned: .seconds(-60)) { try await $0.sweep() }
      let swept = try await Self.parts(under: place)
      #expect(late == 1 && swept == 0)
      let output = try await Self.run(words())
      #expect(output == Output(status: 0, lines: ["1 blobs copied, 0 were there already, 0 could not be copied"]))
      // A whole read checks the hash.
      let read = try await Self.at(place) { store in
        var count = 0
        for try await piece in try await store.read(blob.hash) { count += piece.count }
        return count
      }
      #expect(read == blob.bytes.count)
    }
  }

  @Test(
    "A place that can't be one is told in one sentence",
    arguments: [
      "", "folder:", "s3:", "s3:A", "s3:ab", "s3:a..b", "s3:bucket/../x", "s3:bucket//x", "s3:bucket/a b", "ftp:x", "/tmp",
    ])
  func places(text: String) async throws {
    #expect(BlobConfiguration.Place(text) == nil)
    let output = try await Self.run(["blobs", "copy", "--to", text])
    #expect(output.status != 0 && output.lines.count == 1)
  }

  // MARK: What these tests stand on

  private static func put(_ blob: TestBlob, in store: FolderBlobStore, _ database: TestDatabase) async throws {
    try await store.put(file: blob.path, hash: blob.hash, size: blob.size)
    let (hash, size) = (blob.hash, blob.size)
    try await database.app.run { try $0.execute("INSERT INTO blob (hash, size) VALUES (\(hash), \(size))") }
  }

  private static func path(_ blob: TestBlob, _ folder: String) -> String {
    let hex = blob.hash.hex
    return "\(folder)/blobs/\(hex.prefix(2))/\(hex.dropFirst(2).prefix(2))/\(hex)"
  }

  private static func write(_ bytes: [UInt8], over blob: TestBlob, _ folder: String) throws {
    let path = path(blob, folder)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    try Data(bytes).write(to: URL(filePath: path))
  }

  /// What a folder's store lists. Opening a store sweeps; `sweeping` says whether the folder is whole already.
  private static func listed(_ folder: String, sweeping: Bool = true) async throws -> [BlobEntry] {
    guard sweeping || FileManager.default.fileExists(atPath: folder + "/incoming") else { return [] }
    var entries: [BlobEntry] = []
    for try await entry in try FolderBlobStore(path: folder).all() { entries.append(entry) }
    return entries
  }

  private static func isWriting(_ goal: String) -> Bool {
    let names = FileManager.default.enumerator(atPath: goal + "/incoming")
    while let name = names?.nextObject() as? String {
      var status = stat()
      if stat("\(goal)/incoming/\(name)", &status) == 0, status.st_size > 0 { return true }
    }
    return false
  }

  /// Where blobs lie in the tests' S3 server.
  private struct Place {
    let bucket: String
    var prefix: String
    var text: String { "s3:\(bucket)/\(prefix)" }
  }

  /// Does something with the store of a place.
  private static func at<Value>(
    _ place: Place, abandoned: Duration = .seconds(86_400), _ body: (S3BlobStore) async throws -> Value
  ) async throws -> Value {
    var limits = S3Limits()
    limits.abandoned = abandoned
    let store = S3BlobStore(server: try server(), bucket: place.bucket, prefix: place.prefix, limits: limits)
    do {
      let value = try await body(store)
      await store.close()
      return value
    } catch {
      await store.close()
      throw error
    }
  }

  /// How many parts of unfinished uploads the server has.
  private static func parts(under place: Place) async throws -> Int {
    try await asking(place.bucket) { client in
      let listing = S3Request(method: "GET", query: [("uploads", ""), ("prefix", place.prefix)])
      var count = 0
      for upload in try await client.send(listing).body.all("Upload") {
        guard let key = upload.value("Key"), let id = upload.value("UploadId") else { continue }
        // It may have come to its end by now.
        let parts = try await client.send(S3Request(method: "GET", key: key, query: [("uploadId", id)]), accepting: [404])
        count += parts.body.all("Part").count
      }
      return count
    }
  }

  /// Asks the tests' S3 server.
  private static func asking<Value>(_ bucket: String, _ body: (S3Client) async throws -> Value) async throws -> Value {
    let client = S3Client(server: try server(), bucket: bucket, limits: S3Limits(), addresses: [:], now: { .now })
    do {
      let value = try await body(client)
      await client.close()
      return value
    } catch {
      await client.close()
      throw error
    }
  }

  private static func server() throws -> BlobConfiguration.Server {
    let s3 = try TestS3()
    let endpoint = try #require(ServiceAddress(s3.endpoint))
    return BlobConfiguration.Server(
      endpoint: endpoint, region: "us-east-1", usesPath: true, accessKey: s3.accessKey, secretKey: s3.secretKey)
  }

  /// The bucket that tests share, unless it is there.
  private static func makeBucket() async throws {
    _ = try await asking(try TestS3().bucket) { try await $0.send(S3Request(method: "PUT"), accepting: [409]) }
  }

  private static func run(_ words: [String]) async throws -> Output { try await Program(words).output() }
}
