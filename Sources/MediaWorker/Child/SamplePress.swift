import Domain

/// Draws a page with the stamp, for whoever chooses what it looks like: as `rendition`, a PNG of an A4 page at 120 dots per inch.
struct SamplePress {
  let order: ChildOrder
  /// The folder with the child's files.
  let folder: String

  private static let width = 992.0
  private static let height = 1403.0

  /// Makes `rendition`. - Throws: when it could not be drawn.
  func press() throws(Refusal) -> ChildReport {
    guard let stamp = order.stamp else { throw Refusal(.crashed, "a sample needs a stamp", outcome: .failed) }
    try Picture.start(threads: 1)
    do throws(Canvas.Failure) {
      let canvas = try Canvas(width: Int(Self.width), height: Int(Self.height))
      paper(on: canvas)
      let logo = try PicturePress.logo(stamp, in: folder)
      guard let layout = StampLayout(stamp, width: Self.width, height: Self.height, logo: logo, isPicture: true) else {
        throw Canvas.Failure(reason: "there are no letters")
      }
      try layout.pattern.cover(canvas, width: Self.width, height: Self.height, isLight: false)
      layout.card?.draw(on: canvas, x: layout.x, y: layout.y)
      try canvas.writePNG(to: "\(folder)/\(ChildOrder.Name.rendition)")
    } catch {
      throw Refusal(.crashed, "the sample could not be drawn: \(error.reason)", outcome: .failed)
    }
    var report = ChildReport(outcome: .ready, type: FileType.png.rawValue)
    report.size = ChildReport.Size(width: Int(Self.width), height: Int(Self.height))
    return report
  }

  /// Half a page of what stands for text on white, and a dark picture below it: a stamp must show on both.
  private func paper(on canvas: Canvas) {
    canvas.fill(x: 0, y: 0, width: Self.width, height: Self.height, Canvas.Colour(0xFF_FFFF))
    if let title = Lettering("Hisobvaraq-faktura № 000", size: 30, isBold: true) {
      canvas.text(title, x: 90, y: 130, Canvas.Colour(0x22_2222))
    }
    for line in 0..<22 {
      let isLast = line % 6 == 5
      canvas.fill(
        x: 90, y: 180 + Double(line) * 26, width: (Self.width - 180) * (isLast ? 0.55 : 1), height: 9,
        Canvas.Colour(0x33_3A44, alpha: 0.75))
    }
    canvas.fill(x: 90, y: 790, width: Self.width - 180, height: 300, Canvas.Colour(0x2B_3440))
  }
}
