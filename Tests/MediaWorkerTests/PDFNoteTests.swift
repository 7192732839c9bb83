import Foundation
import Testing

@testable import MediaWorker

private let whole = "/Rect [0 0 595 842] /F 4"
private let opaque = "/AP << /N 120 0 R >>"

/// Whether nothing but the light pattern lies over the grey.
private func isGrey(_ pixel: [UInt8]) -> Bool { pixel.allSatisfy { (120...190).contains($0) } }

/// Annotations and form fields of PDFs, which viewers draw over a page's content and so over its stamp.
@Suite
struct PDFNoteTests {
  /// A page with these annotations, objects 110 and up; object 120 is an opaque grey appearance.
  private static func document(
    _ notes: [String], page: String = "", catalogue: String = "", box: String = "0 0 595 842"
  ) -> PDFMaker {
    let numbers = notes.indices.map { "\(110 + $0) 0 R" }.joined(separator: " ")
    var maker = PDFMaker.document(
      [PDFMaker.Page(box: box, more: "/Annots [\(numbers)] \(page)", content: "")], catalogue: catalogue)
    for (index, note) in notes.enumerated() { maker.set(110 + index, "<< /Type /Annot \(note) >>") }
    maker.set(120, stream: Data("0.6 g 0 0 100 100 re f".utf8), "/Type /XObject /Subtype /Form /BBox [0 0 100 100]")
    return maker
  }

  @Test(
    "What lies over a page lies under its stamp",
    arguments: [
      "/Subtype /Stamp \(whole) \(opaque)", "/Subtype /Square \(whole) /IC [0.6] /C [0.6] /Border [0 0 300]",
      "/Subtype /FreeText \(whole) /Contents (x) /DA (/Helv 900 Tf 0.6 g) /C [0.6]",
      "/Subtype /FreeText \(whole) \(opaque) /Contents (x) /DA (/Helv 9 Tf)",
      "/Subtype /Widget /FT /Btn /T (b) \(whole) \(opaque) /MK << /BG [0.6] >>",
      "/Subtype /Widget /FT /Tx /T (t) /Rect [400 0 595 120] /F 4 \(opaque)",
      "/Subtype /Widget /FT /Tx /T (t) /Rect [0 780 60 842] /F 28 \(opaque)",
      "/Subtype /Link \(whole) /C [0.6] /Border [0 0 900]", "/Subtype /Link \(whole) \(opaque)",
      "/Subtype /Ink \(whole) /C [0.6] /BS << /W 900 >> /InkList [[0 0 595 842]]",
      "/Subtype /Popup \(whole) /Open true \(opaque)", "/Subtype /Unknown \(whole) \(opaque)",
    ], [0, 90])
  func covered(note: String, turn: Int) async throws {
    let result = try await PDFTests.run(Self.document([note], page: "/Rotate \(turn)"))
    #expect(result.report?.outcome == .ready, "\(result.end)")
    #expect(PDFTests.hasCard(try PDFTests.raster(result)))
  }

  @Test("What is flattened still shows, where it was")
  func flattened() async throws {
    let result = try await PDFTests.run(Self.document(["/Subtype /Stamp /Rect [50 700 150 800] /F 4 \(opaque)"]))
    let raster = try PDFTests.raster(result)
    let pixel = raster[100, 842 - 720]
    #expect(isGrey(pixel), "\(pixel)")
    #expect(!(try PDFTests.plain(result)).contains("/Annots"))
  }

  @Test("Fields that hide nothing stay fields; many that cover the page together become part of it")
  func fields() async throws {
    let form = "/AcroForm << /Fields [110 0 R 111 0 R 112 0 R] >>"
    func text(_ name: String, _ box: String) -> String {
      "/Subtype /Widget /FT /Tx /T (\(name)) /V (value of \(name)) /Rect [\(box)] /F 4 \(opaque)"
    }
    let small = [text("a", "50 700 250 720"), text("b", "50 660 250 680"), text("c", "50 620 250 640")]
    let kept = try await PDFTests.run(Self.document(small, catalogue: form))
    let plain = try PDFTests.plain(kept)
    #expect(plain.components(separatedBy: "/Subtype /Widget").count == 4)
    #expect(PDFTests.hasCard(try PDFTests.raster(kept)))
    let large = [text("a", "0 640 595 842"), text("b", "0 440 595 640"), text("c", "0 240 595 440")]
    let merged = try await PDFTests.run(Self.document(large, catalogue: form))
    let text = try PDFTests.plain(merged)
    #expect(!text.contains("/Widget"))
    #expect(text.contains("/AcroForm") && text.contains("value of b"))
    let pixel = try PDFTests.raster(merged)[300, 300]
    #expect(isGrey(pixel), "\(pixel)")
  }
}
