public import Domain

/// The clocks of waiting clients, read off the log.
public enum Clocks {
  /// A client who waits.
  public struct Clock: Sendable, Hashable {
    /// Where.
    public let topic: TopicID
    /// Which of the five.
    public let kind: TopicKind
    /// Whose topic.
    public let organisation: Named<OrganisationID>
    /// The department that serves it.
    public let department: DepartmentID
    /// The case.
    public let caseNumber: Int32
    /// The wait as the log tells it now.
    public let wait: Wait
    /// Who answers for the topic now; nil: nobody.
    public let holder: Named<AccountID>?
    /// What the client is asked for, while the clock stands still.
    public let wanted: String?
    /// Working time until the target is used up, in microseconds; less than zero since it is; nil without a target. While the clock stands still
    /// it is what will be left.
    public let left: Int64?
    /// How early staff are warned.
    public let warning: WarningShare

    /// How it stands.
    public enum State: String, Sendable, Hashable {
      /// There is time.
      case ok
      /// So little of the target is left that staff are warned.
      case soon
      /// The target is used up.
      case late
      /// Something is wanted from the client.
      case paused
      /// It is measured against nothing.
      case open
    }

    /// How it stands now.
    public var state: State {
      if wait.isPaused { return .paused }
      guard let left, let target = wait.target else { return .open }
      // An answer at the very moment is still in time.
      if left < 0 { return .late }
      return left <= warning.left(of: target) ? .soon : .ok
    }
  }

  /// The clients who wait in reach of `viewer`, those whose time is up first, at most `limit`: an accountant's are those of the topics that are
  /// assigned, a supervisor's those of the department.
  ///
  /// - Parameters:
  ///   - topic: only that one.
  ///   - now: the moment.
  /// - Throws: `DatabaseError`.
  public static func waiting(
    for viewer: Viewer, topic: TopicID? = nil, at now: Timestamp, limit: Int, in session: Session
  ) throws -> (clocks: [Clock], isWhole: Bool) {
    try waiting(where: "\(viewer.topics) AND (\(topic) IS NULL OR t.id = \(topic))", at: now, limit: limit, in: session)
  }

  /// All of them. For servers: it asks nobody's permission. Throws: `DatabaseError`.
  public static func everybody(at now: Timestamp, in session: Session) throws -> [Clock] {
    try waiting(where: "TRUE", at: now, limit: .max, in: session).clocks
  }

  private static func waiting(
    where condition: SQL, at now: Timestamp, limit: Int, in session: Session
  ) throws -> (clocks: [Clock], isWhole: Bool) {
    let calendar = try FirmCalendar.read(in: session).calendar
    let rows = try session.rows(
      """
      SELECT t.id, t.kind, o.id, o.name, o.department_id, t.case_number
        FROM topic t JOIN organisation o ON o.id = t.organisation_id
       WHERE t.waiting_since IS NOT NULL AND t.case_open AND o.closed_at IS NULL AND \(condition) ORDER BY t.id
      """)
    let topics: [TopicID] = try rows.map { try $0.decode(at: 0) }
    guard !topics.isEmpty else { return ([], true) }
    let read = try TopicLog.clocks(topics, calendar: calendar, in: session)
    let names = try names(of: read.mapValues(\.work), at: now, in: session)
    let warning = try WarningShare.read(in: session)
    var clocks: [Clock] = []
    var paused: [TopicID] = []
    for row in rows {
      let topic: TopicID = try row.decode(at: 0)
      guard let read = read[topic], let wait = read.open else { continue }
      if wait.isPaused { paused.append(topic) }
      let holder = read.work.holder(at: now)
      clocks.append(
        Clock(
          topic: topic, kind: try row.decode(at: 1), organisation: Named(id: try row.decode(at: 2), name: try row.decode(at: 3)),
          department: try row.decode(at: 4), caseNumber: try row.decode(at: 5), wait: wait,
          holder: holder.map { Named(id: $0, name: names[$0] ?? "") }, wanted: nil, left: wait.left(at: now, by: calendar),
          warning: warning))
    }
    let order = clocks.sorted { left, right in
      // Whose clock stands still comes after those whose clock runs, and without a target after all.
      (left.rank, left.wait.start, left.topic) < (right.rank, right.wait.start, right.topic)
    }
    let texts = try wanted(in: paused, session)
    let shown = order.prefix(limit).map { clock in texts[clock.topic].map { clock.wanting($0) } ?? clock }
    return (Array(shown), order.count <= limit)
  }

  private static func names(
    of works: [TopicID: TopicWork], at now: Timestamp, in session: Session
  ) throws -> [AccountID: String] {
    let holders = Set(works.values.compactMap { $0.holder(at: now) }).sorted()
    var names: [AccountID: String] = [:]
    guard !holders.isEmpty else { return names }
    for row in try session.result("SELECT id, name FROM account WHERE id = ANY (\(holders))") {
      names[try row.decode(at: 0)] = try row.decode(at: 1)
    }
    return names
  }

  /// What clients are asked for where the clock stands still.
  private static func wanted(in topics: [TopicID], _ session: Session) throws -> [TopicID: String] {
    var texts: [TopicID: String] = [:]
    guard !topics.isEmpty else { return texts }
    let rows = try session.result(
      """
      SELECT u.topic, b.body FROM unnest(\(topics)) AS u (topic)
        CROSS JOIN LATERAL (SELECT p.seq FROM topic_pause p WHERE p.topic_id = u.topic AND p.kind = 11 ORDER BY p.seq DESC LIMIT 1) p
        JOIN topic_body b ON b.topic_id = u.topic AND b.seq = p.seq
      """)
    for row in rows { texts[try row.decode(at: 0)] = try row.decode(at: 1) }
    return texts
  }
}

extension Clocks.Clock {
  /// By what is left, then whose clock stands still, then those that are measured against nothing.
  fileprivate var rank: Int64 {
    switch state {
    case .open: .max
    case .paused: .max - 1
    case .ok, .soon, .late: left ?? .max
    }
  }

  fileprivate func wanting(_ text: String) -> Self {
    Self(
      topic: topic, kind: kind, organisation: organisation, department: department, caseNumber: caseNumber, wait: wait,
      holder: holder,
      wanted: text, left: left, warning: warning)
  }
}

extension Wait {
  /// Working time until the target of an open wait is used up, in microseconds; less than zero since then; nil without a target.
  func left(at now: Timestamp, by calendar: WorkCalendar) -> Int64? {
    guard let target else { return nil }
    if let due, due < now { return -calendar.workingMicroseconds(from: due, to: now) }
    var passed = calendar.workingMicroseconds(from: start, to: now)
    for pause in pauses where !pause.isRejected {
      passed -= calendar.workingMicroseconds(from: max(pause.from, start), to: min(pause.to ?? now, now))
    }
    return target - passed
  }
}
