public import Domain

/// What verifications of the whole database found, kept for ever.
public enum AuditRuns {
  /// One of them.
  public struct Record: Sendable, Hashable {
    /// The day in Tashkent whose check it was; nil: somebody asked for it.
    public let day: LocalDate?
    /// Who asked for it; nil for the daily one.
    public let askedBy: Named<AccountID>?
    /// What it found; of the faults the first hundred.
    public let report: AuditReport
    /// How many faults there were.
    public let faultCount: Int64
  }

  /// The most faults that are kept with a run.
  public static let keptFaults = 100

  /// Whether the day has had its check. Throws: `DatabaseError`.
  public static func isDone(_ day: LocalDate, in session: Session) throws -> Bool {
    try session.value("SELECT EXISTS (SELECT FROM audit_run WHERE day = \(day))") ?? false
  }

  /// Runs the day's check, writes down what it found and tells every admin of faults, unless it is done or another process is at it. The run and its
  /// notifications are one transaction: a day that counts as checked has told whom it had to. Holds a lock of the session's meanwhile.
  ///
  /// - Parameter outside: finds what is kept outside of the database and differs from it.
  /// - Returns: what it found; nil when it wasn't run.
  /// - Throws: `DatabaseError`.
  public static func runDaily(
    _ day: LocalDate, now: () -> Timestamp, outside: (Session) throws -> [AuditFault] = { _ in [] }, in session: Session
  ) throws -> AuditReport? {
    guard try !isDone(day, in: session) else { return nil }
    return try alone(in: session) {
      guard try !isDone(day, in: session) else { return nil }
      return try check(day: day, now: now, outside: outside, in: session)
    }
  }

  /// Runs a check that somebody has asked for, writes down what it found and tells every admin of faults, unless one is under way anywhere. It looks at
  /// all that the daily one does: the newest run is what the alarm goes by, so that less would end an alarm by asking.
  ///
  /// - Parameter outside: finds what is kept outside of the database and differs from it.
  /// - Returns: what it found; nil when it wasn't run.
  /// - Throws: `DatabaseError`.
  public static func runAsked(
    by account: AccountID, now: () -> Timestamp, outside: (Session) throws -> [AuditFault] = { _ in [] }, in session: Session
  ) throws -> AuditReport? {
    try alone(in: session) { try check(askedBy: account, now: now, outside: outside, in: session) }
  }

  private static func check(
    day: LocalDate? = nil, askedBy account: AccountID? = nil, now: () -> Timestamp, outside: (Session) throws -> [AuditFault],
    in session: Session
  ) throws -> AuditReport {
    let report = try DatabaseAudit.run(now: now, outside: outside, in: session)
    try finish(report, day: day, askedBy: account, in: session)
    return report
  }

  /// Whether a process is at a check right now. Throws: `DatabaseError`.
  public static func isRunning(in session: Session) throws -> Bool {
    try session.value(
      """
      SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
                      WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
                        AND l.classid = CAST(\(lock >> 32) AS oid) AND l.objid = CAST(\(lock & 0xffff_ffff) AS oid))
      """) ?? false
  }

  /// Runs `body` while no other process does, by a lock of the session's; nil when one does.
  private static func alone(in session: Session, _ body: () throws -> AuditReport?) throws -> AuditReport? {
    guard try session.value("SELECT pg_try_advisory_lock(\(lock))") ?? false else { return nil }
    let report: AuditReport?
    do {
      report = try body()
    } catch {
      // A connection that is gone has let go of the lock by that.
      if session.isAlive { _ = try session.row("SELECT pg_advisory_unlock(\(lock))") }
      throw error
    }
    _ = try session.row("SELECT pg_advisory_unlock(\(lock))")
    return report
  }

  /// Notes that yesterday had no check, though the servers ran and made its root: something keeps it from ending, and nobody would see that from a
  /// list in which nothing stands. Any number of processes may ask; one of them notes it and tells every admin. While a check is under way anywhere,
  /// nothing is noted: it may be yesterday's, which took long and is still going to tell what it finds.
  ///
  /// - Returns: what was noted; nil when all is well.
  /// - Throws: `DatabaseError`.
  public static func noteMissed(before today: LocalDate, at now: Timestamp, in session: Session) throws -> AuditReport? {
    let day = today.advanced(by: -1)
    guard try isMissed(day, in: session) else { return nil }
    return try alone(in: session) {
      guard try isMissed(day, in: session) else { return nil }
      var report = AuditReport(startedAt: day.startInTashkent, finishedAt: now)
      report.faults = [AuditFault("verification of \(day)", "it was begun and never ended")]
      try finish(report, day: day, in: session)
      return report
    }
  }

