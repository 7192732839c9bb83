public import Storage

extension Session {
  /// Nobody waits, after five minutes.
  public struct NobodyWaits: Error {}

  /// Returns once another connection to this database waits for a lock: Postgres has no event for that. Throws: `NobodyWaits`; `DatabaseError`.
  public func untilSomebodyWaits() throws {
    let deadline = ContinuousClock.now.advanced(by: .seconds(300))
    let waiting: SQL = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    while try value(waiting, as: Int64.self) == 0 {
      guard ContinuousClock.now < deadline else { throw NobodyWaits() }
      // Inside a transaction the activity is looked at once otherwise.
      try execute("SELECT pg_stat_clear_snapshot()")
    }
  }
}
