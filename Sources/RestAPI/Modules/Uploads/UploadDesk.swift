import Domain
import Foundation
import HTTPTypes
import ServerKit
import Storage
import Synchronization

/// Knows the files of uploads that are under way: one object for each, so that two requests for one upload meet there.
final class UploadDesk: Sendable {
  /// The folder with the files.
  let folder: String
  /// How many bytes must stay free on its disk.
  let reserve: Int64
  /// What looks for viruses; nil: nothing does.
  let scanner: VirusScanner?

  private struct Entry {
    let file: UploadFile
    var used: ContinuousClock.Instant
    var end: Task<DocumentRecord, any Error>?
  }

  private let entries = Mutex<[String: Entry]>([:])
  /// How long the store takes.
  let paces = Mutex(StorePace())
  /// How long a file stays open after it was last used: longer than any request may take.
  private static let restTime: Duration = UploadStream.time * 2

  init(folder: String, reserve: Int64, scanner: VirusScanner?) {
    self.folder = folder
    self.reserve = reserve
    self.scanner = scanner
  }

  /// The name of an upload's file: the account's number and a UUID, never anything that a client chose freely.
  private static func name(_ account: AccountID, _ id: Key) -> String { "\(account)-\(id)" }

  /// The file of an upload.
  func file(of account: AccountID, _ id: Key) async throws -> UploadFile {
    try await prepare()
    let name = Self.name(account, id)
    return entries.withLock { entries in
      var entry = entries[name] ?? Entry(file: UploadFile(path: folder + "/" + name), used: .now)
      entry.used = .now
      entries[name] = entry
      return entry.file
    }
  }

  /// How far an upload has come.
  func offset(of account: AccountID, _ id: Key) async throws -> Int64 {
    let file = try await file(of: account, id)
    return try await BlobThreads.shared.run { () throws(BlobError) in try file.offset() }
  }

  /// Runs what ends an upload, once at a time: whoever asks while it runs, because a connection broke, gets the same answer. It goes on when nobody
  /// waits for it any more.
  func end(
    of account: AccountID, _ id: Key, _ body: @escaping @Sendable () async throws -> DocumentRecord
  ) async throws -> DocumentRecord {
    let name = Self.name(account, id)
    let task = entries.withLock { entries -> Task<DocumentRecord, any Error> in
      if let running = entries[name]?.end { return running }
      let task = Task { [self] in
        defer { self.entries.withLock { $0[name]?.end = nil } }
        return try await body()
      }
      if entries[name] == nil { entries[name] = Entry(file: UploadFile(path: folder + "/" + name), used: .now) }
      entries[name]?.end = task
      return task
    }
    return try await task.value
  }

  /// Whether what ends the upload is under way here.
  func isEnding(_ account: AccountID, _ id: Key) -> Bool { entries.withLock { $0[Self.name(account, id)]?.end != nil } }

  /// Removes the file of an upload that has ended.
  func forget(_ account: AccountID, _ id: Key) {
    let name = Self.name(account, id)
    let file = entries.withLock { $0.removeValue(forKey: name)?.file } ?? UploadFile(path: folder + "/" + name)
    file.remove()
  }

  /// A file that belongs to no upload, for what is small and comes in one piece. `discard` it.
  func scratch(limit: Int64) async throws -> UploadFile {
    try await prepare()
    try checkRoom(for: limit)
    return UploadFile(path: "\(folder)/scratch-\(Key.random())")
  }

  /// Removes a scratch file.
  func discard(_ file: UploadFile) { file.remove() }

  /// Looks at both ends of a file.
  func look(_ file: UploadFile) async throws -> UploadFile.Look {
    try await BlobThreads.shared.run { () throws(BlobError) in try file.look() }
  }

  /// Asks the virus scanner, when there is one. Throws: 422 `infected`; 503 when it is away.
  func scan(_ file: UploadFile) async throws {
    guard let scanner else { return }
    switch try await scanner.scan(file) {
    case .clean: return
    case .infected: throw Problem(.unprocessableContent, "infected", "The virus scanner refuses this file.")
    }
  }

