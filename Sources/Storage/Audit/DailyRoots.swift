public import Domain

/// The seals of the days: a Merkle root over the heads of all logs, each chained to the one before. docs/audit.md says what they are for.
public enum DailyRoots {
  /// A root with what only the house knows of it.
  public struct Sealed: Sendable, Hashable {
    /// What people hold.
    public let root: DailyRoot
    /// Its hash as it was written down.
    public let hash: [UInt8]
    /// The leaves.
    public let heads: [SealedHead]
    /// The newest row of the ghosts' ledger, 0 when there is none.
    public let ghostSeq: Int64
    /// That row's hash.
    public let ghostHead: [UInt8]
    /// The ledger's own root, chained from day to day.
    public let ghostRoot: [UInt8]
    /// 16 random bytes that hide the ledger's root in `DailyRoot.ghostSeal`.
    public let ghostSalt: [UInt8]
  }

  /// «1fin» and a number of ours; the migrator has the one before.
  private static let lock: Int64 = 0x3166_696e_0000_0005

  /// Makes the root of the day that it is in Tashkent at `at`, unless there is one. However many processes ask at once, one root comes of
  /// it.
  ///
  /// - Parameter salt: 16 random bytes.
  /// - Returns: the new root; nil when the day had one.
  /// - Throws: `DatabaseError`.
  @discardableResult
  public static func make(at: Timestamp, salt: [UInt8], in session: Session) throws -> Sealed? {
    let day = LocalDate(inTashkentAt: at)
    guard try session.value("SELECT EXISTS (SELECT FROM daily_root WHERE day >= \(day))", as: Bool.self) == false else {
      return nil
    }
    try ActionSeal.sealCommitted(in: session)
    return try session.transaction { () throws -> Sealed? in
      _ = try session.row("SELECT pg_advisory_xact_lock(\(lock))")
      let last = try newest(in: session)
      if let last, last.root.day >= day { return nil }
      let heads = try heads(in: session)
      let ghosts = try GhostLedger.head(in: session)
      let number = (last?.root.number ?? 0) + 1
      let ghostRoot = DailyRoot.ghostRoot(
        number: number, day: day, seq: ghosts.seq, head: ghosts.hash, prev: last?.ghostRoot ?? DailyRoot.ghostOrigin)
      let root = DailyRoot(
        number: number, day: day, at: at, count: Int64(heads.count), tree: MerkleTree(leaves: heads.map(\.leaf)).root,
        ghostSeal: HashChain.digest(salt + ghostRoot), prev: last?.hash ?? DailyRoot.origin)
      let hash = root.hash
      try session.execute(
        """
        INSERT INTO daily_root (number, day, at, topics, seqs, heads, tree, ghost_seq, ghost_head, ghost_root, ghost_salt, prev, root)
        VALUES (\(number), \(day), \(at), \(heads.map { $0.topic?.rawValue ?? 0 }), \(heads.map(\.seq)), \(heads.map(\.hash)), \(root.tree),
                \(ghosts.seq), \(ghosts.hash), \(ghostRoot), \(salt), \(root.prev), \(hash))
        """)
      return Sealed(
        root: root, hash: hash, heads: heads, ghostSeq: ghosts.seq, ghostHead: ghosts.hash, ghostRoot: ghostRoot, ghostSalt: salt)
    }
  }

  /// The heads of all topics by their ids, and the action log's, in one look.
  private static func heads(in session: Session) throws -> [SealedHead] {
    try session.result(
      """
      SELECT id, head, head_hash FROM topic UNION ALL SELECT NULL, seq, hash FROM action_head ORDER BY 1 NULLS LAST
      """
    ).map { row in
      let topic: TopicID? = try row.decode(at: 0)
      return SealedHead(
        topic: topic, seq: try row.decode(at: 1),
        hash: try row.decode(at: 2, as: [UInt8]?.self) ?? topic.map(HashChain.origin) ?? ActionChain.origin)
    }
  }

  /// The number of the newest root; nil before the first. Throws: `DatabaseError`.
  public static func newestNumber(in session: Session) throws -> Int64? {
    try session.value("SELECT max(number) FROM daily_root", as: Int64?.self).flatMap { $0 }
  }

  /// The newest root; nil before the first. Throws: `DatabaseError`.
  public static func newest(in session: Session) throws -> Sealed? {
    try session.row("SELECT \(columns) FROM daily_root ORDER BY number DESC LIMIT 1").map(sealed)
  }

  /// The root of that number; nil when there is none. Throws: `DatabaseError`.
  public static func find(_ number: Int64, in session: Session) throws -> Sealed? {
    try session.row("SELECT \(columns) FROM daily_root WHERE number = \(number)").map(sealed)
  }

  /// Roots after the one of that number, ascending, without their leaves. Throws: `DatabaseError`.
  public static func list(after number: Int64, limit: Int, in session: Session) throws -> [(root: DailyRoot, hash: [UInt8])] {
    try session.result(
      """
      SELECT number, day, at, cardinality(topics)::bigint, tree, ghost_root, ghost_salt, prev, root
        FROM daily_root WHERE number > \(number) ORDER BY number LIMIT \(Int64(limit))
      """
    ).map { (try root($0), try $0.decode(at: 8)) }
  }

  static let columns: SQL = """
    number, day, at, cardinality(topics)::bigint, tree, ghost_root, ghost_salt, prev, root, topics, seqs, heads, ghost_seq, ghost_head
    """

  private static func root(_ row: Row) throws -> DailyRoot {
    let (ghostRoot, salt): ([UInt8], [UInt8]) = (try row.decode(at: 5), try row.decode(at: 6))
    return DailyRoot(
      number: try row.decode(at: 0), day: try row.decode(at: 1), at: try row.decode(at: 2), count: try row.decode(at: 3),
      tree: try row.decode(at: 4), ghostSeal: HashChain.digest(salt + ghostRoot), prev: try row.decode(at: 7))
  }

  static func sealed(_ row: Row) throws -> Sealed {
    let (topics, seqs, hashes): ([Int64], [Int64], [[UInt8]]) = (
      try row.decode(at: 9), try row.decode(at: 10), try row.decode(at: 11)
    )
    let heads = zip(topics, zip(seqs, hashes)).map { topic, head in
      SealedHead(topic: topic == 0 ? nil : TopicID(topic), seq: head.0, hash: head.1)
    }
    return Sealed(
      root: try root(row), hash: try row.decode(at: 8), heads: heads, ghostSeq: try row.decode(at: 12),
      ghostHead: try row.decode(at: 13), ghostRoot: try row.decode(at: 5), ghostSalt: try row.decode(at: 6))
  }
}

/// That a topic's head stands in a day's root.
public struct InclusionProof: Sendable, Hashable {
  /// The head that was sealed.
  public let head: SealedHead
  /// Its place among the leaves, from 0.
  public let index: Int
  /// The hashes that lead to the tree's root, from below.
  public let path: [[UInt8]]
}

extension DailyRoots.Sealed {
  /// The proof for a topic; nil when it was made later.
  public func proof(of topic: TopicID) -> InclusionProof? {
    guard let index = heads.firstIndex(where: { $0.topic == topic }) else { return nil }
    return InclusionProof(head: heads[index], index: index, path: MerkleTree(leaves: heads.map(\.leaf)).path(of: index))
  }
}
