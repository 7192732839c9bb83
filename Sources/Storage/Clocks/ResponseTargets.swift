public import Domain

/// How soon clients are to be answered, in minutes of working time: one target for each kind of topic, and a client's own, which comes before it.
/// Every change is kept with its time, since what counts for a wait is the target at its start.
public enum ResponseTargets {
  /// What counts for a kind of topic of which nothing was ever said: two hours.
  public static let initialMinutes: Int32 = 120
  /// The longest one, in minutes.
  public static let maximumMinutes: Int32 = 60_000

  /// The targets as they are now.
  public struct Current: Sendable, Hashable {
    /// By kind of topic; a kind without one is measured against nothing.
    public var topics: [TopicKind: Int32]
    /// Clients who have their own.
    public var clients: [(organisation: Named<OrganisationID>, minutes: Int32)]

    /// By all that is stored.
    public static func == (left: Current, right: Current) -> Bool {
      left.topics == right.topics
        && left.clients.elementsEqual(right.clients) { $0.organisation == $1.organisation && $0.minutes == $1.minutes }
    }
    /// By the topics.
    public func hash(into hasher: inout Hasher) { hasher.combine(topics) }
  }

  /// The targets as they are now, clients by name. Throws: `DatabaseError`.
  public static func read(in session: Session) throws -> Current {
    var topics = Dictionary(uniqueKeysWithValues: TopicKind.allCases.map { ($0, initialMinutes) })
    let rows = try session.result(
      "SELECT DISTINCT ON (kind) kind, minutes FROM response_target WHERE kind IS NOT NULL ORDER BY kind, id DESC")
    for row in rows { topics[try row.decode(at: 0)] = try row.decode(at: 1, as: Int32?.self) }
    let clients = try session.result(
      """
      SELECT o.id, o.name, x.minutes
        FROM (SELECT DISTINCT ON (organisation_id) organisation_id, minutes FROM response_target WHERE organisation_id IS NOT NULL
               ORDER BY organisation_id, id DESC) x
        JOIN organisation o ON o.id = x.organisation_id WHERE x.minutes IS NOT NULL ORDER BY lower(o.name), o.id
      """
    ).map { row in
      (
        organisation: Named(id: try row.decode(at: 0, as: OrganisationID.self), name: try row.decode(at: 1)),
        minutes: try row.decode(at: 2, as: Int32.self)
      )
    }
    return Current(topics: topics, clients: clients)
  }

  /// Sets the target of a kind of topic from `moment` on; nil: none. Returns what it was before. Inside a transaction. Throws: `DatabaseError`.
  public static func set(
    _ kind: TopicKind, minutes: Int32?, from moment: Timestamp, by account: AccountID, in session: Session
  ) throws -> Int32? {
    try lock(in: session)
    let before = try read(in: session).topics[kind]
    guard before != minutes else { return before }
    try session.execute(
      "INSERT INTO response_target (kind, minutes, since, changed_by) VALUES (\(kind), \(minutes), \(moment), \(account))")
    return before
  }

  /// Sets a client's own target from `moment` on; nil: the topics' count. Returns what it was before. Inside a transaction.
  ///
  /// - Throws: `DatabaseError`: `.foreignKeyViolation` when there is no such client.
  public static func set(
    _ organisation: OrganisationID, minutes: Int32?, from moment: Timestamp, by account: AccountID, in session: Session
  ) throws -> Int32? {
    try lock(in: session)
    let before: Int32? =
      try session.row(
        "SELECT minutes FROM response_target WHERE organisation_id = \(organisation) ORDER BY id DESC LIMIT 1")?.decode(at: 0)
      ?? nil
    guard before != minutes else { return before }
    try session.execute(
      """
      INSERT INTO response_target (organisation_id, minutes, since, changed_by)
      VALUES (\(organisation), \(minutes), \(moment), \(account))
      """)
    return before
  }

  /// «1fin» and a number of ours.
  private static let lockNumber: Int64 = 0x3166_696e_0000_0004

  /// Changes come one after the other, so that what the newest row says is what was there before.
  private static func lock(in session: Session) throws {
    try session.execute("SELECT pg_advisory_xact_lock(\(lockNumber))")
  }

  /// What counted when, for each of these topics: the client's own before the topic's. Throws: `DatabaseError`.
  public static func changes(of topics: [TopicID], in session: Session) throws -> [TopicID: [TargetChange]] {
    let rows = try session.result(
      """
      SELECT t.id, x.since, x.minutes, x.organisation_id IS NOT NULL
        FROM topic t LEFT JOIN response_target x ON x.kind = t.kind OR x.organisation_id = t.organisation_id
       WHERE t.id = ANY (\(topics)) ORDER BY t.id, x.since, x.id
      """)
    var changes: [TopicID: [TargetChange]] = [:]
    var now: [TopicID: (topic: Int32?, client: Int32?)] = [:]
    for row in rows {
      let topic: TopicID = try row.decode(at: 0)
      var (kind, client) = now[topic] ?? (initialMinutes, nil)
      if changes[topic] == nil { changes[topic] = [change(at: Timestamp(microseconds: .min), kind)] }
      if let since: Timestamp = try row.decode(at: 1) {
        let minutes: Int32? = try row.decode(at: 2)
        if try row.decode(at: 3) { client = minutes } else { kind = minutes }
        changes[topic]?.append(change(at: since, client ?? kind))
      }
      now[topic] = (kind, client)
    }
    return changes
  }

  private static func change(at moment: Timestamp, _ minutes: Int32?) -> TargetChange {
    TargetChange(at: moment, target: minutes.map { Int64($0) * 60_000_000 })
  }
}
