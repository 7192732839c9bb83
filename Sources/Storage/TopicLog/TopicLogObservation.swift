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
    let rights = try session.row(
      """
      SELECT r.staff, r.observer, r.clearance FROM topic t
       CROSS JOIN LATERAL (\(rights(topic: "t.id", organisation: "t.organisation_id", account: "\(account)"))) r
       WHERE t.id = \(topic)
      """
    ).map { try Self.rights($0, from: 0) }
    guard let rights, rights.isVisible else { throw DomainError.notFound }
    guard !rights.isParticipant else {
      throw DomainError(.forbidden, "Whoever takes part in the topic does not watch it: subscribe instead.")
    }
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

  /// Ends the observations that this session has open in `topic`. Throws: `DatabaseError`.
  public static func endObservations(
    topic: TopicID, account: AccountID, session sessionID: SessionID, at: Timestamp, in session: Session
  ) throws {
    try session.execute(
      """
      UPDATE observation SET ended_at = least(\(at), ends_at)
       WHERE topic_id = \(topic) AND account_id = \(account) AND session_id = \(sessionID) AND ended_at IS NULL
      """)
  }

  /// Notes which rows ghosts have been shown; ranges only grow. Throws: `DatabaseError`.
  public static func widen(_ ranges: [ObservedRange], in session: Session) throws {
    guard !ranges.isEmpty else { return }
    try session.execute(
      """
      UPDATE observation o SET from_seq = least(o.from_seq, u.lowest), to_seq = greatest(o.to_seq, u.highest)
        FROM (SELECT w.id, min(w.lowest) AS lowest, max(w.highest) AS highest
                FROM unnest(\(ranges.map(\.observation)), \(ranges.map(\.lowest)), \(ranges.map(\.highest))) AS w (id, lowest, highest)
               GROUP BY w.id) u
       WHERE o.id = u.id AND (o.from_seq IS NULL OR u.lowest < o.from_seq OR u.highest > o.to_seq)
      """)
  }
}
