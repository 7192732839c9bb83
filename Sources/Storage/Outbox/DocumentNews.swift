public import Domain

/// News of documents: what the readers of their topics are told whenever something has become of them.
public enum DocumentNews {
  /// Those of `documents` that everybody in their topics may be told of: sent, and neither redacted nor taken back by a client. Ascending by id.
  ///
  /// For servers only: it asks nobody's permission. Throws: `DatabaseError`.
  public static func read(_ documents: [DocumentID], in session: Session) throws -> [DocumentRecord] {
    guard !documents.isEmpty else { return [] }
    return try session.result(
      """
      SELECT \(DocumentRecord.columns)
        FROM document d \(DocumentRecord.joins)
       WHERE d.id = ANY (\(documents)) AND d.message IS NOT NULL
         AND \(TopicLog.hiding(topic: "d.topic_id", message: "d.message")) = 0
       ORDER BY d.id
      """
    ).map { try DocumentRecord($0) }
  }

  /// Tells every server that something has become of these documents. Inside the transaction that did it; `Outbox.wake` after its commit.
  ///
  /// Throws: `DatabaseError`.
  public static func publish(_ documents: [DocumentID], in session: Session) throws {
    let list = documents.map(\.description).joined(separator: ",")
    try Outbox.publish(channel: "document", payload: #"{"documents":[\#(list)]}"#, in: session)
  }
}
