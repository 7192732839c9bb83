public import Domain

/// Where files are kept, each under the SHA-256 of its bytes.
///
/// What every store keeps to, and `BlobStoreContractTests` holds for each of them:
/// - A blob is there whole or not at all: a `put` that was killed, or that failed, leaves nothing that `read`, `size` or `all` show.
/// - When `put` returns, the blob outlives a crash of the machine, as far as the store's own disks do.
/// - Nothing is overwritten, and nothing goes but by `remove`. Putting what is there already is well, by however many at once.
/// - Bytes are never trusted: `put` refuses a file that isn't what its hash says, and a whole `read` never gives the last bytes of a blob
///   that has changed.
/// - No file is ever whole in memory.
/// - A store that is away, full or slow throws a temporary error, and works again by itself once it is back.
///
/// All are safe to use from many tasks and, on the same place, from many processes.
public protocol BlobStore: Sendable {
  /// Keeps a copy of a file, and leaves the file itself alone.
  ///
  /// It may take less time for a blob that is there already: an answer to whoever brought the file must not wait for it.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - hash: what its bytes hash to.
  ///   - size: its length in bytes.
  /// - Throws: `.source` when the file can't be read or isn't of that hash and size; `.damaged` when a blob of that hash is there with
  ///   another size; `.full`, `.unavailable`, `.refused`.
  func put(file path: String, hash: BlobHash, size: Int64) async throws(BlobError)

  /// The bytes of a blob, or those of `range` that exist: an empty or later range gives none.
  ///
  /// - Throws: `.missing`, `.unavailable`, `.refused`; the content itself throws `.damaged` in place of its last bytes when all of them
  ///   were read and aren't those of the hash. A part can't be checked.
  func read(_ hash: BlobHash, range: Range<Int64>?) async throws(BlobError) -> BlobContent

  /// How many bytes a blob has; nil when there is none. Says nothing about what they are.
  ///
  /// - Throws: `.unavailable`, `.refused`.
  func size(of hash: BlobHash) async throws(BlobError) -> Int64?

  /// The next blobs in the order of their hashes, as many as the store gives at once; none when there are no more. `all` is easier.
  ///
  /// - Parameter after: those past this one; nil from the first.
  /// - Throws: `.unavailable`, `.refused`.
  func page(after: BlobHash?) async throws(BlobError) -> [BlobEntry]

  /// Removes a blob for good; one that isn't there is well. For erasures alone (`ErasedFiles`), since nothing else may go. When it returns, the
  /// blob outlives no crash of the machine either.
  ///
  /// - Throws: `.unavailable`, `.refused`; then it may be there or not, and it can be removed again.
  func remove(_ hash: BlobHash) async throws(BlobError)

  /// Removes what interrupted puts have left, but nothing of a put that may still run. Not needed for anything but space.
  ///
  /// - Returns: how many left-overs were removed.
  /// - Throws: `.unavailable`, `.refused`.
  @discardableResult
  func sweep() async throws(BlobError) -> Int

  /// Lets go of connections. The store isn't used afterwards.
  func close() async
}

/// A blob in a listing.
public struct BlobEntry: Hashable, Sendable {
  /// Its name.
  public let hash: BlobHash
  /// Its length in bytes, which the listing may have without looking at the blob.
  public let size: Int64

  /// An entry.
  public init(hash: BlobHash, size: Int64) { (self.hash, self.size) = (hash, size) }
}

extension BlobStore {
  /// All the bytes of a blob.
  ///
  /// - Throws: as `read(_:range:)` does.
  public func read(_ hash: BlobHash) async throws(BlobError) -> BlobContent { try await read(hash, range: nil) }

  /// Every blob in the order of the hashes. One that is put meanwhile may or may not come.
  public func all() -> BlobListing { BlobListing { (after) async throws(BlobError) in try await self.page(after: after) } }

  /// Writes a blob to a new file of mode 0600. When it throws, there is none.
  ///
  /// - Throws: as `read(_:range:)` and its content do; `.full` or `.refused` when the file can't be written, also because one is there.
  public func fetch(_ hash: BlobHash, to path: String) async throws(BlobError) {
    let content = try await read(hash)
    let file = try await BlobThreads.shared.run { () throws(BlobError) in try BlobFile.create(path) }
    do throws(BlobError) {
      for try await chunk in content {
        try await BlobThreads.shared.run { () throws(BlobError) in try file.append(chunk) }
      }
    } catch {
      BlobFile.remove(path)
      throw error
    }
  }
}
