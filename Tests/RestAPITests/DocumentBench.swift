import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Storage
import TestSupport

@testable import RestAPI

/// An organisation with its people, and what they do with documents.
struct DocumentBench: Sendable {
  let bench: RestBench
  let here: TestOrganisation
  let there: TestOrganisation
  let admin: Signed
  let supervisor: Signed
  let accountant: Signed
  let client: Signed
  let stranger: Signed

  var database: TestDatabase { bench.database }
  var topic: TopicID { here.topic(.bank) }

  static func run(
    environment: [String: String] = [:], _ body: @escaping @Sendable (DocumentBench) async throws -> Void
  ) async throws {
    try await RestBench.run(environment: environment) { try await body(try await make($0)) }
  }

  static func make(_ bench: RestBench) async throws -> DocumentBench {
    let database = bench.database
    let here = try await database.makeOrganisation("Here", department: try await database.makeDepartment("First"))
    let there = try await database.makeOrganisation("There", department: try await database.makeDepartment("Second"))
    let admin = try await bench.account("admin")
    try await database.makeMembership(admin, role: "admin")
    let supervisor = try await bench.account("supervisor")
    try await database.makeMembership(supervisor, role: "supervisor", department: here.department)
    return DocumentBench(
      bench: bench, here: here, there: there, admin: try await bench.signedIn(admin),
      supervisor: try await bench.signedIn(supervisor),
      accountant: try await bench.signedIn(try await database.makeAccountant("accountant", of: here)),
      client: try await bench.signedIn(try await database.makeClient("client", of: here)),
      stranger: try await bench.signedIn(try await database.makeClient("stranger", of: there)))
  }

  /// Begins an upload.
  func begin(
    _ person: Signed, _ name: String, size: Int, id: Key = .random(), topic: TopicID? = nil, replaces: Int64? = nil
  ) async throws -> (id: Key, answer: Answer) {
    let more = replaces.map { ",\"replaces\":\($0)" } ?? ""
    let body = #"{"id":"\#(id)","topic":\#(topic ?? self.topic),"name":"\#(name)","size":\#(size)\#(more)}"#
    return (id, try await person.send(.post, "/api/v1/uploads", body))
  }

  /// Sends bytes of an upload.
  func append(_ person: Signed, _ id: Key, at offset: Int, _ bytes: [UInt8]) async throws -> Answer {
    try await person.send(.patch, "/api/v1/uploads/\(id)", bytes: bytes, headers: [.uploadOffset: String(offset)])
  }

  /// Uploads a file in one piece, and answers what the last request did.
  func upload(
    _ person: Signed, _ name: String, _ bytes: [UInt8], topic: TopicID? = nil, replaces: Int64? = nil
  ) async throws -> Answer {
    let (id, answer) = try await begin(person, name, size: bytes.count, topic: topic, replaces: replaces)
    guard answer.status == 201 else { return answer }
    return try await append(person, id, at: 0, bytes)
  }

  /// Uploads a file and gives its document's number.
  func document(_ person: Signed, _ name: String = "hisob.txt", _ text: String = "bir ikki uch") async throws -> DocumentID {
    let answer = try await upload(person, name, Array(text.utf8))
    guard let number = answer.json["document"]["document"].number else {
      throw Missing(what: "document: \(answer.status) \(answer.text)")
    }
    return DocumentID(number)
  }

  struct Missing: Error { let what: String }

  /// Puts a document into a message of the log, whose row is written too.
  func send(_ document: DocumentID, as seq: Int64, by author: AccountID? = nil, staff: Bool = false) async throws {
    let (topic, author, hash) = (topic, author ?? client.account, [UInt8](repeating: 7, count: 32))
    try await database.app.run { session in
      try session.execute(
        """
        INSERT INTO topic_entry (topic_id, seq, kind, at, author_id, staff, case_number, message, version, prev_hash, hash)
        VALUES (\(topic), \(seq), 1, now(), \(author), \(staff), 1, \(seq), 1, \(hash), \(hash))
        """)
      try session.execute("UPDATE document SET message = \(seq) WHERE id = \(document)")
    }
  }

