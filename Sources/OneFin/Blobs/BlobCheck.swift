import Domain
import Storage

/// Holds the table of blobs against the store: walks both in the order of the hashes, so that neither is ever whole in memory.
struct BlobCheck {
  /// What was found.
  struct Result: CustomStringConvertible, Equatable {
    /// Blobs that the table names.
    var known = 0
    /// Those of them that the store doesn't have.
    var missing = 0
    /// Those whose bytes aren't theirs.
    var damaged = 0
    /// Those that aren't there because all that they belonged to was erased, by two people and a row of the log each.
    var erased = 0
    /// Those that were removed by an erasure and are there again: a backup brought them back. The servers remove them when they start.
    var left = 0
    /// Blobs of the store that the table doesn't name: what was put just before a transaction that failed. They only take space.
    var unnamed = 0

    var isWell: Bool { missing == 0 && damaged == 0 && left == 0 }
    var description: String {
      """
      \(known) blobs checked, \(missing) missing, \(damaged) damaged, \(erased) erased, \(left) erased and there again; \
      \(unnamed) in the store that no document names
      """
    }
  }

  let store: any BlobStore
  let database: Postgres
  /// Whether lengths are enough.
  let isQuick: Bool
  /// How many rows of the table are read at once.
  var pageSize = 1000

  /// Checks everything; `tell` gets a line for every blob that isn't well. Throws: `BlobError`, `DatabaseError`.
  func run(tell: (String) -> Void) async throws -> Result {
    var result = Result()
    var kept = store.all().makeAsyncIterator()
    var next = try await kept.next()
    var last: BlobHash?
    while true {
      let rows = try await rows(after: last)
      guard let end = rows.last else { break }
      for row in rows {
        while let entry = next, entry.hash < row.hash {
          result.unnamed += 1
          next = try await kept.next()
        }
        result.known += 1
        var size: Int64?
        if let entry = next, entry.hash == row.hash {
          size = entry.size
          next = try await kept.next()
        } else {
          // It may have been put after the walk had passed its place.
          size = try await store.size(of: row.hash)
        }
        switch try await fault(of: row.entry, size: size) {
        case .missing where try await isErased(row.hash): result.erased += 1
        case .missing:
          result.missing += 1
          tell("missing: \(row.hash)")
        case _ where row.isRemoved:
          result.left += 1
          tell("erased, and there again: \(row.hash)")
        case .damaged:
          result.damaged += 1
          tell("damaged: \(row.hash)")
        case .none: break
        }
      }
      last = end.hash
    }
    while next != nil {
      result.unnamed += 1
      next = try await kept.next()
    }
    return result
  }

  private enum Fault {
    case missing
    case damaged
  }

  private func fault(of row: BlobEntry, size: Int64?) async throws -> Fault? {
    guard let size else { return .missing }
    guard size == row.size else { return .damaged }
    if isQuick { return nil }
    do throws(BlobError) {
      for try await _ in try await store.read(row.hash) {}
      return nil
    } catch {
      switch error.kind {
      case .missing: return .missing
      case .damaged: return .damaged
      default: throw error
      }
    }
  }

  /// A row of the table.
  private struct Known: Sendable {
    let entry: BlobEntry
    /// Whether an erasure has removed its bytes.
    let isRemoved: Bool

    var hash: BlobHash { entry.hash }
  }

  private func rows(after last: BlobHash?) async throws -> [Known] {
    let pageSize = Int64(pageSize)
    return try await database.run { session in
      let rows = try session.rows(
        """
        SELECT hash, size, removed_at IS NOT NULL AS removed FROM blob WHERE \(last)::bytea IS NULL OR hash > \(last)
         ORDER BY hash LIMIT \(pageSize)
        """)
      return try rows.map { Known(entry: BlobEntry(hash: try $0["hash"], size: try $0["size"]), isRemoved: try $0["removed"]) }
    }
  }

  /// Whether what is missing may be, as the log says it and not the mark that the servers left.
  private func isErased(_ hash: BlobHash) async throws -> Bool {
    try await database.run { try BlobTable.isErased(hash, in: $0) }
  }
}
