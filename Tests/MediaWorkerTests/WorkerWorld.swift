import Domain
import Foundation
import Glibc
import Logging
import PictureSupport
import ServerKit
import Storage
import TestSupport
import Testing

@testable import MediaWorker

/// A firm with one accountant and one client, and a place for files.
final class WorkerWorld: Sendable {
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
    onEnd: (@Sendable (Job, ChildProcess.End) -> Void)? = nil, blobs: (any BlobStore)? = nil, lease: Duration = .seconds(45)
  ) throws -> MediaApplication {
    let configuration = try MediaConfiguration(ConfigurationReader(environment: environment))
    return MediaApplication(
      PaperDesk.Means(
        database: database.app, blobs: blobs ?? self.blobs, folder: try WorkFolder(below: folder), configuration: configuration,
        tools: tools, logger: Logger(label: "test"), program: program, onEnd: onEnd, lease: lease, beat: lease / 5))
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

  /// Lets leases run out and pauses be over. - Parameter onlyWaiting: pauses alone.
  func pass(onlyWaiting: Bool = false) async throws {
    try await database.app.run { session in
      try session.execute(
        """
        UPDATE job SET leased_until = CASE WHEN \(onlyWaiting) THEN leased_until ELSE leased_until - interval '1 day' END,
                       run_at = run_at - interval '1 day'
         WHERE state IN ('waiting', 'leased')
        """)
    }
  }

  /// Jobs that are still to be done.
  func unfinished() async throws -> Int {
    try await database.app.run { try $0.value("SELECT count(*) FROM job WHERE state IN ('waiting', 'leased')") ?? 0 }
  }

  /// The folders of children that work on this attempt of a job, `JOB-ATTEMPT`.
  func rooms(_ name: String) -> [String] {
    let found = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    return found.filter { $0.hasPrefix("onefin-media.") && $0.hasSuffix("/\(name)/files") }.map { "\(folder)/\($0)" }
  }

  /// A worker as a process of its own.
  func start() throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: ChildBench.program)
    process.environment = environment
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    return process
  }

  /// Asks until it is so: for what sends no event of its own.
  static func until(_ what: String, seconds: Int = 280, _ isSo: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(seconds)
    while try await !isSo() {
      guard .now < end else { throw ChildBench.Failure("not so after \(seconds) s: \(what)") }
      try await Task.sleep(for: .milliseconds(4))
    }
  }

  /// The processes that run as children of `parent`.
  static func children(of parent: pid_t) -> [pid_t] {
    Processes.all().filter {
      Processes.parent($0) == parent && Processes.isAlive($0) && Processes.command($0).contains(ChildMain.argument)
    }
  }
}
