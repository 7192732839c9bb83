public import Domain
internal import Glibc

/// Blobs as files of a folder: `ab/cd/abcd…`, read-only, and `incoming/` for those that are still being written.
///
/// A put writes to `incoming`, syncs, and links the file to its name, so that a name never stands for half a file and never changes what it
/// stands for. Whoever writes holds a lock on the temporary file; one that nobody holds is a killed put's, and `sweep` removes it. The
/// folder `incoming` is also how a store that is away (not mounted, deleted) is told from one that has no such blob; nothing but `init`
/// makes it.
///
/// The folder must be of one file system, local or NFS 4, that knows hard links and locks.
public struct FolderBlobStore: BlobStore {
  /// The folder.
  public let path: String
  private var incoming: String { path + "/incoming" }

  /// Opens the store, making the folder (mode 0700) if there is none, and sweeps. Blocks for a moment.
  ///
  /// - Throws: `.refused` and others when the folder can't be made or used.
  public init(path: String) throws(BlobError) {
    self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    try Self.makeFolder(self.path)
    try Self.makeFolder(incoming)
    try handOver(["incoming"])
    _ = try removeLeftovers()
  }

  /// See `BlobStore`.
  public func put(file source: String, hash: BlobHash, size: Int64) async throws(BlobError) {
    try await BlobThreads.shared.run { () throws(BlobError) in try keep(source, hash, size) }
  }

  /// See `BlobStore`.
  public func read(_ hash: BlobHash, range: Range<Int64>?) async throws(BlobError) -> BlobContent {
    let file = try await BlobThreads.shared.run { () throws(BlobError) in try open(hash) }
    let part = (range ?? 0..<file.size).clamped(to: 0..<file.size)
    let isWhole = range.map { $0.lowerBound == 0 && $0.upperBound >= file.size && !$0.isEmpty } ?? true
    return BlobContent(
      length: Int64(part.count), hash: isWhole ? hash : nil, reader: FileReader(file: file, start: part.lowerBound))
  }

  /// See `BlobStore`.
  public func size(of hash: BlobHash) async throws(BlobError) -> Int64? {
    try await BlobThreads.shared.run { () throws(BlobError) in
      do throws(BlobError) {
        return try open(hash).size
      } catch {
        if error.kind == .missing { return nil }
        throw error
      }
    }
  }

  /// See `BlobStore`.
  public func page(after: BlobHash?) async throws(BlobError) -> [BlobEntry] {
    try await BlobThreads.shared.run { () throws(BlobError) in try FolderWalk(path: path, incoming: incoming).page(after: after) }
  }

  /// See `BlobStore`. The folders of its name stay.
  public func remove(_ hash: BlobHash) async throws(BlobError) {
    try await BlobThreads.shared.run { () throws(BlobError) in
      guard access(incoming, F_OK) == 0 else { throw Self.away(path) }
      if unlink(name(hash)) == 0 { return try Self.syncFolder(folders(hash)[1]) }
      guard errno == ENOENT else { throw BlobFile.fault("remove the blob \(hash)") }
    }
  }

  /// See `BlobStore`.
  @discardableResult
  public func sweep() async throws(BlobError) -> Int {
    try await BlobThreads.shared.run { () throws(BlobError) in try removeLeftovers() }
  }

  /// Nothing is held open.
  public func close() async {}

  /// The folders of a blob's name, outermost first.
  private func folders(_ hash: BlobHash) -> [String] {
    let hex = hash.hex
    let outer = "\(path)/\(hex.prefix(2))"
    return [outer, "\(outer)/\(hex.dropFirst(2).prefix(2))"]
  }

  private func name(_ hash: BlobHash) -> String { "\(folders(hash)[1])/\(hash.hex)" }

  private func open(_ hash: BlobHash) throws(BlobError) -> BlobFile {
    do throws(BlobError) {
      return try BlobFile.open(name(hash))
    } catch {
      guard error.kind == .missing else { throw error }
      guard access(incoming, F_OK) == 0 else { throw Self.away(path) }
      throw BlobError(.missing, "there is no blob \(hash)")
    }
  }

