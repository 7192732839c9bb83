import Foundation
import Testing

@testable import MediaWorker

/// PDFs through real children.
@Suite
struct PDFTests {
  static let pdftotext = "/usr/bin/pdftotext"
  private static let pdftoppm = "/usr/bin/pdftoppm"

  static func run(_ maker: PDFMaker, stamp: StampOrder? = ChildBench.stamp, bench: ChildBench? = nil) async throws
    -> ChildBench.Result
  {
    try await (try bench ?? ChildBench()).run(ChildBench.order("pdf", stamp: stamp)) { try maker.write($0) }
  }

  /// A page of a rendition as pixels, 72 dots per inch.
  static func raster(_ result: ChildBench.Result, page: Int = 1) throws -> Raster {
    let to = result.path("look\(page)")
    _ = ChildBench.output(
      pdftoppm,
      [
        "-f", "\(page)", "-l", "\(page)", "-singlefile", "-cropbox", "-r", "72", "-png", result.path(ChildOrder.Name.rendition),
        to,
      ])
    return try #require(Raster("\(to).png"))
  }

  /// The objects of a rendition as text.
  static func plain(_ result: ChildBench.Result) throws -> String {
    let plain = result.path("plain.pdf")
    _ = ChildBench.output("/usr/bin/qpdf", ["--qdf", "--object-streams=disable", result.path(ChildOrder.Name.rendition), plain])
    return String(decoding: try Data(contentsOf: URL(fileURLWithPath: plain)), as: UTF8.self)
  }

  /// Whether the card stands in the lower right corner: its code is dark and light there, where the page is empty.
  static func hasCard(_ raster: Raster) -> Bool {
    let base = (Double(raster.width) * Double(raster.height)).squareRoot()
    let (width, height) = (Int(base * 0.2), Int(base * 0.07)), margin = Int(base * 0.03)
    let range = raster.range(
      x: max(0, raster.width - margin - width)..<(raster.width - margin),
      y: max(0, raster.height - margin - height)..<(raster.height - margin))
    return range.lowerBound < 90 && range.upperBound > 225
  }

  @Test("Text stays text, nothing is added to it, and the stamp is on every page")
  func text() async throws {
    let pages = (1...5).map { PDFMaker.Page(content: "BT /F1 24 Tf 72 700 Td (Page \($0) of five) Tj ET") }
    let result = try await Self.run(.document(pages))
    let report = try #require(result.report, "\(result.end)")
    #expect(report.outcome == .ready, "\(report)")
    #expect(report.pages == 5)
    #expect(report.preview != nil && report.thumbnail != nil)
    let words = ChildBench.output(Self.pdftotext, [result.path(ChildOrder.Name.rendition), "-"])
      .split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words == "Page 1 of five Page 2 of five Page 3 of five Page 4 of five Page 5 of five")
    for page in 1...5 { #expect(Self.hasCard(try Self.raster(result, page: page)), "page \(page)") }
  }

  @Test(
    "The card is upright in the corner of the page as shown, whatever its size and turn",
    arguments: ["0 0 595 842", "0 0 842 595", "-100 50 495 892", "0 0 1684 2384", "0 0 298 420"], [0, 90, 180, 270, -90, 450])
  func turned(box: String, turn: Int) async throws {
    let result = try await Self.run(.document([PDFMaker.Page(box: box, more: "/Rotate \(turn)", content: "")]))
    #expect(result.report?.outcome == .ready, "\(result.end)")
    let raster = try Self.raster(result)
    let numbers = box.split(separator: " ").compactMap { Int($0) }
    let size = [numbers[2] - numbers[0], numbers[3] - numbers[1]]
    let isTurned = turn % 180 != 0
    #expect(abs(raster.width - size[isTurned ? 1 : 0]) <= 1 && abs(raster.height - size[isTurned ? 0 : 1]) <= 1)
    #expect(Self.hasCard(raster))
    // In the other corners there is only the light pattern.
    let corner = raster.range(x: 0..<(raster.width / 4), y: 0..<(raster.height / 8))
    #expect(corner.lowerBound > 150)
  }

