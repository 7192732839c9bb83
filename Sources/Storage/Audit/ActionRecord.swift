public import Domain

/// A row of the action log, as people read it.
public struct ActionRecord: Sendable, Hashable {
  /// The row's id.
  public let id: Int64
  /// When.
  public let at: Timestamp
  /// Who acted; nil: nobody who was signed in.
  public let account: Named<AccountID>?
  /// In which session.
  public let session: SessionID?
  /// The organisation that it concerns.
  public let organisation: Named<OrganisationID>?
  /// Whom it concerns.
  public let subject: Named<AccountID>?
  /// What was done.
  public let action: String
  /// The client's address.
  public let address: String
  /// The details, a JSON object.
  public let detail: String
  /// The place in the chain; nil until it is sealed, which takes about a second.
  public let seq: Int64?
  /// The link's hash.
  public let hash: [UInt8]?

  /// Where reading goes on after it.
  public var cursor: ActionCursor { ActionCursor(at: at, id: id) }
}

extension ActionLog {
  /// The most rows of one page.
  public static let maximumPage = 500

  /// Rows from the newest backwards, those before `cursor`, at most `limit` and `maximumPage`. With `more` so many others, by which
  /// callers see whether
  /// the log goes on. For whoever may read the log; it asks nobody's permission. Throws: `DatabaseError`.
  public static func page(
    _ filter: ActionFilter, before cursor: ActionCursor? = nil, limit: Int, more: Int = 0, in session: Session
  ) throws -> [ActionRecord] {
    try session.result(statement(filter, before: cursor, limit: min(limit, maximumPage) + more)).map { row in
      func named<Table>(_ index: Int) throws -> Named<Identifier<Table>>? {
        guard let id: Identifier<Table> = try row.decode(at: index) else { return nil }
        return Named(id: id, name: try row.decode(at: index + 1, as: String?.self) ?? "")
      }
      return ActionRecord(
        id: try row.decode(at: 0), at: try row.decode(at: 1), account: try named(2), session: try row.decode(at: 4),
        organisation: try named(5), subject: try named(7), action: try row.decode(at: 9), address: try row.decode(at: 10),
        detail: try row.decode(at: 11), seq: try row.decode(at: 12), hash: try row.decode(at: 13))
    }
  }

  /// The rows first, then the names: only those of the page are looked up.
  static func statement(_ filter: ActionFilter, before cursor: ActionCursor?, limit: Int) -> SQL {
    """
    SELECT l.id, l.at, l.account_id, a.name, l.session_id, l.organisation_id, o.name, l.subject_id, w.name, l.action, l.address,
           l.detail::text, s.seq, s.hash
      FROM (SELECT * FROM action_log l WHERE \(filter.condition(before: cursor)) ORDER BY l.at DESC, l.id DESC
             LIMIT \(Int64(limit))) l
      LEFT JOIN action_seal s ON s.log_id = l.id
      LEFT JOIN account a ON a.id = l.account_id
      LEFT JOIN organisation o ON o.id = l.organisation_id
      LEFT JOIN account w ON w.id = l.subject_id
     ORDER BY l.at DESC, l.id DESC
    """
  }
}

extension ActionRecord {
  /// The JSON object of docs/audit.md.
  public var json: String {
    func named<ID>(_ thing: Named<ID>?) -> String {
      thing.map { "{\"id\":\($0.id),\"name\":\(JSONText.quoted($0.name))}" } ?? "null"
    }
    let fields = [
      "\"id\":\(id)", "\"at\":\"\(at.rfc3339)\"", "\"account\":\(named(account))",
      "\"session\":\(session.map { "\($0)" } ?? "null")",
      "\"organisation\":\(named(organisation))", "\"subject\":\(named(subject))", "\"action\":\(JSONText.quoted(action))",
      "\"address\":\(JSONText.quoted(address))", "\"detail\":\(detail)", "\"seq\":\(seq.map { "\($0)" } ?? "null")",
      "\"hash\":\(hash.map { "\"\(Hex.string($0))\"" } ?? "null")",
    ]
    return "{" + fields.joined(separator: ",") + "}"
  }
}

extension ActionLog {
  /// A row with its place in the chain.
  public struct Link: Sendable, Hashable {
    /// What the hash covers.
    public let row: ActionChain.Row
    /// The hash of the link before.
    public let prev: [UInt8]
    /// Its own.
    public let hash: [UInt8]
  }

  /// Sealed rows that fit a filter, in the order of the chain, after the link of that number. Throws: `DatabaseError`.
  public static func chained(_ filter: ActionFilter, after seq: Int64, limit: Int, in session: Session) throws -> [Link] {
    try session.result(
      """
      SELECT s.seq, s.hash, coalesce(p.hash, \(ActionChain.origin)), \(ActionSeal.columns)
        FROM action_seal s JOIN action_log l ON l.id = s.log_id LEFT JOIN action_seal p ON p.seq = s.seq - 1
       WHERE s.seq > \(seq) AND \(filter.condition(before: nil)) ORDER BY s.seq LIMIT \(Int64(limit))
      """
    ).map { row in
      Link(
        row: try ActionSeal.link(row, from: 3, seq: try row.decode(at: 0)), prev: try row.decode(at: 2),
        hash: try row.decode(at: 1))
    }
  }
}
