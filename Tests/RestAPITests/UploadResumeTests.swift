import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import ServerKit
import Storage
import Synchronization
import TestSupport
import Testing

@testable import RestAPI

/// Uploads go on after everything that may break.
@Suite struct UploadResumeTests {
  /// A real server, a client of an organisation, and an upload that has begun.
  private struct Live: Sendable {
    let server: LiveServer
    let services: RestServices
    let bearer: String
    let id: Key
    let account: AccountID

    func patch(at offset: Int, length: Int) -> [UInt8] {
      request(
        "PATCH /api/v1/uploads/\(id) HTTP/1.1", [bearer, "Upload-Offset: \(offset)", "Content-Length: \(length)"])
    }

    func offset() async throws -> String {
      let answer = try await server.exchange([request("GET /api/v1/uploads/\(id) HTTP/1.1", [bearer])])
      return answer.split(separator: "\r\n").first { $0.lowercased().hasPrefix("upload-offset:") }.map {
        String($0.dropFirst(15))
      } ?? answer
    }
  }

  private static func run(size: Int, _ body: @escaping @Sendable (Live) async throws -> Void) async throws {
    try await withTestDatabase { database in
      let here = try await database.makeOrganisation("Here", department: try await database.makeDepartment("First"))
      let account = try await database.makeClient("client", of: here)
      let token = SessionToken()
      _ = try await database.makeSession(account, tokenHash: token.hash)
      let services = try RestBench.services(database.app, environment: ["REST_PROXY_PROTOCOL": "false"])
      try await LiveServer.run(services) { server in
        let (id, bearer) = (Key.random(), "Authorization: Bearer \(token.text)")
        let begun = try await server.exchange([
          request(
            "POST /api/v1/uploads HTTP/1.1", [bearer, "Content-Type: application/json"],
            body: #"{"id":"\#(id)","topic":\#(here.topic(.bank)),"name":"a.txt","size":\#(size)}"#)
        ])
        #expect(begun.hasPrefix("HTTP/1.1 201 "), "\(begun)")
        try await body(Live(server: server, services: services, bearer: bearer, id: id, account: account))
      }
    }
  }

  @Test func whatCameBeforeAConnectionBrokeStays() async throws {
    try await Self.run(size: 300_000) { live in
      // The first connection announces all of it, brings a part and breaks: the server has what it could read.
      let part = [UInt8](repeating: UInt8(ascii: "a"), count: 100_000)
      _ = try await live.server.exchange(
        [live.patch(at: 0, length: 300_000), part],
        last: {
          // All of the part has been written before the connection goes.
          while try await live.services.uploads.offset(of: live.account, live.id) < 100_000 { await Task.yield() }
          return []
        }, breaking: true)
      #expect(try await live.offset() == "100000")
      let rest = [UInt8](repeating: UInt8(ascii: "b"), count: 200_000)
      let end = try await live.server.exchange([live.patch(at: 100_000, length: 200_000), rest])
      #expect(end.hasPrefix("HTTP/1.1 200 ") && end.contains("\"type\":\"txt\""), "\(end)")
      let hash = BlobHash(of: part + rest)
      #expect(try await live.services.blobs.size(of: hash) == 300_000)
    }
  }

  @Test func aNewConnectionTakesOverFromOneThatHangs() async throws {
    try await Self.run(size: 10) { live in
      // The old connection has brought four bytes and hangs; the new one goes on. What the old one still has on its way is not written.
      let old = try await live.server.exchange(
        [live.patch(at: 0, length: 10), Array("salo".utf8)],
        last: {
          while try await live.services.uploads.offset(of: live.account, live.id) < 4 { await Task.yield() }
          let new = try await live.server.exchange([live.patch(at: 4, length: 3), Array("m, ".utf8)])
          #expect(new.hasPrefix("HTTP/1.1 200 "), "\(new)")
          return Array("m, uy!".utf8)
        })
      #expect(old.hasPrefix("HTTP/1.1 409 ") && old.contains("taken_over"), "\(old)")
      #expect(try await live.offset() == "7")
      let end = try await live.server.exchange([live.patch(at: 7, length: 3), Array("uy!".utf8)])
      #expect(end.hasPrefix("HTTP/1.1 200 "), "\(end)")
      let hash = BlobHash(of: Array("salom, uy!".utf8))
      #expect(try await live.services.blobs.size(of: hash) == 10)
    }
  }

  /// The client of a bench at another process: nothing but the database, and perhaps the folder, is the same.
  private static func another(
    _ bench: DocumentBench, folder: String, _ body: @escaping @Sendable (Signed) async throws -> Void
  ) async throws {
    let services = try RestBench.services(bench.database.app, environment: ["REST_UPLOAD_FOLDER": folder])
    let (database, clock, client) = (bench.database, bench.bench.clock, bench.client)
    try await RestServer.application(services).test(.router) { http in
      let second = RestBench(database: database, services: services, clock: clock, client: http)
      try await body(Signed(bench: second, account: client.account, session: client.session, token: client.token, byCookie: true))
    }
  }

  @Test func serversOfOneFolderTakeTurns() async throws {
    let folder = "\(TestFolder.path)/\(Key.random())"
    try await DocumentBench.run(environment: ["REST_UPLOAD_FOLDER": folder]) { bench in
      let (id, _) = try await bench.begin(bench.client, "a.pdf", size: Sample.pdf.count)
      @Sendable func send(_ person: Signed, _ part: Range<Int>) async throws -> Answer {
        try await person.send(
          .patch, "/api/v1/uploads/\(id)", bytes: Array(Sample.pdf[part]), headers: [.uploadOffset: "\(part.lowerBound)"])
      }
      #expect(try await send(bench.client, 0..<20).status == 200)
      try await Self.another(bench, folder: folder) { second in
        #expect(try await send(second, 20..<40).status == 200)
        #expect(try await send(bench.client, 40..<60).status == 200)
        let late = try await send(second, 40..<50)
        #expect(late.status == 409 && late.code == "upload_offset" && late.headers[.uploadOffset] == "60")
        // One of another folder has none of it, says so, and harms nothing.
        try await Self.another(bench, folder: folder + "-elsewhere") { third in
          let foreign = try await send(third, 60..<80)
          #expect(foreign.status == 409 && foreign.code == "upload_offset" && foreign.headers[.uploadOffset] == "0")
        }
        #expect(try await send(second, 60..<80).status == 200)
        let end = try await send(bench.client, 80..<Sample.pdf.count)
        #expect(end.json["document"]["type"].string == "pdf", "\(end.text)")
        #expect(try await send(second, 20..<40).json["document"] == end.json["document"])
      }
      let stored = try await bench.database.app.run { try $0.one("SELECT hash FROM document").decode(at: 0, as: [UInt8].self) }
      #expect(stored == BlobHash(of: Sample.pdf).bytes, "the bytes of both are hashed")
      #expect(bench.files().isEmpty)
    }
  }

  @Test func uploadsOutliveTheServer() async throws {
    let folder = "\(TestFolder.path)/\(Key.random())"
    try await DocumentBench.run(environment: ["REST_UPLOAD_FOLDER": folder]) { bench in
      let (id, _) = try await bench.begin(bench.client, "a.pdf", size: Sample.pdf.count)
      _ = try await bench.append(bench.client, id, at: 0, Array(Sample.pdf[..<50]))
      try await Self.another(bench, folder: folder) { again in
        let look = try await again.send(.get, "/api/v1/uploads/\(id)")
        #expect(look.json["offset"].number == 50)
        let end = try await again.send(
          .patch, "/api/v1/uploads/\(id)", bytes: Array(Sample.pdf[50...]), headers: [.uploadOffset: "50"])
        #expect(end.json["document"]["type"].string == "pdf", "\(end.text)")
      }
      let stored = try await bench.database.app.run { try $0.one("SELECT hash FROM document").decode(at: 0, as: [UInt8].self) }
      #expect(stored == BlobHash(of: Sample.pdf).bytes, "the bytes of both processes are hashed")
    }
  }

  @Test func abandonedUploadsEndAndTheirFilesGo() async throws {
    try await DocumentBench.run { bench in
      let (old, _) = try await bench.begin(bench.client, "old.pdf", size: 100)
      _ = try await bench.append(bench.client, old, at: 0, [1, 2, 3])
      let (new, _) = try await bench.begin(bench.client, "new.pdf", size: 100)
      _ = try await bench.append(bench.client, new, at: 0, [1, 2, 3])
      // Rows say when they began and cannot be changed; a row of yesterday is written as such.
      let (id, account, session, topic) = (Key.random(), bench.client.account, bench.client.session, bench.topic)
      try await bench.database.app.run {
        try $0.execute(
          """
          INSERT INTO upload (id, account_id, session_id, topic_id, name, size, created_at)
          VALUES (\(id), \(account), \(session), \(topic), 'a.txt', 5, now() - interval '25 hours')
          """)
      }
      _ = try await bench.append(bench.client, id, at: 0, Array("sal".utf8))
      #expect(bench.files().count == 3)
      let keeper = Housekeeping(services: bench.bench.services)
      await keeper.tidy(hourly: true)
      #expect(bench.files().count == 2)
      #expect(try await bench.client.send(.get, "/api/v1/uploads/\(id)").json["refusal"].string == "expired")
      // A file of an upload that has ended, which a killed process could not remove.
      try Data([1]).write(to: URL(filePath: "\(bench.bench.services.uploads.folder)/\(account)-\(id)"))
      await keeper.tidy(hourly: true)
      #expect(bench.files().count == 2)
      #expect(try await bench.client.send(.get, "/api/v1/uploads/\(new)").json["offset"].number == 3)
    }
  }

  @Test func aPieceForTheWrongPlaceDisturbsNobody() async throws {
    try await DocumentBench.run { bench in
      let (id, _) = try await bench.begin(bench.client, "a.txt", size: 100)
      let file = try await bench.bench.services.uploads.file(of: bench.client.account, id)
      guard case .turn(let turn) = try file.takeTurn(at: 0) else { throw DocumentBench.Missing(what: "the turn") }
      #expect(try file.append([1, 2, 3], turn))
      let stale = try await bench.append(bench.client, id, at: 99, [9])
      #expect(stale.status == 409 && stale.code == "upload_offset")
      #expect(try file.append([4], turn))
      // At the right place it is the one that goes on.
      #expect(try await bench.append(bench.client, id, at: 4, [5]).status == 200)
      #expect(try !file.append([6], turn))
    }
  }

  /// To hash all of it again would keep others waiting: a file that rested is hashed from where it stopped.
  @Test func whatRestedIsNotReadAgain() async throws {
    try await DocumentBench.run { bench in
      let desk = bench.bench.services.uploads
      let (id, _) = try await bench.begin(bench.client, "a.txt", size: 100)
      let (none, _) = try await bench.begin(bench.client, "b.txt", size: 100)
      let (first, second) = (Array("bir".utf8), Array("ikki".utf8))
      _ = try await bench.append(bench.client, id, at: 0, first)
      let empty = try await desk.file(of: bench.client.account, none)
      try await desk.rest(at: .now + .seconds(7200))
      let file = try await desk.file(of: bench.client.account, id)
      try Data("BIR".utf8).write(to: URL(filePath: file.path))
      #expect(try await bench.append(bench.client, id, at: 3, second).status == 200)
      #expect(try file.look().hash == BlobHash(of: first + second))
      // Of one that has nothing there is nothing to keep.
      #expect(try await desk.file(of: bench.client.account, none) !== empty)
    }
  }

  /// Its bytes may be in the store by then, from which nothing is ever removed.
  @Test func whatIsBeingFinishedCannotBeGivenUp() async throws {
    try await DocumentBench.run { bench in
      let desk = bench.bench.services.uploads
      let (id, _) = try await bench.begin(bench.client, "a.txt", size: 100)
      let (begun, begin) = AsyncStream<Void>.makeStream()
      let (gate, open) = AsyncStream<Void>.makeStream()
      let account = bench.client.account
      let end = Task {
        try await desk.end(of: account, id) {
          begin.yield()
          for await _ in gate { break }
          throw CancellationError()
        }
      }
      for await _ in begun { break }
      let refused = try await bench.client.send(.delete, "/api/v1/uploads/\(id)")
      #expect(refused.status == 409)
      open.yield()
      _ = await end.result
      #expect(try await bench.client.send(.delete, "/api/v1/uploads/\(id)").status == 204)
    }
  }

  /// A store that cannot be tidied does not keep the room for uploads from being tidied.
  @Test func whatIsAbandonedGoesAlsoWhenTheStoreIsAway() async throws {
    let store = "\(TestFolder.path)/\(Key.random())"
    try await DocumentBench.run(environment: ["BLOB_STORE": "folder:\(store)"]) { bench in
      let (id, _) = try await bench.begin(bench.client, "old.pdf", size: 100)
      #expect(try await bench.client.send(.delete, "/api/v1/uploads/\(id)").status == 204)
      // What a killed process left there.
      let services = bench.bench.services
      try Data([1]).write(to: URL(filePath: "\(services.uploads.folder)/\(bench.client.account)-\(id)"))
      try FileManager.default.removeItem(atPath: store)
      await #expect(throws: BlobError.self) { try await services.blobs.sweep() }
      await Housekeeping(services: services).tidy(hourly: true)
      #expect(bench.files().isEmpty)
    }
  }

  @Test func twoWhoBringTheSameBytesAreAnsweredAlike() async throws {
    try await DocumentBench.run { bench in
      let first = try await bench.upload(bench.client, "a.pdf", Sample.pdf)
      let second = try await bench.upload(bench.stranger, "a.pdf", Sample.pdf, topic: bench.there.topic(.bank))
      func shape(_ answer: Answer, _ words: [String: String]) -> String {
        words.reduce(answer.text) { $0.replacing($1.key, with: $1.value) }.replacing(/"(id|at)":"[^"]*"/, with: "")
      }
      let left = shape(
        first, ["\"document\":1,": "D", "\"topic\":\(bench.topic)": "T", "\"uploader\":\(bench.client.account)": "U"])
      let right = shape(
        second,
        ["\"document\":2,": "D", "\"topic\":\(bench.there.topic(.bank))": "T", "\"uploader\":\(bench.stranger.account)": "U"])
      #expect(first.status == 200 && left == right)
      #expect(try await bench.count("SELECT count(*) FROM blob") == 1)
      #expect(try await bench.count("SELECT count(*) FROM document") == 2)
    }
  }

  /// Requests that come late find no upload any more, and make no file that nobody would remove.
  @Test func aFileThatWasRemovedIsNotMadeAnew() throws {
    let path = "\(TestFolder.path)/\(Key.random())"
    let file = UploadFile(path: path)
    #expect(try file.offset() == 0)
    #expect(!FileManager.default.fileExists(atPath: path), "a question makes no file")
    guard case .turn(let turn) = try file.takeTurn(at: 0) else { throw DocumentBench.Missing(what: "the turn") }
    #expect(try file.append([1, 2, 3], turn))
    #expect(try file.offset() == 3)
    file.remove()
    #expect(try !file.append([4], turn))
    let errors = [
      failure { _ = try file.takeTurn(at: 0) }, failure { _ = try file.look() }, failure { _ = try file.read(at: 0, count: 1) },
    ]
    let kinds = errors.map { ($0 as? BlobError)?.kind }
    #expect(kinds == [.source, .source, .source])
    #expect(try file.offset() == 0)
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func theAnswerToKnownBytesTakesAsLongAsToNewOnes() async throws {
    try await DocumentBench.run { bench in
      let first = try await bench.upload(bench.client, "a.pdf", Sample.pdf)
      // Let the store have taken this long for whatever was new to it.
      let usual = Duration.milliseconds(400)
      bench.bench.services.uploads.paces.withLock { pace in
        for _ in 0..<100 { _ = pace.wait(after: usual, size: 10, isKnown: false) }
      }
      let start = ContinuousClock.now
      let second = try await bench.upload(bench.stranger, "a.pdf", Sample.pdf, topic: bench.there.topic(.bank))
      let time = ContinuousClock.now - start
      #expect(first.status == 200 && second.status == 200 && time >= usual)
    }
  }

  @Test func aStoreThatHasTheBytesIsWaitedForAsLongAsOneThatHasNot() {
    var pace = StorePace()
    #expect(pace.wait(after: .milliseconds(1), size: 10, isKnown: true) == .zero, "nothing is known of the store yet")
    #expect(pace.wait(after: .milliseconds(40), size: 10, isKnown: false) == .zero)
    #expect(pace.wait(after: .milliseconds(2), size: 10, isKnown: true) == .milliseconds(38))
    #expect(pace.wait(after: .milliseconds(50), size: 10, isKnown: true) == .zero)
    #expect(pace.wait(after: .seconds(2), size: 2 << 20, isKnown: false) == .zero)
    #expect(pace.wait(after: .seconds(1), size: 4 << 20, isKnown: true) == .seconds(3))
  }
}
