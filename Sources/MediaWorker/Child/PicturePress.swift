import CVips
import Domain

/// Makes the renditions of a picture: upright, in sRGB, without metadata, stamped if it must be.
struct PicturePress {
  let order: ChildOrder
  /// The folder with the child's files.
  let folder: String

  /// JPEG's quality. Below it small print shows its edges.
  private static let quality = 86
  private static let previewQuality = 80

  private var original: String { "\(folder)/\(ChildOrder.Name.original)" }

  /// Makes `rendition`. - Throws: why it isn't made.
  func press(_ type: FileType) throws(Refusal) -> ChildReport {
    let header = try Picture.open(original, type, isStreamed: true).header
    try check(header, type)
    // Turning reads from everywhere. All else streams through, some rows at a time.
    let isTurned = (2...8).contains(header.orientation)
    var picture = try Picture.open(original, type, isStreamed: !isTurned)
    if isTurned { picture = try picture.upright() }
    picture = try picture.plain()
    let size = picture.header
    var keep: [Canvas] = []
    if let stamp = order.stamp { picture = try stamped(picture, size, stamp, keeping: &keep) }
    let output: FileType = type == .png ? .png : .jpeg
    let rendition = "\(folder)/\(ChildOrder.Name.rendition)"
    try withExtendedLifetime(keep) { () throws(Refusal) in try picture.save(rendition, as: output, quality: Self.quality) }
    var report = ChildReport(outcome: .ready, type: output.rawValue)
    report.size = ChildReport.Size(width: Int(size.width), height: Int(size.height))
    try addPreviews(of: rendition, to: &report)
    return report
  }

  /// Makes `preview` and `thumbnail` from a picture of ours. - Throws: `.broken`.
  func addPreviews(of path: String, to report: inout ChildReport) throws(Refusal) {
    let preview = "\(folder)/\(ChildOrder.Name.preview)", thumbnail = "\(folder)/\(ChildOrder.Name.thumbnail)"
    report.preview = try Picture.shrink(path, side: ChildOrder.previewSide, quality: Self.previewQuality, to: preview)
    report.thumbnail = try Picture.shrink(preview, side: ChildOrder.thumbnailSide, quality: Self.previewQuality, to: thumbnail)
  }

  private func check(_ header: cvips_header, _ type: FileType) throws(Refusal) {
    let (width, height) = (Int(header.width), Int(header.height))
    let (pixels, isOver) = width.multipliedReportingOverflow(by: height)
    guard !isOver, pixels <= order.limits.pixels, max(width, height) <= order.limits.side else {
      throw Refusal(.tooManyPixels, "\(width) × \(height)")
    }
    // A HEIC file holds many pictures and says which one it is about. Films are other types.
    guard header.pages <= 1 || type == .heic else {
      throw Refusal(type == .tiff ? .severalPictures : .animated, "\(header.pages) pictures")
    }
    if type == .png, try AnimatedPNG.isAnimated(original) { throw Refusal(.animated, "APNG") }
  }

  private func stamped(
    _ picture: Picture, _ size: cvips_header, _ stamp: StampOrder, keeping canvases: inout [Canvas]
  ) throws(Refusal) -> Picture {
    do throws(Canvas.Failure) {
      let logo = try Self.logo(stamp, in: folder)
      guard let layout = StampLayout(stamp, width: Double(size.width), height: Double(size.height), logo: logo, isPicture: true)
      else {
        throw Canvas.Failure(reason: "there are no letters")
      }
      let tile = try layout.pattern.tile()
      canvases.append(tile)
      var layers = [try Self.layer(tile, isTiled: true)]
      if let card = layout.card {
        let sheet = try Canvas(width: Int(card.width.rounded(.up)), height: Int(card.height.rounded(.up)))
        card.draw(on: sheet, x: 0, y: 0)
        canvases.append(sheet)
        layers.append(try Self.layer(sheet, left: Int(layout.x), top: Int(layout.y)))
      }
      return try Self.put(layers, over: picture)
    } catch {
      throw Refusal(.crashed, "the stamp could not be drawn: \(error.reason)", outcome: .failed)
    }
  }

  private static func put(_ layers: [cvips_layer], over picture: Picture) throws(Canvas.Failure) -> Picture {
    do throws(Refusal) {
      return try picture.stamped(layers)
    } catch {
      throw Canvas.Failure(reason: error.detail)
    }
  }

  private static func layer(_ canvas: Canvas, left: Int = 0, top: Int = 0, isTiled: Bool = false) throws(Canvas.Failure)
    -> cvips_layer
  {
    let (words, stride) = try canvas.pixels()
    return cvips_layer(
      pixels: words, width: Int32(canvas.width), height: Int32(canvas.height), stride: Int32(stride), left: Int32(left),
      top: Int32(top),
      tiled: isTiled ? 1 : 0)
  }

  /// The firm's logo; nil when it has none, or one that cannot be read: then its name stands in its place.
  static func logo(_ stamp: StampOrder, in folder: String) throws(Canvas.Failure) -> Canvas? {
    guard let type = stamp.logo.flatMap(FileType.init(rawValue:)) else { return nil }
    do throws(Refusal) {
      return try Picture.canvas("\(folder)/\(ChildOrder.Name.logo)", type, within: 600)
    } catch {
      return nil
    }
  }
}
