public import Domain

/// What a reader needs to work out a topic's chain: the fields of its rows, and the bodies and salts of those that the reader may open.
public enum ProofRows {
  /// The most rows of one page.
  public static let maximumPage = 500

  /// A row of the log as its hash covers it.
  public struct Item: Sendable {
    /// What the hash covers. `meta` is empty when the reader may not know it: then there is `metaHash`.
    public let row: HashChain.Row
    /// The hash as it was written down.
    public let hash: [UInt8]
    /// What stands for `meta` in the hash when it is kept from the reader: the files of a hidden message, what staff said of a close.
    public let metaHash: [UInt8]?
    /// The salt of the body; nil when there is none or the reader may not open it.
    public let salt: [UInt8]?
    /// The body.
    public let body: String?
  }

  /// Rows after `seq`, ascending. Nil when the topic isn't the reader's to read: whoever takes no part reads inside an observation, which
  /// notes the rows.
  ///
  /// Call it in a transaction, and show nothing before its commit. Throws: `DatabaseError`.
  public static func read(
    of topic: TopicID, after seq: Int64, limit: Int, for reader: DocumentReader, in session: Session
  ) throws -> [Item]? {
    guard let access = try Documents.access(to: topic, for: reader, in: session) else { return nil }
    let items = try session.result(
      """
      SELECT e.seq, e.at, e.author_id, e.kind, e.staff, e.holding, e.case_number, e.message, e.version, e.reply, e.stars, e.meta, e.body_hash,
             e.hash, b.salt, b.body, \(TopicLog.hiding(topic: "e.topic_id", message: "e.message"))
        FROM topic_entry e LEFT JOIN topic_body b ON b.topic_id = e.topic_id AND b.seq = e.seq
       WHERE e.topic_id = \(topic) AND e.seq > \(seq) ORDER BY e.seq LIMIT \(Int64(min(limit, maximumPage)))
      """
    ).map { try item($0, topic: topic, rights: access.rights) }
    if let observation = access.observation, let first = items.first, let last = items.last {
      let range = ObservedRange(observation: observation, lowest: first.row.seq, highest: last.row.seq)
      guard try TopicLog.widen([range], in: session).isEmpty else { return nil }
    }
    return items
  }

  private static func item(_ row: Row, topic: TopicID, rights: TopicRights) throws -> Item {
    let kind: EntryKind = try row.decode(at: 3)
    let meta: String = try row.decode(at: 11)
    let hiding: Hiding = try row.decode(at: 16)
    let isHidden = (kind == .message || kind == .edit) && hiding > rights.clearance
    // What a close says beyond itself is about clocks, which only staff see. Each close by a person says something, and salted.
    let isWithheld = !meta.isEmpty && (isHidden || kind == .close && !rights.seesClocks)
    return Item(
      row: HashChain.Row(
        topic: topic, seq: try row.decode(at: 0), at: try row.decode(at: 1), author: try row.decode(at: 2), kind: kind,
        staff: try row.decode(at: 4), holding: try row.decode(at: 5), caseNumber: try row.decode(at: 6),
        message: try row.decode(at: 7),
        version: try row.decode(at: 8), reply: try row.decode(at: 9), stars: try row.decode(at: 10), meta: isWithheld ? "" : meta,
        bodyHash: try row.decode(at: 12)),
      hash: try row.decode(at: 13), metaHash: isWithheld ? HashChain.metaHash(meta) : nil,
      salt: isHidden ? nil : try row.decode(at: 14),
      body: isHidden ? nil : try row.decode(at: 15))
  }
}

extension ProofRows.Item {
  /// The JSON object of docs/audit.md. Times are microseconds since 1970, as they are hashed.
  public var json: String {
    let flags = (row.staff ? 1 : 0) + (row.holding ? 2 : 0) + (row.bodyHash == nil ? 0 : 4)
    var fields = [
      "\"seq\":\(row.seq)", "\"at\":\(row.at.microseconds)", "\"author\":\(row.author?.rawValue ?? 0)",
      "\"kind\":\(row.kind.rawValue)",
      "\"flags\":\(flags)", "\"case\":\(row.caseNumber)", "\"message\":\(row.message)", "\"version\":\(row.version)",
      "\"reply\":\(row.reply)", "\"stars\":\(row.stars)", "\"hash\":\"\(Hex.string(hash))\"",
    ]
    fields.append(metaHash.map { "\"metaHash\":\"\(Hex.string($0))\"" } ?? "\"meta\":\(JSONText.quoted(row.meta))")
    if let bodyHash = row.bodyHash { fields.append("\"bodyHash\":\"\(Hex.string(bodyHash))\"") }
    if let salt, let body { fields += ["\"salt\":\"\(Hex.string(salt))\"", "\"body\":\(JSONText.quoted(body))"] }
    return "{" + fields.joined(separator: ",") + "}"
  }
}
