/// The strong stamp: a white card with the QR code, the firm, the document's number, who uploaded it and when.
///
/// All its measures are multiples of a module of the code, so that the code's modules meet whole pixels in a picture.
struct StampCard {
  private let code: QRCode
  private let module: Double
  private let lines: [Line]
  private let logo: Canvas?
  private let logoSize: (width: Double, height: Double)
  /// With all that it says, or nothing but the code.
  private let hasText: Bool
  /// Of the card.
  let width: Double
  /// Of the card.
  let height: Double

  private struct Line {
    let text: Lettering
    let size: Double
    let colour: Canvas.Colour
  }

  /// The empty modules around a code that its standard asks for.
  private static let quiet = 4.0
  private static let ink = Canvas.Colour(0x14_2B4C)
  private static let grey = Canvas.Colour(0x55_6375)

  /// - Parameters:
  ///   - module: the side of one module in units of the canvas.
  ///   - logo: the firm's logo; nil: its name stands in its place.
  ///   - hasText: false: only the code, where there is no room.
  init?(_ order: StampOrder, module: Double, logo: Canvas?, hasText: Bool) {
    guard let code = QRCode(order.address) else { return nil }
    (self.code, self.module, self.hasText) = (code, module, hasText)
    height = (Double(code.side) + 2 * Self.quiet) * module
    guard hasText else {
      (width, lines, self.logo, logoSize) = (height, [], nil, (0, 0))
      return
    }
    let limit = 84 * module
    let host = order.address.split(separator: "/").dropFirst().first.map(String.init) ?? ""
    let texts: [(String, Double, Bool, Canvas.Colour)] =
      (logo == nil ? [(order.firm, 6.4, true, Self.ink)] : [])
      + [
        ("Hujjat № \(order.number)", 5.2, logo != nil, Self.ink),
        ("ID \(order.uploader)  ·  \(order.time)", 5.2, false, Self.ink),
      ]
      + [("Tekshirish: \(host)", 4, false, Self.grey)]
    lines = texts.compactMap { text, size, isBold, colour in
      Lettering(text, size: size * module, isBold: isBold, limit: limit).map {
        Line(text: $0, size: size * module, colour: colour)
      }
    }
    if let logo {
      let scale = min(limit / Double(logo.width), 13 * module / Double(logo.height))
      self.logo = logo
      logoSize = (Double(logo.width) * scale, Double(logo.height) * scale)
    } else {
      self.logo = nil
      logoSize = (0, 0)
    }
    let widest = max(lines.map(\.text.width).max() ?? 0, logoSize.width)
    width = height + 2 * module + widest.rounded(.up) + 5 * module
  }

  /// Draws it with its upper left corner there.
  func draw(on canvas: Canvas, x: Double, y: Double) {
    canvas.panel(
      x: x + module / 4, y: y + module / 4, width: width - module / 2, height: height - module / 2, radius: 2.5 * module,
      fill: Canvas.Colour(0xFF_FFFF, alpha: 0.93), border: Canvas.Colour(0x14_2B4C, alpha: 0.9), line: module / 2)
    canvas.code(code, x: x + Self.quiet * module, y: y + Self.quiet * module, module: module, Self.ink)
    guard hasText else { return }
    let left = x + height + 2 * module
    canvas.fill(
      x: x + height - module / 4, y: y + 6 * module, width: module / 2, height: height - 12 * module,
      Canvas.Colour(0x14_2B4C, alpha: 0.25))
    // The lines with their leading, as one block in the middle of the height.
    let leading = 1.5
    let block = lines.reduce(0) { $0 + $1.size * leading } + (logo == nil ? 0 : logoSize.height + 3 * module)
    var top = y + (height - block) / 2
    if let logo {
      canvas.draw(logo, x: left, y: top, scale: logoSize.width / Double(logo.width))
      top += logoSize.height + 3 * module
    }
    for line in lines {
      // A line's letters stand on three quarters of its height.
      canvas.text(line.text, x: left, y: top + line.size * (0.36 + leading / 2), line.colour)
      top += line.size * leading
    }
  }
}
