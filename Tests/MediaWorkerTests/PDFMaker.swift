import Foundation

/// Writes small PDFs from their objects, right or wrong ones.
struct PDFMaker {
  private var objects: [Int: Data] = [:]
  /// Of the trailer, besides Root and Size.
  var trailer = ""

  /// Object `number` as text.
  mutating func set(_ number: Int, _ text: String) { objects[number] = Data(text.utf8) }

  /// Object `number` as a stream, `dictionary` without its brackets and Length.
  mutating func set(_ number: Int, stream: Data, _ dictionary: String = "") {
    objects[number] = Data("<< \(dictionary) /Length \(stream.count) >>\nstream\n".utf8) + stream + Data("\nendstream".utf8)
  }

  /// The file; object 1 is its catalogue.
  var data: Data {
    var data = Data("%PDF-1.7\n%\u{e2}\u{e3}\n".utf8)
    var places: [Int: Int] = [:]
    for (number, object) in objects.sorted(by: { $0.key < $1.key }) {
      places[number] = data.count
      data += Data("\(number) 0 obj\n".utf8) + object + Data("\nendobj\n".utf8)
    }
    let start = data.count
    let last = objects.keys.max() ?? 0
    data += Data("xref\n0 \(last + 1)\n0000000000 65535 f \n".utf8)
    for number in 1...max(1, last) {
      let digits = String(places[number] ?? 0)
      data += Data(
        (String(repeating: "0", count: 10 - digits.count) + digits + (places[number] == nil ? " 65535 f \n" : " 00000 n \n")).utf8
      )
    }
    return data + Data("trailer\n<< /Root 1 0 R /Size \(last + 1) \(trailer) >>\nstartxref\n\(start)\n%%EOF\n".utf8)
  }

  /// A page as it is made.
  struct Page {
    var box = "0 0 595 842"
    /// More of its dictionary.
    var more = ""
    var content = "BT /F1 24 Tf 72 700 Td (Hello paper) Tj ET"
  }

  /// A document of such pages, with more in its catalogue; its objects from 100 on are free.
  static func document(_ pages: [Page], catalogue: String = "") -> PDFMaker {
    var maker = PDFMaker()
    maker.set(1, "<< /Type /Catalog /Pages 2 0 R \(catalogue) >>")
    maker.set(
      2, "<< /Type /Pages /Count \(pages.count) /Kids [\(pages.indices.map { "\(1000 + 2 * $0) 0 R" }.joined(separator: " "))] >>"
    )
    maker.set(3, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    for (index, page) in pages.enumerated() {
      maker.set(
        1000 + 2 * index,
        "<< /Type /Page /Parent 2 0 R /MediaBox [\(page.box)] /Resources << /Font << /F1 3 0 R >> >> /Contents \(1001 + 2 * index) 0 R \(page.more) >>"
      )
      maker.set(1001 + 2 * index, stream: Data(page.content.utf8))
    }
    return maker
  }

  /// Writes it there.
  func write(_ path: String) throws { try data.write(to: URL(fileURLWithPath: path)) }
}
