import Domain
import Storage

/// Reads what a bundle is made of, page by page.
struct BundleSource {
  /// Only what belongs to it; nil: everything.
  let organisation: OrganisationID?
  let session: Session

  /// The condition on a topic's id.
  private func ours(_ topic: SQL) -> SQL {
    guard let organisation else { return "true" }
    return "\(topic) IN (SELECT t.id FROM topic t WHERE t.organisation_id = \(organisation))"
  }

  func organisations(to writer: inout BundleWriter) throws {
    try writer.begin(.organisations)
    let condition: SQL = organisation.map { "id = \($0)" } ?? "true"
    for row in try session.result("SELECT id, name, stir FROM organisation WHERE \(condition) ORDER BY id") {
      try writer.add(
        BundleRow.Organisation(organisation: try row.decode(at: 0), name: try row.decode(at: 1), stir: try row.decode(at: 2)))
    }
  }

  /// Everybody, or whoever belongs to the organisation, worked for it or wrote in its topics.
  func people(to writer: inout BundleWriter) throws {
    try writer.begin(.people)
    var condition: SQL = "true"
    if let organisation {
      condition = """
        a.id IN (SELECT account_id FROM membership WHERE organisation_id = \(organisation)
                 UNION SELECT account_id FROM assignment WHERE organisation_id = \(organisation)
                 UNION SELECT author_id FROM topic_entry WHERE \(ours("topic_id"))
                 UNION SELECT account_id FROM observation WHERE \(ours("topic_id"))
                 UNION SELECT account_id FROM action_log WHERE organisation_id = \(organisation))
        """
    }
    for row in try session.result("SELECT a.id, a.name, a.login FROM account a WHERE \(condition) ORDER BY a.id") {
      try writer.add(BundleRow.Person(account: try row.decode(at: 0), name: try row.decode(at: 1), login: try row.decode(at: 2)))
    }
  }

  func topics(to writer: inout BundleWriter) throws {
    try writer.begin(.topics)
    for row in try session.result("SELECT id, organisation_id, kind, head, head_hash FROM topic WHERE \(ours("id")) ORDER BY id")
    {
      try writer.add(
        BundleRow.Topic(
          topic: try row.decode(at: 0), organisation: try row.decode(at: 1), kind: try row.decode(at: 2, as: TopicKind.self).slug,
          head: try row.decode(at: 3), hash: hex(try row.decode(at: 4))))
    }
  }

  func roots(to writer: inout BundleWriter) throws {
    try writer.begin(.roots)
    let own: Set<TopicID>? =
      organisation == nil ? nil : Set(try session.result("SELECT id FROM topic WHERE \(ours("id"))").map { try $0.decode(at: 0) })
    var number: Int64 = 0
    while let next = try DailyRoots.list(after: number, limit: 1, in: session).first,
      let sealed = try DailyRoots.find(next.root.number, in: session)
    {
      number = next.root.number
      try writer.add(Self.root(sealed, own: own))
    }
  }

  private static func root(_ sealed: DailyRoots.Sealed, own: Set<TopicID>?) -> BundleRow.Root {
    let (root, leaves) = (sealed.root, sealed.heads)
    var heads = leaves.map { BundleRow.Root.Head(topic: $0.topic?.rawValue ?? 0, seq: $0.seq, hash: Hex.string($0.hash)) }
    if let own {
      let tree = MerkleTree(leaves: leaves.map(\.leaf))
      heads = zip(leaves, heads).enumerated().compactMap { index, pair in
        guard let topic = pair.0.topic, own.contains(topic) else { return nil }
        var head = pair.1
        (head.index, head.path) = (index, tree.path(of: index).map { Hex.string($0) })
        return head
      }
    }
    // What is known of the ghosts' ledger stays with the firm.
    let isWhole = own == nil
    return BundleRow.Root(
      number: root.number, day: root.day.description, at: root.at.microseconds, count: root.count, tree: Hex.string(root.tree),
      ghosts: Hex.string(root.ghostSeal), prev: Hex.string(root.prev), root: Hex.string(sealed.hash),
      ghostSeq: isWhole ? sealed.ghostSeq : nil, ghostHead: isWhole ? Hex.string(sealed.ghostHead) : nil,
      ghostRoot: isWhole ? Hex.string(sealed.ghostRoot) : nil, ghostSalt: isWhole ? Hex.string(sealed.ghostSalt) : nil,
      heads: heads)
  }

