import Domain
import Storage
import TestSupport
import Testing

/// What a worker writes about a document, on a real Postgres.
@Suite
struct MediaWorkTests {
  /// A document of staff and its leased job.
  private static func leased(_ database: TestDatabase) async throws -> (MediaWork.Paper, Job) {
    let organisation = try await database.makeOrganisation(department: try await database.makeDepartment())
    let account = try await database.makeAccountant("ali", of: organisation)
    let id = try await database.makeDocument(
      in: organisation, by: account, staff: true, type: "pdf", hash: BlobHash(of: [1]), size: 1)
    let job = try await database.app.transaction { try Jobs.lease(by: "a", for: .seconds(60), in: $0) }
    let paper = try await database.app.run { try MediaWork.paper(id, in: $0) }
    return (try #require(paper), try #require(job))
  }

  private static let made: [MediaWork.Rendition] = [
    .init(kind: .stamped, hash: BlobHash(of: [9]), type: "pdf", size: 10, width: 595, height: 842, pages: 3),
    .init(kind: .preview, hash: BlobHash(of: [7]), type: "jpeg", size: 11, width: 100, height: 141),
    .init(kind: .thumbnail, hash: BlobHash(of: [7]), type: "jpeg", size: 11, width: 100, height: 141),
  ]

  private struct Row: Equatable {
    let media: String
    let reason: String?
    let pages: Int32?
    let renditions: Int
    let stamps: Int
    let news: Int
  }

  private static func row(_ database: TestDatabase) async throws -> Row {
    try await database.app.run { session in
      let row = try session.one(
        """
        SELECT media, media_reason, pages, (SELECT count(*) FROM rendition), (SELECT count(*) FROM stamp),
               (SELECT count(*) FROM outbox WHERE channel = 'document' AND payload = jsonb_build_object('documents', jsonb_build_array(document.id)))
          FROM document
        """)
      return Row(
        media: try row.decode(at: 0), reason: try row.decode(at: 1), pages: try row.decode(at: 2),
        renditions: try row.decode(at: 3),
        stamps: try row.decode(at: 4), news: try row.decode(at: 5))
    }
  }

  @Test("Renditions, stamp, document, news and the job's end are one transaction")
  func ready() async throws {
    try await withTestDatabase { database in
      let (paper, job) = try await Self.leased(database)
      #expect(paper.isStamped)
      let token = Array(repeating: UInt8(5), count: 32)
      let isWritten = try await database.app.transaction {
        try MediaWork.ready(paper, by: job, renditions: Self.made, token: token, in: $0)
      }
      #expect(isWritten)
      let row = try await Self.row(database)
      #expect(row == Row(media: "ready", reason: nil, pages: 3, renditions: 3, stamps: 1, news: 1))
    }
  }

  @Test("Who has lost the lease writes nothing")
  func lost() async throws {
    try await withTestDatabase { database in
      let (paper, job) = try await Self.leased(database)
      try await database.app.run { _ = try Jobs.giveBack(job, for: .zero, in: $0) }
      let answers = try await database.app.transaction { session in
        [
          try MediaWork.ready(paper, by: job, renditions: Self.made, token: nil, in: session),
          try MediaWork.settle(paper, by: job, as: .refused, reason: "broken", in: session),
          try MediaWork.fail(paper, by: job, reason: "crashed", error: "x", in: session) != .lost,
        ]
      }
      #expect(answers == [false, false, false])
      let row = try await Self.row(database)
      #expect(row == Row(media: "waiting", reason: nil, pages: nil, renditions: 0, stamps: 0, news: 0))
    }
  }

  @Test("A refusal and the last failure are told; a failure before it is not", arguments: [true, false])
  func settled(isRefused: Bool) async throws {
    try await withTestDatabase { database in
      var (paper, job) = try await Self.leased(database)
      if isRefused {
        let (refused, held) = (paper, job)
        _ = try await database.app.transaction { try MediaWork.settle(refused, by: held, as: .refused, reason: "broken", in: $0) }
      } else {
        for attempt in 1...Jobs.attempts {
          let (failed, held) = (paper, job)
          _ = try await database.app.transaction { try MediaWork.fail(failed, by: held, reason: "crashed", error: "x", in: $0) }
          guard attempt < Jobs.attempts else { break }
          let row = try await Self.row(database)
          #expect(row == Row(media: "waiting", reason: nil, pages: nil, renditions: 0, stamps: 0, news: 0))
          try await database.app.run { _ = try $0.execute("UPDATE job SET run_at = now() WHERE state = 'waiting'") }
          let leased = try await database.app.transaction { try Jobs.lease(by: "a", for: .seconds(60), in: $0) }
          job = try #require(leased)
          paper = failed
        }
      }
      let row = try await Self.row(database)
      #expect(
        row
          == Row(
            media: isRefused ? "refused" : "failed", reason: isRefused ? "broken" : "crashed", pages: nil, renditions: 0,
            stamps: 0, news: 1))
    }
  }

  @Test("Documents that wait for a converter are tried again once, and then are ready")
  func pending() async throws {
    try await withTestDatabase { database in
      let (paper, job) = try await Self.leased(database)
      _ = try await database.app.transaction {
        try MediaWork.settle(paper, by: job, as: .pending, reason: "converter_missing", in: $0)
      }
      for count in [1, 0] {
        let added = try await database.app.transaction { try MediaWork.retryPending(reason: "converter_missing", in: $0) }
        #expect(added == count)
      }
      let leasedAgain = try await database.app.transaction { try Jobs.lease(by: "a", for: .seconds(60), in: $0) }
      let again = try #require(leasedAgain)
      let isWritten = try await database.app.transaction {
        try MediaWork.ready(paper, by: again, renditions: Self.made, token: nil, in: $0)
      }
      #expect(isWritten)
      let row = try await Self.row(database)
      #expect(row.media == "ready")
      #expect(row.reason == nil)
    }
  }
}
