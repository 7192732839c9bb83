import CPango

/// Makes a PDF with a title and a table over as many A4 pages as it needs: the titles stand on each, text wraps and can be selected, and each page
/// says which of how many it is.
///
/// Everything is kept until it is drawn, so it is for what people print: thousands of rows, not millions.
public struct PDFTable: Sendable {
  /// The most rows of one PDF.
  public static let maximumRows = 20_000

  private struct Line: Sendable {
    var cells: [ReportCell]
    var isBold: Bool
  }

  private let title: String
  private let notes: [String]
  private let columns: [ReportColumn]
  private var lines: [Line] = []

  /// - Parameters:
  ///   - title: the first line.
  ///   - notes: what stands under it, a line each, such as the period and who made it.
  ///   - columns: their widths share the page.
  public init(title: String, notes: [String] = [], columns: [ReportColumn]) {
    (self.title, self.notes, self.columns) = (title, notes, columns)
  }

  /// Adds a row. - Parameter isBold: for a line of sums. - Throws: `ReportError` past `maximumRows`.
  public mutating func append(_ cells: [ReportCell], isBold: Bool = false) throws(ReportError) {
    guard lines.count < Self.maximumRows else { throw ReportError("a PDF has at most \(Self.maximumRows) rows") }
    lines.append(Line(cells: cells, isBold: isBold))
  }

  /// Draws it into a file; upright unless the columns are wide together. - Throws: `ReportError` when it can't be written.
  public func write(to path: String) throws(ReportError) {
    let isWide = columns.reduce(0) { $0 + $1.width } > 95
    let page = isWide ? PDFPage.Size(width: 842, height: 595) : PDFPage.Size(width: 595, height: 842)
    let widths = widths(within: page.inner)
    var pages = 1
    // Twice: the first time counts the pages.
    for isCounting in [true, false] {
      let canvas = try PDFPage(path: isCounting ? nil : path, size: page, pages: pages)
      draw(on: canvas, widths: widths)
      pages = canvas.number
      try canvas.finish()
    }
  }

  private func widths(within inner: Double) -> [Double] {
    let total = Double(max(1, columns.reduce(0) { $0 + max(1, $1.width) }))
    return columns.map { Double(max(1, $0.width)) / total * inner }
  }

  private func draw(on canvas: PDFPage, widths: [Double]) {
    canvas.paragraph(title, size: 14, isBold: true)
    for note in notes { canvas.paragraph(note, size: 9, isBold: false) }
    canvas.skip(8)
    let titles = columns.map { ReportCell.text($0.title) }
    canvas.row(titles, widths: widths, isBold: true, isHead: true, repeating: nil)
    for line in lines {
      canvas.row(line.cells, widths: widths, isBold: line.isBold, isHead: false, repeating: titles)
    }
  }
}
