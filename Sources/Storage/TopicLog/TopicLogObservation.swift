public import Domain

/// Rows that a ghost has been shown.
public struct ObservedRange: Sendable, Hashable {
  /// The stay.
  public var observation: ObservationID
  /// The lowest row.
  public var lowest: Int64
  /// The highest row.
  public var highest: Int64

  /// A range.
  public init(observation: ObservationID, lowest: Int64, highest: Int64) {
    (self.observation, self.lowest, self.highest) = (observation, lowest, highest)
  }
}

extension TopicLog {
  /// Writes down that `account` watches `topic` from now on, and why, then opens it. The row is committed before anything is read.
  ///
  /// Throws: `DomainError.notFound`; `.forbidden` for whoever takes part, or whose session has ended; `DatabaseError`.
  public static func observe(
    topic: TopicID, account: AccountID, session sessionID: SessionID, reason: String, at: Timestamp, in session: Session
  ) throws -> TopicState {
    let row = try session.row(
      """
      SELECT r.staff, r.observer, r.clearance, t.organisation_id, (SELECT g.department_id FROM organisation g WHERE g.id = t.organisation_id)
        FROM topic t
       CROSS JOIN LATERAL (\(rights(topic: "t.id", organisation: "t.organisation_id", account: "\(account)"))) r
       WHERE t.id = \(topic)
      """)
    guard let row else { throw DomainError.notFound }
    let rights = try rights(row, from: 0)
    guard rights.isVisible else { throw DomainError.notFound }
    guard !rights.isParticipant else {
      throw DomainError(.forbidden, "Whoever takes part in the topic does not watch it: subscribe instead.")
    }
    let memberships = try memberships(try session.result(memberships(of: [account])))[account] ?? []
    let place = ObjectPlace(organisation: try row.decode(at: 3), department: try row.decode(at: 4))
    guard allows(memberships, .observation, .create, on: place) else { throw DomainError.notFound }
    let written = try session.execute(
      """
      INSERT INTO observation (account_id, session_id, topic_id, reason, started_at, ends_at)
      SELECT \(account), s.id, \(topic), \(reason), \(at), \(at.advanced(by: observationTime)) FROM session s
       WHERE s.id = \(sessionID) AND s.account_id = \(account) AND s.ended_at IS NULL AND s.expires_at > now()
         AND EXISTS (SELECT FROM topic_observer o WHERE o.topic_id = \(topic) AND o.account_id = \(account))
      """)
    guard written == 1 else { throw DomainError.notFound }
    return try state(topic: topic, account: account, session: sessionID, epoch: nil, after: nil, at: at, in: session)
  }

  /// Ends a stay, and notes with it what was shown up to then; nothing can be added afterwards. Nothing happens when it has ended before. Its end is
  /// `at`, or when its time was over. Throws: `DatabaseError`.
  public static func endObservation(_ id: ObservationID, shown: ObservedRange? = nil, at: Timestamp, in session: Session) throws {
    try session.transaction {
      if let shown { try widen([shown], in: session) }
      try session.execute("UPDATE observation SET ended_at = least(\(at), ends_at) WHERE id = \(id) AND ended_at IS NULL")
    }
  }

  /// Ends what this session has open in `topic`: for whoever leaves without knowing its stay, as after a reconnection. Others who watch by the same
  /// stays learn it from `widen`. Throws: `DatabaseError`.
  public static func endObservations(
    topic: TopicID, account: AccountID, session sessionID: SessionID, at: Timestamp, in session: Session
  ) throws {
    try session.execute(
      """
      WITH mine AS (SELECT id FROM observation
                     WHERE topic_id = \(topic) AND account_id = \(account) AND session_id = \(sessionID) AND ended_at IS NULL ORDER BY id FOR UPDATE)
      UPDATE observation o SET ended_at = least(\(at), o.ends_at) FROM mine WHERE o.id = mine.id
      """)
  }

  /// Whether a stay still shows anything at `at`: it is open, its session lives, and its watcher still oversees the topic and takes no part.
  /// Throws: `DatabaseError`.
  public static func isOpen(_ id: ObservationID, at: Timestamp, in session: Session) throws -> Bool {
    try session.row(
      """
      SELECT FROM observation o JOIN session s ON s.id = o.session_id AND s.ended_at IS NULL AND s.expires_at > now()
       WHERE o.id = \(id) AND o.ended_at IS NULL AND o.ends_at > \(at)
         AND EXISTS (SELECT FROM topic_observer q WHERE q.topic_id = o.topic_id AND q.account_id = o.account_id)
         AND NOT EXISTS (SELECT FROM topic_participant q WHERE q.topic_id = o.topic_id AND q.account_id = o.account_id)
      """) != nil
  }

  /// Writes the end of stays that nobody ended: their time, or their session, was over a minute before `at`. The minute is for the server that
  /// showed the last rows. How many there were. Throws: `DatabaseError`.
  @discardableResult
  public static func endExpired(at: Timestamp, in session: Session) throws -> Int {
    let limit = at.advanced(by: .seconds(-60))
    // In the order of their ids, as `ghost_shown` takes them, so that the two never wait for each other.
    return try session.execute(
      """
      WITH over AS (
        SELECT o.id, greatest(o.started_at, least(o.ends_at, s.ended_at, s.expires_at)) AS at
          FROM observation o JOIN session s ON s.id = o.session_id
         WHERE o.ended_at IS NULL AND least(o.ends_at, s.ended_at, s.expires_at) <= \(limit) ORDER BY o.id FOR UPDATE OF o)
      UPDATE observation o SET ended_at = over.at FROM over WHERE o.id = over.id
      """)
  }

  /// Notes in the ledger which rows ghosts are shown; ranges only grow. Returns the stays that have ended: they took nothing any more, and whoever
  /// shows rows by them stops. Throws: `DatabaseError`.
  @discardableResult
  public static func widen(_ ranges: [ObservedRange], in session: Session) throws -> [ObservationID] {
    guard !ranges.isEmpty else { return [] }
    return try session.result(
      "SELECT e FROM ghost_shown(\(ranges.map(\.observation)), \(ranges.map(\.lowest)), \(ranges.map(\.highest))) AS e"
    ).map { try $0.decode(at: 0) }
  }
}
