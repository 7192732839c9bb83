public import Domain

/// The ledger of ghosts: what whoever takes no part has been shown, hash-chained, in the order in which it was committed.
///
/// Only the database's own functions write it (V0007), in the transaction of what they note and before anything is shown. Here it is read and checked.
public enum GhostLedger {
  /// What a row says. The numbers are in the database and in the hashes: none is ever reused.
  public enum Kind: Int16, Sendable, CaseIterable {
    /// A stay begins.
    case start = 1
    /// Rows of the log were shown.
    case rows
    /// Documents were listed.
    case documents
    /// A file was opened.
    case file
    /// The stay ended.
    case end
    /// Somebody else has looked at the stay.
    case acknowledge

    /// The word in answers.
    public var slug: String {
      switch self {
      case .start: "start"
      case .rows: "rows"
      case .documents: "documents"
      case .file: "file"
      case .end: "end"
      case .acknowledge: "acknowledge"
      }
    }
  }

  /// A row, with everything that its hash covers.
  public struct Row: Sendable, Hashable {
    /// Its number, 1 and up without a gap.
    public var seq: Int64
    /// When it was written.
    public var at: Timestamp
    /// What it says.
    public var kind: Kind
    /// The stay that it is about.
    public var observation: ObservationID
    /// The topic that was watched.
    public var topic: TopicID
    /// Who watched; for an acknowledgement, who gave it.
    public var account: AccountID
    /// In which session.
    public var session: SessionID
    /// The lowest row of the log that was shown, 0 for none.
    public var lowest: Int64
    /// The highest one.
    public var highest: Int64
    /// The document that was opened, 0 for none.
    public var document: Int64
    /// The rest: JSON, byte for byte as it was hashed.
    public var detail: String
    /// The hash of the row before.
    public var previous: [UInt8]
    /// Its own.
    public var hash: [UInt8]
  }

  /// The newest row.
  public struct Head: Sendable, Hashable {
    /// Its number, 0 while the ledger is empty.
    public var seq: Int64
    /// Its hash; `origin` while the ledger is empty.
    public var hash: [UInt8]

    /// A head.
    public init(seq: Int64, hash: [UInt8]) { (self.seq, self.hash) = (seq, hash) }
  }

  /// The ledger's root of a day in Tashkent: its newest row when the day was over.
  public struct Root: Sendable, Hashable {
    /// The day.
    public var day: LocalDate
    /// The row.
    public var head: Head

    /// A root.
    public init(day: LocalDate, head: Head) { (self.day, self.head) = (day, head) }
  }

  /// What the first row's `previous` is.
  public static let origin: [UInt8] = HashChain.digest(Array("1fin.ghosts.v1".utf8))

  /// The hash of a row, from its fields and `previous`; docs/oversight-ledger.md gives the formula.
  public static func hash(_ row: Row) -> [UInt8] {
    var bytes = Array("1fin.ghost.v1".utf8) + row.previous
    let detail = Array(row.detail.utf8)
    let numbers = [
      row.seq, row.at.microseconds, Int64(row.kind.rawValue), row.observation.rawValue, row.topic.rawValue, row.account.rawValue,
      row.session.rawValue, row.lowest, row.highest, row.document, Int64(detail.count),
    ]
    for number in numbers { withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) } }
    return HashChain.digest(bytes + detail)
  }

  /// The newest row. Throws: `DatabaseError`.
  public static func head(in session: Session) throws -> Head {
    let row = try session.one("SELECT seq, hash FROM ghost_head")
    return Head(seq: try row.decode(at: 0), hash: try row.decode(at: 1))
  }

  /// Rows after `seq`, ascending. Throws: `DatabaseError`.
  public static func rows(after seq: Int64, limit: Int, in session: Session) throws -> [Row] {
    try session.result("SELECT \(columns) FROM ghost_ledger l WHERE l.seq > \(seq) ORDER BY l.seq LIMIT \(limit)").map {
      try row($0)
    }
  }

  /// The rows of one stay, ascending. Throws: `DatabaseError`.
  public static func rows(of observation: ObservationID, limit: Int, in session: Session) throws -> [Row] {
    try session.result(
      "SELECT \(columns) FROM ghost_ledger l WHERE l.observation_id = \(observation) ORDER BY l.seq LIMIT \(limit)"
    ).map { try row($0) }
  }

  private static let columns: SQL = """
    l.seq, l.at, l.kind, l.observation_id, l.topic_id, l.account_id, l.session_id, l.from_seq, l.to_seq, l.document_id, l.detail, \
    l.prev_hash, l.hash
    """

  private static func row(_ row: Storage.Row) throws -> Row {
    guard let kind = Kind(rawValue: try row.decode(at: 2)) else {
      throw DatabaseError(.decoding, "a kind of ledger row that is none")
    }
    return Row(
      seq: try row.decode(at: 0), at: try row.decode(at: 1), kind: kind, observation: try row.decode(at: 3),
      topic: try row.decode(at: 4), account: try row.decode(at: 5), session: try row.decode(at: 6), lowest: try row.decode(at: 7),
      highest: try row.decode(at: 8), document: try row.decode(at: 9), detail: try row.decode(at: 10),
      previous: try row.decode(at: 11), hash: try row.decode(at: 12))
  }

  /// Notes documents that a stay is about to list. False when it has ended: then nothing is shown. Throws: `DatabaseError`.
  static func list(_ documents: [DocumentID], in observation: ObservationID, _ session: Session) throws -> Bool {
    try session.one("SELECT ghost_documents(\(observation), \(documents))").decode(at: 0)
  }

  /// Notes the file that a stay is about to open. False when it has ended: then nothing is shown. Throws: `DatabaseError`.
  static func open(
    _ document: DocumentID, _ rendition: String, _ handing: String, in observation: ObservationID, _ session: Session
  ) throws -> Bool {
    try session.one("SELECT ghost_file(\(observation), \(document), \(rendition), \(handing))").decode(at: 0)
  }

  /// Writes the roots of the days before `today` that have none; returns them. A day that isn't over by the database's clock gets none.
  ///
  /// Throws: `DatabaseError`.
  public static func seal(before today: LocalDate, in session: Session) throws -> [Root] {
    try session.result("SELECT day, seq, hash FROM ghost_seal(\(today)) ORDER BY day").map { try root($0) }
  }

  /// The roots from `first` on, ascending. Throws: `DatabaseError`.
  public static func roots(from first: LocalDate?, limit: Int = 400, in session: Session) throws -> [Root] {
    try session.result(
      """
      SELECT day, seq, hash FROM (SELECT * FROM ghost_root WHERE \(first) IS NULL OR day >= \(first) ORDER BY day DESC LIMIT \(limit)) r
       ORDER BY day
      """
    ).map { try root($0) }
  }

  private static func root(_ row: Storage.Row) throws -> Root {
    Root(day: try row.decode(at: 0), head: Head(seq: try row.decode(at: 1), hash: try row.decode(at: 2)))
  }
}

extension GhostLedger.Root {
  /// The line of the file that leaves the house: `2026-11-21 118 4f…` (day, rows, hash).
  public var line: String { "\(day) \(head.seq) \(Hex.string(head.hash))" }

  /// Reads `line`; nil for anything else.
  public init?(line: String) {
    let words = line.split(separator: " ")
    guard words.count == 3, let day = LocalDate(String(words[0])), let seq = Int64(words[1]), seq >= 0,
      let hash = Hex.bytes(String(words[2])), hash.count == 32
    else { return nil }
    self.init(day: day, head: GhostLedger.Head(seq: seq, hash: hash))
  }
}
