import CPango
import Glibc

/// The light stamp: a line of text, slanted, over and over.
struct StampPattern {
  /// Steeper than a line of a document and flatter than its diagonal.
  private static let slant = -25 * Double.pi / 180

  private let line: Lettering
  private let size: Double
  private let opacity: Double
  /// The pattern repeats after so many units to the right.
  let stepX: Double
  /// The pattern repeats after so many units downwards.
  let stepY: Double

  /// - Parameter size: of the letters, in units of the canvas. The steps become whole units, so that a picture can be tiled.
  init?(_ order: StampOrder, size: Double) {
    guard let line = Lettering("\(order.firm)  ·  ID \(order.uploader)  ·  \(order.time)", size: size, limit: size * 60) else {
      return nil
    }
    (self.line, self.size, opacity) = (line, size, min(max(order.opacity, 0.02), 1))
    stepX = ((line.width + 5 * size) * 0.92).rounded(.up)
    stepY = max(line.width * 0.34, 7 * size).rounded(.up)
  }

  /// One step of the pattern as a picture whose edges go on at the opposite edges.
  func tile() throws(Canvas.Failure) -> Canvas {
    let canvas = try Canvas(width: Int(stepX), height: Int(stepY))
    // Letters that leave the tile on one side come back on the other one: drawn at all places whose letters may touch it.
    cover(canvas, width: stepX, height: stepY) { x, y in stroke(canvas, x: x, y: y, isLight: false) }
    return canvas
  }

  /// The pattern over a page, the line of text only once in the file.
  ///
  /// - Parameter isLight: readers draw it anew for every page that is looked at, so it is made of what they draw quickly.
  func cover(_ canvas: Canvas, width: Double, height: Double, isLight: Bool) throws(Canvas.Failure) {
    let recording = try Canvas(recording: ())
    stroke(recording, x: 0, y: 0, isLight: isLight)
    cover(canvas, width: width, height: height) { x, y in canvas.draw(recording, x: x, y: y) }
  }

  /// Where the line begins, wherever some of it is in view: two lattices, the second one in the middle of the first one's meshes.
  private func cover(_ canvas: Canvas, width: Double, height: Double, _ draw: (Double, Double) -> Void) {
    let reach = line.width + size
    for (shiftX, shiftY) in [(0.0, 0.0), (stepX / 2, stepY / 2)] {
      let columns = Int((-reach / stepX).rounded(.down))...Int((width / stepX).rounded(.up))
      let rows = Int((-size * 2 / stepY).rounded(.down))...Int(((height + reach) / stepY).rounded(.up))
      for row in rows {
        for column in columns {
          let (x, y) = (Double(column) * stepX + shiftX, Double(row) * stepY + shiftY)
          if isInView(x, y, width, height) { draw(x, y) }
        }
      }
    }
  }

  /// Whether the box around a line that begins there touches a page of this size.
  private func isInView(_ x: Double, _ y: Double, _ width: Double, _ height: Double) -> Bool {
    let (right, top) = (x + line.width * cos(Self.slant), y + line.width * sin(Self.slant))
    let reach = 1.5 * size
    return right + reach > 0 && x - reach < width && y + reach > 0 && top - reach < height
  }

  private func stroke(_ canvas: Canvas, x: Double, y: Double, isLight: Bool) {
    let white = Canvas.Colour(0xFF_FFFF, alpha: opacity * 0.9)
    canvas.within(x: x, y: y, turn: Self.slant) {
      // What shows it on dark grounds. Outlines drawn with a pen took pdftoppm three times as long as filled ones.
      if isLight { canvas.text(line, x: size * 0.06, y: size * 0.06, white) }
      canvas.text(
        line, x: 0, y: 0, Canvas.Colour(0x14_2B4C, alpha: opacity), halo: isLight ? nil : (white, size * 0.1))
    }
  }
}
