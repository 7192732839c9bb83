/// News for other processes: rows that are written in the transaction that makes them true, and read by id below
/// `pg_snapshot_xmin(pg_current_snapshot())`. docs/architecture.md says why.
public enum Outbox {
  /// The NOTIFY channel on which readers are woken. Nothing depends on it: they also look by themselves.
  public static let wakeChannel = "onefin_outbox"

  /// Adds a row. `payload` is a JSON object. Call it inside the transaction, and `wake` after its commit.
  ///
  /// - Throws: `DatabaseError`.
  public static func publish(channel: String, payload: String, in session: Session) throws {
    try session.execute("INSERT INTO outbox (channel, payload) VALUES (\(channel), \(json: payload))")
  }

  /// Wakes the readers. Outside a transaction: inside one, NOTIFY makes commits wait for each other.
  ///
  /// - Throws: `DatabaseError`.
  public static func wake(in session: Session) throws { try session.notify(wakeChannel) }
}