  func documents(to writer: inout BundleWriter) throws {
    try writer.begin(.documents)
    var last: Int64 = 0
    while true {
      let rows = try session.result(
        """
        SELECT d.id, d.topic_id, d.message, d.name, d.type, d.size, d.hash, d.uploader_id, d.at, array_agg(r.kind ORDER BY r.kind),
               array_agg(r.type ORDER BY r.kind), array_agg(r.size ORDER BY r.kind), array_agg(r.hash ORDER BY r.kind)
          FROM document d LEFT JOIN rendition r ON r.document_id = d.id
         WHERE d.id > \(last) AND d.message IS NOT NULL AND \(ours("d.topic_id")) GROUP BY d.id ORDER BY d.id LIMIT \(BundleExport.page)
        """)
      for row in rows {
        last = try row.decode(at: 0)
        let (kinds, types): ([String?], [String?]) = (try row.decode(at: 9), try row.decode(at: 10))
        let (sizes, hashes): ([Int64?], [[UInt8]?]) = (try row.decode(at: 11), try row.decode(at: 12))
        let renditions = kinds.indices.compactMap { place -> BundleRow.Document.Rendition? in
          guard let kind = kinds[place], let type = types[place], let size = sizes[place], let hash = hashes[place] else {
            return nil
          }
          return BundleRow.Document.Rendition(kind: kind, type: type, size: size, sha256: Hex.string(hash))
        }
        try writer.add(
          BundleRow.Document(
            document: last, topic: try row.decode(at: 1), message: try row.decode(at: 2), name: try row.decode(at: 3),
            type: try row.decode(at: 4), size: try row.decode(at: 5), sha256: Hex.string(try row.decode(at: 6, as: [UInt8].self)),
            uploader: try row.decode(at: 7), at: try row.decode(at: 8, as: Timestamp.self).microseconds, renditions: renditions))
      }
      if rows.isEmpty { break }
    }
  }

  func messages(to writer: inout BundleWriter) throws {
    try writer.begin(.messages)
    for topic in try session.rows("SELECT id FROM topic WHERE \(ours("id")) ORDER BY id").map({
      try $0.decode(at: 0, as: Int64.self)
    }) {
      var last: Int64 = 0
      while true {
        let rows = try session.result(
          """
          SELECT e.seq, e.at, e.author_id, e.kind, e.staff, e.holding, e.case_number, e.message, e.version, e.reply, e.stars, e.meta,
                 e.body_hash, e.hash, b.salt, b.body
            FROM topic_entry e LEFT JOIN topic_body b ON b.topic_id = e.topic_id AND b.seq = e.seq
           WHERE e.topic_id = \(topic) AND e.seq > \(last) ORDER BY e.seq LIMIT \(BundleExport.page)
          """)
        for row in rows {
          last = try row.decode(at: 0)
          try writer.add(
            BundleRow.Message(
              topic: topic, seq: last, at: try row.decode(at: 1, as: Timestamp.self).microseconds,
              author: try row.decode(at: 2, as: Int64?.self) ?? 0, kind: try row.decode(at: 3), staff: try row.decode(at: 4),
              holding: try row.decode(at: 5), case: try row.decode(at: 6), message: try row.decode(at: 7),
              version: try row.decode(at: 8),
              reply: try row.decode(at: 9), stars: try row.decode(at: 10), meta: try row.decode(at: 11),
              bodyHash: hex(try row.decode(at: 12)),
              hash: Hex.string(try row.decode(at: 13, as: [UInt8].self)), salt: hex(try row.decode(at: 14)),
              body: try row.decode(at: 15)))
        }
        if rows.isEmpty { break }
      }
    }
  }

