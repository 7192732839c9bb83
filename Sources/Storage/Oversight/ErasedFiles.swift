public import Domain

/// The bytes of files whose messages were erased: once nothing else has the same ones, they go from the blob store.
///
/// Any number of processes may do it, at any time, and be killed meanwhile. What is to go is committed as such first; then the bytes are removed while
/// the blob's row is locked, so that nobody can name them meanwhile; then the row says that they are gone. A row of the action log tells of each.
public enum ErasedFiles {
  /// What became of a round of removals.
  public struct Removal: Sendable, Hashable {
    /// How many blobs went.
    public var count = 0
    /// Those that the store didn't let go, and why. They stay marked, and are tried again in the next round.
    public var failures: [BlobHash: BlobError] = [:]
    /// Whether the round was given up because the store was away.
    public var isCutShort = false
  }

  /// The most blobs of one look.
  static let batch: Int64 = 500
  /// So many removals in a row that the store didn't answer: it is away, and the rest waits for the next round.
  static let patience = 5

  /// Marks what no document has any more that isn't erased. Originals and renditions go alike; nothing goes while a legal hold stands over it. Returns
  /// how many blobs. Throws: `DatabaseError`.
  @discardableResult
  public static func retire(in session: Session) throws -> Int {
    let found = try session.rows(
      """
      SELECT DISTINCT b.hash
        FROM erasure x
        JOIN document d ON d.topic_id = x.topic_id AND d.message = x.message
       CROSS JOIN LATERAL (SELECT d.hash UNION SELECT r.hash FROM rendition r WHERE r.document_id = d.id) h
        JOIN blob b ON b.hash = h.hash
       WHERE x.confirmed_at IS NOT NULL AND \(mayGo) ORDER BY b.hash LIMIT \(batch)
      """
    ).map { try $0.decode(at: 0, as: BlobHash.self) }
    var count = 0
    for hash in found {
      count += try session.transaction {
        // Looked at again under the lock: somebody may just have named the same bytes.
        _ = try session.row("SELECT FROM blob WHERE hash = \(hash) FOR UPDATE")
        let retired = try session.execute(
          "UPDATE blob b SET retired_at = clock_timestamp() WHERE b.hash = \(hash) AND \(mayGo)")
        if retired > 0 { try ActionLog.append("file.retire", by: nobody, detail: ["sha256": .text(hash.hex)], in: session) }
        return retired
      }
    }
    return count
  }

  /// Removes what is marked. One that the store refuses (a bucket's object lock, a file that somebody put out of reach) keeps no other from going.
  ///
  /// - Parameters:
  ///   - store: from where. It is waited for on the session's own thread, since the row must stay locked meanwhile.
  ///   - again: also what was removed before: a backup that was brought back may have it.
  /// - Throws: `DatabaseError`. What the store says is in the result.
  public static func remove(from store: any BlobStore, again: Bool = false, in session: Session) throws -> Removal {
    var removal = Removal()
    var last: BlobHash?
    var unanswered = 0
    while true {
      let found = try session.rows(
        """
        SELECT hash FROM blob WHERE retired_at IS NOT NULL AND (removed_at IS NULL OR \(again)) AND (\(last) IS NULL OR hash > \(last))
         ORDER BY hash LIMIT \(batch)
        """
      ).map { try $0.decode(at: 0, as: BlobHash.self) }
      guard let end = found.last else { return removal }
      for hash in found {
        do {
          removal.count += try session.transaction { try remove(hash, from: store, in: session) }
          unanswered = 0
        } catch let error as BlobError {
          removal.failures[hash] = error
          unanswered = error.kind == .unavailable ? unanswered + 1 : 0
          guard unanswered < patience, error.kind != .cancelled else {
            removal.isCutShort = true
            return removal
          }
        }
      }
      last = end
    }
  }

  private static func remove(_ hash: BlobHash, from store: any BlobStore, in session: Session) throws -> Int {
    let row = try session.row(
      "SELECT removed_at IS NULL FROM blob WHERE hash = \(hash) AND retired_at IS NOT NULL FOR UPDATE SKIP LOCKED")
    guard let row else { return 0 }
    try BlobThreads.wait { () async throws(BlobError) in try await store.remove(hash) }
    guard try row.decode(at: 0) else { return 0 }
    try session.execute("UPDATE blob SET removed_at = clock_timestamp() WHERE hash = \(hash)")
    try ActionLog.append("file.remove", by: nobody, detail: ["sha256": .text(hash.hex)], in: session)
    return 1
  }

  /// What of `blob b` may be retired. The table's guard holds the same.
  private static var mayGo: SQL {
    """
    b.retired_at IS NULL AND (b.claimed_at IS NULL OR b.claimed_at < now() - \(BlobTable.claimLife.components.seconds) * interval '1 second')
    AND blob_is_erased(b.hash)
    AND NOT EXISTS (SELECT FROM document y JOIN legal_hold z ON z.organisation_id = y.organisation_id AND z.lifted_at IS NULL
                                                            AND (z.topic_id IS NULL OR z.topic_id = y.topic_id)
                     WHERE y.hash = b.hash OR y.id IN (SELECT r.document_id FROM rendition r WHERE r.hash = b.hash))
    """
  }

  /// Two people have asked for it; the servers do it in nobody's name.
  private static let nobody = ActionLog.Actor(account: nil, session: nil, address: "")
}
