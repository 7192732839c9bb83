import CQPDF
import Domain
import Glibc

/// Makes the renditions of a PDF: without what acts by itself, stamped if it must be, its text still text.
struct PaperPress {
  let order: ChildOrder
  /// The folder with the child's files.
  let folder: String

  /// Makes `rendition` of the PDF at `path`, and previews of its first page. - Throws: why it isn't made.
  func press(_ path: String) throws(Refusal) -> ChildReport {
    let file = try PDFFile.open(path, limits: order.limits)
    let rendition = "\(folder)/\(ChildOrder.Name.rendition)"
    let isSpared = order.sparesSigned && file.isSignedWhole
    if order.stamp != nil, file.isSigned, !isSpared { throw Refusal(.signed, "it carries a digital signature") }
    let removed = try file.clean()
    if order.stamp != nil, isSpared, removed > 0 {
      throw Refusal(.signed, "it carries a digital signature, and things that have to go")
    }
    var report = ChildReport(outcome: .ready, type: FileType.pdf.rawValue)
    report.pages = file.pages
    if let stamp = order.stamp, !isSpared {
      let (path, sheets) = try sheets(stamp, over: file)
      try file.stamp(with: path, sheets: sheets)
    }
    if file.isSigned, removed == 0 {
      // Nothing was in it that has to go, and any change would break the signature.
      report.outcome = .unchanged
    } else {
      try file.write(to: rendition)
    }
    addPreviews(of: report.outcome == .unchanged ? path : rendition, to: &report)
    return report
  }

  /// A PDF with one stamp for every size of page, as pages are shown; and which of them goes over which page.
  private func sheets(_ stamp: StampOrder, over file: PDFFile) throws(Refusal) -> (path: String, of: [PDFFile.Sheet]) {
    let path = "\(folder)/stamps.pdf"
    do throws(Canvas.Failure) {
      let logo = try PicturePress.logo(stamp, in: folder)
      let canvas = try Canvas(pdf: path)
      var known: [[Int]: PDFFile.Sheet] = [:]
      var of: [PDFFile.Sheet] = []
      for page in 0..<file.pages {
        let (width, height) = file.size(ofPage: page)
        // To a tenth of a point: what scanners call A4 differs by less.
        let key = [Int((width * 10).rounded()), Int((height * 10).rounded())]
        if let sheet = known[key] {
          of.append(sheet)
          continue
        }
        var sheet = PDFFile.Sheet(number: Int32(known.count))
        canvas.page(width: width, height: height, isFirst: known.isEmpty)
        guard let layout = StampLayout(stamp, width: width, height: height, logo: logo, isPicture: false) else {
          throw Canvas.Failure(reason: "there are no letters")
        }
        try layout.pattern.cover(canvas, width: width, height: height, isLight: true)
        if let card = layout.card {
          card.draw(on: canvas, x: layout.x, y: layout.y)
          sheet.card = cqpdf_box(x: layout.x, y: layout.y, width: card.width, height: card.height)
        }
        known[key] = sheet
        of.append(sheet)
      }
      try canvas.finish()
      return (path, of)
    } catch {
      throw Refusal(.crashed, "the stamp could not be drawn: \(error.reason)", outcome: .failed)
    }
  }

  /// Pictures of the first page. Without them the document is as good as with them, so that nothing here is an error.
  func addPreviews(of path: String, to report: inout ChildReport) {
    guard let program = order.tools.pdftoppm else { return }
    let page = "\(folder)/page"
    let result = Tool.run(
      program,
      [
        "-f", "1", "-l", "1", "-singlefile", "-cropbox", "-jpeg", "-jpegopt", "quality=92", "-scale-to",
        "\(ChildOrder.previewSide)", path, page,
      ], in: folder, seconds: 20)
    guard result == 0 else {
      report.detail = "no preview: pdftoppm ended with \(result)"
      return
    }
    do throws(Refusal) {
      try PicturePress(order: order, folder: folder).addPreviews(of: "\(page).jpg", to: &report)
    } catch {
      report.detail = "no preview: \(error.detail)"
    }
  }
}
