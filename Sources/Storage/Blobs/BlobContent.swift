package import Domain

/// The bytes of a blob, in pieces of at most 64 KiB, to be read once.
public struct BlobContent: AsyncSequence, Sendable {
  /// A piece, never empty.
  public typealias Element = [UInt8]
  /// What may go wrong on the way.
  public typealias Failure = BlobError

  /// The longest piece.
  package static let longestPiece = 65_536

  /// How many bytes will come.
  public let length: Int64
  private let reader: any BlobReader
  private let hash: BlobHash?

  /// - Parameters:
  ///   - length: how many bytes will come.
  ///   - hash: what they must hash to; nil when they are a part of a blob.
  ///   - reader: where they come from.
  package init(length: Int64, hash: BlobHash?, reader: any BlobReader) {
    (self.length, self.hash, self.reader) = (length, hash, reader)
  }

  /// Begins to read.
  public func makeAsyncIterator() -> Iterator { Iterator(reader: reader, length: length, hash: hash) }

  /// Gives the pieces, and checks them all before it gives the last.
  public struct Iterator: AsyncIteratorProtocol {
    /// What may go wrong on the way.
    public typealias Failure = BlobError

    private let reader: any BlobReader
    private let length: Int64
    private let hash: BlobHash?
    private var hasher = BlobHash.Hasher()
    private var offset: Int64 = 0
    private var isOver = false

    fileprivate init(reader: any BlobReader, length: Int64, hash: BlobHash?) {
      (self.reader, self.length, self.hash) = (reader, length, hash)
    }

    /// The next piece; nil at the end.
    ///
    /// - Throws: `.damaged` in place of the last piece when the whole isn't what the hash says, or ends early; `.unavailable`, `.cancelled`.
    public mutating func next() async throws(BlobError) -> [UInt8]? {
      guard !isOver else { return nil }
      guard offset < length else {
        isOver = true
        try check()
        return nil
      }
      let piece = try await reader.piece(at: offset, limit: Int(Swift.min(length - offset, Int64(BlobContent.longestPiece))))
      guard !piece.isEmpty else {
        isOver = true
        throw BlobError(.damaged, "the blob ends after \(offset) of \(length) bytes")
      }
      offset += Int64(piece.count)
      if hash != nil { hasher.update(piece) }
      if offset == length {
        isOver = true
        try check()
      }
      return piece
    }

    private func check() throws(BlobError) {
      guard let hash, hasher.finalize() != hash else { return }
      throw BlobError(.damaged, "the blob \(hash) has other bytes than its hash says")
    }
  }
}

/// Where a store's bytes come from. Asked for one piece after the other, each where the last ended.
package protocol BlobReader: Sendable {
  /// The next bytes, at least one unless they have ended and at most `limit`.
  ///
  /// - Parameter offset: how many were given before.
  func piece(at offset: Int64, limit: Int) async throws(BlobError) -> [UInt8]
}

/// Every blob of a store in the order of their hashes.
public struct BlobListing: AsyncSequence, Sendable {
  /// A blob.
  public typealias Element = BlobEntry
  /// What may go wrong on the way.
  public typealias Failure = BlobError

  private let page: @Sendable (BlobHash?) async throws(BlobError) -> [BlobEntry]

  init(page: @escaping @Sendable (BlobHash?) async throws(BlobError) -> [BlobEntry]) { self.page = page }

  /// Begins with the first.
  public func makeAsyncIterator() -> Iterator { Iterator(page: page) }

  /// Gives one after the other and asks for more when it has none.
  public struct Iterator: AsyncIteratorProtocol {
    /// What may go wrong on the way.
    public typealias Failure = BlobError

    private let page: @Sendable (BlobHash?) async throws(BlobError) -> [BlobEntry]
    private var waiting: ArraySlice<BlobEntry> = []
    private var last: BlobHash?
    private var isOver = false

    fileprivate init(page: @escaping @Sendable (BlobHash?) async throws(BlobError) -> [BlobEntry]) { self.page = page }

    /// The next blob; nil at the end.
    ///
    /// - Throws: `.unavailable`, `.refused`, `.cancelled`.
    public mutating func next() async throws(BlobError) -> BlobEntry? {
      if waiting.isEmpty, !isOver {
        waiting = try await page(last)[...]
        isOver = waiting.isEmpty
      }
      guard let entry = waiting.popFirst() else { return nil }
      last = entry.hash
      return entry
    }
  }
}
