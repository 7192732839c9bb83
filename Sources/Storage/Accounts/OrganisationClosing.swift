public import Domain

/// A company that leaves the firm.
extension Organisations {
  /// What closing a company ends.
  public struct Closing: Sendable, Hashable {
    /// Memberships of its people.
    public let memberships: Int
    /// Assignments of the firm's people.
    public let assignments: Int
    /// Invitations that nobody has used.
    public let invitations: Int
    /// Cases that are open.
    public let openCases: Int
  }

  /// What closing a company would end. Throws: `DatabaseError`.
  public static func closing(of id: OrganisationID, in session: Session) throws -> Closing {
    let row = try session.one(
      """
      SELECT (SELECT count(*) FROM membership WHERE organisation_id = \(id) AND ended_at IS NULL) AS memberships,
             (SELECT count(*) FROM assignment WHERE organisation_id = \(id) AND ended_at IS NULL
                 AND coalesce(ends_on, 'infinity') >= (now() AT TIME ZONE 'Asia/Tashkent')::date) AS assignments,
             (SELECT count(*) FROM one_time_link WHERE organisation_id = \(id) AND used_at IS NULL AND revoked_at IS NULL
                 AND expires_at > now()) AS invitations,
             (SELECT count(*) FROM topic WHERE organisation_id = \(id) AND case_open) AS cases
      """)
    return Closing(
      memberships: Int(try row["memberships", as: Int64.self]), assignments: Int(try row["assignments", as: Int64.self]),
      invitations: Int(try row["invitations", as: Int64.self]), openCases: Int(try row["cases", as: Int64.self]))
  }

  /// Closes a company: its open cases are closed by the system, its people's memberships, the assignments and the open invitations end, so that
  /// nobody writes in its topics any more. What was written stays, for those who oversee it. Nil when it is closed already or there is none. Inside
  /// `AccessChange.run`.
  ///
  /// - Parameter now: when the cases' last rows are written.
  /// - Throws: `DatabaseError`.
  public static func close(_ id: OrganisationID, at now: Timestamp, in session: Session) throws -> Closing? {
    // Accounts before the organisation, as everybody locks who gives somebody a role.
    _ = try session.rows(
      "SELECT id FROM account WHERE id = ANY (\(try people(of: id, in: session))) ORDER BY id FOR NO KEY UPDATE")
    guard try session.execute("UPDATE organisation SET closed_at = now() WHERE id = \(id) AND closed_at IS NULL") > 0 else {
      return nil
    }
    // Again: whoever was given a role until the organisation's row was locked belongs to them; nobody does from here on.
    let accounts = try people(of: id, in: session)
    _ = try session.rows("SELECT id FROM account WHERE id = ANY (\(accounts)) ORDER BY id FOR NO KEY UPDATE")
    let topics: [TopicID] = try session.rows("SELECT id FROM topic WHERE organisation_id = \(id) ORDER BY id").map { row in
      try row["id"]
    }
    try AccessChange.raise(topics, in: session)
    // Counted under the topics' locks: whoever writes at that moment has opened a case by now, or doesn't any more.
    let found = try closing(of: id, in: session)
    let observers = try AccessChange.accounts(seeing: topics, in: session)
    try closeCases(in: topics, at: now, in: session)
    try session.execute("UPDATE membership SET ended_at = now() WHERE organisation_id = \(id) AND ended_at IS NULL")
    try session.execute("UPDATE assignment SET ended_at = now() WHERE organisation_id = \(id) AND ended_at IS NULL")
    try OneTimeLinks.revokeInvitations(to: id, in: session)
    try AccessChange.publish(accounts: Set(accounts + observers).sorted(), topics: topics, in: session)
    return found
  }

  /// Closes what is open, through the appender's own path and under the row locks that the caller took, so that the chain goes on and no case waits
  /// for ever for an answer, or for its silence.
  private static func closeCases(in topics: [TopicID], at now: Timestamp, in session: Session) throws {
    let items = topics.map { LogItem.expire(ExpiryRequest(topic: $0, at: now, cause: .companyLeft)) }
    let rows = try TopicLog.appendInTransaction(items, in: session).news.map(\.entry)
    guard !rows.isEmpty else { return }
    // Heard when this has committed.
    try session.notify(TopicLog.headsChannel, rows.map { "\($0.topic):\($0.seq)" }.joined(separator: " "))
  }

  /// Whose accounts closing locks: its people, and those of the firm who are assigned. Throws: `DatabaseError`.
  public static func people(of id: OrganisationID, in session: Session) throws -> [AccountID] {
    try session.rows(
      """
      SELECT account_id FROM membership WHERE organisation_id = \(id) AND ended_at IS NULL
      UNION
      SELECT account_id FROM assignment WHERE organisation_id = \(id) AND ended_at IS NULL
      ORDER BY account_id
      """
    ).map { row in try row["account_id"] }
  }
}
