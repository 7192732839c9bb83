import Domain
import Foundation
import Glibc
import PictureSupport
import TestSupport
import Testing

@testable import MediaWorker

/// Files that want to do harm: each is refused with its reason, in bounded memory and time.
@Suite
struct HostileTests {
  /// What a child may hold at most for a file that it refuses, libraries included.
  private static let bound = 220 << 20

  private static func expect(
    _ result: ChildBench.Result, _ reason: ChildReport.Reason, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(result.report?.outcome == .refused, "\(result.end)", sourceLocation: sourceLocation)
    #expect(result.report?.reason == reason, "\(result.end)", sourceLocation: sourceLocation)
    #expect(result.report?.memory ?? .max < bound, "\(result.end)", sourceLocation: sourceLocation)
    #expect(ChildBench.size(result.path(ChildOrder.Name.rendition)) == nil, sourceLocation: sourceLocation)
  }

  private static func bytes(_ data: [UInt8]) -> (String) throws -> Void { { try Data(data).write(to: URL(fileURLWithPath: $0)) } }

  @Test("A PNG of 40,000 × 40,000 pixels in a few hundred KB is not decoded")
  func pixelBomb() async throws {
    let result = try await ChildBench().run(
      ChildBench.order("png"), ".png[bitdepth=1,compression=1]", width: 40_000, height: 40_000, kind: Int(PICTURE_BLACK.rawValue))
    #expect(try #require(ChildBench.size(result.path(ChildOrder.Name.original))) < 4 << 20)
    Self.expect(result, .tooManyPixels)
    #expect(result.end.seconds < 2)
  }

