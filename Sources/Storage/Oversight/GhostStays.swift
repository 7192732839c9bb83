public import Domain

/// Stays of ghosts as those who oversee them see them: what the ledger says, stay by stay.
public enum GhostStays {
  /// A stay.
  public struct Record: Sendable, Hashable {
    /// Its id.
    public let id: ObservationID
    /// Who watched.
    public let watcher: Named<AccountID>
    /// Whose topic.
    public let organisation: Named<OrganisationID>
    /// The topic.
    public let topic: TopicID
    /// Its kind.
    public let kind: TopicKind
    /// Why.
    public let reason: String
    /// From where, as the session was last used then.
    public let address: String
    /// On which device.
    public let device: String
    /// From when on.
    public let started: Timestamp
    /// When it ends by itself.
    public let until: Timestamp
    /// When it ended; nil while it is open.
    public let ended: Timestamp?
    /// The lowest row that was shown; nil: none.
    public let lowest: Int64?
    /// The highest.
    public let highest: Int64?
    /// How many different rows were shown.
    public let rows: Int
    /// How many files were opened.
    public let files: Int
    /// Who has looked at it since; nil: nobody.
    public let acknowledged: Erasures.Step?
    /// What they said to it.
    public let remark: String?
  }

  /// Which stays a list shows.
  public struct Filter: Sendable, Hashable {
    /// Only of this watcher.
    public var account: AccountID?
    /// Only of this organisation.
    public var organisation: OrganisationID?
    /// Only those that began from this moment on.
    public var from: Timestamp?
    /// Only those that began before this moment.
    public var to: Timestamp?
    /// Only those that are over and that nobody has acknowledged.
    public var isUnacknowledged: Bool
    /// Only those before this one.
    public var before: ObservationID?
    /// How many at most.
    public var limit: Int

    /// A filter.
    public init(
      account: AccountID? = nil, organisation: OrganisationID? = nil, from: Timestamp? = nil, to: Timestamp? = nil,
      isUnacknowledged: Bool = false, before: ObservationID? = nil, limit: Int = 100
    ) {
      (self.account, self.organisation, self.from, self.to) = (account, organisation, from, to)
      (self.isUnacknowledged, self.before, self.limit) = (isUnacknowledged, before, limit)
    }
  }

  /// Stays in sight, the newest first. Throws: `DatabaseError`.
  public static func list(_ filter: Filter, for viewer: Viewer, in session: Session) throws -> Page<Record> {
    let open: SQL =
      filter.isUnacknowledged
      ? "v.ended_at IS NOT NULL AND NOT EXISTS (SELECT FROM ghost_ledger l WHERE l.observation_id = v.id AND l.kind = 6)" : "true"
    let found = try records(
      where: """
        \(open) AND (\(filter.account) IS NULL OR v.account_id = \(filter.account))
        AND (\(filter.organisation) IS NULL OR o.id = \(filter.organisation))
        AND (\(filter.from) IS NULL OR v.started_at >= \(filter.from)) AND (\(filter.to) IS NULL OR v.started_at < \(filter.to))
        AND (\(filter.before) IS NULL OR v.id < \(filter.before))
        """, for: viewer, limit: filter.limit + 1, in: session)
    return Page(found, limit: filter.limit) { $0.id.rawValue }
  }

  /// One stay in sight. Throws: `DatabaseError`.
  public static func find(_ id: ObservationID, for viewer: Viewer, in session: Session) throws -> Record? {
    try records(where: "v.id = \(id)", for: viewer, limit: 1, in: session).first
  }

