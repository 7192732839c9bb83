import Domain
import Foundation
import Glibc
import Logging
import PictureSupport
import ServerKit
import Storage
import Synchronization
import TestSupport
import Testing

@testable import MediaWorker

/// The worker as a whole: a real Postgres, a real blob store, real children.
@Suite
struct WorkerTests {
  /// A firm with one accountant and one client, and a place for files.
  private final class World: Sendable {
    let database: TestDatabase
    let organisation: TestOrganisation
    let accountant: AccountID
    let client: AccountID
    let folder: String
    let blobs: FolderBlobStore

    init(_ database: TestDatabase) async throws {
      self.database = database
      organisation = try await database.makeOrganisation(department: try await database.makeDepartment())
      accountant = try await database.makeAccountant("ali", of: organisation)
      client = try await database.makeClient("vali", of: organisation)
      var template = Array("/tmp/onefin-worker-test.XXXXXX".utf8CString)
      guard mkdtemp(&template) != nil else { throw ChildBench.Failure("no folder") }
      folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
      guard chmod(folder, 0o755) == 0 else { throw ChildBench.Failure("no folder") }
      blobs = try FolderBlobStore(path: "\(folder)/blobs")
    }

    deinit {
      do {
        try FileManager.default.removeItem(atPath: folder)
      } catch {
        Issue.record(error)
      }
    }

    /// What MediaWorker is told.
    var environment: [String: String] {
      [
        "ONEFIN_DATABASE": database.conninfo(role: "onefin_app"), "BLOB_STORE": "folder:\(folder)/blobs", "MEDIA_FOLDER": folder,
        "MEDIA_PUBLIC_ADDRESS": "https://1fin.example.uz", "PATH": "/usr/bin:/bin",
      ]
    }

    /// A worker of this process.
    func worker(
      program: String = ChildBench.program, tools: @escaping @Sendable () -> ChildOrder.Tools = Tool.installed,
      onEnd: (@Sendable (Job, ChildProcess.End) -> Void)? = nil
    ) throws -> MediaApplication {
      let configuration = try MediaConfiguration(ConfigurationReader(environment: environment))
      return MediaApplication(
        PaperDesk.Means(
          database: database.app, blobs: blobs, folder: try WorkFolder(below: folder), configuration: configuration,
          tools: tools,
          logger: Logger(label: "test"), program: program, onEnd: onEnd))
    }

    /// Puts a file in and makes its document.
    func add(_ path: String, type: FileType, staff: Bool, unstamped: Bool = false) async throws -> DocumentID {
      let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
      let hash = BlobHash(of: bytes)
      try await blobs.put(file: path, hash: hash, size: Int64(bytes.count))
      return try await database.makeDocument(
        in: organisation, by: staff ? accountant : client, staff: staff, type: type.rawValue, hash: hash,
        size: Int64(bytes.count), unstamped: unstamped)
    }

    func addPicture(width: Int = 900, height: Int = 600, staff: Bool = true) async throws -> DocumentID {
      let path = "\(folder)/picture.png"
      guard picture_write(path, Int32(width), Int32(height), 0, 0, 0) == 0 else { throw ChildBench.Failure("no picture") }
      return try await add(path, type: .png, staff: staff)
    }

    func media(_ id: DocumentID) async throws -> String? {
      try await database.app.run { session in
        try session.value("SELECT media || coalesce(' ' || media_reason, '') FROM document WHERE id = \(id)")
      }
    }

    /// Lets leases run out and pauses be over.
    func pass() async throws {
      try await database.app.run { session in
        try session.execute(
          "UPDATE job SET leased_until = leased_until - interval '1 day', run_at = run_at - interval '1 day' WHERE state <> 'done'"
        )
      }
    }
  }

  /// Asks until it is so: for what sends no event of its own.
  private static func until(_ what: String, seconds: Int = 60, _ isSo: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(seconds)
    while try await !isSo() {
      guard .now < end else { throw ChildBench.Failure("not so after \(seconds) s: \(what)") }
      try await Task.sleep(for: .milliseconds(4))
    }
  }

