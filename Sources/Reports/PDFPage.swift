import CPango

/// The page of a PDF that is being drawn on, from top to bottom. Lengths are points.
final class PDFPage {
  struct Size {
    let width, height: Double
    static let margin = 36.0
    var inner: Double { width - 2 * Self.margin }
  }

  /// Between a cell's edge and its text.
  private static let padding = 3.0
  private static let textSize = 8.0

  /// Which page this is, from 1.
  private(set) var number = 1
  private let size: Size
  private let pages: Int
  private let surface: OpaquePointer
  private let context: OpaquePointer
  private let layout: OpaquePointer
  private var top = Size.margin

  /// Begins a file. - Parameters: path: nil only measures. pages: how many there will be. - Throws: `ReportError`.
  init(path: String?, size: Size, pages: Int) throws(ReportError) {
    guard let surface = cairo_pdf_surface_create(path, size.width, size.height), let context = cairo_create(surface),
      let layout = pango_cairo_create_layout(context)
    else { throw ReportError("there is nothing to draw on") }
    (self.surface, self.context, self.layout, self.size, self.pages) = (surface, context, layout, size, pages)
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR)
  }

  deinit {
    g_object_unref(UnsafeMutableRawPointer(layout))
    cairo_destroy(context)
    cairo_surface_destroy(surface)
  }

  /// Ends the file. Throws: `ReportError`, when the disk is full for example.
  func finish() throws(ReportError) {
    foot()
    cairo_show_page(context)
    cairo_surface_finish(surface)
    let status = cairo_surface_status(surface)
    guard status == CAIRO_STATUS_SUCCESS else {
      throw ReportError(cairo_status_to_string(status).map { String(cString: $0) } ?? "the PDF can't be written")
    }
  }

  /// Leaves room.
  func skip(_ height: Double) { top += height }

  /// A line of text as wide as the page, or several when it is long.
  func paragraph(_ text: String, size: Double, isBold: Bool) {
    let height = set(text, size: size, isBold: isBold, width: self.size.inner, isRight: false)
    draw(x: Size.margin, y: top)
    top += height + 2
  }

  /// A row of the table. On a new page if it has no room on this one, there below `repeating`.
  func row(_ cells: [ReportCell], widths: [Double], isBold: Bool, isHead: Bool, repeating titles: [ReportCell]?) {
    let texts = zip(cells, widths).map { cell, width in
      (cell, width, set(cell.shown, size: Self.textSize, isBold: isBold, width: width - 2 * Self.padding, isRight: cell.isRight))
    }
    // A cell longer than a page is cut at its end: nobody prints those.
    let height = min((texts.map(\.2).max() ?? 0) + 2 * Self.padding, size.height / 2)
    if top + height > size.height - Size.margin - 16 {
      next()
      if let titles { row(titles, widths: widths, isBold: true, isHead: true, repeating: nil) }
    }
    if isHead {
      cairo_set_source_rgb(context, 0.93, 0.94, 0.95)
      cairo_rectangle(context, Size.margin, top, size.inner, height)
      cairo_fill(context)
    }
    var left = Size.margin
    for (cell, width, _) in texts {
      _ = set(cell.shown, size: Self.textSize, isBold: isBold, width: width - 2 * Self.padding, isRight: cell.isRight)
      cairo_save(context)
      cairo_rectangle(context, left, top, width, height)
      cairo_clip(context)
      draw(x: left + Self.padding, y: top + Self.padding)
      cairo_restore(context)
      left += width
    }
    top += height
    cairo_set_source_rgb(context, 0.8, 0.82, 0.84)
    cairo_set_line_width(context, 0.5)
    cairo_move_to(context, Size.margin, top)
    cairo_line_to(context, size.width - Size.margin, top)
    cairo_stroke(context)
  }

  private func next() {
    foot()
    cairo_show_page(context)
    number += 1
    top = Size.margin
  }

  private func foot() {
    _ = set("\(number) / \(max(pages, number))", size: Self.textSize, isBold: false, width: size.inner, isRight: true)
    draw(x: Size.margin, y: size.height - Size.margin)
  }

  private func draw(x: Double, y: Double) {
    cairo_set_source_rgb(context, 0.1, 0.1, 0.12)
    cairo_move_to(context, x, y)
    pango_cairo_show_layout(context, layout)
  }

  /// Sets the text and says how high it is.
  private func set(_ text: String, size: Double, isBold: Bool, width: Double, isRight: Bool) -> Double {
    let font = pango_font_description_new()
    pango_font_description_set_family(font, "DejaVu Sans, Noto Sans, sans-serif")
    pango_font_description_set_absolute_size(font, size * Double(PANGO_SCALE))
    pango_font_description_set_weight(font, isBold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL)
    pango_layout_set_font_description(layout, font)
    pango_font_description_free(font)
    pango_layout_set_width(layout, Int32(max(1, width) * Double(PANGO_SCALE)))
    pango_layout_set_alignment(layout, isRight ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT)
    let clean = text.replacing("\0", with: "\u{FFFD}")
    pango_layout_set_text(layout, clean, -1)
    var (drawnWidth, height): (Int32, Int32) = (0, 0)
    pango_layout_get_size(layout, &drawnWidth, &height)
    return Double(height) / Double(PANGO_SCALE)
  }
}