  @Test("Pages of several sizes get each its own stamp; the file has one form for each size")
  func sizes() async throws {
    let pages = ["0 0 595 842", "0 0 842 595", "0 0 595 842", "0 0 300 300", "0 0 842 595"].map { PDFMaker.Page(box: $0) }
    let result = try await Self.run(.document(pages))
    #expect(result.report?.outcome == .ready, "\(result.end)")
    for page in 1...5 { #expect(Self.hasCard(try Self.raster(result, page: page)), "page \(page)") }
  }

  @Test(
    "A page cannot shrink, clip, hide or swallow its stamp",
    arguments: [
      "0.001 0 0 0.001 0 0 cm q", "Q Q Q 0.001 0 0 0.001 0 0 cm", "0 0 1 1 re W n q q", "/OC /MC0 BDC", "(", "<41", "[", "<<",
      "BT",
      "q BI /W 1 /H 1 /CS /G /BPC 8 ID \u{1} EI 0.001 0 0 0.001 0 0 cm", "% a comment without an end", "1 2 3",
    ])
  func escapes(content: String) async throws {
    let result = try await Self.run(.document([PDFMaker.Page(content: content)]))
    #expect(result.report?.outcome == .ready, "\(result.end)")
    #expect(Self.hasCard(try Self.raster(result)))
  }

  @Test("Boxes that viewers do not show cannot move the stamp away", arguments: ["TrimBox", "ArtBox", "BleedBox"])
  func boxes(name: String) async throws {
    let result = try await Self.run(.document([PDFMaker.Page(more: "/\(name) [10 10 12 12]")]))
    #expect(Self.hasCard(try Self.raster(result)))
  }

  @Test("The crop box is what is shown, and what is stamped")
  func cropped() async throws {
    let result = try await Self.run(.document([PDFMaker.Page(more: "/CropBox [100 100 400 500]", content: "")]))
    let raster = try Self.raster(result)
    #expect((raster.width, raster.height) == (300, 400))
    #expect(Self.hasCard(raster))
  }

  /// A document full of what must go.
  private static func hostile() -> PDFMaker {
    var maker = PDFMaker.document(
      [
        PDFMaker.Page(
          more: """
            /AA << /O << /S /JavaScript /JS (app.alert\\(1\\)) >> >> /Annots [110 0 R 111 0 R 112 0 R 113 0 R]
            /Metadata 120 0 R
            """)
      ],
      catalogue: """
        /OpenAction << /S /JavaScript /JS (app.alert\\(2\\)) >> /AcroForm << /Fields [114 0 R] /XFA (xfa-secret) >> /Metadata 120 0 R
        /Names << /JavaScript << /Names [(a) << /S /JavaScript /JS (app.alert\\(3\\)) >>] >> /EmbeddedFiles << /Names [(f) 115 0 R] >> >>
        /Outlines 130 0 R
        """)
    maker.set(110, "<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /Launch /F (evil.exe) >> >>")
    maker.set(111, "<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /URI /URI (https://example.com/kept) >> >>")
    maker.set(112, "<< /Type /Annot /Subtype /FileAttachment /Rect [0 0 9 9] /FS 115 0 R >>")
    maker.set(113, "<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /URI /URI (javascript:alert\\(4\\)) >> >>")
    maker.set(114, "<< /FT /Tx /T (field) /V (a value that is kept) /AA << /K << /S /JavaScript /JS (app.alert\\(5\\)) >> >> >>")
    maker.set(115, "<< /Type /Filespec /F (evil.exe) /EF << /F 116 0 R >> >>")
    maker.set(116, stream: Data("MZ evil".utf8), "/Type /EmbeddedFile")
    maker.set(120, stream: Data("<x:xmpmeta>who wrote it</x:xmpmeta>".utf8), "/Type /Metadata /Subtype /XML")
    maker.set(130, "<< /Type /Outlines /First 131 0 R /Last 131 0 R /Count 1 >>")
    maker.set(131, "<< /Title (a chapter) /Parent 130 0 R /Dest [1000 0 R /Fit] >>")
    maker.set(140, "<< /Author (who wrote it) >>")
    maker.trailer = "/Info 140 0 R"
    return maker
  }

  @Test("Scripts, actions, files and metadata are gone; links, outline and fields stay", arguments: [true, false])
  func sweep(isStamped: Bool) async throws {
    let result = try await Self.run(Self.hostile(), stamp: isStamped ? ChildBench.stamp : nil)
    #expect(result.report?.outcome == .ready, "\(result.end)")
    let text = try Self.plain(result)
    for word in [
      "app.alert", "/JavaScript", "/Launch", "evil", "xfa-secret", "who wrote it", "/AA", "/EmbeddedFile", "javascript:",
      "/OpenAction",
    ] {
      #expect(!text.contains(word), "\(word) is still there")
    }
    for word in ["https://example.com/kept", "a chapter", "a value that is kept"] {
      #expect(text.contains(word), "\(word) is gone")
    }
  }

  @Test("What is nested too deeply to be looked into is refused; whoever reads it might look")
  func deep() async throws {
    let script = "<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
    for (depth, outcome) in [(40, ChildReport.Outcome.ready), (150, .refused)] {
      let chain =
        String(repeating: "<< /More ", count: depth) + script + String(repeating: " >>", count: depth)
      var maker = PDFMaker.document([PDFMaker.Page(more: "/Annots [110 0 R]")])
      maker.set(110, "<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /More \(chain) >>")
      let result = try await Self.run(maker, stamp: nil)
      #expect(result.report?.outcome == outcome, "\(depth): \(result.end)")
      if outcome == .refused {
        #expect(result.report?.reason == .broken)
      } else {
        #expect(!(try Self.plain(result)).contains("app.alert"))
      }
    }
  }

  @Test(
    "After one action nothing comes next", arguments: ["/GoTo /D [1000 0 R /Fit]", "/Named /N /NextPage", "/Thread /D 0", "/New"])
  func next(action: String) async throws {
    var maker = PDFMaker.document([PDFMaker.Page(more: "/Annots [110 0 R]")])
    maker.set(
      110, "<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S \(action) /Next << /S /URI /URI (https://later) >> >> >>")
    let result = try await Self.run(maker, stamp: nil)
    #expect(result.report?.outcome == .ready, "\(result.end)")
    #expect(!(try Self.plain(result)).contains("https://later"))
  }

  @Test("Who may only not print or change it opens all the same; who needs a password to read it is told")
  func encrypted() async throws {
    let bench = try ChildBench()
    for (user, outcome) in [("", ChildReport.Outcome.ready), ("secret", .refused)] {
      let result = try await bench.run(ChildBench.order("pdf")) { path in
        try PDFMaker.document([PDFMaker.Page()]).write(path + ".plain")
        _ = ChildBench.output(
          "/usr/bin/qpdf", ["--encrypt", user, "owner", "256", "--print=none", "--modify=none", "--", path + ".plain", path])
      }
      #expect(result.report?.outcome == outcome, "\(result.end)")
      if outcome == .refused {
        #expect(result.report?.reason == .encrypted)
      } else {
        let encryption = ChildBench.output("/usr/bin/qpdf", ["--show-encryption", result.path(ChildOrder.Name.rendition)])
        #expect(encryption.contains("not encrypted"))
        #expect(Self.hasCard(try Self.raster(result)))
      }
    }
  }

  /// A document with a signature that was never checked, with a script besides if asked for. `tail` is added after it was signed.
  static func signed(withScript: Bool = false, tail: String = "", sign: String = "3082") throws -> Data {
    var maker = PDFMaker.document(
      [PDFMaker.Page()],
      catalogue: "/AcroForm << /Fields [110 0 R] /SigFlags 3 >>" + (withScript ? " /OpenAction << /S /JavaScript /JS (1) >>" : "")
    )
    maker.set(110, "<< /FT /Sig /T (s) /V 111 0 R /Type /Annot /Subtype /Widget /Rect [0 0 0 0] >>")
    let blank = "/ByteRange [0 00000000 00000000 00000000]"
    maker.set(111, "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached \(blank) /Contents <\(sign)> >>")
    var data = maker.data
    let gap = try #require(data.range(of: Data("<\(sign)>".utf8)))
    func digits(_ number: Int) -> String { String(String(number + 100_000_000).dropFirst()) }
    let range = [gap.lowerBound, gap.upperBound, data.count - gap.upperBound].map(digits).joined(separator: " ")
    data.replaceSubrange(try #require(data.range(of: Data(blank.utf8))), with: Data("/ByteRange [0 \(range)]".utf8))
    return data + Data(tail.utf8)
  }

  private static func run(_ data: Data, stamp: StampOrder?, sparesSigned: Bool = false) async throws -> ChildBench.Result {
    var order = ChildBench.order("pdf", stamp: stamp)
    order.sparesSigned = sparesSigned
    return try await ChildBench().run(order) { try data.write(to: URL(fileURLWithPath: $0)) }
  }

  @Test("A signed file is refused a stamp; a client's goes out byte for byte unless a script is in it")
  func signatures() async throws {
    let stamped = try await Self.run(Self.signed(), stamp: ChildBench.stamp)
    #expect(stamped.report?.reason == .signed, "\(stamped.end)")
    let clean = try await Self.run(Self.signed(), stamp: nil)
    #expect(clean.report?.outcome == .unchanged, "\(clean.end)")
    let scripted = try await Self.run(Self.signed(withScript: true), stamp: nil)
    #expect(scripted.report?.outcome == .ready, "\(scripted.end)")
  }

  @Test("What only claims to be signed is not; where signed files are spared the stamp, it gets one")
  func pretended() async throws {
    let stamp = ChildBench.stamp
    var fake = PDFMaker.document([PDFMaker.Page()])
    fake.set(111, "<< /Type /Sig /Filter /Adobe.PPKLite /ByteRange [0 10 20 30] /Contents <3082> >>")
    let moved = Data(String(decoding: try Self.signed(), as: UTF8.self).replacingOccurrences(of: "<3082>", with: "<3082 >").utf8)
    for data in [
      fake.data, moved, try Self.signed(sign: "4142"), PDFMaker.document([PDFMaker.Page()]).data + Data("%/ByteRange".utf8),
    ] {
      let spared = try await Self.run(data, stamp: stamp, sparesSigned: true)
      #expect(spared.report?.outcome == .ready, "\(spared.end)")
      #expect(Self.hasCard(try Self.raster(spared)))
      let client = try await Self.run(data, stamp: nil)
      #expect(client.report?.outcome == .ready, "\(client.end)")
    }
    let whole = try await Self.run(Self.signed(), stamp: stamp, sparesSigned: true)
    #expect(whole.report?.outcome == .unchanged, "\(whole.end)")
    for data in [try Self.signed(tail: "% more\n"), try Self.signed(withScript: true)] {
      let refused = try await Self.run(data, stamp: stamp, sparesSigned: true)
      #expect(refused.report?.reason == .signed, "\(refused.end)")
    }
  }
}
