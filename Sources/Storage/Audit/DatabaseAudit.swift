public import Domain

/// Something that isn't what was written.
public struct AuditFault: Error, Sendable, Hashable, CustomStringConvertible {
  /// Where: `topic 3, row 17`.
  public var place: String
  /// What is wrong with it.
  public var reason: String

  /// A fault.
  public init(_ place: String, _ reason: String) { (self.place, self.reason) = (place, reason) }

  /// `topic 3, row 17: its body is another one`
  public var description: String { "\(place): \(reason)" }
}

/// What a verification of the whole database found.
public struct AuditReport: Sendable, Hashable {
  /// When it began; everything that had been written by then was looked at.
  public var startedAt: Timestamp
  /// When it was over.
  public var finishedAt: Timestamp
  /// How many topics' logs were walked.
  public var topics: Int64 = 0
  /// How many rows they had.
  public var entries: Int64 = 0
  /// How many rows of the action log.
  public var actions: Int64 = 0
  /// How many daily roots.
  public var roots: Int64 = 0
  /// How many closed months.
  public var months: Int64 = 0
  /// Everything that is wrong.
  public var faults: [AuditFault] = []

  /// A report of nothing yet.
  public init(startedAt: Timestamp, finishedAt: Timestamp) { (self.startedAt, self.finishedAt) = (startedAt, finishedAt) }
}

/// Checks everything that the database holds against the chains: the topics' logs and their bodies, what is read off them (heads, cases,
/// keys, marks,
/// documents), the action log, the daily roots, the closed months and the ledger of ghosts.
///
/// Each part reads in a snapshot of its own, while others write. Of a broken chain the first fault is told, of all else each one, up to
/// `limit` a kind.
public enum DatabaseAudit {
  /// How many faults of one kind are told.
  static let limit: Int64 = 100

  /// Checks everything. `now` is asked for the times of the report.
  ///
  /// - Parameter outside: finds what is kept outside of the database, files of roots, and differs from it.
  /// - Throws: `DatabaseError`.
  public static func run(
    now: () -> Timestamp, outside: (Session) throws -> [AuditFault] = { _ in [] }, in session: Session
  ) throws -> AuditReport {
    var report = AuditReport(startedAt: now(), finishedAt: now())
    // What is committed by now has its link before it is looked at.
    try part("action log", &report, in: session) { _ in try ActionSeal.sealCommitted(in: session) }
    for row in try session.rows("SELECT id, head FROM topic ORDER BY id") {
      let topic: TopicID = try row.decode(at: 0)
      report.topics += 1
      report.entries += try row.decode(at: 1, as: Int64.self)
      try part("topic \(topic)", &report, in: session) { report in
        if let fault = try TopicLog.verifyChain(topic: topic, in: session) {
          report.faults.append(AuditFault("topic \(topic), row \(fault.seq)", fault.reason))
        }
      }
      try part("topic \(topic), documents", &report, in: session) { $0.faults += try documents(of: topic, in: session) }
    }
    let projections = [
      ("rows", strays), ("keys", keys), ("read marks", reads), ("cases", cases), ("stamps", stamps), ("clocks", clocks),
      ("erasures", erasures), ("files", files), ("written rows", written),
    ]
    for (place, check) in projections {
      try part(place, &report, in: session) { $0.faults += try check(session) }
    }
    try part("action log", &report, in: session) { report in
      let actions = try actions(in: session)
      report.actions = actions.count
      report.faults += actions.faults
    }
    try part("roots", &report, in: session) { report in
      let roots = try roots(in: session)
      report.roots = roots.count
      report.faults += roots.faults
    }
    try part("closed months", &report, in: session) { report in
      let months = try months(in: session)
      report.months = months.count
      report.faults += months.faults
    }
    try part("ghost ledger", &report, in: session) { report in
      // Each day's root names the ledger's newest row of then.
      let kept = try session.rows("SELECT day, ghost_seq, ghost_head FROM daily_root").map {
        GhostLedger.Root(day: try $0.decode(at: 0), head: GhostLedger.Head(seq: try $0.decode(at: 1), hash: try $0.decode(at: 2)))
      }
      if let fault = try GhostLedger.verify(against: kept, in: session) {
        report.faults.append(AuditFault(fault.seq == 0 ? "ghost ledger" : "ghost ledger, row \(fault.seq)", fault.reason))
      }
    }
    try part("root files", &report, in: session) { $0.faults += try outside(session) }
    report.finishedAt = now()
    return report
  }

  /// Looks at one part. What can't be read there is a fault of it, and the others are looked at all the same: a row that means nothing must not
  /// silence the whole check.
  private static func part(
    _ place: String, _ report: inout AuditReport, in session: Session, _ body: (inout AuditReport) throws -> Void
  ) throws {
    var looked = report
    let faults = try reading(place, in: session) {
      try body(&looked)
      return []
    }
    report = looked
    report.faults += faults
  }

  /// What `body` finds; when something can't be read, that. Throws: `DatabaseError` when it isn't the rows' fault, such as a lost connection.
  static func reading(_ place: String, in session: Session, _ body: () throws -> [AuditFault]) throws -> [AuditFault] {
    do {
      return try body()
    } catch let error as DatabaseError where session.isAlive && error.isOfRows {
      return [AuditFault(place, "it can't be read: \(error)")]
    }
  }

  /// Runs a statement that gives a place and a reason for each thing that is wrong.
  static func faults(_ sql: SQL, in session: Session) throws -> [AuditFault] {
    try session.result("SELECT f.place, f.reason FROM (\(sql)) f (place, reason) ORDER BY 1 LIMIT \(limit)").map {
      AuditFault(try $0.decode(at: 0), try $0.decode(at: 1))
    }
  }
}
