public import Domain

/// Cases in which nobody says a word for a week close by themselves and ask for their rating, so that none is left open to escape it.
///
/// Any number of processes may look for them at once: under the topic's row lock only one finds the case still open and still quiet, and a message
/// that came before keeps it open. What the clients and, if a client waited in vain, the supervisors are told is in the same transaction.
public enum SilentClose {
  /// The most cases of one transaction.
  static let batch = 50

  /// Closes what has been quiet since `TopicLog.silence` before `now`. Returns the rows. Throws: `DatabaseError`.
  public static func run(at now: Timestamp, in session: Session) throws -> [LogEntry] {
    let quietSince = now.advanced(by: .zero - TopicLog.silence)
    var closed: [LogEntry] = []
    let found: [TopicID] = try session.rows(
      """
      SELECT w.topic FROM (\(TopicLog.words("u.id AS topic FROM topic u JOIN topic_case c ON c.topic_id = u.id AND c.number = u.case_number WHERE u.case_open AND c.opened_at <= \(quietSince)"))) w
       WHERE w.said <= \(quietSince) ORDER BY w.topic
      """
    ).map { try $0.decode(at: 0) }
    for start in stride(from: 0, to: found.count, by: batch) {
      let topics = found[start..<min(start + batch, found.count)]
      let rows = try session.retryingConflicts {
        try session.transaction { try close(Array(topics), quietSince: quietSince, at: now, in: session) }
      }
      closed += rows
      guard !rows.isEmpty else { continue }
      try session.notify(TopicLog.headsChannel, rows.map { "\($0.topic):\($0.seq)" }.joined(separator: " "))
      try Outbox.wake(in: session)
    }
    return closed
  }

  private static func close(
    _ topics: [TopicID], quietSince: Timestamp, at now: Timestamp, in session: Session
  ) throws -> [LogEntry] {
    let items = topics.map { LogItem.expire(ExpiryRequest(topic: $0, at: now, cause: .silence(since: quietSince))) }
    let missed = try TopicLog.missed(topics, at: now, in: session)
    let batch = try TopicLog.appendInTransaction(items, in: session)
    for entry in batch.news.map(\.entry) {
      for (account, isStaff) in try people(of: entry.topic, in: session) where !isStaff || missed.contains(entry.topic) {
        try Notifications.add(
          to: account, kind: isStaff ? .caseSilentMiss : .caseSilent, detail: ["case": .number(Int64(entry.caseNumber))],
          topic: entry.topic, in: session)
      }
    }
    return batch.news.map(\.entry)
  }

  /// The clients of a topic, and its accountants and supervisors.
  private static func people(of topic: TopicID, in session: Session) throws -> [(AccountID, Bool)] {
    let staff = try WaitWarnings.staff(of: topic, in: session).map { ($0, true) }
    let clients = try session.rows("SELECT account_id FROM topic_participant WHERE topic_id = \(topic) AND NOT staff ORDER BY 1")
    return try staff + clients.map { (try $0.decode(at: 0), false) }
  }
}

extension TopicLog {
  /// Those of `topics` in which a client waits and whose close by itself at `now` is a miss, under their row locks until the transaction ends. While
  /// staff wait for the client it is none. Throws: `DatabaseError`.
  static func missed(_ topics: [TopicID], at now: Timestamp, in session: Session) throws -> Set<TopicID> {
    let rows = try session.rows("SELECT id, waiting_since FROM topic WHERE id = ANY (\(topics)) ORDER BY id FOR UPDATE")
    let waiting: [TopicID] = try rows.filter { try $0.decode(at: 1, as: Timestamp?.self) != nil }.map { try $0.decode(at: 0) }
    return Set(try clocks(waiting, in: session).filter { $0.value.isMissed(at: now) }.keys)
  }
}
