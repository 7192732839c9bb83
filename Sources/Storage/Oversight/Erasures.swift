public import Domain

/// Erasure of a message's texts for good: an admin asks, a second person who oversees the topic confirms, never under a legal hold. The chain
/// holds hashes only and still verifies; docs/oversight-ledger.md says what goes and what stays.
public enum Erasures {
  /// How far one is.
  public enum State: String, Sendable, CaseIterable {
    /// Asked for.
    case requested
    /// Done.
    case confirmed
    /// Somebody who might have confirmed it didn't want it.
    case refused
  }

  /// Who did a step, and when.
  public struct Step: Sendable, Hashable {
    /// Who.
    public let by: Named<AccountID>
    /// When.
    public let at: Timestamp
  }

  /// An erasure as lists show it: never with a text.
  public struct Record: Sendable, Hashable {
    /// Its id.
    public let id: ErasureID
    /// Whose topic.
    public let organisation: Named<OrganisationID>
    /// The topic.
    public let topic: TopicID
    /// Its kind.
    public let kind: TopicKind
    /// The message's number in the topic.
    public let message: Int64
    /// When the message was sent.
    public let sentAt: Timestamp
    /// Who wrote it; nil is the system.
    public let author: Named<AccountID>?
    /// Why it is to go.
    public let reason: String
    /// Who asked.
    public let requested: Step
    /// Who confirmed; nil: nobody yet.
    public let confirmed: Step?
    /// Who refused.
    public let refused: Step?
    /// Whether a legal hold stands in its way today.
    public let isHeld: Bool

    /// How far it is.
    public var state: State { confirmed != nil ? .confirmed : refused != nil ? .refused : .requested }
  }

  /// Asks for an erasure, and tells whoever may confirm it. Throws: `DomainError.notFound` when there is no such message, `.conflict` when a hold stands or somebody has asked before,
  /// `DatabaseError`.
  public static func request(
    _ message: Int64, in topic: TopicID, reason: String, by account: AccountID, _ session: Session
  ) throws -> ErasureID {
    try translating {
      let row = try session.row(
        """
        INSERT INTO erasure (organisation_id, topic_id, message, reason, requested_by)
        SELECT t.organisation_id, t.id, e.seq, \(reason), \(account)
          FROM topic t JOIN topic_entry e ON e.topic_id = t.id AND e.seq = \(message) AND e.kind = 1
         WHERE t.id = \(topic) RETURNING id
        """)
      guard let row else { throw DomainError.notFound }
      for reader in try deciders(of: topic, in: session) where reader != account {
        try tell(reader, .erasureCreate, of: message, in: topic, by: account, session)
      }
      return try row.decode(at: 0)
    }
  }

  /// Who may confirm: the admins, and the supervisors of the topic's department.
  private static func deciders(of topic: TopicID, in session: Session) throws -> [AccountID] {
    let supervisors: [AccountID] = try session.rows(WaitWarnings.supervisors(of: "\(topic)")).map { try $0.decode(at: 0) }
    return Set(try Accounts.admins(in: session) + supervisors).sorted()
  }

  /// A line of the bell without the reason, which may tell what is to be forgotten.
  private static func tell(
    _ reader: AccountID, _ kind: NotificationKind, of message: Int64, in topic: TopicID, by account: AccountID, _ session: Session
  ) throws {
    let name: String = try session.one("SELECT name FROM account WHERE id = \(account)").decode(at: 0)
    try Notifications.add(
      to: reader, kind: kind, detail: ["message": .number(message), "by": .text(name)], topic: topic, in: session)
  }

  /// Confirms one and does it, in the caller's transaction: texts, salts and the hashes of the requests that brought them are gone with its commit.
  /// The caller holds no topic's lock. `wake` the outbox after the commit.
  ///
  /// Throws: `DomainError.notFound`; `.forbidden` for whoever asked, and for whoever got a role, a password or a sign-in from somebody else from a
  /// week before the wish on: the first person could be behind them; `.conflict` when it was decided before or a hold stands; `DatabaseError`.
  public static func confirm(
    _ id: ErasureID, by account: AccountID, session sessionID: SessionID, at: Timestamp, in session: Session
  ) throws {
    let found = try session.row(
      "SELECT topic_id, message, requested_by, confirmed_at IS NULL AND refused_at IS NULL FROM erasure WHERE id = \(id)")
    guard let found else { throw DomainError.notFound }
    let (topic, message, asker): (TopicID, Int64, AccountID) = (
      try found.decode(at: 0), try found.decode(at: 1), try found.decode(at: 2)
    )
    guard asker != account else { throw DomainError.secondPerson }
    guard try found.decode(at: 3) else { throw DomainError.decided }
    // A row of its own in the log, so that every page drops what it has, and the chain says by whom.
    let request = LogRequest(
      topic: topic, account: account, session: sessionID, key: .random(), action: .erase(message: message),
      at: at,
      salt: [UInt8](repeating: 0, count: 16))
    let batch = try TopicLog.appendInTransaction([.append(request)], in: session)
    if case .refused(let error) = batch.results.first { throw error }
    try translating { try session.execute("SELECT erasure_confirm(\(id), \(account))") }
    try tell(asker, .erasureConfirm, of: message, in: topic, by: account, session)
    // Nobody's access has changed; but that is how nodes are told to read on.
    try AccessChange.publish(accounts: [], topics: [topic], in: session)
  }

