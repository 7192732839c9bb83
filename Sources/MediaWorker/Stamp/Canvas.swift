import CPango

/// Something to draw on: a picture in memory, pages of a PDF, or a recording that is drawn elsewhere. The origin is the upper left
/// corner.
///
/// Text becomes outlines everywhere, so that neither copying nor searching finds the stamp in a document.
final class Canvas {
  /// A colour of sRGB with its opacity.
  struct Colour {
    var red, green, blue: Double
    var alpha = 1.0

    /// `0xRRGGBB`.
    init(_ code: UInt32, alpha: Double = 1) {
      (red, green, blue) = (Double(code >> 16 & 255) / 255, Double(code >> 8 & 255) / 255, Double(code & 255) / 255)
      self.alpha = alpha
    }
  }

  /// What went wrong.
  struct Failure: Error {
    let reason: String
  }

  private let surface: OpaquePointer
  private let context: OpaquePointer

  /// Pixels from left to right of a picture.
  var width: Int { Int(cairo_image_surface_get_width(surface)) }
  /// Pixels from top to bottom of a picture.
  var height: Int { Int(cairo_image_surface_get_height(surface)) }

  private init(_ surface: OpaquePointer?) throws(Failure) {
    guard let surface, cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS, let context = cairo_create(surface) else {
      throw Failure(reason: "there is nothing to draw on")
    }
    (self.surface, self.context) = (surface, context)
  }

  deinit {
    cairo_destroy(context)
    cairo_surface_destroy(surface)
  }

  /// A transparent picture.
  convenience init(width: Int, height: Int) throws(Failure) {
    try self.init(cairo_image_surface_create(CAIRO_FORMAT_ARGB32, Int32(width), Int32(height)))
  }

  /// A PDF at `path`; `page` begins each of its pages.
  convenience init(pdf path: String) throws(Failure) { try self.init(cairo_pdf_surface_create(path, 1, 1)) }

  /// A recording.
  convenience init(recording: Void) throws(Failure) {
    try self.init(cairo_recording_surface_create(CAIRO_CONTENT_COLOR_ALPHA, nil))
  }

  /// A picture of premultiplied words; the canvas keeps a copy.
  convenience init(words: UnsafePointer<UInt32>, width: Int, height: Int) throws(Failure) {
    try self.init(width: width, height: height)
    let (pixels, stride) = try pixels()
    for row in 0..<height { (pixels + row * stride).update(from: words + row * width, count: width) }
    cairo_surface_mark_dirty(surface)
  }

  /// The picture's words, 0xAARRGGBB premultiplied, and how many there are from one row to the next. They live as long as the
  /// canvas.
  func pixels() throws(Failure) -> (UnsafeMutablePointer<UInt32>, stride: Int) {
    cairo_surface_flush(surface)
    guard let bytes = cairo_image_surface_get_data(surface) else { throw Failure(reason: "the picture has no memory") }
    let stride = Int(cairo_image_surface_get_stride(surface)) / 4
    let count = stride * Int(cairo_image_surface_get_height(surface))
    return (UnsafeMutableRawPointer(bytes).bindMemory(to: UInt32.self, capacity: count), stride)
  }

  /// Ends the page before, if there is one, and begins one of this size in points.
  func page(width: Double, height: Double, isFirst: Bool) {
    if !isFirst { cairo_show_page(context) }
    cairo_pdf_surface_set_size(surface, width, height)
  }

  /// Ends a PDF. Throws when it could not be written.
  func finish() throws(Failure) {
    cairo_surface_finish(surface)
    let status = cairo_surface_status(surface)
    guard status == CAIRO_STATUS_SUCCESS else {
      throw Failure(reason: cairo_status_to_string(status).map { String(cString: $0) } ?? "it could not be written")
    }
  }

  /// Writes a picture as PNG.
  func writePNG(to path: String) throws(Failure) {
    guard cairo_surface_write_to_png(surface, path) == CAIRO_STATUS_SUCCESS else {
      throw Failure(reason: "it could not be written")
    }
  }

  // MARK: Drawing

  /// Whatever `body` changes of the place of things is undone after it.
  func within(x: Double, y: Double, scale: Double = 1, turn: Double = 0, _ body: () throws -> Void) rethrows {
    cairo_save(context)
    cairo_translate(context, x, y)
    cairo_rotate(context, turn)
    cairo_scale(context, scale, scale)
    defer { cairo_restore(context) }
    try body()
  }

  /// A filled rectangle.
  func fill(x: Double, y: Double, width: Double, height: Double, _ colour: Colour) {
    cairo_rectangle(context, x, y, width, height)
    use(colour)
    cairo_fill(context)
  }

