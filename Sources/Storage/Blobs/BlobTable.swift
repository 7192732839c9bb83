public import Domain

/// What the database knows of the bytes in the blob store, and the order in which bytes come and go.
///
/// Bytes come before the row that names what they belong to, and go by an erasure alone. So that nobody's new file loses bytes that an erasure is
/// just taking away, whoever puts some says so first (`claim`), and names them under the row's lock (`keep`), which throws when they were retired
/// since. Removing takes the same lock, marks what it is about to do in a transaction of its own, and can be done again after a crash.
public enum BlobTable {
  /// For how long after a claim nothing is retired: longer than any upload or work on a file takes from then on.
  static let claimLife = Duration.seconds(24 * 3600)

  /// Says that these bytes are about to be put: if they were to go, or are gone, they aren't any more. Call it before `BlobStore.put`, and not in the
  /// transaction of `keep`. Returns whether the store ought to have them already. Throws: `DatabaseError`.
  public static func claim(_ hash: BlobHash, in session: Session) throws -> Bool {
    let claimed = try session.execute(
      """
      UPDATE blob SET retired_at = NULL, removed_at = NULL, claimed_at = clock_timestamp() WHERE hash = \(hash) AND retired_at IS NOT NULL
      """)
    return try claimed == 0 && session.row("SELECT FROM blob WHERE hash = \(hash)") != nil
  }

  /// Notes that the store holds these bytes, in the transaction that says what they belong to.
  ///
  /// - Throws: `DomainError.unavailable` when they were retired after they had been put: try again from `claim` on. `DatabaseError`.
  public static func keep(_ hash: BlobHash, size: Int64, in session: Session) throws {
    try session.execute("INSERT INTO blob (hash, size) VALUES (\(hash), \(size)) ON CONFLICT (hash) DO NOTHING")
    let row = try session.one("SELECT retired_at IS NULL FROM blob WHERE hash = \(hash) FOR KEY SHARE")
    guard try row.decode(at: 0) else { throw DomainError.unavailable }
  }

  /// Whether confirmed erasures cover everything that these bytes belonged to: then they may be missing. Throws: `DatabaseError`.
  public static func isErased(_ hash: BlobHash, in session: Session) throws -> Bool {
    try session.value("SELECT blob_is_erased(\(hash))") ?? false
  }
}
