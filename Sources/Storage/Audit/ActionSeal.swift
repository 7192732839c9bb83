import Domain

/// Seals the action log: gives each committed row its place in the chain, in the order in which rows are found.
///
/// A row waits in `action_unsealed` from its own transaction on, so none is skipped, however late it is committed. One process at a time
/// holds the lock
/// of the head; others find it taken and leave. A process that dies leaves the chain as it was.
public enum ActionSeal {
  /// Rows that are sealed in one transaction at most.
  public static let batch = 1000

  /// Seals up to `batch` rows. Returns how many; 0 also when somebody else is at it. Throws: `DatabaseError`.
  @discardableResult
  public static func seal(in session: Session) throws -> Int { try seal(waiting: false, in: session) }

  private static func seal(waiting: Bool, in session: Session) throws -> Int {
    guard try session.value("SELECT EXISTS (SELECT FROM action_unsealed)", as: Bool.self) == true else { return 0 }
    return try session.transaction {
      let patience: SQL = waiting ? "" : " SKIP LOCKED"
      guard let head = try session.row("SELECT seq, hash FROM action_head FOR UPDATE\(patience)") else { return 0 }
      var seq: Int64 = try head.decode(at: 0)
      var hash = try head.decode(at: 1, as: [UInt8]?.self) ?? ActionChain.origin
      let rows = try session.result(
        """
        SELECT \(columns) FROM action_unsealed u JOIN action_log l ON l.id = u.log_id ORDER BY l.id LIMIT \(Int64(batch))
        """)
      var (seqs, ids, hashes) = ([Int64](), [Int64](), [[UInt8]]())
      for row in rows {
        seq += 1
        let link = try link(row, seq: seq)
        hash = ActionChain.hash(link, after: hash)
        seqs.append(seq)
        ids.append(link.id)
        hashes.append(hash)
      }
      guard !ids.isEmpty else { return 0 }
      _ = try session.pipeline { pipeline in
        pipeline.add("INSERT INTO action_seal (seq, log_id, hash) SELECT * FROM unnest(\(seqs), \(ids), \(hashes))")
        pipeline.add("DELETE FROM action_unsealed WHERE log_id = ANY (\(ids))")
        pipeline.add("UPDATE action_head SET seq = \(seq), hash = \(hash)")
      }
      return ids.count
    }
  }

  /// Seals all that is committed by now, unless somebody else is at it. Throws: `DatabaseError`.
  public static func sealAll(in session: Session) throws {
    while try seal(in: session) == batch {}
  }

  /// Seals all that is committed by now, and waits for whoever is at it: afterwards each of these rows has its link. Throws: `DatabaseError`.
  public static func sealCommitted(in session: Session) throws {
    while try seal(waiting: true, in: session) == batch {}
  }

  /// The newest link's place and hash, and how many rows wait for theirs. Throws: `DatabaseError`.
  public static func state(in session: Session) throws -> (seq: Int64, hash: [UInt8]?, waiting: Int64) {
    let row = try session.one("SELECT seq, hash, (SELECT count(*) FROM action_unsealed) FROM action_head")
    return (try row.decode(at: 0), try row.decode(at: 1), try row.decode(at: 2))
  }

  /// What the chain covers of a row `l`, to be read by `link`.
  static let columns: SQL = "l.id, l.at, l.account_id, l.session_id, l.organisation_id, l.action, l.address, l.detail::text"

  /// Reads `columns`, the first of which is at `first`.
  static func link(_ row: Row, from first: Int = 0, seq: Int64) throws -> ActionChain.Row {
    ActionChain.Row(
      seq: seq, id: try row.decode(at: first), at: try row.decode(at: first + 1), account: try row.decode(at: first + 2),
      session: try row.decode(at: first + 3), organisation: try row.decode(at: first + 4), action: try row.decode(at: first + 5),
      address: try row.decode(at: first + 6), detail: try row.decode(at: first + 7))
  }
}