  func reads(to writer: inout BundleWriter) throws {
    try writer.begin(.reads)
    var (topic, account, to) = (Int64(0), Int64(0), Int64(0))
    while true {
      let rows = try session.result(
        """
        SELECT topic_id, account_id, from_seq, to_seq, at FROM read_advance
         WHERE (topic_id, account_id, to_seq) > (\(topic), \(account), \(to)) AND \(ours("topic_id"))
         ORDER BY topic_id, account_id, to_seq LIMIT \(BundleExport.page)
        """)
      for row in rows {
        (topic, account, to) = (try row.decode(at: 0), try row.decode(at: 1), try row.decode(at: 3))
        try writer.add(
          BundleRow.Read(
            topic: topic, account: account, from: try row.decode(at: 2), to: to,
            at: try row.decode(at: 4, as: Timestamp.self).microseconds))
      }
      if rows.isEmpty { break }
    }
  }

  func ghosts(to writer: inout BundleWriter) throws {
    try writer.begin(.ghosts)
    var last: Int64 = 0
    while true {
      let rows = try session.result(
        """
        SELECT id, topic_id, account_id, session_id, reason, started_at, ends_at, ended_at, from_seq, to_seq FROM observation
         WHERE id > \(last) AND \(ours("topic_id")) ORDER BY id LIMIT \(BundleExport.page)
        """)
      for row in rows {
        last = try row.decode(at: 0)
        try writer.add(
          BundleRow.Ghost(
            observation: last, topic: try row.decode(at: 1), account: try row.decode(at: 2), session: try row.decode(at: 3),
            reason: try row.decode(at: 4), startedAt: try row.decode(at: 5, as: Timestamp.self).microseconds,
            endsAt: try row.decode(at: 6, as: Timestamp.self).microseconds,
            endedAt: try row.decode(at: 7, as: Timestamp?.self)?.microseconds, from: try row.decode(at: 8),
            to: try row.decode(at: 9)))
      }
      if rows.isEmpty { break }
    }
  }

  /// The ledger of ghosts, which is one chain for the whole firm: only in bundles of everything.
  func ledger(to writer: inout BundleWriter) throws {
    try writer.begin(.ledger)
    var last: Int64 = 0
    while true {
      let rows = try GhostLedger.rows(after: last, limit: Int(BundleExport.page), in: session)
      for row in rows {
        last = row.seq
        try writer.add(
          BundleRow.Ledger(
            seq: row.seq, at: row.at.microseconds, kind: row.kind.rawValue, observation: row.observation.rawValue,
            topic: row.topic.rawValue, account: row.account.rawValue, session: row.session.rawValue, lowest: row.lowest,
            highest: row.highest, document: row.document, detail: row.detail, hash: Hex.string(row.hash)))
      }
      if rows.isEmpty { break }
    }
  }

  /// Sealed rows of the action log, in the order of the chain. Rows that wait for their link come with the next bundle.
  func actions(_ filter: ActionFilter, to writer: inout BundleWriter) throws {
    try writer.begin(.actions)
    var last: Int64 = 0
    while true {
      let rows = try ActionLog.chained(filter, after: last, limit: Int(BundleExport.page), in: session)
      for link in rows {
        last = link.row.seq
        try writer.add(
          BundleRow.Action(
            seq: link.row.seq, id: link.row.id, at: link.row.at.microseconds, account: link.row.account?.rawValue,
            session: link.row.session?.rawValue, organisation: link.row.organisation?.rawValue, action: link.row.action,
            address: link.row.address, detail: link.row.detail, prev: Hex.string(link.prev), hash: Hex.string(link.hash)))
      }
      if rows.isEmpty { break }
    }
  }

  private func hex(_ bytes: [UInt8]?) -> String? { bytes.map { Hex.string($0) } }
}
