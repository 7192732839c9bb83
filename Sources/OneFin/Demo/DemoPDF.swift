import Foundation

/// Writes a PDF of some pages with lines of text and ruled tables, as accounting programs print them.
struct DemoPDF {
  /// A font that every reader has.
  enum Face: String {
    case plain = "F1"
    case bold = "F2"
  }

  private var pages: [[String]] = []

  /// Begins the next page: A4, upright.
  mutating func page() { pages.append([]) }

  /// Writes a line of text, its left end at `x` and its baseline at `y` points from the lower left corner.
  mutating func text(_ text: String, x: Double, y: Double, size: Double = 10, face: Face = .plain) {
    add("BT /\(face.rawValue) \(size) Tf \(x) \(y) Td <\(Self.hexadecimal(text))> Tj ET")
  }

  /// Draws a straight line.
  mutating func rule(fromX: Double, fromY: Double, toX: Double, toY: Double) {
    add("0.6 w \(fromX) \(fromY) m \(toX) \(toY) l S")
  }

  private mutating func add(_ operators: String) {
    if pages.isEmpty { page() }
    pages[pages.count - 1].append(operators)
  }

  /// In the encoding of the two fonts; what it has not becomes a question mark.
  private static func hexadecimal(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      let code: UInt32
      switch scalar {
      case "ʻ", "‘": code = 0x91
      case "ʼ", "’": code = 0x92
      case "“": code = 0x93
      case "”": code = 0x94
      case "–": code = 0x96
      case "№": return "4E6F2E"
      default: code = scalar.value < 0x80 || (0xA0...0xFF).contains(scalar.value) ? scalar.value : 0x3F
      }
      return String(code, radix: 16, uppercase: true)
    }.joined()
  }

  /// The file.
  var bytes: [UInt8] {
    let kids = pages.indices.map { "\(5 + 2 * $0) 0 R" }.joined(separator: " ")
    var objects = [
      "<< /Type /Catalog /Pages 2 0 R >>",
      "<< /Type /Pages /Kids [\(kids)] /Count \(pages.count) >>",
      "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
      "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
    ]
    for (index, operators) in pages.enumerated() {
      let content = operators.joined(separator: "\n")
      objects.append(
        """
        << /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents \(6 + 2 * index) 0 R \
        /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>
        """)
      objects.append("<< /Length \(content.utf8.count) >>\nstream\n\(content)\nendstream")
    }
    var file = "%PDF-1.4\n"
    var places = ""
    for (index, object) in objects.enumerated() {
      places += String(format: "%010d 00000 n \n", file.utf8.count)
      file += "\(index + 1) 0 obj\n\(object)\nendobj\n"
    }
    let start = file.utf8.count
    let count = objects.count + 1
    file +=
      "xref\n0 \(count)\n0000000000 65535 f \n\(places)trailer\n<< /Size \(count) /Root 1 0 R >>\nstartxref\n\(start)\n%%EOF\n"
    return Array(file.utf8)
  }
}
