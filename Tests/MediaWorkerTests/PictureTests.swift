import Domain
import PictureSupport
import Storage
import Testing

@testable import MediaWorker

/// Pictures of all kinds through real children.
@Suite
struct PictureTests {
  private static func isReddish(_ pixel: [UInt8]) -> Bool {
    pixel.count == 3 && pixel[0] > 150 && pixel[1] < 110 && pixel[2] < 110
  }

  @Test(
    "Every format becomes an upright picture of ours with its previews",
    arguments: [
      (".jpg", FileType.jpeg, FileType.jpeg), (".png", .png, .png), (".webp", .webp, .jpeg), (".heic", .heic, .jpeg),
      (".tif", .tiff, .jpeg),
    ])
  func formats(ending: String, type: FileType, made: FileType) async throws {
    let result = try await ChildBench().run(ChildBench.order(type.rawValue), ending, width: 2400, height: 1800)
    let report = try #require(result.report, "\(result.end)")
    #expect(report.outcome == .ready, "\(report)")
    #expect(report.type == made.rawValue)
    #expect(report.size == ChildReport.Size(width: 2400, height: 1800))
    #expect(report.preview == ChildReport.Size(width: 1600, height: 1200))
    #expect(report.thumbnail == ChildReport.Size(width: 320, height: 240))
    for name in [ChildOrder.Name.rendition, ChildOrder.Name.preview, ChildOrder.Name.thumbnail] {
      let raster = try #require(Raster(result.path(name)))
      #expect(Self.isReddish(raster[20, 20]), "\(name)")
    }
    let checked = try RenditionFile.look(result.path(ChildOrder.Name.rendition), as: made, limit: 1 << 30)
    #expect(checked != nil)
  }

  @Test("A picture is turned as its EXIF orientation says, for all eight", arguments: 1...8)
  func orientation(value: Int) async throws {
    let result = try await ChildBench().run(
      ChildBench.order("jpeg", stamp: nil), ".jpg", width: 1000, height: 600, orientation: value)
    let report = try #require(result.report, "\(result.end)")
    let isTurned = value >= 5
    #expect(report.size == (isTurned ? ChildReport.Size(width: 600, height: 1000) : ChildReport.Size(width: 1000, height: 600)))
    // Where the corner that was the upper left one is then: EXIF 2.32, 4.6.4.1.
    let isRight = [2, 3, 6, 7].contains(value), isBottom = [3, 4, 7, 8].contains(value)
    let (width, height) = isTurned ? (600, 1000) : (1000, 600)
    let raster = try #require(Raster(result.path(ChildOrder.Name.rendition)))
    #expect(Self.isReddish(raster[isRight ? width - 20 : 20, isBottom ? height - 20 : 20]))
    #expect(!Self.isReddish(raster[isRight ? 20 : width - 20, isBottom ? 20 : height - 20]))
  }

  @Test(
    "Positions, names and comments are gone from every rendition",
    arguments: [(".jpg", "jpeg"), (".png", "png"), (".webp", "webp"), (".tif", "tiff")])
  func metadata(ending: String, type: String) async throws {
    let bench = try ChildBench()
    let result = try await bench.run(ChildBench.order(type), ending, width: 900, height: 700, orientation: 1, secret: true)
    #expect(result.report?.outcome == .ready, "\(result.end)")
    // The original does hold what is looked for.
    let original = result.path(ChildOrder.Name.original)
    #expect(picture_has(original, "exif-ifd") == 1 || picture_has(original, "xmp-") == 1)
    for name in [ChildOrder.Name.rendition, ChildOrder.Name.preview, ChildOrder.Name.thumbnail] {
      for field in ["exif-", "xmp-", "iptc-", "icc-", "png-comment"] {
        #expect(picture_has(result.path(name), field) == 0, "\(name) \(field)")
      }
    }
  }

