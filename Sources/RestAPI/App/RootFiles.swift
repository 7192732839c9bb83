import Audit
import Domain
import Foundation
import Storage

/// Puts the daily roots into a folder, a file each, from where they are mailed or copied out of the house: whoever has the database can't
/// reach them there.
struct RootFiles: Sendable {
  /// The folder; empty: none.
  let folder: String
  let database: Postgres
  /// How many of the newest are looked after; older ones have had their time.
  private static let kept: Int64 = 31

  /// Writes those that are missing; what it takes is read for those alone. A file is there whole or not at all, and none is changed: the daily
  /// verification holds those that are there against the database (`RootFile.faults`). Throws: when the folder can't be written.
  func write() async throws {
    guard !folder.isEmpty else { return }
    guard let newest = try await database.run({ try DailyRoots.newestNumber(in: $0) }) else { return }
    let first = max(0, newest - Self.kept)
    for (root, _) in try await database.run({ try DailyRoots.list(after: first, limit: Int(Self.kept), in: $0) }) {
      let path = folder + "/" + RootFile.name(root.day)
      let isThere = try await BlobThreads.shared.run { () throws(BlobError) in FileManager.default.fileExists(atPath: path) }
      guard !isThere, let sealed = try await database.run({ try DailyRoots.find(root.number, in: $0) }) else { continue }
      let bytes = Data(RootFile.text(sealed).utf8)
      try await BlobThreads.shared.run { () throws(BlobError) in try Self.put(bytes, at: path) }
    }
  }

  private static func put(_ bytes: Data, at path: String) throws(BlobError) {
    let files = FileManager.default
    guard !files.fileExists(atPath: path) else { return }
    do {
      try files.createDirectory(atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try bytes.write(to: URL(filePath: path), options: [.atomic])
    } catch {
      throw BlobError(.unavailable, "the daily root can't be written to \(path): \(error)")
    }
  }
}
