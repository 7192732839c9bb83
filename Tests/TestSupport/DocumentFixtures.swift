public import Domain
import Storage

extension TestDatabase {
  /// An upload that has ended, in no message yet; its bytes are those of its name, and nobody has them. Throws: `DatabaseError`.
  public func makeUploadedDocument(
    _ name: String = "akt.pdf", in topic: TopicID, by uploader: AccountID, staff: Bool = false, type: String = "pdf",
    size: Int64 = 1_000, at: Timestamp = .now, replaces: DocumentID? = nil
  ) async throws -> DocumentID {
    let hash = HashChain.digest(Array(name.utf8))
    return try await app.transaction { session in
      try session.execute("INSERT INTO blob (hash, size) VALUES (\(hash), \(size)) ON CONFLICT DO NOTHING")
      return try session.one(
        """
        INSERT INTO document (organisation_id, topic_id, uploader_id, staff, name, type, size, hash, replaces, at)
        SELECT t.organisation_id, t.id, \(uploader), \(staff), \(name), \(type), \(size), \(hash), \(replaces), \(at)
          FROM topic t WHERE t.id = \(topic) RETURNING id
        """
      ).decode(at: 0)
    }
  }
}
