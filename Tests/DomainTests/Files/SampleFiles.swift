import Domain

/// Small files of every type, made by hand, and archives with faults that no tool would make.
enum SampleFiles {
  static func text(_ text: String) -> [UInt8] { Array(text.utf8) }

  static func zeros(_ count: Int) -> [UInt8] { Array(repeating: 0, count: count) }
  static func join(_ parts: [UInt8]...) -> [UInt8] { Array(parts.joined()) }

  static let jpeg = join([0xFF, 0xD8, 0xFF, 0xE0], Array(repeating: 7, count: 100), [0xFF, 0xD9])
  static let png = join(
    [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13], text("IHDR"), zeros(17 + 4), text("IEND"),
    [0xAE, 0x42, 0x60, 0x82])
  static let webp = join(text("RIFF"), [12, 0, 0, 0], text("WEBPVP8L"), zeros(4))
  static let heic = join([0, 0, 0, 24], text("ftypmif1"), zeros(4), text("mif1heic"), zeros(50))
  static let avif = join([0, 0, 0, 24], text("ftypavif"), zeros(4), text("mif1avif"), zeros(50))
  static let tiff = join([0x49, 0x49, 0x2A, 0, 8, 0, 0, 0], zeros(20))
  static let bigEndianTIFF = join([0x4D, 0x4D, 0, 0x2A, 0, 0, 0, 8], zeros(20))
  static let pdf = text("%PDF-1.7\n1 0 obj\n<<>>\nendobj\nstartxref\n0\n%%EOF\n")
  static let docx = Archive(["[Content_Types].xml", "_rels/.rels", "word/document.xml"]).bytes
  static let xlsx = Archive(["[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"]).bytes
  static let signedData: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02]
  static let p7s = join([0x30, 0x82, 0, 61], signedData, Array(repeating: 5, count: 50))
  static let xml = text("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Invoice><Body><Form id=\"1\"/></Body></Invoice>\n")
  static let compound = join([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], zeros(600))

  /// A file of each type, under a name that goes with it.
  static let all: [(name: String, bytes: [UInt8], type: FileType)] = [
    ("a.jpg", jpeg, .jpeg), ("a.png", png, .png), ("a.webp", webp, .webp), ("a.heic", heic, .heic), ("a.tif", tiff, .tiff),
    ("b.tiff", bigEndianTIFF, .tiff), ("a.pdf", pdf, .pdf), ("a.docx", docx, .docx), ("a.xlsx", xlsx, .xlsx),
    ("a.txt", text("Salom, dunyo\n"), .txt), ("a.csv", text("a;b\n1;2\n"), .csv), ("a.xml", xml, .xml), ("a.p7s", p7s, .p7s),
  ]

  /// What the sniffer says of a whole file.
  static func sniff(_ bytes: [UInt8], _ name: String) throws(FileRefusal) -> FileType {
    try FileTypeSniffer.sniff(
      head: Array(bytes.prefix(FileTypeSniffer.window)), tail: Array(bytes.suffix(FileTypeSniffer.window)),
      size: Int64(bytes.count), name: name)
  }

  /// Why the sniffer refuses a whole file; nil when it takes it.
  static func refusal(_ bytes: [UInt8], _ name: String) -> FileRefusal? {
    do throws(FileRefusal) {
      _ = try sniff(bytes, name)
      return nil
    } catch {
      return error
    }
  }
}

/// A zip archive of files with eight bytes each.
struct Archive {
  struct Entry {
    var name: String
    /// The name in the file's own header, where it lies.
    var localName: String?
    var flags: UInt16 = 0
    var method: UInt16 = 0
    var unpacked: UInt32 = 8
    /// How far from its place the directory says it is.
    var shift: Int32 = 0
  }

  var entries: [Entry]
  var before: [UInt8] = []
  var between: [UInt8] = []
  var comment: [UInt8] = []
  var count: UInt16?

  init(_ names: [String]) { entries = names.map { Entry(name: $0) } }

  var bytes: [UInt8] {
    var file = before
    var directory: [UInt8] = []
    for entry in entries {
      let offset = UInt32(truncatingIfNeeded: Int32(file.count - before.count) + entry.shift)
      let common = SampleFiles.join(
        Self.little(entry.flags), Self.little(entry.method), SampleFiles.zeros(8), Self.little(UInt32(8)),
        Self.little(entry.unpacked))
      let name = Array(entry.name.utf8)
      let localName = entry.localName.map { Array($0.utf8) } ?? name
      file += [0x50, 0x4B, 3, 4, 20, 0]
      file += SampleFiles.join(
        common, Self.little(UInt16(localName.count)), [0, 0], localName, Array(repeating: 65, count: 8))
      directory += [0x50, 0x4B, 1, 2, 20, 0, 20, 0]
      directory += SampleFiles.join(
        common, Self.little(UInt16(name.count)), SampleFiles.zeros(12), Self.little(offset), name)
    }
    file += between
    let start = UInt32(file.count - before.count)
    let number = Self.little(count ?? UInt16(entries.count))
    file += directory
    file += SampleFiles.join(
      [0x50, 0x4B, 5, 6, 0, 0, 0, 0], number, number, Self.little(UInt32(directory.count)), Self.little(start))
    return file + Self.little(UInt16(comment.count)) + comment
  }

  private static func little<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }
}