  /// The processes that run as children of `parent`.
  private static func children(of parent: pid_t) -> [pid_t] {
    Processes.all().filter {
      Processes.parent($0) == parent && Processes.isAlive($0) && Processes.command($0).contains(ChildMain.argument)
    }
  }

  @Test("A staff picture is stamped, a client's is cleaned; both get previews, and only one a stamp")
  func wholeWay() async throws {
    try await withTestDatabase { database in
      let world = try await World(database)
      let staff = try await world.addPicture(), client = try await world.addPicture(width: 901, staff: false)
      let worker = try world.worker()
      let work = Task { await worker.run() }
      try await Self.until("both ready") {
        let media = [try await world.media(staff), try await world.media(client)]
        return media == ["ready", "ready"]
      }
      work.cancel()
      await work.value
      let rows = try await database.app.run { session in
        try session.rows(
          """
          SELECT r.document_id, r.kind, r.hash, r.size, r.width, (SELECT b.size FROM blob b WHERE b.hash = r.hash)
            FROM rendition r ORDER BY r.document_id, r.kind
          """
        ).map { row in
          (
            document: try row.decode(at: 0, as: DocumentID.self), kind: try row.decode(at: 1, as: String.self),
            hash: BlobHash(bytes: try row.decode(at: 2, as: [UInt8].self)), size: try row.decode(at: 3, as: Int64.self),
            width: try row.decode(at: 4, as: Int32.self)
          )
        }
      }
      let kinds = rows.map { "\($0.document) \($0.kind) \($0.width)" }
      #expect(
        kinds == [
          "\(staff) preview 900", "\(staff) stamped 900", "\(staff) thumbnail 320", "\(client) clean 901",
          "\(client) preview 901",
          "\(client) thumbnail 320",
        ])
      for row in rows {
        let size = try await world.blobs.size(of: try #require(row.hash))
        #expect(size == row.size)
      }
      let stamps = try await database.app.run { session in
        try session.rows("SELECT document_id, rendition_hash FROM stamp").map { row in
          "\(try row.decode(at: 0, as: DocumentID.self)) \(try row.decode(at: 1, as: [UInt8].self) == (rows[1].hash?.bytes ?? []))"
        }
      }
      #expect(stamps == ["\(staff) true"])
      guard CodeReader.isInstalled else { return }
      // What the picture's code says is what the database knows the hash of.
      let stamped = try #require(rows.first { $0.kind == "stamped" }?.hash)
      try await world.blobs.fetch(stamped, to: "\(world.folder)/stamped.png")
      let address = try #require(CodeReader.read("\(world.folder)/stamped.png").first)
      let start = "https://1fin.example.uz/v/"
      #expect(address.hasPrefix(start))
      let token = try #require(StampToken(String(address.dropFirst(start.count))))
      let known: [UInt8]? = try await database.app.run { try $0.value("SELECT token_hash FROM stamp") }
      #expect(token.hash == known)
    }
  }

  @Test("Two workers side by side make every document once")
  func parallel() async throws {
    try await withTestDatabase { database in
      let world = try await World(database)
      for index in 0..<12 { _ = try await world.addPicture(width: 200 + index, height: 150) }
      let ends = Mutex<[JobID: Int]>([:])
      let count: @Sendable (Job, ChildProcess.End) -> Void = { job, _ in ends.withLock { $0[job.id, default: 0] += 1 } }
      let workers = [try world.worker(onEnd: count), try world.worker(onEnd: count)]
      let work = workers.map { worker in Task { await worker.run() } }
      try await Self.until("all done") {
        let left: Int = try await database.app.run { try $0.value("SELECT count(*) FROM job WHERE state <> 'done'") ?? 0 }
        return left == 0
      }
      for task in work {
        task.cancel()
        await task.value
      }
      let seen = ends.withLock { $0 }
      #expect(seen.count == 12)
      #expect(Set(seen.values) == [1])
      let attempts: Int = try await database.app.run { try $0.value("SELECT max(attempts) FROM job") ?? 0 }
      #expect(attempts == 1)
    }
  }