  private func keep(_ source: String, _ hash: BlobHash, _ size: Int64) throws(BlobError) {
    let file = try BlobFile.source(source, size: size)
    let temporary = try Incoming(folder: incoming)
    defer { temporary.end() }
    try temporary.file.withDescriptor { (file) throws(BlobError) in try handOver(file) }
    let digest = try file.digest(0..<size) { (piece) throws(BlobError) in try temporary.file.append(piece) }
    guard digest == hash else { throw BlobError(.source, "\(source) has other bytes than its hash \(hash) says") }
    guard temporary.file.withDescriptor({ fchmod($0, 0o400) }) == 0 else { throw BlobFile.fault("set the mode of a blob") }
    try temporary.file.sync()
    for folder in folders(hash) { try Self.makeFolder(folder) }
    try handOver([String(hash.hex.prefix(2)), String(hash.hex.dropFirst(2).prefix(2))])
    if link(temporary.path, name(hash)) != 0 {
      guard errno == EEXIST else { throw BlobFile.fault("link a blob to its name") }
      let known = try open(hash)
      guard known.size == size else { throw BlobError(.damaged, "the blob \(hash) has \(known.size) bytes, not \(size)") }
      // Whoever put it may not have come to the end yet, and we promise what that one promises.
      try known.sync()
    }
    // The name, and the folders' own names, on the disk.
    for folder in folders(hash).reversed() + [path] { try Self.syncFolder(folder) }
  }

  /// Gives an open file or folder that root has made to whom the store's folder belongs, who could not read it otherwise.
  private func handOver(_ descriptor: Int32) throws(BlobError) {
    var (store, own) = (stat(), stat())
    guard geteuid() == 0, stat(path, &store) == 0, fstat(descriptor, &own) == 0, own.st_uid == 0, store.st_uid != 0 else {
      return
    }
    guard fchown(descriptor, store.st_uid, store.st_gid) == 0 else { throw BlobFile.fault("give a blob to the store's owner") }
  }

  /// The same for folders, each in the one before it. No link is followed: the owner may have put one there.
  private func handOver(_ names: [String]) throws(BlobError) {
    guard geteuid() == 0 else { return }
    var folder = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { Glibc.close(folder) }
    for name in names {
      let inner = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
      guard inner >= 0 else { throw BlobFile.fault("open the folder \(name) of the store") }
      Glibc.close(folder)
      folder = inner
      try handOver(inner)
    }
  }

  private func removeLeftovers() throws(BlobError) -> Int {
    var removed = 0
    for name in try FolderWalk.names(in: incoming, else: Self.away(path)) where name.hasSuffix(Incoming.suffix) {
      if try Incoming.removeIfLeft("\(incoming)/\(name)") { removed += 1 }
    }
    return removed
  }

  static func away(_ path: String) -> BlobError { BlobError(.unavailable, "the folder \(path) of the blobs is away") }

  private static func makeFolder(_ path: String) throws(BlobError) {
    guard mkdir(path, 0o700) != 0, errno != EEXIST else { return }
    throw BlobFile.fault("make the folder \(path)")
  }

  private static func syncFolder(_ path: String) throws(BlobError) {
    let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw BlobFile.fault("open the folder \(path)") }
    try BlobFile(descriptor: descriptor, size: 0).sync()
  }
}

/// Pieces of a file.
private struct FileReader: BlobReader {
  let file: BlobFile
  let start: Int64

  func piece(at offset: Int64, limit: Int) async throws(BlobError) -> [UInt8] {
    try await BlobThreads.shared.run { () throws(BlobError) in try file.read(at: start + offset, limit: limit) }
  }
}

/// A file that is being written, which this process has locked until `end`. A killed put's stays until somebody sweeps.
private struct Incoming {
  static let suffix = ".part"

  let path: String
  let file: BlobFile

  init(folder: String) throws(BlobError) {
    while true {
      let path = "\(folder)/\(String(UInt64.random(in: 0 ... .max), radix: 36))\(Self.suffix)"
      let file = try Self.create(path, in: folder)
      guard file.withDescriptor({ flock($0, LOCK_EX) }) == 0 else {
        let fault = BlobFile.fault("lock \(path)")
        BlobFile.remove(path)
        throw fault
      }
      // Somebody may have swept it between the two.
      var status = stat()
      if file.withDescriptor({ fstat($0, &status) }) == 0, status.st_nlink > 0 {
        (self.path, self.file) = (path, file)
        return
      }
    }
  }

  /// Removes the temporary name, and lets go of the lock after that.
  func end() { withExtendedLifetime(file) { BlobFile.remove(path) } }

  private static func create(_ path: String, in folder: String) throws(BlobError) -> BlobFile {
    do throws(BlobError) {
      return try BlobFile.create(path)
    } catch {
      guard access(folder, F_OK) == 0 else { throw BlobError(.unavailable, "the folder \(folder) is away") }
      throw error
    }
  }

  /// Removes the file unless somebody writes it.
  static func removeIfLeft(_ path: String) throws(BlobError) -> Bool {
    do throws(BlobError) {
      return try BlobFile.open(path).withDescriptor { flock($0, LOCK_EX | LOCK_NB) == 0 && unlink(path) == 0 }
    } catch {
      // Its put has just come to its end.
      if error.kind == .missing { return false }
      throw error
    }
  }
}