  /// Whether a day had its root and no check.
  private static func isMissed(_ day: LocalDate, in session: Session) throws -> Bool {
    try session.value(
      """
      SELECT EXISTS (SELECT FROM daily_root WHERE day = \(day)) AND NOT EXISTS (SELECT FROM audit_run WHERE day = \(day))
      """) ?? false
  }

  /// Writes down what a check found and tells of it, both or neither: a day that counts as checked has told whom it had to.
  private static func finish(_ report: AuditReport, day: LocalDate?, askedBy account: AccountID? = nil, in session: Session)
    throws
  {
    try session.transaction {
      try write(report, day: day, askedBy: account, in: session)
      guard !report.faults.isEmpty else { return }
      try alarm(report, in: session)
      try Outbox.wake(in: session)
    }
  }

  /// Writes down what a check found. Throws: `DatabaseError`.
  public static func write(
    _ report: AuditReport, day: LocalDate?, askedBy account: AccountID? = nil, in session: Session
  ) throws {
    let faults = report.faults.prefix(keptFaults).map {
      "{\"place\":\(JSONText.quoted($0.place)),\"reason\":\(JSONText.quoted($0.reason))}"
    }
    try session.execute(
      """
      INSERT INTO audit_run (started_at, finished_at, day, asked_by, topics, entries, actions, roots, months, faults, fault_count)
      VALUES (\(report.startedAt), greatest(\(report.startedAt), \(report.finishedAt)), \(day), \(account), \(report.topics),
              \(report.entries), \(report.actions), \(report.roots), \(report.months), \(json: "[" + faults.joined(separator: ",") + "]"), \(Int64(report.faults.count)))
      """)
  }

  /// Tells every admin that a check found something. Inside a transaction; `Outbox.wake` after its commit. Throws: `DatabaseError`.
  public static func alarm(_ report: AuditReport, in session: Session) throws {
    for admin in try Accounts.admins(in: session) {
      try Notifications.add(
        to: admin, kind: .auditAlarm,
        detail: ["faults": .number(Int64(report.faults.count)), "place": .text(report.faults.first?.place ?? "")], in: session)
    }
  }

  /// The newest first. Throws: `DatabaseError`.
  public static func newest(limit: Int, in session: Session) throws -> [Record] {
    try session.result(
      """
      SELECT r.started_at, r.finished_at, r.day, r.topics, r.entries, r.actions, r.roots, r.fault_count,
             ARRAY(SELECT e ->> 'place' FROM jsonb_array_elements(r.faults) WITH ORDINALITY AS x (e, n) ORDER BY n),
             ARRAY(SELECT e ->> 'reason' FROM jsonb_array_elements(r.faults) WITH ORDINALITY AS x (e, n) ORDER BY n),
             r.months, r.asked_by, a.name
        FROM audit_run r LEFT JOIN account a ON a.id = r.asked_by ORDER BY r.id DESC LIMIT \(Int64(limit))
      """
    ).map { row in
      var report = AuditReport(startedAt: try row.decode(at: 0), finishedAt: try row.decode(at: 1))
      (report.topics, report.entries) = (try row.decode(at: 3), try row.decode(at: 4))
      (report.actions, report.roots) = (try row.decode(at: 5), try row.decode(at: 6))
      report.months = try row.decode(at: 10)
      let asker: AccountID? = try row.decode(at: 11)
      let (places, reasons): ([String], [String]) = (try row.decode(at: 8), try row.decode(at: 9))
      report.faults = zip(places, reasons).map { AuditFault($0, $1) }
      return Record(
        day: try row.decode(at: 2), askedBy: try asker.map { Named(id: $0, name: try row.decode(at: 12)) }, report: report,
        faultCount: try row.decode(at: 7))
    }
  }

  /// «1fin» and a number of ours.
  private static let lock: Int64 = 0x3166_696e_0000_0006
}