  @Test("A child that is killed costs one attempt; the next one makes the document")
  func killedChild() async throws {
    try await withTestDatabase { database in
      let world = try await World(database)
      let slow = try await world.addPicture(width: 7000, height: 7000),
        quick = try await world.addPicture(width: 100, height: 100)
      let worker = try world.worker()
      let work = Task { await worker.run() }
      // Not the probe, nor another test's child: the one that writes the slow document's rendition.
      try await Self.until("a child was killed") {
        for name in try FileManager.default.contentsOfDirectory(atPath: world.folder) where name.hasPrefix("onefin-media.") {
          let room = "\(world.folder)/\(name)/1-1/files"
          guard Glibc.access("\(room)/\(ChildOrder.Name.rendition)", F_OK) == 0 else { continue }
          for pid in Processes.inside(room) { return kill(pid, SIGKILL) == 0 }
        }
        return false
      }
      try await Self.until("the other is ready") { try await world.media(quick) == "ready" }
      try await Self.until("it is tried again") {
        let error: String? = try await database.app.run {
          try $0.value("SELECT coalesce(error, '') FROM job WHERE document_id = \(slow)")
        }
        return error?.contains("signal 9") == true
      }
      try await world.pass()
      try await Self.until("ready all the same") { try await world.media(slow) == "ready" }
      work.cancel()
      await work.value
      let attempts: Int? = try await database.app.run { try $0.value("SELECT attempts FROM job WHERE document_id = \(slow)") }
      #expect(attempts == 2)
    }
  }

  @Test("A file that crashes every child has failed after three of them")
  func crashing() async throws {
    try await withTestDatabase { database in
      let world = try await World(database)
      let id = try await world.addPicture()
      let worker = try world.worker(program: "/bin/false")
      let work = Task { await worker.run() }
      try await Self.until("failed") {
        try await database.app.run { session in try session.execute("UPDATE job SET run_at = now() WHERE state = 'waiting'") }
        return try await world.media(id) == "failed crashed"
      }
      work.cancel()
      await work.value
      let row = try await database.app.run { session in
        let row = try session.one("SELECT state, attempts FROM job")
        return "\(try row.decode(at: 0, as: String.self)) \(try row.decode(at: 1, as: Int32.self))"
      }
      #expect(row == "failed 3")
    }
  }

  @Test("A worker that is killed takes its child with it, and another one does the job")
  func killedWorker() async throws {
    try await withTestDatabase { database in
      let world = try await World(database)
      let id = try await world.addPicture(width: 7000, height: 7000)
      let process = Process()
      process.executableURL = URL(fileURLWithPath: ChildBench.program)
      process.environment = world.environment
      process.standardError = FileHandle.nullDevice
      try process.run()
      var child: pid_t = 0
      try await Self.until("a child works") {
        child =
          Self.children(of: process.processIdentifier).first { pid in
            Glibc.access("/proc/\(pid)/cwd/\(ChildOrder.Name.rendition)", F_OK) == 0
          } ?? 0
        return child != 0
      }
      let killed = child
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      try await Self.until("the child is gone") { Glibc.access("/proc/\(killed)/cwd/.", F_OK) != 0 }
      let before = try await world.media(id)
      #expect(before == "waiting")
      try await world.pass()
      let worker = try world.worker()
      // What the killed one left is gone as soon as another one starts.
      let left = try FileManager.default.contentsOfDirectory(atPath: world.folder).filter { $0.hasPrefix("onefin-media.") }
      #expect(left.count == 1)
      let work = Task { await worker.run() }
      try await Self.until("ready") { try await world.media(id) == "ready" }
      work.cancel()
      await work.value
    }
  }

  @Test("A worker that is asked to stop gives its file back and removes its folder")
  func stopped() async throws {
    try await withTestDatabase { database in
      let world = try await World(database)
      _ = try await world.addPicture(width: 7000, height: 7000)
      let process = Process()
      process.executableURL = URL(fileURLWithPath: ChildBench.program)
      process.environment = world.environment
      process.standardError = FileHandle.nullDevice
      try process.run()
      try await Self.until("a child works") {
        Self.children(of: process.processIdentifier).contains {
          Glibc.access("/proc/\($0)/cwd/\(ChildOrder.Name.rendition)", F_OK) == 0
        }
      }
      process.terminate()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      let row = try await database.app.run { session in
        let row = try session.one("SELECT state, attempts FROM job")
        return "\(try row.decode(at: 0, as: String.self)) \(try row.decode(at: 1, as: Int32.self))"
      }
      #expect(row == "waiting 0")
      let left = try FileManager.default.contentsOfDirectory(atPath: world.folder).filter { $0.hasPrefix("onefin-media.") }
      #expect(left.isEmpty)
    }
  }

