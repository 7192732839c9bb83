import Domain
import Foundation
import Glibc
import Logging
import PictureSupport
import ServerKit
import Storage
import Synchronization
import TestSupport
import Testing

@testable import MediaWorker

/// The worker as a whole: a real Postgres, a real blob store, real children.
@Suite
struct WorkerTests {
  @Test("A staff picture is stamped, a client's is cleaned; both get previews, and only one a stamp")
  func wholeWay() async throws {
    try await withTestDatabase { database in
      let world = try await WorkerWorld(database)
      let staff = try await world.addPicture(), client = try await world.addPicture(width: 901, staff: false)
      let worker = try world.worker()
      let work = Task { await worker.run() }
      try await WorkerWorld.until("both ready") {
        let media = [try await world.media(staff), try await world.media(client)]
        return media == ["ready", "ready"]
      }
      work.cancel()
      await work.value
      let rows = try await database.app.run { session in
        try session.rows(
          """
          SELECT r.document_id, r.kind, r.hash, r.size, r.width, (SELECT b.size FROM blob b WHERE b.hash = r.hash)
            FROM rendition r ORDER BY r.document_id, r.kind
          """
        ).map { row in
          (
            document: try row.decode(at: 0, as: DocumentID.self), kind: try row.decode(at: 1, as: String.self),
            hash: BlobHash(bytes: try row.decode(at: 2, as: [UInt8].self)), size: try row.decode(at: 3, as: Int64.self),
            width: try row.decode(at: 4, as: Int32.self)
          )
        }
      }
      let kinds = rows.map { "\($0.document) \($0.kind) \($0.width)" }
      #expect(
        kinds == [
          "\(staff) preview 900", "\(staff) stamped 900", "\(staff) thumbnail 320", "\(client) clean 901",
          "\(client) preview 901",
          "\(client) thumbnail 320",
        ])
      for row in rows {
        let size = try await world.blobs.size(of: try #require(row.hash))
        #expect(size == row.size)
      }
      let stamps = try await database.app.run { session in
        try session.rows("SELECT document_id, rendition_hash FROM stamp").map { row in
          "\(try row.decode(at: 0, as: DocumentID.self)) \(try row.decode(at: 1, as: [UInt8].self) == (rows[1].hash?.bytes ?? []))"
        }
      }
      #expect(stamps == ["\(staff) true"])
      guard CodeReader.isInstalled else { return }
      // What the picture's code says is what the database knows the hash of.
      let main = rows.first { $0.kind == "stamped" }?.hash
      let stamped = try #require(main)
      try await world.blobs.fetch(stamped, to: "\(world.folder)/stamped.png")
      let address = try #require(CodeReader.read("\(world.folder)/stamped.png").first)
      let start = "https://1fin.example.uz/v/"
      #expect(address.hasPrefix(start))
      let token = try #require(StampToken(String(address.dropFirst(start.count))))
      let known: [UInt8]? = try await database.app.run { try $0.value("SELECT token_hash FROM stamp") }
      #expect(token.hash == known)
    }
  }

  @Test("A file that crashes every child has failed after three of them")
  func crashing() async throws {
    try await withTestDatabase { database in
      let world = try await WorkerWorld(database)
      let id = try await world.addPicture()
      let worker = try world.worker(program: "/bin/false")
      let work = Task { await worker.run() }
      try await WorkerWorld.until("failed") {
        try await database.app.run { session in try session.execute("UPDATE job SET run_at = now() WHERE state = 'waiting'") }
        return try await world.media(id) == "failed crashed"
      }
      work.cancel()
      await work.value
      let row = try await database.app.run { session in
        let row = try session.one("SELECT state, attempts FROM job")
        return "\(try row.decode(at: 0, as: String.self)) \(try row.decode(at: 1, as: Int32.self))"
      }
      #expect(row == "failed 3")
    }
  }

  @Test("A worker that is asked to stop gives its file back and removes its folder")
  func stopped() async throws {
    try await withTestDatabase { database in
      let world = try await WorkerWorld(database)
      _ = try await world.addPicture(width: 7000, height: 7000)
      let process = try world.start()
      try await WorkerWorld.until("a child works") {
        WorkerWorld.children(of: process.processIdentifier).contains {
          Glibc.access("/proc/\($0)/cwd/\(ChildOrder.Name.rendition)", F_OK) == 0
        }
      }
      process.terminate()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      let row = try await database.app.run { session in
        let row = try session.one("SELECT state, attempts FROM job")
        return "\(try row.decode(at: 0, as: String.self)) \(try row.decode(at: 1, as: Int32.self))"
      }
      #expect(row == "waiting 0")
      let left = try FileManager.default.contentsOfDirectory(atPath: world.folder).filter { $0.hasPrefix("onefin-media.") }
      #expect(left.isEmpty)
    }
  }

