import Domain
import Foundation
import Storage

/// Gives the ledger of ghosts its root of each day that is over, and lays it into the folder from which it leaves the house.
struct GhostRoots {
  let database: Postgres
  /// Where the files go; empty: nowhere.
  let folder: String

  /// How many of the newest days are looked after: a folder that was away for a while is filled up.
  private static let days = 60

  /// Writes what is missing. Returns how many files there were. Throws: `DatabaseError`; what Foundation throws when the folder can't be written.
  @discardableResult
  func write(before today: LocalDate) async throws -> Int {
    let roots = try await database.run { session in
      _ = try GhostLedger.seal(before: today, in: session)
      return try GhostLedger.roots(from: today.advanced(by: -Self.days), in: session)
    }
    guard !folder.isEmpty else { return 0 }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var count = 0
    for root in roots {
      let file = URL(filePath: folder).appending(path: "ghosts-\(root.day).txt")
      guard !FileManager.default.fileExists(atPath: file.path) else { continue }
      // Whole or not at all: whoever mails the folder must not meet half a line.
      try Data((root.line + "\n").utf8).write(to: file, options: .atomic)
      count += 1
    }
    return count
  }
}
