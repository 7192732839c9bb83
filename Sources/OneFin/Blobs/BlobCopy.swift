import Domain
import Glibc
import Storage

/// Copies every blob from one store to another, a few at a time, each checked when it is read and when it is put.
struct BlobCopy {
  /// What was done.
  struct Result: CustomStringConvertible, Equatable {
    /// Blobs that were copied.
    var copied = 0
    /// Blobs that were there already.
    var there = 0
    /// Blobs that could not be copied, because they are damaged here or there, or vanished.
    var failed = 0

    var isWell: Bool { failed == 0 }
    var description: String { "\(copied) blobs copied, \(there) were there already, \(failed) could not be copied" }
  }

  let origin: any BlobStore
  let goal: any BlobStore
  /// How many are on their way at once.
  var width = 4

  init(from origin: any BlobStore, to goal: any BlobStore) { (self.origin, self.goal) = (origin, goal) }

  /// Copies everything; `tell` gets a line for every blob that can't be. Throws: `BlobError` when a store is away or full.
  func run(tell: (String) -> Void) async throws -> Result {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    var result = Result()
    var there = goal.all().makeAsyncIterator()
    var next = try await there.next()
    try await withThrowingTaskGroup(of: BlobError?.self) { group in
      var running = 0
      func settle(_ error: BlobError?) {
        running -= 1
        if let error {
          result.failed += 1
          tell("not copied: \(error.message)")
        } else {
          result.copied += 1
        }
      }
      for try await entry in origin.all() {
        while let known = next, known.hash < entry.hash { next = try await there.next() }
        if let known = next, known == entry {
          result.there += 1
          continue
        }
        if running == width, let ended = try await group.next() { settle(ended) }
        running += 1
        group.addTask { try await copy(entry, by: folder.path) }
      }
      for try await ended in group { settle(ended) }
    }
    return result
  }

  /// Nil when it went well, or why this one blob can't be copied.
  private func copy(_ entry: BlobEntry, by folder: String) async throws -> BlobError? {
    let file = "\(folder)/\(entry.hash)"
    defer { _ = unlink(file) }
    do throws(BlobError) {
      try await origin.fetch(entry.hash, to: file)
      try await goal.put(file: file, hash: entry.hash, size: entry.size)
      return nil
    } catch {
      switch error.kind {
      case .missing, .damaged, .source: return error
      default: throw error
      }
    }
  }
}

/// A folder for files on their way, in TMPDIR or /tmp.
private struct ScratchFolder: Sendable {
  let path: String

  init() throws(BlobError) {
    let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(base)/onefin-blobs.\(String(repeating: "X", count: 6))".utf8CString)
    guard let made = mkdtemp(&template) else { throw BlobError(.full, "there is no room for a folder in \(base)") }
    path = String(cString: made)
  }

  func remove() { _ = rmdir(path) }
}
