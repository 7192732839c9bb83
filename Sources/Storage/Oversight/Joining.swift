public import Domain

/// Taking part in a topic that one oversees, by an assignment of one's own, and leaving it again.
extension Assignments {
  /// Makes an assignment of `account` to one topic, from `today` on, and ends its stays there: whoever takes part is no ghost. Inside `AccessChange.run`.
  ///
  /// Throws: `DomainError.conflict` for whoever takes part already; `.notFound` when the account doesn't oversee the topic, or doesn't any more;
  /// `DatabaseError`.
  public static func join(
    _ topic: TopicID, of organisation: OrganisationID, kind: TopicKind, by account: AccountID, today: LocalDate, at: Timestamp,
    in session: Session
  ) throws -> AssignmentID {
    guard try session.row("SELECT FROM topic_participant WHERE topic_id = \(topic) AND account_id = \(account)") == nil else {
      throw DomainError(.conflict, "You take part in this topic already.")
    }
    let id = try create(
      account: account, organisation: organisation, topics: [kind], from: today, to: nil, by: account, joined: true, in: session)
    // Looked at last: the organisation's row is locked by now, and moves to no other department meanwhile.
    guard try session.row("SELECT FROM topic_observer WHERE topic_id = \(topic) AND account_id = \(account)") != nil else {
      throw DomainError.notFound
    }
    try session.execute(
      """
      WITH mine AS (SELECT id FROM observation WHERE topic_id = \(topic) AND account_id = \(account) AND ended_at IS NULL ORDER BY id FOR UPDATE)
      UPDATE observation o SET ended_at = greatest(o.started_at, least(\(at), o.ends_at)) FROM mine WHERE o.id = mine.id
      """)
    return id
  }

  /// Takes one topic out of all assignments of `account` that count on `today`; what else they are for stays. False when there was none. Inside
  /// `AccessChange.run`.
  ///
  /// Throws: `DatabaseError`.
  public static func leave(
    of organisation: OrganisationID, kind: TopicKind, by account: AccountID, today: LocalDate, in session: Session
  ) throws -> Bool {
    let rows = try session.rows(
      """
      SELECT id, topics, starts_on, ends_on FROM assignment
       WHERE account_id = \(account) AND organisation_id = \(organisation) AND \(kind) = ANY (topics) AND ended_at IS NULL
         AND \(today) BETWEEN starts_on AND coalesce(ends_on, 'infinity') ORDER BY id
      """)
    for row in rows {
      guard try end(try row["id"], in: session) else { continue }
      let others = try row["topics", as: [TopicKind].self].filter { $0 != kind }
      guard !others.isEmpty else { continue }
      _ = try create(
        account: account, organisation: organisation, topics: others, from: try row["starts_on"], to: try row["ends_on"],
        by: account, leftOf: try row["id"], in: session)
    }
    return !rows.isEmpty
  }

  /// Ends what somebody joined and doesn't oversee any more: an account that lost a role, or all of an organisation that moved to another department.
  /// Inside `AccessChange.run`, after the change, which has raised `access` of the topics.
  ///
  /// Throws: `DatabaseError`.
  static func endJoined(by account: AccountID? = nil, in organisation: OrganisationID? = nil, session: Session) throws {
    try session.execute(
      """
      UPDATE assignment s SET ended_at = now()
       WHERE s.joined AND s.ended_at IS NULL AND (\(account) IS NULL OR s.account_id = \(account))
         AND (\(organisation) IS NULL OR s.organisation_id = \(organisation))
         AND NOT EXISTS (SELECT FROM membership m JOIN organisation o ON o.id = s.organisation_id
                          WHERE m.account_id = s.account_id AND m.ended_at IS NULL
                            AND (m.role = 'admin' OR m.role = 'supervisor' AND m.department_id = o.department_id))
      """)
  }

  /// The organisation and the kind of a topic in sight; nil when it is out of sight. Throws: `DatabaseError`.
  public static func place(
    of topic: TopicID, for viewer: Viewer, in session: Session
  ) throws -> (organisation: OrganisationID, kind: TopicKind)? {
    try session.row(
      """
      SELECT t.organisation_id, t.kind FROM topic t JOIN organisation o ON o.id = t.organisation_id
       WHERE t.id = \(topic) AND \(viewer.organisations)
      """
    ).map { (try $0.decode(at: 0), try $0.decode(at: 1)) }
  }
}
