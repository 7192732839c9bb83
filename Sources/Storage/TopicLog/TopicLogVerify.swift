public import Domain

/// What is wrong with a log.
public struct ChainFault: Error, Sendable, Hashable, CustomStringConvertible {
  /// The topic.
  public var topic: TopicID
  /// The first row that does not fit; after the last row when the head does not.
  public var seq: Int64
  /// What does not fit.
  public var reason: String

  /// `topic 3, row 17: …`
  public var description: String { "topic \(topic), row \(seq): \(reason)" }
}

extension TopicLog {
  /// Checks a whole log: numbers without gaps, every link of the chain, every body, and the head. A body is missing without fault
  /// only where a confirmed erasure and a row of the log by the same person say that its message was erased. nil: all is well.
  ///
  /// Reads in pages, in one snapshot. Throws: `DatabaseError`.
  public static func verifyChain(topic: TopicID, in session: Session) throws -> ChainFault? {
    try session.transaction(isolation: .repeatableRead, readOnly: true) {
      guard let head = try session.row("SELECT head, head_hash FROM topic WHERE id = \(topic)") else {
        return ChainFault(topic: topic, seq: 0, reason: "there is no such topic")
      }
      var prev = HashChain.origin(of: topic)
      var seq: Int64 = 0
      while true {
        let rows = try session.result(
          """
          SELECT e.seq, e.at, e.author_id, e.kind, e.staff, e.holding, e.case_number, e.message, e.version, e.reply, e.stars, e.meta,
                 e.body_hash, e.prev_hash, e.hash, b.salt, b.body,
                 CASE WHEN e.kind IN (1, 2, 13) THEN EXISTS (SELECT FROM erasure x JOIN topic_entry d
                        ON d.topic_id = x.topic_id AND d.message = x.message AND d.kind = 13 AND d.author_id = x.confirmed_by
                      WHERE x.topic_id = e.topic_id AND x.message = e.message AND x.refused_at IS NULL) ELSE false END
            FROM topic_entry e LEFT JOIN topic_body b ON b.topic_id = e.topic_id AND b.seq = e.seq
           WHERE e.topic_id = \(topic) AND e.seq > \(seq) ORDER BY e.seq LIMIT 1000
          """)
        for row in rows {
          seq += 1
          let reason: String?
          do {
            reason = try fault(row, topic: topic, seq: seq, prev: prev)
          } catch let error as DatabaseError where error.kind == .decoding {
            reason = "it can't be read: \(error)"
          }
          if let reason { return ChainFault(topic: topic, seq: seq, reason: reason) }
          prev = try row.decode(at: 14)
        }
        if rows.isEmpty { break }
      }
      guard try head.decode(at: 0) == seq, try head.decode(at: 1, as: [UInt8]?.self) == (seq == 0 ? nil : prev) else {
        return ChainFault(topic: topic, seq: seq + 1, reason: "the topic's head is another one")
      }
      return nil
    }
  }

  private static func fault(_ row: Row, topic: TopicID, seq: Int64, prev: [UInt8]) throws -> String? {
    let found: Int64 = try row.decode(at: 0)
    guard found == seq else { return "it is missing, the next one is \(found)" }
    let bodyHash: [UInt8]? = try row.decode(at: 12)
    let chained = HashChain.Row(
      topic: topic, seq: seq, at: try row.decode(at: 1), author: try row.decode(at: 2), kind: try row.decode(at: 3),
      staff: try row.decode(at: 4), holding: try row.decode(at: 5), caseNumber: try row.decode(at: 6),
      message: try row.decode(at: 7),
      version: try row.decode(at: 8), reply: try row.decode(at: 9), stars: try row.decode(at: 10), meta: try row.decode(at: 11),
      bodyHash: bodyHash)
    guard try row.decode(at: 13, as: [UInt8].self) == prev else { return "it does not name the hash of the row before" }
    guard try row.decode(at: 14, as: [UInt8].self) == HashChain.hash(chained, after: prev) else {
      return "its hash is another one"
    }
    if let salt: [UInt8] = try row.decode(at: 15) {
      guard HashChain.bodyHash(salt: salt, body: try row.decode(at: 16)) == bodyHash else { return "its body is another one" }
    } else if bodyHash != nil, try !row.decode(at: 17, as: Bool.self) {
      return "its body is missing, and no erasure that two people confirmed explains it"
    }
    if chained.kind == .erase, try !row.decode(at: 17, as: Bool.self) {
      return "it says that a message was erased, and nobody confirmed that"
    }
    return nil
  }
}
