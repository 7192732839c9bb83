import CSandbox
import Domain
import Foundation
import Glibc
import Testing

@testable import MediaWorker

/// Word and Excel files and text through real children and a real LibreOffice.
@Suite(
  .enabled(
    if: Tool.installed().soffice != nil, "LibreOffice is not installed (libreoffice-writer-nogui, libreoffice-calc-nogui)"))
struct OfficeTests {
  /// Bounds as the worker sets them when LibreOffice runs.
  private static func order(_ type: String) -> ChildOrder {
    var order = ChildBench.order(type)
    order.sandbox.memory = 4 << 30
    order.sandbox.seconds = 120
    return order
  }

  private static func run(_ type: String, _ data: Data, bench: ChildBench? = nil) async throws -> ChildBench.Result {
    try await (try bench ?? ChildBench()).run(order(type), seconds: 120) { try data.write(to: URL(fileURLWithPath: $0)) }
  }

  private static func words(_ result: ChildBench.Result) -> String {
    ChildBench.output("/usr/bin/pdftotext", ["-layout", result.path(ChildOrder.Name.rendition), "-"])
      .split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  private static func isStamped(_ result: ChildBench.Result) throws -> Bool {
    let to = result.path("look")
    let file = result.path(ChildOrder.Name.rendition)
    _ = ChildBench.output("/usr/bin/pdftoppm", ["-f", "1", "-singlefile", "-r", "72", "-png", file, to])
    let raster = try #require(Raster("\(to).png"))
    let range = raster.range(x: (raster.width - 160)..<(raster.width - 20), y: (raster.height - 60)..<(raster.height - 25))
    return range.lowerBound < 90 && range.upperBound > 225
  }

  @Test("A Word file becomes a stamped PDF whose text is text")
  func word() async throws {
    let result = try await Self.run("docx", OfficeMaker.docx(["Shartnoma № 7", "O‘zbekiston, Тошкент шаҳри"]))
    #expect(result.report?.outcome == .ready, "\(result.end)")
    #expect(result.report?.pages == 1)
    #expect(result.report?.preview != nil && result.report?.thumbnail != nil)
    #expect(Self.words(result) == "Shartnoma № 7 O‘zbekiston, Тошкент шаҳри")
    #expect(try Self.isStamped(result))
  }

  @Test("An Excel file becomes a stamped PDF")
  func excel() async throws {
    let result = try await Self.run("xlsx", OfficeMaker.xlsx([["nomi", "soni", "narxi"], ["Un", "1.5", "2000"]]))
    #expect(result.report?.outcome == .ready, "\(result.end)")
    #expect(Self.words(result).contains("nomi soni narxi Un 1.5 2000"), "\(Self.words(result))")
    #expect(try Self.isStamped(result))
  }

  @Test("Text and tables are read whatever they are written in")
  func text() async throws {
    let bench = try ChildBench()
    let cyrillic = "Туз;2;300,5\nУн;1,5;2000\n"
    let files: [(String, Data, String)] = [
      ("txt", Data("Salom, Тошкент".utf8), "Salom, Тошкент"),
      ("txt", try #require("Привет".data(using: .windowsCP1251)), "Привет"),
      ("csv", Data(cyrillic.utf8), "Туз 2 300,5 Ун 1,5 2000"),
      ("csv", try #require(cyrillic.data(using: .windowsCP1251)), "Туз 2 300,5 Ун 1,5 2000"),
      ("csv", Data("nomi\tsoni\nUn\t2\n".utf8), "nomi soni Un 2"),
    ]
    for (type, data, expected) in files {
      let result = try await Self.run(type, data, bench: bench)
      #expect(result.report?.outcome == .ready, "\(result.end)")
      #expect(Self.words(result).contains(expected), "\(Self.words(result))")
    }
  }

  @Test("What LibreOffice cannot read is refused", arguments: ["docx", "xlsx"])
  func broken(type: String) async throws {
    var data = type == "docx" ? OfficeMaker.docx(["x"]) : OfficeMaker.xlsx([["x"]])
    data.removeLast(data.count / 2)
    let result = try await Self.run(type, data)
    #expect(result.report?.reason == .notConverted, "\(result.end)")
  }

  @Test("A LibreOffice that falls over is tried again another time")
  func crashed() async throws {
    var order = Self.order("docx")
    // A longer file than this many bytes, and it falls over.
    order.sandbox.file = 8 << 10
    let result = try await ChildBench().run(order, seconds: 120) {
      try OfficeMaker.docx(["x"]).write(to: URL(fileURLWithPath: $0))
    }
    #expect(result.report?.outcome == .failed, "\(result.end)")
    #expect(result.report?.reason == .crashed)
  }

  @Test("Nothing that a document only mentions is fetched")
  func remote() async throws {
    let door = try Door()
    let data = OfficeMaker.docx(["with a picture"], remote: "http://127.0.0.1:\(door.port)")
    let result = try await Self.run("docx", data)
    #expect(result.report?.outcome == .ready, "\(result.end)")
    #expect(!door.hasVisitor)
    // The same file does reach out where nobody keeps LibreOffice from it, so the door is in the right place.
    let bench = try ChildBench()
    defer { withExtendedLifetime(bench) {} }
    let room = try bench.folder.makeRoom("open", user: 0)
    try data.write(to: URL(fileURLWithPath: "\(room.inner)/paper.docx"))
    let arguments = [
      "--headless", "--norestore", "-env:UserInstallation=file://\(room.inner)/profile", "--convert-to", "pdf", "--outdir",
      room.inner,
      "\(room.inner)/paper.docx",
    ]
    let program = try #require(Tool.installed().soffice)
    for _ in 1...2 where !door.hasVisitor { _ = Tool.run(program, arguments, in: room.inner, seconds: 60) }
    #expect(door.hasVisitor)
  }

  @Test("A child that is stopped takes LibreOffice with it, and leaves nothing in /tmp")
  func stopped() async throws {
    let bench = try ChildBench()
    defer { withExtendedLifetime(bench) {} }
    let room = try bench.folder.makeRoom("stopped", user: ChildBench.user)
    let path = "\(room.inner)/\(ChildOrder.Name.original)"
    try OfficeMaker.docx(["x"]).write(to: URL(fileURLWithPath: path))
    try room.give(path, to: ChildBench.user)
    let child = ChildProcess(Self.order("docx"), in: room, program: ChildBench.program)
    async let end = child.run(seconds: 120)
    // On a thread of its own: the other tests keep the common ones busy for longer than LibreOffice takes.
    let count = await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        let limit = ContinuousClock.now + .seconds(100)
        while .now < limit, !Processes.freezeLibreOffice(in: room.inner) {}
        let count = Processes.inside(room.inner).count
        child.stop()
        continuation.resume(returning: count)
      }
    }
    #expect(count >= 2)
    let ended = try await end
    #expect(ended.signal == SIGKILL)
    // The kernel ends them; whoever waits for them is not us.
    defer { Processes.clear(room.inner) }
    let limit = ContinuousClock.now + .seconds(60)
    while .now < limit, !Processes.inside(room.inner).isEmpty { try await Task.sleep(for: .milliseconds(2)) }
    #expect(Processes.inside(room.inner) == [])
  }
}
