public import Domain
import Storage

extension TestDatabase {
  /// A document and the job that makes its renditions, as an upload leaves them. Its bytes need not be in any blob store. Throws: `DatabaseError`.
  public func makeDocument(
    in organisation: TestOrganisation, _ kind: TopicKind = .faktura, by account: AccountID, staff: Bool, name: String = "file",
    type: String,
    hash: BlobHash, size: Int64, unstamped: Bool = false
  ) async throws -> DocumentID {
    try await app.transaction { session in
      try session.execute("INSERT INTO blob (hash, size) VALUES (\(hash.bytes), \(size)) ON CONFLICT (hash) DO NOTHING")
      let id: DocumentID = try session.one(
        """
        INSERT INTO document (organisation_id, topic_id, uploader_id, staff, name, type, size, hash, unstamped)
        VALUES (\(organisation.id), \(organisation.topic(kind)), \(account), \(staff), \(name), \(type), \(size), \(hash.bytes), \(unstamped))
        RETURNING id
        """
      ).decode(at: 0)
      try session.execute("INSERT INTO job (kind, document_id) VALUES ('document', \(id))")
      return id
    }
  }
}
