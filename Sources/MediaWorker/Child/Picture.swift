import CVips
import Domain

/// A picture of libvips: what is to be done with a file, done when it is saved.
final class Picture {
  private let image: OpaquePointer
  private let below: Picture?

  private init(_ image: OpaquePointer, below: Picture? = nil) { (self.image, self.below) = (image, below) }

  deinit { cvips_release(image) }

  /// Starts libvips, once.
  static func start(threads: Int) throws(Refusal) {
    guard cvips_start(Int32(threads)) == 0 else { throw fault(.crashed, as: .failed) }
  }

  /// Opens a file as what it must be.
  ///
  /// - Parameter isStreamed: it will be read once, from top to bottom.
  /// - Throws: `.broken`.
  static func open(_ path: String, _ type: FileType, isStreamed: Bool) throws(Refusal) -> Picture {
    guard let format = format(type), let image = cvips_open(path, format, isStreamed ? 1 : 0) else { throw fault(.broken) }
    return Picture(image)
  }

  /// What the file says of itself.
  var header: cvips_header { cvips_describe(image) }

  /// Turned as its EXIF orientation says.
  func upright() throws(Refusal) -> Picture {
    guard let turned = cvips_upright(image) else { throw Self.fault(.broken) }
    return Picture(turned, below: self)
  }

  /// Eight bits of red, green and blue in sRGB, on white.
  func plain() throws(Refusal) -> Picture {
    guard let plain = cvips_plain(image) else { throw Self.fault(.broken) }
    return Picture(plain, below: self)
  }

  /// With layers over it, whose pixels live at least as long.
  func stamped(_ layers: [cvips_layer]) throws(Refusal) -> Picture {
    guard let stamped = cvips_stamped(image, layers, Int32(layers.count)) else { throw Self.fault(.broken) }
    return Picture(stamped, below: self)
  }

  /// Writes it: PNG as PNG, everything else as JPEG. This is where it is decoded, so a broken file is found here. Throws:
  /// `.broken`.
  func save(_ path: String, as type: FileType, quality: Int) throws(Refusal) {
    let result = type == .png ? cvips_save_png(image, path) : cvips_save_jpeg(image, path, Int32(quality))
    guard result == 0 else { throw Self.fault(.broken) }
  }

  /// Writes a smaller JPEG of a file of ours. Throws: `.broken`.
  static func shrink(_ path: String, side: Int, quality: Int, to: String) throws(Refusal) -> ChildReport.Size {
    var (width, height): (Int32, Int32) = (0, 0)
    guard cvips_shrink(path, Int32(side), Int32(quality), to, &width, &height) == 0 else { throw fault(.broken) }
    return ChildReport.Size(width: Int(width), height: Int(height))
  }

  /// A small picture to draw with. Throws: `.broken`.
  static func canvas(_ path: String, _ type: FileType, within side: Int) throws(Refusal) -> Canvas {
    var (width, height): (Int32, Int32) = (0, 0)
    guard let format = format(type), let words = cvips_pixels(path, format, Int32(side), Int32(side), &width, &height) else {
      throw fault(.broken)
    }
    defer { cvips_free(words) }
    do throws(Canvas.Failure) {
      return try Canvas(words: words, width: Int(width), height: Int(height))
    } catch {
      throw Refusal(.memory, error.reason, outcome: .failed)
    }
  }

  private static func format(_ type: FileType) -> Int32? {
    switch type {
    case .jpeg: Int32(CVIPS_JPEG)
    case .png: Int32(CVIPS_PNG)
    case .webp: Int32(CVIPS_WEBP)
    case .heic: Int32(CVIPS_HEIF)
    case .tiff: Int32(CVIPS_TIFF)
    case .pdf, .docx, .xlsx, .txt, .csv, .xml, .p7s: nil
    }
  }

  /// Why libvips could not.
  private static func fault(_ reason: ChildReport.Reason, as outcome: ChildReport.Outcome = .refused) -> Refusal {
    var buffer = [CChar](repeating: 0, count: 500)
    cvips_error(&buffer, Int32(buffer.count))
    let text = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    let isMemory = text.contains("out of memory") || text.contains("unable to allocate")
    return Refusal(isMemory ? .memory : reason, text.isEmpty ? "libvips says nothing" : text, outcome: outcome)
  }
}