  /// Puts a file into the store in a time that doesn't say whether its bytes were there already.
  func keep(_ file: UploadFile, _ look: UploadFile.Look, isKnown: Bool, in store: any BlobStore) async throws {
    let start = ContinuousClock.now
    try await store.put(file: file.path, hash: look.hash, size: look.size)
    let time = ContinuousClock.now - start
    let wait = paces.withLock { $0.wait(after: time, size: look.size, isKnown: isKnown) }
    if wait > .zero { try await Task.sleep(for: wait) }
  }

  /// Whether so many more bytes find room. Throws: 507.
  func checkRoom(for bytes: Int64) throws {
    var status = statvfs()
    guard statvfs(folder, &status) == 0 else { throw Problem.unavailable }
    let free = Int64(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
    guard free - bytes >= reserve else { throw Problem.diskFull }
  }

  /// Closes files that weren't used for a while, at `now`. What is known of their bytes stays: to hash a large file again, because somebody asks how far
  /// it has come, would keep others waiting for theirs.
  func rest(at now: ContinuousClock.Instant = .now) async throws {
    let limit = now - Self.restTime
    let idle = entries.withLock { entries in entries.filter { $0.value.used < limit && $0.value.end == nil }.mapValues(\.file) }
    guard !idle.isEmpty else { return }
    let empty = try await BlobThreads.shared.run { () throws(BlobError) in idle.filter { !$0.value.rest() }.keys }
    entries.withLock { entries in
      for name in empty where entries[name].map({ $0.used < limit && $0.end == nil }) == true { entries[name] = nil }
    }
  }

  /// Removes files of uploads that have ended: a process that was killed could not.
  func sweep(_ database: Postgres) async throws -> Int {
    try await prepare()
    let found = Set(try FileManager.default.contentsOfDirectory(atPath: folder) + entries.withLock { Array($0.keys) })
    var candidates: [(name: String, account: AccountID, id: Key)] = []
    var removed = 0
    for name in found {
      if name.hasPrefix("scratch-") {
        if Self.age(folder + "/" + name) > 3600, unlink(folder + "/" + name) == 0 { removed += 1 }
        continue
      }
      let parts = name.split(separator: "-", maxSplits: 1)
      guard parts.count == 2, let account = Int64(parts[0]), let id = Key(String(parts[1])) else { continue }
      candidates.append((name, AccountID(account), id))
    }
    let (accounts, ids) = (candidates.map(\.account), candidates.map(\.id))
    let open = try await database.run { try Uploads.open(accounts: accounts, ids: ids, in: $0) }
    for candidate in candidates where !open.contains(candidate.name) {
      forget(candidate.account, candidate.id)
      removed += 1
    }
    return removed
  }

  private static func age(_ path: String) -> Int {
    var status = stat()
    guard lstat(path, &status) == 0 else { return 0 }
    return time(nil) - status.st_mtim.tv_sec
  }

  /// Makes the folder, mode 0700, when there is none.
  func prepare() async throws {
    let folder = folder
    try await BlobThreads.shared.run { () throws(BlobError) in
      guard access(folder, W_OK) != 0 else { return }
      do {
        try FileManager.default.createDirectory(
          atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      } catch {
        throw BlobError(.unavailable, "the folder \(folder) of the uploads can't be made: \(error.localizedDescription)")
      }
    }
  }
}

/// How long the blob store takes for bytes that it doesn't have. One that has them may be faster, and then the answer waits as long as it would
/// for new ones: otherwise uploading a file would tell whether anybody has uploaded it before.
struct StorePace: Sendable {
  private var seconds: [(fixed: Double, perByte: Double)] = []
  private static let kept = 32

  /// What to wait after a put that took `time`.
  mutating func wait(after time: Duration, size: Int64, isKnown: Bool) -> Duration {
    let parts = time.components
    let taken = Double(parts.seconds) + Double(parts.attoseconds) / 1e18
    guard isKnown else {
      // Small files tell what a put costs at all, large ones what a byte does.
      seconds.append(size < 1 << 20 ? (taken, 0) : (0, taken / Double(size)))
      if seconds.count > Self.kept { seconds.removeFirst() }
      return .zero
    }
    let usual = seconds.filter { ($0.perByte > 0) == (size >= 1 << 20) }.randomElement()
    guard let usual else { return .zero }
    return .seconds(max(0, usual.fixed + usual.perByte * Double(size) - taken))
  }
}