  @Test("Refused, unstamped and unconverted files say so")
  func outcomes() async throws {
    try await withTestDatabase { database in
      let world = try await WorkerWorld(database)
      let path = "\(world.folder)/file"
      try Data("no picture at all".utf8).write(to: URL(fileURLWithPath: path))
      let broken = try await world.add(path, type: .png, staff: true)
      try Data("<a/>".utf8).write(to: URL(fileURLWithPath: path))
      let xml = try await world.add(path, type: .xml, staff: true, unstamped: true)
      try Data("a,b\n".utf8).write(to: URL(fileURLWithPath: path))
      let table = try await world.add(path, type: .csv, staff: false)
      try Data("text".utf8).write(to: URL(fileURLWithPath: path))
      let text = try await world.add(path, type: .txt, staff: true)
      let worker = try world.worker()
      let work = Task { await worker.run() }
      try await WorkerWorld.until("all settled") {
        let left: Int = try await database.app.run { try $0.value("SELECT count(*) FROM job WHERE state <> 'done'") ?? 0 }
        return left == 0
      }
      work.cancel()
      await work.value
      let states = [
        try await world.media(broken), try await world.media(xml), try await world.media(table), try await world.media(text),
      ]
      #expect(
        states == ["refused broken", "ready", "ready", Tool.installed().soffice == nil ? "pending converter_missing" : "ready"])
    }
  }

  @Test("A PDF that is to go out unstamped because it is signed goes out unstamped only if it is")
  func signed() async throws {
    try await withTestDatabase { database in
      let world = try await WorkerWorld(database)
      let path = "\(world.folder)/file"
      try (PDFMaker.document([PDFMaker.Page()]).data + Data("%/ByteRange\n".utf8)).write(to: URL(fileURLWithPath: path))
      _ = try await world.add(path, type: .pdf, staff: true, unstamped: true)
      try PDFTests.signed().write(to: URL(fileURLWithPath: path))
      _ = try await world.add(path, type: .pdf, staff: true, unstamped: true)
      let worker = try world.worker()
      let work = Task { await worker.run() }
      try await WorkerWorld.until("both done") { try await world.unfinished() == 0 }
      work.cancel()
      await work.value
      let rows = try await database.app.run { session in
        try session.rows(
          """
          SELECT d.media, r.kind, r.hash = d.hash, EXISTS (SELECT FROM stamp s WHERE s.document_id = d.id)
            FROM document d JOIN rendition r ON r.document_id = d.id AND r.kind IN ('stamped', 'clean') ORDER BY d.id
          """
        ).map { row in
          let (media, kind): (String, String) = (try row.decode(at: 0), try row.decode(at: 1))
          return "\(media) \(kind) \(try row.decode(at: 2, as: Bool.self)) \(try row.decode(at: 3, as: Bool.self))"
        }
      }
      #expect(rows == ["ready stamped false true", "ready clean true false"])
    }
  }

  @Test("A child that would hand out a stranger's picture or a staff file as it came is not believed")
  func unbelieved() async throws {
    try await withTestDatabase { database in
      let world = try await WorkerWorld(database)
      let program = "\(world.folder)/child"
      try ChildBench.makeScript("echo '{\"outcome\":\"unchanged\",\"type\":\"png\",\"sandbox\":0}'", at: program)
      let picture = try await world.addPicture(staff: false), paper = try await world.addPicture(width: 50, height: 50)
      try Data("text".utf8).write(to: URL(fileURLWithPath: "\(world.folder)/file"))
      let text = try await world.add("\(world.folder)/file", type: .txt, staff: false)
      let worker = try world.worker(program: program)
      let work = Task { await worker.run() }
      try await WorkerWorld.until("all done") {
        try await world.pass(onlyWaiting: true)
        return try await world.unfinished() == 0
      }
      work.cancel()
      await work.value
      let media = [try await world.media(picture), try await world.media(paper), try await world.media(text)]
      #expect(media == ["failed crashed", "failed crashed", "ready"])
    }
  }

  @Test(
    "A document that waits for LibreOffice is converted when it has been installed, without a restart",
    .enabled(
      if: Tool.installed().soffice != nil, "LibreOffice is not installed (libreoffice-writer-nogui, libreoffice-calc-nogui)"))
  func installedLater() async throws {
    try await withTestDatabase { database in
      let world = try await WorkerWorld(database)
      let path = "\(world.folder)/file"
      try OfficeMaker.docx(["Salom"]).write(to: URL(fileURLWithPath: path))
      let id = try await world.add(path, type: .docx, staff: true)
      let isInstalled = Mutex(false)
      let worker = try world.worker(tools: {
        var tools = Tool.installed()
        if !isInstalled.withLock({ $0 }) { tools.soffice = nil }
        return tools
      })
      let work = Task { await worker.run() }
      try await WorkerWorld.until("it waits") { try await world.media(id) == "pending converter_missing" }
      isInstalled.withLock { $0 = true }
      try await WorkerWorld.until("it is ready") { try await world.media(id) == "ready" }
      work.cancel()
      await work.value
      let kinds: String? = try await database.app.run {
        try $0.value("SELECT string_agg(kind || ' ' || type, ', ' ORDER BY kind) FROM rendition")
      }
      #expect(kinds == "preview jpeg, stamped pdf, thumbnail jpeg")
    }
  }

  @Test("A sample of the watermark becomes a picture in the blob store")
  func sample() async throws {
    try await withTestDatabase { database in
      let world = try await WorkerWorld(database)
      try await database.app.run { session in
        try session.execute(
          "INSERT INTO job (kind, input) VALUES ('sample', '{\"text\":\"Firma\",\"opacity\":0.2,\"position\":\"topLeft\"}')")
      }
      let worker = try world.worker()
      let work = Task { await worker.run() }
      try await WorkerWorld.until("drawn") {
        let state: String? = try await database.app.run { try $0.value("SELECT state FROM job") }
        return state == "done"
      }
      work.cancel()
      await work.value
      let output: [UInt8]? = try await database.app.run { try $0.value("SELECT output FROM job") }
      let made = output.flatMap { BlobHash(bytes: $0) }
      let hash = try #require(made)
      try await world.blobs.fetch(hash, to: "\(world.folder)/sample.png")
      let raster = try #require(Raster("\(world.folder)/sample.png"))
      #expect((raster.width, raster.height) == (992, 1403))
      // The card is where it was asked for, and not where it is by itself.
      let range = raster.range(x: 60..<160, y: 60..<120)
      #expect(range.lowerBound < 90)
    }
  }
}