  @Test("Sizes that cannot be are refused by the header alone")
  func absurdHeaders() async throws {
    let bench = try ChildBench()
    for (width, height) in [(UInt32.max >> 1, UInt32.max >> 1), (1_000_000, 200), (0, 0)] {
      let chunk: [UInt8] =
        Array("IHDR".utf8)
        + [width, height].flatMap { word in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) } } + [
          8, 2, 0, 0, 0,
        ]
      let result = try await bench.run(
        ChildBench.order("png"),
        Self.bytes([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13] + chunk + [0, 0, 0, 0]))
      #expect(result.report?.outcome == .refused, "\(result.end)")
    }
  }

  @Test("A picture of 100 million pixels streams through in the memory of a small one")
  func largePicture() async throws {
    let result = try await ChildBench().run(ChildBench.order("jpeg"), ".jpg", width: 12_500, height: 8_000)
    #expect(result.report?.outcome == .ready, "\(result.end)")
    #expect(result.report?.memory ?? .max < 300 << 20, "\(result.end)")
  }

  @Test("A GiB of zeros in a PDF is a bomb wherever it lies", arguments: ["content", "metadata", "form", "picture as content"])
  func inflatingPDF(place: String) async throws {
    let result = try await ChildBench().run(ChildBench.order("pdf")) { path in
      guard picture_append_zeros(path + ".zeros", 1 << 30) > 0 else { throw ChildBench.Failure("no zeros") }
      let zeros = try Data(contentsOf: URL(fileURLWithPath: path + ".zeros"))
      var maker = PDFMaker.document(
        [
          PDFMaker.Page(
            more: place == "form" ? "/Resources << /XObject << /X 200 0 R >> >>" : "", content: place == "form" ? "/X Do" : "")
        ],
        catalogue: place == "metadata" ? "/Metadata 200 0 R" : "")
      let picture = "/Filter /FlateDecode /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8"
      switch place {
      case "content": maker.set(1001, stream: zeros, "/Filter /FlateDecode")
      case "picture as content": maker.set(1001, stream: zeros, picture)
      case "form": maker.set(200, stream: zeros, "/Filter /FlateDecode /Type /XObject /Subtype /Form /BBox [0 0 1 1]")
      default: maker.set(200, stream: zeros, "/Filter /FlateDecode /Type /Metadata")
      }
      try maker.write(path)
    }
    Self.expect(result, .bomb)
  }

  @Test("A page that is thousands of pages is counted before it is stamped")
  func pages() async throws {
    var order = ChildBench.order("pdf")
    order.limits.pages = 50
    let result = try await ChildBench().run(order) { try PDFMaker.document((0..<51).map { _ in PDFMaker.Page() }).write($0) }
    Self.expect(result, .tooManyPages)
  }

  @Test("A picture in a PDF that claims to be huge is refused")
  func pictureInPDF() async throws {
    let result = try await ChildBench().run(ChildBench.order("pdf")) { path in
      var maker = PDFMaker.document([PDFMaker.Page(more: "/Resources << /XObject << /X 200 0 R >> >>", content: "/X Do")])
      maker.set(
        200, stream: Data([0]),
        "/Type /XObject /Subtype /Image /Width 400000 /Height 400000 /ColorSpace /DeviceGray /BitsPerComponent 1")
      try maker.write(path)
    }
    Self.expect(result, .tooManyPixels)
  }

  @Test(
    "Half of a file is broken",
    arguments: [(".jpg", "jpeg"), (".png", "png"), (".webp", "webp"), (".heic", "heic"), (".tif", "tiff")])
  func truncated(ending: String, type: String) async throws {
    let bench = try ChildBench()
    let result = try await bench.run(ChildBench.order(type)) { path in
      guard picture_write("\(path)\(ending)", 1500, 1100, PICTURE_RGB.cInt, 0, 0) == 0 else {
        throw ChildBench.Failure("no picture")
      }
      let whole = try Data(contentsOf: URL(fileURLWithPath: "\(path)\(ending)"))
      try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: path))
    }
    // A rendition may have been begun; nobody takes it.
    #expect(result.report?.outcome == .refused, "\(result.end)")
    #expect(result.report?.reason == .broken, "\(result.end)")
  }

  @Test(
    "SVG, HTML, scripts and other formats are nothing under the name of a picture",
    arguments: ["jpeg", "png", "webp", "heic", "tiff", "pdf"])
  func disguises(type: String) async throws {
    let bench = try ChildBench()
    let texts = [
      "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "<!DOCTYPE html><script>alert(1)</script>",
      "GIF89a\u{1}\u{1}",
      "%!PS-Adobe-3.0\n(evil) run",
      "push graphic-context\nviewbox 0 0 640 480\nimage over 0,0 0,0 'https://127.0.0.1/x.php'\npop graphic-context",
      "P6 100000 100000 255\n", "#!/bin/sh\nexit 0\n", "", "\u{0}",
    ]
    for text in texts {
      let result = try await bench.run(ChildBench.order(type), Self.bytes(Array(text.utf8)))
      Self.expect(result, .broken)
    }
  }

  @Test("Noise behind a good beginning never crashes a child nor gets through", arguments: 0..<12)
  func noise(seed: Int) async throws {
    let beginnings: [(String, [UInt8])] = [
      ("jpeg", [0xFF, 0xD8, 0xFF, 0xE0, 0, 16, 74, 70, 73, 70, 0]), ("png", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]),
      ("tiff", [0x49, 0x49, 0x2A, 0, 8, 0, 0, 0]),
      ("pdf", Array("%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n".utf8)),
    ]
    let (type, beginning) = beginnings[seed % beginnings.count]
    var generator = SeededRandom(UInt64(seed))
    let noise = (0..<20_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
    let result = try await ChildBench().run(ChildBench.order(type), Self.bytes(beginning + noise))
    #expect(result.report?.outcome == .refused, "\(result.end)")
  }

  @Test("Two files in one: what comes out is only the picture")
  func polyglot() async throws {
    let result = try await ChildBench().run(ChildBench.order("jpeg")) { path in
      guard picture_write("\(path).jpg", 800, 600, PICTURE_RGB.cInt, 0, 0) == 0 else { throw ChildBench.Failure("no picture") }
      let page = Data("<html><script>alert(1)</script></html>".utf8)
      try (try Data(contentsOf: URL(fileURLWithPath: "\(path).jpg")) + page).write(to: URL(fileURLWithPath: path))
    }
    #expect(result.report?.outcome == .ready, "\(result.end)")
    let made = try Data(contentsOf: URL(fileURLWithPath: result.path(ChildOrder.Name.rendition)))
    #expect(made.range(of: Data("script".utf8)) == nil)
  }

  @Test("A PNG that moves is refused")
  func animatedPNG() async throws {
    let result = try await ChildBench().run(ChildBench.order("png")) { path in
      guard picture_write("\(path).png", 80, 60, PICTURE_RGB.cInt, 0, 0) == 0 else { throw ChildBench.Failure("no picture") }
      var whole = try Data(contentsOf: URL(fileURLWithPath: "\(path).png"))
      // After the header's chunk; its checksum is right.
      whole.insert(contentsOf: [0, 0, 0, 8] + Array("acTL".utf8) + [0, 0, 0, 2, 0, 0, 0, 0, 0xF3, 0x8D, 0x93, 0x70], at: 33)
      try whole.write(to: URL(fileURLWithPath: path))
    }
    Self.expect(result, .animated)
  }

  @Test("What a child leaves is looked at: no link, no folder, no other type, nothing empty")
  func leftovers() throws {
    let bench = try ChildBench()
    defer { withExtendedLifetime(bench) {} }
    let room = try bench.folder.makeRoom("leftovers", user: 0)
    let path = "\(room.inner)/file"
    #expect(throws: (any Error).self) { try RenditionFile.look(path, as: .png, limit: 100) }
    #expect(symlink("/etc/passwd", path) == 0)
    #expect(throws: (any Error).self) { try RenditionFile.look(path, as: .png, limit: 100) }
    #expect(unlink(path) == 0 && mkdir(path, 0o700) == 0)
    #expect(throws: (any Error).self) { try RenditionFile.look(path, as: .png, limit: 100) }
    #expect(rmdir(path) == 0)
    for (bytes, isGood) in [
      ([], false), (Array("root:x:0".utf8), false), ([0x89, 0x50, 0x4E, 0x47], true),
      ([0x89, 0x50, 0x4E, 0x47] + Array(repeating: 0, count: 97), false),
    ] as [([UInt8], Bool)] {
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      let look = try RenditionFile.look(path, as: .png, limit: 100)
      #expect((look != nil) == isGood, "\(bytes.count) bytes")
    }
  }
}

extension PictureKind {
  /// For C's arguments.
  var cInt: Int32 { Int32(rawValue) }
}