  /// A rectangle with round corners, filled and with a border.
  func panel(x: Double, y: Double, width: Double, height: Double, radius: Double, fill: Colour, border: Colour, line: Double) {
    let quarter = Double.pi / 2
    cairo_new_sub_path(context)
    cairo_arc(context, x + width - radius, y + radius, radius, -quarter, 0)
    cairo_arc(context, x + width - radius, y + height - radius, radius, 0, quarter)
    cairo_arc(context, x + radius, y + height - radius, radius, quarter, 2 * quarter)
    cairo_arc(context, x + radius, y + radius, radius, 2 * quarter, 3 * quarter)
    cairo_close_path(context)
    use(fill)
    cairo_fill_preserve(context)
    use(border)
    cairo_set_line_width(context, line)
    cairo_stroke(context)
  }

  /// The dark modules of a code, rows of them as one rectangle, without the soft edges that would stand between them.
  func code(_ code: QRCode, x: Double, y: Double, module: Double, _ colour: Colour) {
    cairo_save(context)
    cairo_set_antialias(context, CAIRO_ANTIALIAS_NONE)
    for row in 0..<code.side {
      var column = 0
      while column < code.side {
        let start = column
        while column < code.side, code[column, row] { column += 1 }
        if column > start {
          cairo_rectangle(context, x + Double(start) * module, y + Double(row) * module, Double(column - start) * module, module)
        }
        column += 1
      }
    }
    use(colour)
    cairo_fill(context)
    cairo_restore(context)
  }

  /// Another canvas with its upper left corner there.
  func draw(_ other: Canvas, x: Double, y: Double, scale: Double = 1) {
    within(x: x, y: y, scale: scale) {
      cairo_set_source_surface(context, other.surface, 0, 0)
      cairo_pattern_set_filter(cairo_get_source(context), CAIRO_FILTER_BEST)
      cairo_paint(context)
    }
  }

  /// The outlines of a line of text, the left end of its baseline there; with a halo that shows it on dark grounds too.
  func text(_ line: Lettering, x: Double, y: Double, _ colour: Colour, halo: (colour: Colour, width: Double)? = nil) {
    within(x: x, y: y) {
      line.outline(in: context)
      if let halo {
        use(halo.colour)
        cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
        cairo_set_line_width(context, halo.width)
        cairo_stroke_preserve(context)
      }
      use(colour)
      cairo_fill(context)
    }
  }

  private func use(_ colour: Colour) {
    cairo_set_source_rgba(context, colour.red, colour.green, colour.blue, colour.alpha)
  }
}

/// A line of text, set and measured.
final class Lettering {
  private let layout: OpaquePointer
  /// From its left to its right end.
  let width: Double
  private let baseline: Double

  /// - Parameters:
  ///   - size: the font's size in units of the canvas.
  ///   - limit: it ends in «…» when it is wider; nil: it is as wide as it is.
  init?(_ text: String, size: Double, isBold: Bool = false, limit: Double? = nil) {
    // A surface of its own: what is measured must not depend on what it is drawn on.
    guard let surface = cairo_recording_surface_create(CAIRO_CONTENT_ALPHA, nil), let context = cairo_create(surface) else {
      return nil
    }
    defer {
      cairo_destroy(context)
      cairo_surface_destroy(surface)
    }
    guard let layout = pango_cairo_create_layout(context), let options = cairo_font_options_create(),
      let font = pango_font_description_from_string(isBold ? "DejaVu Sans, sans-serif Bold" : "DejaVu Sans, sans-serif")
    else { return nil }
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
    pango_cairo_context_set_font_options(pango_layout_get_context(layout), options)
    cairo_font_options_destroy(options)
    pango_font_description_set_absolute_size(font, size * Double(PANGO_SCALE))
    pango_layout_set_font_description(layout, font)
    pango_font_description_free(font)
    pango_layout_set_single_paragraph_mode(layout, 1)
    pango_layout_set_text(layout, text, -1)
    if let limit {
      pango_layout_set_width(layout, Int32(limit * Double(PANGO_SCALE)))
      pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END)
    }
    var logical = PangoRectangle()
    pango_layout_get_extents(layout, nil, &logical)
    self.layout = layout
    width = Double(logical.width) / Double(PANGO_SCALE)
    baseline = Double(pango_layout_get_baseline(layout)) / Double(PANGO_SCALE)
  }

  deinit { g_object_unref(UnsafeMutableRawPointer(layout)) }

  /// Adds the outlines to the path, the left end of the baseline at the origin.
  fileprivate func outline(in context: OpaquePointer) {
    cairo_new_path(context)
    cairo_move_to(context, 0, -baseline)
    pango_cairo_layout_path(context, layout)
  }
}
