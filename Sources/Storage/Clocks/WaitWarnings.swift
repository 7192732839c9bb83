public import Domain

/// Warnings of waits whose target is nearly used up, and of those whose target is: to the topic's accountants and the department's supervisors, once
/// for each wait and kind, however many processes look.
public enum WaitWarnings {
  /// Warns of what is due at `now`. Returns how many waits somebody was warned of. Throws: `DatabaseError`.
  public static func run(at now: Timestamp, in session: Session) throws -> Int {
    let due = try Clocks.everybody(at: now, in: session).filter { $0.state == .soon || $0.state == .late }
    guard !due.isEmpty else { return 0 }
    let warned = try warned(of: due.map(\.topic), in: session)
    var count = 0
    for clock in due where !warned.contains(Warning(clock)) {
      count += try session.transaction { try warn(clock, at: now, in: session) }
    }
    if count > 0 { try Outbox.wake(in: session) }
    return count
  }

  private struct Warning: Hashable {
    var topic: TopicID
    var message: Int64
    var kind: String

    init(topic: TopicID, message: Int64, kind: String) { (self.topic, self.message, self.kind) = (topic, message, kind) }
    init(_ clock: Clocks.Clock) { self.init(topic: clock.topic, message: clock.wait.startSeq, kind: clock.state.rawValue) }
  }

  private static func warned(of topics: [TopicID], in session: Session) throws -> Set<Warning> {
    let rows = try session.rows("SELECT topic_id, message, kind FROM wait_warning WHERE topic_id = ANY (\(topics))")
    return Set(try rows.map { Warning(topic: try $0.decode(at: 0), message: try $0.decode(at: 1), kind: try $0.decode(at: 2)) })
  }

  /// The row decides who of several processes tells of it: 1 for the one that does.
  private static func warn(_ clock: Clocks.Clock, at now: Timestamp, in session: Session) throws -> Int {
    let isFirst =
      try session.execute(
        """
        INSERT INTO wait_warning (topic_id, message, kind, at) VALUES (\(clock.topic), \(clock.wait.startSeq), \(clock.state.rawValue), \(now))
        ON CONFLICT DO NOTHING
        """) > 0
    guard isFirst else { return 0 }
    for account in try staff(of: clock.topic, in: session) {
      try Notifications.add(
        to: account, kind: clock.state == .late ? .waitLate : .waitSoon,
        detail: [
          "case": .number(Int64(clock.caseNumber)), "since": .text(clock.wait.start.rfc3339),
          "due": .text(clock.wait.due?.rfc3339 ?? ""), "holder": .text(clock.holder?.name ?? ""),
        ], topic: clock.topic, in: session)
    }
    return 1
  }

  /// Who has to know how long a client waits: the accountants who take part today, and the supervisors of the department. Throws: `DatabaseError`.
  static func staff(of topic: TopicID, in session: Session) throws -> [AccountID] {
    try session.rows("\(staff(of: "\(topic)")) ORDER BY 1").map { try $0.decode(at: 0) }
  }

  /// The same as a query with the column `account_id`.
  static func staff(of topic: SQL) -> SQL {
    """
    SELECT p.account_id FROM topic_participant p
     WHERE p.topic_id = \(topic) AND p.staff
       AND EXISTS (SELECT FROM membership m WHERE m.account_id = p.account_id AND m.role = 'accountant' AND m.ended_at IS NULL)
    UNION \(supervisors(of: topic))
    """
  }

  /// The supervisors of a topic's department, as a query with the column `account_id`.
  static func supervisors(of topic: SQL) -> SQL {
    """
    SELECT m.account_id FROM topic s JOIN organisation o ON o.id = s.organisation_id
      JOIN membership m ON m.role = 'supervisor' AND m.department_id = o.department_id AND m.ended_at IS NULL
      JOIN account a ON a.id = m.account_id AND a.disabled_at IS NULL
     WHERE s.id = \(topic)
    """
  }
}