  @Test("Refused, unstamped and unconverted files say so")
  func outcomes() async throws {
    try await withTestDatabase { database in
      let world = try await World(database)
      let path = "\(world.folder)/file"
      try Data("no picture at all".utf8).write(to: URL(fileURLWithPath: path))
      let broken = try await world.add(path, type: .png, staff: true)
      try Data("<a/>".utf8).write(to: URL(fileURLWithPath: path))
      let xml = try await world.add(path, type: .xml, staff: true, unstamped: true)
      try Data("a,b\n".utf8).write(to: URL(fileURLWithPath: path))
      let table = try await world.add(path, type: .csv, staff: false)
      try Data("text".utf8).write(to: URL(fileURLWithPath: path))
      let text = try await world.add(path, type: .txt, staff: true)
      let worker = try world.worker()
      let work = Task { await worker.run() }
      try await Self.until("all settled") {
        let left: Int = try await database.app.run { try $0.value("SELECT count(*) FROM job WHERE state <> 'done'") ?? 0 }
        return left == 0
      }
      work.cancel()
      await work.value
      let states = [
        try await world.media(broken), try await world.media(xml), try await world.media(table), try await world.media(text),
      ]
      #expect(
        states == ["refused broken", "ready", "ready", Tool.installed().soffice == nil ? "pending converter_missing" : "ready"])
    }
  }

  @Test(
    "A document that waits for LibreOffice is converted when it has been installed, without a restart",
    .enabled(
      if: Tool.installed().soffice != nil, "LibreOffice is not installed (libreoffice-writer-nogui, libreoffice-calc-nogui)"))
  func installedLater() async throws {
    try await withTestDatabase { database in
      let world = try await World(database)
      let path = "\(world.folder)/file"
      try OfficeMaker.docx(["Salom"]).write(to: URL(fileURLWithPath: path))
      let id = try await world.add(path, type: .docx, staff: true)
      let isInstalled = Mutex(false)
      let worker = try world.worker(tools: {
        var tools = Tool.installed()
        if !isInstalled.withLock({ $0 }) { tools.soffice = nil }
        return tools
      })
      let work = Task { await worker.run() }
      try await Self.until("it waits") { try await world.media(id) == "pending converter_missing" }
      isInstalled.withLock { $0 = true }
      try await Self.until("it is ready") { try await world.media(id) == "ready" }
      work.cancel()
      await work.value
      let kinds: String? = try await database.app.run {
        try $0.value("SELECT string_agg(kind || ' ' || type, ', ' ORDER BY kind) FROM rendition")
      }
      #expect(kinds == "preview jpeg, stamped pdf, thumbnail jpeg")
    }
  }

  @Test("A sample of the watermark becomes a picture in the blob store")
  func sample() async throws {
    try await withTestDatabase { database in
      let world = try await World(database)
      try await database.app.run { session in
        try session.execute(
          "INSERT INTO job (kind, input) VALUES ('sample', '{\"text\":\"Firma\",\"opacity\":0.2,\"position\":\"center\"}')")
      }
      let worker = try world.worker()
      let work = Task { await worker.run() }
      try await Self.until("drawn") {
        let state: String? = try await database.app.run { try $0.value("SELECT state FROM job") }
        return state == "done"
      }
      work.cancel()
      await work.value
      let output: [UInt8]? = try await database.app.run { try $0.value("SELECT output FROM job") }
      let made = output.flatMap { BlobHash(bytes: $0) }
      let hash = try #require(made)
      try await world.blobs.fetch(hash, to: "\(world.folder)/sample.png")
      let raster = try #require(Raster("\(world.folder)/sample.png"))
      #expect((raster.width, raster.height) == (992, 1403))
      // The card is in the middle.
      let range = raster.range(x: 400..<600, y: 660..<740)
      #expect(range.lowerBound < 90)
    }
  }
}