  @Test(
    "Grey, transparent, 16-bit and CMYK pictures become plain ones",
    arguments: [
      (".png", "png", PICTURE_GREY), (".png", "png", PICTURE_ALPHA), (".png", "png", PICTURE_DEEP),
      (".jpg", "jpeg", PICTURE_CMYK),
      (".tif", "tiff", PICTURE_CMYK), (".tif", "tiff", PICTURE_DEEP), (".webp", "webp", PICTURE_ALPHA),
      (".tif[bitdepth=1]", "tiff", PICTURE_GREY),
    ])
  func kinds(ending: String, type: String, kind: PictureKind) async throws {
    let result = try await ChildBench().run(ChildBench.order(type), ending, width: 1200, height: 900, kind: Int(kind.rawValue))
    let report = try #require(result.report, "\(result.end)")
    #expect(report.outcome == .ready, "\(report)")
    let raster = try #require(Raster(result.path(ChildOrder.Name.rendition)))
    // The ramp is still a ramp: dark left, bright right, below the red corner.
    let (dark, bright, clear) = (raster[100, 600], raster[1150, 460], raster[300, 5])
    if kind != PICTURE_ALPHA { #expect(Int(dark[1]) + 60 < Int(bright[1]), "\(dark) \(bright)") }
    // What was transparent is white.
    if kind == PICTURE_ALPHA { #expect(clear[1] > 190, "\(clear)") }
  }

  @Test("The tiniest and oddest shapes get through", arguments: [(1, 1), (3, 2000), (2000, 3), (40, 40), (200, 120), (65, 9000)])
  func shapes(width: Int, height: Int) async throws {
    let result = try await ChildBench().run(ChildBench.order("png"), ".png", width: width, height: height)
    #expect(result.report?.outcome == .ready, "\(result.end)")
    #expect(result.report?.size == ChildReport.Size(width: width, height: height))
  }

  @Test("Many small pictures in one file are refused, and so is what moves")
  func several() async throws {
    let bench = try ChildBench()
    let pages = try await bench.run(ChildBench.order("tiff"), ".tif", width: 300, height: 200, kind: Int(PICTURE_PAGES.rawValue))
    #expect(pages.report?.reason == .severalPictures, "\(pages.end)")
    let film = try await bench.run(ChildBench.order("webp"), ".webp", width: 300, height: 200, kind: Int(PICTURE_PAGES.rawValue))
    #expect(film.report?.reason == .animated, "\(film.end)")
  }

  @Test(
    "The stamp changes a picture everywhere, and its card stands in its corner", arguments: WatermarkSettings.Position.allCases)
  func positions(position: WatermarkSettings.Position) async throws {
    let bench = try ChildBench()
    var stamp = ChildBench.stamp
    stamp.position = position
    let stamped = try await bench.run(
      ChildBench.order("png", stamp: stamp), ".png", width: 1600, height: 1200, kind: Int(PICTURE_BLACK.rawValue))
    #expect(stamped.report?.outcome == .ready, "\(stamped.end)")
    let raster = try #require(Raster(stamped.path(ChildOrder.Name.rendition)))
    // On black the card is what is nearly white: where most of it lies.
    var (sumX, sumY, count, touched) = (0, 0, 0, Set<Int>())
    for x in stride(from: 2, to: 1600, by: 7) {
      for y in stride(from: 2, to: 1200, by: 7) {
        let pixel = raster[x, y]
        if pixel[1] > 200 { (sumX, sumY, count) = (sumX + x, sumY + y, count + 1) }
        if pixel[1] > 3 { touched.insert(x / 400 * 10 + y / 300) }
      }
    }
    #expect(count > 200)
    #expect(touched.count == 16, "the pattern is not everywhere: \(touched.sorted())")
    let (x, y) = (sumX / max(1, count), sumY / max(1, count))
    switch position {
    case .topLeft: #expect(x < 600 && y < 300)
    case .topRight: #expect(x > 1000 && y < 300)
    case .bottomLeft: #expect(x < 600 && y > 900)
    case .bottomRight: #expect(x > 1000 && y > 900)
    }
  }

  @Test("A file that is cleaned has no stamp")
  func clean() async throws {
    let result = try await ChildBench().run(
      ChildBench.order("png", stamp: nil), ".png", width: 800, height: 600, kind: Int(PICTURE_BLACK.rawValue))
    let raster = try #require(Raster(result.path(ChildOrder.Name.rendition)))
    #expect(raster.range(x: 0..<800, y: 0..<600) == 0...0)
  }
}