  private static func records(
    where condition: SQL, for viewer: Viewer, limit: Int, in session: Session
  ) throws -> [Record] {
    try session.rows(
      """
      SELECT v.id, a.id, a.name, o.id, o.name, t.id, t.kind, v.reason, coalesce(s.detail::jsonb ->> 'address', ''),
             coalesce(s.detail::jsonb ->> 'device', ''), v.started_at, v.ends_at, v.ended_at, v.from_seq, v.to_seq,
             (SELECT coalesce(sum(upper(x.part) - lower(x.part)), 0)::bigint
                FROM (SELECT unnest(range_agg(int8range(l.from_seq, l.to_seq, '[]'))) AS part FROM ghost_ledger l
                       WHERE l.observation_id = v.id AND l.kind = 2) x),
             (SELECT count(DISTINCT l.document_id) FROM ghost_ledger l WHERE l.observation_id = v.id AND l.kind = 4),
             k.account_id, b.name, k.at, k.detail::jsonb ->> 'remark'
        FROM (SELECT v.* FROM observation v JOIN topic t ON t.id = v.topic_id JOIN organisation o ON o.id = t.organisation_id
               WHERE \(condition) AND \(viewer.organisations) ORDER BY v.id DESC LIMIT \(limit)) v
        JOIN topic t ON t.id = v.topic_id
        JOIN organisation o ON o.id = t.organisation_id
        JOIN account a ON a.id = v.account_id
        LEFT JOIN ghost_ledger s ON s.observation_id = v.id AND s.kind = 1
        LEFT JOIN ghost_ledger k ON k.observation_id = v.id AND k.kind = 6
        LEFT JOIN account b ON b.id = k.account_id
       ORDER BY v.id DESC
      """
    ).map { row in
      let acknowledger: AccountID? = try row.decode(at: 17)
      return Record(
        id: try row.decode(at: 0), watcher: Named(id: try row.decode(at: 1), name: try row.decode(at: 2)),
        organisation: Named(id: try row.decode(at: 3), name: try row.decode(at: 4)), topic: try row.decode(at: 5),
        kind: try row.decode(at: 6), reason: try row.decode(at: 7), address: try row.decode(at: 8), device: try row.decode(at: 9),
        started: try row.decode(at: 10), until: try row.decode(at: 11), ended: try row.decode(at: 12),
        lowest: try row.decode(at: 13),
        highest: try row.decode(at: 14), rows: try row.decode(at: 15), files: try row.decode(at: 16),
        acknowledged: try acknowledger.map {
          Erasures.Step(by: Named(id: $0, name: try row.decode(at: 18)), at: try row.decode(at: 19))
        },
        remark: try row.decode(at: 20))
    }
  }

  /// Notes that `account` has looked at somebody else's stay. Throws: `DomainError.notFound`; `.forbidden` for the watcher, and for whoever the watcher
  /// could be: somebody else made their sign-in in the last week, or the watcher did since the week before the stay;
  /// `.conflict` while it is open, or when somebody has done so before; `DatabaseError`.
  public static func acknowledge(
    _ id: ObservationID, by account: AccountID, session sessionID: SessionID, remark: String, in session: Session
  ) throws {
    let word: String = try session.one("SELECT ghost_acknowledge(\(id), \(account), \(sessionID), \(remark))").decode(at: 0)
    switch word {
    case "ok": return
    case "own": throw DomainError(.forbidden, "Nobody acknowledges the own stay: it takes somebody else.")
    case "lately": throw DomainError.madeLately
    case "open": throw DomainError(.conflict, "The stay isn't over yet.")
    case "done": throw DomainError(.conflict, "Somebody has acknowledged it already.")
    default: throw DomainError.notFound
    }
  }

  /// How much somebody watched in a month.
  public struct Line: Sendable, Hashable {
    /// Who.
    public let watcher: Named<AccountID>
    /// The month's first day, in Tashkent.
    public let month: LocalDate
    /// How many stays.
    public let stays: Int
    /// How long altogether, in seconds; an open stay counts up to now.
    public let seconds: Int64
    /// How many files were opened.
    public let files: Int
    /// How many of the stays nobody has acknowledged.
    public let unacknowledged: Int
    /// The names of the organisations, in order.
    public let organisations: [String]
    /// The newest reasons, at most 50.
    public let reasons: [String]
  }

  /// What each watcher in sight did by month, for stays that began between the two moments; the newest month first. Throws: `DatabaseError`.
  public static func report(from: Timestamp, to: Timestamp, for viewer: Viewer, in session: Session) throws -> [Line] {
    try session.rows(
      """
      SELECT a.id, a.name, date_trunc('month', v.started_at AT TIME ZONE 'Asia/Tashkent')::date AS month, count(*),
             sum(extract(epoch FROM greatest(coalesce(v.ended_at, least(now(), v.ends_at)), v.started_at) - v.started_at))::bigint,
             sum(f.files)::bigint, count(*) FILTER (WHERE NOT f.seen), array_agg(DISTINCT o.name),
             (array_agg(v.reason ORDER BY v.id DESC))[1:50]
        FROM observation v
        JOIN topic t ON t.id = v.topic_id
        JOIN organisation o ON o.id = t.organisation_id
        JOIN account a ON a.id = v.account_id
        CROSS JOIN LATERAL (SELECT count(DISTINCT l.document_id) FILTER (WHERE l.kind = 4) AS files, coalesce(bool_or(l.kind = 6), false) AS seen
                              FROM ghost_ledger l WHERE l.observation_id = v.id) f
       WHERE v.started_at >= \(from) AND v.started_at < \(to) AND \(viewer.organisations)
       GROUP BY a.id, a.name, month ORDER BY month DESC, a.name, a.id
      """
    ).map { row in
      Line(
        watcher: Named(id: try row.decode(at: 0), name: try row.decode(at: 1)), month: try row.decode(at: 2),
        stays: try row.decode(at: 3),
        seconds: try row.decode(at: 4), files: try row.decode(at: 5), unacknowledged: try row.decode(at: 6),
        organisations: try row.decode(at: 7), reasons: try row.decode(at: 8))
    }
  }
}