  /// Refuses one, and tells whoever asked, who may also take it back so. Throws: `DomainError.conflict` when it was decided before; `DatabaseError`.
  public static func refuse(_ id: ErasureID, by account: AccountID, in session: Session) throws {
    let refused = try session.row(
      """
      UPDATE erasure SET refused_by = \(account), refused_at = now() WHERE id = \(id) AND confirmed_at IS NULL AND refused_at IS NULL
      RETURNING topic_id, message, requested_by
      """)
    guard let refused else { throw DomainError.decided }
    let asker: AccountID = try refused.decode(at: 2)
    guard asker != account else { return }
    try tell(asker, .erasureRefuse, of: try refused.decode(at: 1), in: try refused.decode(at: 0), by: account, session)
  }

  /// Those in sight, the newest first. Throws: `DatabaseError`.
  public static func list(
    for viewer: Viewer, state: State? = nil, before: ErasureID? = nil, limit: Int = 100, in session: Session
  ) throws -> Page<Record> {
    let wanted: SQL =
      switch state {
      case nil: "true"
      case .requested: "x.confirmed_at IS NULL AND x.refused_at IS NULL"
      case .confirmed: "x.confirmed_at IS NOT NULL"
      case .refused: "x.refused_at IS NOT NULL"
      }
    let found = try records(
      where: "\(wanted) AND (\(before) IS NULL OR x.id < \(before))", for: viewer, limit: limit + 1, in: session)
    return Page(found, limit: limit) { $0.id.rawValue }
  }

  /// One in sight. Throws: `DatabaseError`.
  public static func find(_ id: ErasureID, for viewer: Viewer, in session: Session) throws -> Record? {
    try records(where: "x.id = \(id)", for: viewer, limit: 1, in: session).first
  }

  private static func records(
    where condition: SQL, for viewer: Viewer, limit: Int, in session: Session
  ) throws -> [Record] {
    try session.rows(
      """
      SELECT x.id, o.id, o.name, t.id, t.kind, x.message, e.at, e.author_id, w.name, x.reason, x.requested_by, r.name, x.requested_at,
             x.confirmed_by, c.name, x.confirmed_at, x.refused_by, f.name, x.refused_at,
             EXISTS (SELECT FROM legal_hold h WHERE h.organisation_id = x.organisation_id AND h.lifted_at IS NULL
                        AND (h.topic_id IS NULL OR h.topic_id = x.topic_id))
        FROM erasure x
        JOIN organisation o ON o.id = x.organisation_id
        JOIN topic t ON t.id = x.topic_id
        JOIN topic_entry e ON e.topic_id = x.topic_id AND e.seq = x.message
        JOIN account r ON r.id = x.requested_by
        LEFT JOIN account w ON w.id = e.author_id
        LEFT JOIN account c ON c.id = x.confirmed_by
        LEFT JOIN account f ON f.id = x.refused_by
       WHERE \(condition) AND \(viewer.organisations) ORDER BY x.id DESC LIMIT \(limit)
      """
    ).map { row in
      func step(_ place: Int) throws -> Step? {
        guard let by: AccountID = try row.decode(at: place) else { return nil }
        return Step(by: Named(id: by, name: try row.decode(at: place + 1)), at: try row.decode(at: place + 2))
      }
      let author: AccountID? = try row.decode(at: 7)
      guard let requested = try step(10) else { throw DatabaseError(.decoding, "an erasure that nobody asked for") }
      return Record(
        id: try row.decode(at: 0), organisation: Named(id: try row.decode(at: 1), name: try row.decode(at: 2)),
        topic: try row.decode(at: 3), kind: try row.decode(at: 4), message: try row.decode(at: 5), sentAt: try row.decode(at: 6),
        author: try author.map { Named(id: $0, name: try row.decode(at: 8)) }, reason: try row.decode(at: 9),
        requested: requested,
        confirmed: try step(13), refused: try step(16), isHeld: try row.decode(at: 19))
    }
  }

  /// What the table's guards refuse, as people are told it.
  @discardableResult
  private static func translating<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as DatabaseError where error.constraint == "legal_hold" {
      throw DomainError(.conflict, "A legal hold stands: nothing of this topic is erased.")
    } catch let error as DatabaseError where error.constraint == "second_person" {
      throw DomainError.madeLately
    } catch let error as DatabaseError where error.constraint == "erasure_once" {
      throw DomainError(.conflict, "Somebody has asked for this already.")
    }
  }
}

extension DomainError {
  /// Somebody may be behind the second person.
  static let madeLately = DomainError(
    .forbidden, "Whoever got a role, a password or a sign-in from somebody else in the last week is no second person yet.")
  fileprivate static let secondPerson = DomainError(
    .forbidden, "Whoever asked for an erasure doesn't confirm it: it takes a second person.")
  fileprivate static let decided = DomainError(.conflict, "It has been decided already.")
}
