public import Domain

extension TopicLog {
  /// Everything that `account` may see. Throws: `DomainError.notFound` when the session has ended; `DatabaseError`.
  public static func inbox(account: AccountID, session sessionID: SessionID? = nil, in session: Session) throws -> Inbox {
    // One transaction, so that the people fit the topics.
    try session.transaction(isolation: .repeatableRead, readOnly: true) {
      guard try session.one("SELECT \(isAlive(session: "\(sessionID)", account: "\(account)"))").decode(at: 0) else {
        throw DomainError.notFound
      }
      let epoch: Key = try session.one("SELECT epoch FROM chat_epoch").decode(at: 0)
      let topics = try session.result(topicsSeen(by: account)).map { row in
        let rights = try rights(row, from: 6)
        return InboxTopic(
          summary: TopicSummary(
            topic: try row.decode(at: 0), organisation: try row.decode(at: 1), kind: try row.decode(at: 2),
            head: try row.decode(at: 3),
            access: try row.decode(at: 4), current: try caseSummary(row, from: 11), last: try lastLine(row, from: 16),
            waitingSince: try row.decode(at: 5)),
          rights: rights, mark: try row.decode(at: 9), unread: rights.isParticipant ? try row.decode(at: 10) : 0)
      }
      let organisations = try session.result(
        """
        SELECT id, name, department_id FROM organisation WHERE id = ANY (\(Array(Set(topics.map(\.summary.organisation)))))
         ORDER BY lower(name), id
        """
      ).map {
        InboxOrganisation(organisation: try $0.decode(at: 0), name: try $0.decode(at: 1), department: try $0.decode(at: 2))
      }
      return Inbox(
        epoch: epoch, organisations: organisations, topics: topics, people: try people(of: topics, in: session))
    }
  }

  private static func topicsSeen(by account: AccountID) -> SQL {
    """
    SELECT t.id, t.organisation_id, t.kind, t.head, t.access, t.waiting_since, s.staff, s.observer,
           CASE WHEN s.observer THEN d.clearance ELSE 0 END::smallint, coalesce(m.seq, 0),
           CASE WHEN s.staff IS NULL THEN 0 ELSE \(unread(topic: "t.id", account: "\(account)", after: "coalesce(m.seq, 0)")) END,
           c.number, c.opened_at, c.closed_at, c.closed_by, c.stars, \(lastColumns)
      FROM (SELECT x.topic_id, bool_or(x.staff) AS staff, bool_or(x.observer) AS observer
              FROM (SELECT topic_id, staff, false AS observer FROM topic_participant WHERE account_id = \(account)
                    UNION ALL SELECT topic_id, NULL, true FROM topic_observer WHERE account_id = \(account)) x
             GROUP BY x.topic_id) s
      JOIN topic t ON t.id = s.topic_id
      CROSS JOIN (SELECT CASE WHEN EXISTS (SELECT FROM membership q WHERE q.account_id = \(account) AND q.role = 'admin'
                                           AND q.ended_at IS NULL) THEN 2 ELSE 1 END AS clearance) d
      LEFT JOIN topic_case c ON c.topic_id = t.id AND c.number = t.case_number
      LEFT JOIN read_mark m ON m.topic_id = t.id AND m.account_id = \(account)
      \(lastJoin("t.id"))
     ORDER BY t.organisation_id, t.kind
    """
  }

  /// Participants of topics in which the reader takes part, whoever wrote a last line, and whoever closed a case.
  private static func people(of topics: [InboxTopic], in session: Session) throws -> [TopicPerson] {
    let own = topics.filter(\.rights.isParticipant).map(\.summary.topic)
    let named = Set(topics.compactMap { $0.summary.last?.author } + topics.compactMap { $0.summary.current?.closedBy })
    return try session.result(
      """
      SELECT a.id, a.name, coalesce(j.role, 'client'), coalesce(j.role IN ('admin', 'supervisor', 'accountant'), false),
             coalesce(bool_or(w.participant), false)
        FROM (SELECT account_id AS account, true AS participant FROM topic_participant WHERE topic_id = ANY (\(own))
              UNION ALL SELECT unnest(\(Array(named))), false) w
        JOIN account a ON a.id = w.account
        LEFT JOIN LATERAL (SELECT q.role FROM membership q WHERE q.account_id = w.account
                            ORDER BY q.ended_at IS NOT NULL, array_position(ARRAY['admin', 'supervisor', 'accountant', 'client'], q.role)
                            LIMIT 1) j ON true
       GROUP BY a.id, a.name, j.role ORDER BY a.id
      """
    ).map {
      TopicPerson(
        account: try $0.decode(at: 0), name: try $0.decode(at: 1), role: try $0.decode(at: 2), isStaff: try $0.decode(at: 3),
        isParticipant: try $0.decode(at: 4))
    }
  }
}
