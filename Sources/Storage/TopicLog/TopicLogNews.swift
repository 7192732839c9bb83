public import Domain

/// What a chat node needs to go on with a topic after another node wrote, or after a revocation.
public struct TopicRefresh: Sendable {
  /// The topic as it is now.
  public var summary: TopicSummary
  /// Rows after the node's last, ascending and contiguous; at most `TopicLog.maximumGap` and about `TopicLog.maximumPageBytes`.
  public var entries: [LogEntry]
  /// The participants.
  public var people: [TopicPerson]
  /// What each account that was asked about may do now.
  public var rights: [AccountID: TopicRights]
  /// Everybody's marks.
  public var reads: [ReadMark]
  /// Those of the sessions that were asked about which have ended; looked up only when access has changed.
  public var ended: [SessionID]

  /// The rows as news. The summary is the newest one for all but its head, which is each row's own.
  public var news: [LogNews] {
    entries.map { entry in
      var summary = summary
      summary.head = entry.seq
      return LogNews(entry: entry, summary: summary)
    }
  }
}

extension TopicLog {
  /// Reads what a node lacks of `topic`: rows after `after` (nil: none), and what `accounts` may do. nil when there is no such topic.
  /// The marks of `counted` know what is unread. Which of `sessions` have ended is looked up when the topic's access number is past `access`.
  ///
  /// For servers only: it asks nobody's permission. Throws: `DatabaseError`.
  public static func refresh(
    topic: TopicID, after: Int64?, accounts: [AccountID], counting counted: [AccountID] = [], sessions: [SessionID] = [],
    since access: Int64 = -1, in session: Session
  ) throws -> TopicRefresh? {
    let results = try session.transaction(isolation: .repeatableRead, readOnly: true) {
      try session.pipeline { pipeline in
        let from = after ?? .max - 1000
        pipeline.add(
          """
          SELECT t.id, t.organisation_id, t.kind, t.head, t.access, t.waiting_since, c.number, c.opened_at, c.closed_at, c.closed_by,
                 c.stars, \(lastColumns), \(arrayColumns), p.accounts, p.names, p.roles, p.staff, p.participants
            FROM topic t
            LEFT JOIN topic_case c ON c.topic_id = t.id AND c.number = t.case_number
            \(lastJoin("t.id"))
            CROSS JOIN LATERAL (\(arrays(
              of: "t.id", where: "e.seq > \(from) AND e.seq <= \(from + Int64(maximumGap))", keep: .oldest))) e
            CROSS JOIN LATERAL (\(people(topic: "t.id", organisation: "t.organisation_id", writers: "ARRAY[]::bigint[]"))) p
           WHERE t.id = \(topic)
          """)
        pipeline.add(
          """
          SELECT u.account, r.staff, r.observer, r.clearance
            FROM unnest(\(accounts)) AS u (account)
            CROSS JOIN (SELECT id, organisation_id FROM topic WHERE id = \(topic)) t
            CROSS JOIN LATERAL (\(rights(topic: "t.id", organisation: "t.organisation_id", account: "u.account"))) r
          """)
        pipeline.add(
          """
          SELECT m.account_id, m.seq, m.at, CASE WHEN m.account_id = ANY (\(counted))
                 THEN \(unread(topic: "m.topic_id", account: "m.account_id", after: "m.seq")) ELSE 0 END
            FROM read_mark m WHERE m.topic_id = \(topic) ORDER BY m.account_id
          """)
        pipeline.add(
          """
          SELECT u.id FROM unnest(\(sessions)) AS u (id)
           WHERE (SELECT t.access FROM topic t WHERE t.id = \(topic)) > \(access)
             AND NOT EXISTS (SELECT FROM session s WHERE s.id = u.id AND s.ended_at IS NULL AND s.expires_at > now())
          """)
      }
    }
    guard let row = results[0].first else { return nil }
    var refresh = TopicRefresh(
      summary: TopicSummary(
        topic: try row.decode(at: 0), organisation: try row.decode(at: 1), kind: try row.decode(at: 2),
        head: try row.decode(at: 3),
        access: try row.decode(at: 4), current: try caseSummary(row, from: 6), last: try lastLine(row, from: 11),
        waitingSince: try row.decode(at: 5)),
      entries: try entries(row, from: 19, topic: topic, keep: .oldest).entries, people: try people(row, from: 39), rights: [:],
      reads: [],
      ended: try results[3].map { try $0.decode(at: 0) })
    for row in results[1] { refresh.rights[try row.decode(at: 0)] = try rights(row, from: 1) }
    for row in results[2] {
      refresh.reads.append(
        ReadMark(
          topic: topic, account: try row.decode(at: 0), seq: try row.decode(at: 1), at: try row.decode(at: 2),
          unread: Int(try row.decode(at: 3, as: Int64.self)), head: refresh.summary.head,
          didMove: true))
    }
    return refresh
  }

  /// The heads of all topics, for the poll that backs up the wake-ups. Throws: `DatabaseError`.
  public static func heads(in session: Session) throws -> [(topic: TopicID, head: Int64)] {
    var heads: [(topic: TopicID, head: Int64)] = []
    for row in try session.result("SELECT id, head FROM topic WHERE head > 0") {
      heads.append((try row.decode(at: 0), try row.decode(at: 1)))
    }
    return heads
  }

  /// New after each restore. Throws: `DatabaseError`.
  public static func epoch(in session: Session) throws -> Key {
    try session.one("SELECT epoch FROM chat_epoch").decode(at: 0)
  }
}
