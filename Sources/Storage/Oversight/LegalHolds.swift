public import Domain

/// Bans on erasing anything of an organisation or of one of its topics. A hold is set and lifted, each with a reason, and its row stays for ever.
public enum LegalHolds {
  /// A hold as lists show it.
  public struct Record: Sendable, Hashable {
    /// Its id.
    public let id: LegalHoldID
    /// Whose.
    public let organisation: Named<OrganisationID>
    /// The one topic; nil: all five.
    public let topic: TopicID?
    /// That topic's kind.
    public let kind: TopicKind?
    /// Why it stands.
    public let reason: String
    /// Who set it.
    public let set: Erasures.Step
    /// Who lifted it; nil while it stands.
    public let lifted: Erasures.Step?
    /// Why it was lifted.
    public let liftReason: String?
  }

  /// Sets a hold; waits for an erasure that is just being done. Throws: `DomainError.conflict` when the same one stands, `.notFound` when the topic
  /// is not the organisation's; `DatabaseError`.
  public static func set(
    organisation: OrganisationID, topic: TopicID?, reason: String, by account: AccountID, in session: Session
  ) throws -> LegalHoldID {
    do {
      return try session.one(
        """
        INSERT INTO legal_hold (organisation_id, topic_id, reason, set_by) VALUES (\(organisation), \(topic), \(reason), \(account)) RETURNING id
        """
      ).decode(at: 0)
    } catch let error as DatabaseError where error.constraint == "legal_hold_once" {
      throw DomainError(.conflict, "The same hold stands already.")
    } catch let error as DatabaseError where error.constraint?.hasPrefix("legal_hold_organisation_id") ?? false {
      throw DomainError.notFound
    }
  }

  /// Lifts a hold. Throws: `DomainError.conflict` when it was lifted before; `DatabaseError`.
  public static func lift(_ id: LegalHoldID, reason: String, by account: AccountID, in session: Session) throws {
    let changed = try session.execute(
      """
      UPDATE legal_hold SET lifted_by = \(account), lifted_at = now(), lift_reason = \(reason) WHERE id = \(id) AND lifted_at IS NULL
      """)
    guard changed == 1 else { throw DomainError(.conflict, "It has been lifted already.") }
  }

  /// Those in sight, the newest first; also those that were lifted. Throws: `DatabaseError`.
  public static func list(
    for viewer: Viewer, organisation: OrganisationID? = nil, before: LegalHoldID? = nil, limit: Int = 100, in session: Session
  ) throws -> Page<Record> {
    let found = try records(
      where: "(\(organisation) IS NULL OR h.organisation_id = \(organisation)) AND (\(before) IS NULL OR h.id < \(before))",
      for: viewer,
      limit: limit + 1, in: session)
    return Page(found, limit: limit) { $0.id.rawValue }
  }

  /// One in sight. Throws: `DatabaseError`.
  public static func find(_ id: LegalHoldID, for viewer: Viewer, in session: Session) throws -> Record? {
    try records(where: "h.id = \(id)", for: viewer, limit: 1, in: session).first
  }

  private static func records(
    where condition: SQL, for viewer: Viewer, limit: Int, in session: Session
  ) throws -> [Record] {
    try session.rows(
      """
      SELECT h.id, o.id, o.name, h.topic_id, t.kind, h.reason, h.set_by, s.name, h.set_at, h.lifted_by, l.name, h.lifted_at, h.lift_reason
        FROM legal_hold h
        JOIN organisation o ON o.id = h.organisation_id
        JOIN account s ON s.id = h.set_by
        LEFT JOIN topic t ON t.id = h.topic_id
        LEFT JOIN account l ON l.id = h.lifted_by
       WHERE \(condition) AND \(viewer.organisations) ORDER BY h.id DESC LIMIT \(limit)
      """
    ).map { row in
      let lifter: AccountID? = try row.decode(at: 9)
      return Record(
        id: try row.decode(at: 0), organisation: Named(id: try row.decode(at: 1), name: try row.decode(at: 2)),
        topic: try row.decode(at: 3), kind: try row.decode(at: 4), reason: try row.decode(at: 5),
        set: Erasures.Step(by: Named(id: try row.decode(at: 6), name: try row.decode(at: 7)), at: try row.decode(at: 8)),
        lifted: try lifter.map { Erasures.Step(by: Named(id: $0, name: try row.decode(at: 10)), at: try row.decode(at: 11)) },
        liftReason: try row.decode(at: 12))
    }
  }
}
