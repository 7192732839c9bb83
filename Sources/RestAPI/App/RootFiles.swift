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

  /// Writes those that are missing. A file is there whole or not at all, and none is changed. Throws: when the folder can't be written.
  func write() async throws {
    guard !folder.isEmpty else { return }
    guard let newest = try await database.run({ try DailyRoots.newest(in: $0) }) else { return }
    for number in max(1, newest.root.number - Self.kept + 1)...newest.root.number {
      guard let sealed = try await database.run({ try DailyRoots.find(number, in: $0) }) else { continue }
      let path = folder + "/" + Self.name(sealed.root)
      let bytes = Data(Self.text(sealed).utf8)
      try await BlobThreads.shared.run { () throws(BlobError) in try Self.put(bytes, at: path) }
    }
  }

  /// `root-2026-11-21.json`
  static func name(_ root: DailyRoot) -> String { "root-\(root.day).json" }

  /// Everything that it takes to work the root out: its fields, the ghosts' ledger's own root with its salt, and the heads.
  static func text(_ sealed: DailyRoots.Sealed) -> String {
    let root = sealed.root
    let heads = sealed.heads.map { "[\($0.topic?.rawValue ?? 0),\($0.seq),\"\(Hex.string($0.hash))\"]" }
    return """
      {"number":\(root.number),"day":"\(root.day)","at":\(root.at.microseconds),"count":\(root.count),"tree":"\(Hex.string(root.tree))",\
      "ghosts":"\(Hex.string(root.ghostSeal))","prev":"\(Hex.string(root.prev))","root":"\(Hex.string(sealed.hash))",\
      "ghostSeq":\(sealed.ghostSeq),"ghostHead":"\(Hex.string(sealed.ghostHead))","ghostRoot":"\(Hex.string(sealed.ghostRoot))",\
      "ghostSalt":"\(Hex.string(sealed.ghostSalt))","heads":[\(heads.joined(separator: ","))]}

      """
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
