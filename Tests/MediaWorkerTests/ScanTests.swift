import Foundation
import Glibc
import PictureSupport
import Testing

@testable import MediaWorker

/// ZBar's program.
enum CodeReader {
  private static let program = "/usr/bin/zbarimg"
  static var isInstalled: Bool { access(program, X_OK) == 0 }

  /// What the codes in a picture say, a line for each.
  static func read(_ picture: String) -> [String] {
    ChildBench.output(program, ["--quiet", "--raw", picture]).split(separator: "\n").map(String.init)
  }
}

/// The stamp's code, read by somebody else's reader (ZBar), as a telephone would.
@Suite(.enabled(if: CodeReader.isInstalled, "there is no reader of QR codes: zbar-tools is not installed"))
struct ScanTests {
  @Test(
    "The code of a stamped picture leads to its page, on black too and on small ones",
    arguments: [
      (1600, 2200, PICTURE_BLACK), (1200, 900, PICTURE_RGB), (4000, 3000, PICTURE_GREY), (640, 480, PICTURE_RGB),
      (300, 220, PICTURE_BLACK),
      (3000, 200, PICTURE_GREY), (200, 3000, PICTURE_ALPHA),
    ])
  func pictures(width: Int, height: Int, kind: PictureKind) async throws {
    let bench = try ChildBench()
    for (ending, type) in [(".jpg", "jpeg"), (".png", "png")] where type == "png" || kind != PICTURE_ALPHA {
      let result = try await bench.run(ChildBench.order(type), ending, width: width, height: height, kind: Int(kind.rawValue))
      #expect(CodeReader.read(result.path(ChildOrder.Name.rendition)) == [ChildBench.stamp.address], "\(result.end)")
    }
  }

  @Test("The code of a stamped page does, scanned with 150 dots per inch")
  func pages() async throws {
    let kinds = [
      ("0 0 595 842", ""), ("0 0 842 1191", ""), ("0 0 420 595", ""), ("0 0 842 595", ""), ("0 0 595 842", "/Rotate 90"),
      ("0 0 595 842", "/Rotate 180"), ("0 0 420 595", "/Rotate 270"), ("0 0 595 842", "/CropBox [100 200 500 700] /Rotate 90"),
      ("0 0 226 800", ""),
    ]
    let dark = "0.1 0.1 0.12 rg -1000 -1000 4000 4000 re f"
    let pages = kinds.map { PDFMaker.Page(box: $0.0, more: $0.1) } + [PDFMaker.Page(content: dark)]
    let result = try await ChildBench().run(ChildBench.order("pdf")) { try PDFMaker.document(pages).write($0) }
    #expect(result.report?.outcome == .ready, "\(result.end)")
    let to = result.path("scan")
    let file = result.path(ChildOrder.Name.rendition)
    _ = ChildBench.output("/usr/bin/pdftoppm", ["-cropbox", "-r", "150", "-png", file, to])
    for page in 1...pages.count {
      let name = page < 10 ? "0\(page)" : "\(page)"
      #expect(CodeReader.read("\(to)-\(name).png") == [ChildBench.stamp.address], "page \(page)")
    }
  }
}