  /// Takes a message back (kind 3) or blacks it out (kind 4).
  func hide(_ message: Int64, kind: Int16, staff: Bool, as seq: Int64) async throws {
    let (topic, hash) = (topic, [UInt8](repeating: 7, count: 32))
    try await database.app.run {
      try $0.execute(
        """
        INSERT INTO topic_entry (topic_id, seq, kind, at, staff, case_number, message, version, prev_hash, hash)
        VALUES (\(topic), \(seq), \(kind), now(), \(staff), 1, \(message), 2, \(hash), \(hash))
        """)
    }
  }

  /// Gives a document renditions, as MediaWorker does, and makes it ready. Returns the bytes' hash.
  @discardableResult
  func make(_ kinds: [String] = ["clean"], of document: DocumentID, _ bytes: [UInt8], type: String = "pdf") async throws
    -> [UInt8]
  {
    let hash = try await keep(bytes)
    try await database.app.run { session in
      for kind in kinds {
        try session.execute(
          """
          INSERT INTO rendition (document_id, kind, hash, type, size) VALUES (\(document), \(kind), \(hash), \(type), \(Int64(bytes.count)))
          """)
      }
      try session.execute("UPDATE document SET media = 'ready' WHERE id = \(document)")
    }
    return hash
  }

  /// Puts bytes into the store.
  func keep(_ bytes: [UInt8]) async throws -> [UInt8] {
    let path = TestFolder.path + "/\(Key.random())"
    try Data(bytes).write(to: URL(filePath: path))
    defer { _ = unlink(path) }
    let hash = BlobHash(of: bytes)
    try await bench.services.blobs.put(file: path, hash: hash, size: Int64(bytes.count))
    try await database.app.run { try BlobTable.keep(hash, size: Int64(bytes.count), in: $0) }
    return hash.bytes
  }

  /// Opens an observation of the topic.
  func observe(_ person: Signed) async throws {
    let (account, session, topic) = (person.account, person.session, topic)
    try await database.app.run {
      try $0.execute(
        """
        INSERT INTO observation (account_id, session_id, topic_id, reason, ends_at)
        VALUES (\(account), \(session), \(topic), 'a complaint', now() + interval '30 minutes')
        """)
    }
  }

  /// The address of a file, or the answer that there is none.
  func link(_ person: Signed, _ document: DocumentID, _ rendition: String = "file") async throws -> (
    address: String, answer: Answer
  ) {
    let answer = try await person.send(.post, "/api/v1/documents/\(document)/links", #"{"rendition":"\#(rendition)"}"#)
    return (answer.json["address"].string ?? "", answer)
  }

  /// Rows of the action log about looks at documents, oldest first: action and detail.
  func looks() async throws -> [String] {
    try await database.app.run { session in
      try session.rows(
        """
        SELECT action || ' ' || account_id || ' ' || (detail->>'document') || ' ' || (detail->>'rendition') || ' ' || address AS line
          FROM action_log WHERE action IN ('document.view', 'document.download') ORDER BY id
        """
      ).map { try $0["line"] }
    }
  }

  /// One number of the database.
  func count(_ sql: SQL) async throws -> Int64 { try await database.app.run { try $0.one(sql).decode(at: 0) } }

  /// The names in the folder of the uploads.
  func files() -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: bench.services.uploads.folder).sorted()
    } catch { return [] }
  }
}

/// Small real files.
enum Sample {
  static let text = Array("Salom, dunyo.\n".utf8)
  static let xml = Array("<?xml version=\"1.0\"?>\n<faktura><summa>1</summa></faktura>\n".utf8)
  static let html = Array("<!DOCTYPE html><html><script>alert(1)</script></html>".utf8)
  /// A PDF of one empty page.
  static let pdf = pdf("")
  /// One that says that it is signed.
  static let signedPDF = pdf("4 0 obj<</Type/Sig/Filter/Adobe.PPKLite/ByteRange[0 10 20 10]/Contents<00>>>endobj\n")
  /// A picture of one dot.
  static let png: [UInt8] = [
    0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0,
    0x3A,
    0x7E, 0x9B, 0x55, 0, 0, 0, 10, 0x49, 0x44, 0x41, 0x54, 0x78, 0xDA, 0x63, 0x68, 0, 0, 0, 0x82, 0, 0x81, 0x77, 0xCD, 0x72, 0xB6,
    0, 0,
    0, 0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82,
  ]

  private static func pdf(_ further: String) -> [UInt8] {
    Array(
      """
      %PDF-1.4
      1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
      2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
      3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 10 10]>>endobj
      \(further)trailer<</Root 1 0 R>>
      %%EOF

      """.utf8)
  }
}
