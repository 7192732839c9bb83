/// Pictures by their first bytes, and what hangs on behind their own end.
enum PictureSniffer {
  /// The type; nil when it is no picture that is taken.
  static func sniff(_ ends: FileEnds) throws(FileRefusal) -> FileType? {
    if ends.starts([0xFF, 0xD8, 0xFF]) {
      try jpeg(ends)
      return .jpeg
    }
    if ends.starts([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      try png(ends)
      return .png
    }
    if ends.starts("RIFF"), ends.head.dropFirst(8).starts(with: Array("WEBP".utf8)) {
      try webp(ends)
      return .webp
    }
    if ends.starts([0x49, 0x49, 0x2A, 0x00]) || ends.starts([0x4D, 0x4D, 0x00, 0x2A]) {
      try tiff(ends)
      return .tiff
    }
    if ends.head.dropFirst(4).starts(with: Array("ftyp".utf8)) { return try heic(ends) }
    return nil
  }

  /// Telephones put films and notes of their own behind a picture's end, so only another file there is refused.
  private static func jpeg(_ ends: FileEnds) throws(FileRefusal) {
    var end = ends.tail.endIndex
    for index in ends.tail.indices.dropLast().reversed() where ends.tail[index] == 0xFF && ends.tail[index + 1] == 0xD9 {
      end = index + 2
      break
    }
    if ends.tail[end...].holdsForeignFile { throw .polyglot }
    // Whole in view, so an end that isn't there is missing.
    if end == ends.tail.endIndex, Int64(ends.tail.count) == ends.size, !ends.tail.suffix(2).elementsEqual([0xFF, 0xD9]) {
      throw .broken
    }
  }

  private static func png(_ ends: FileEnds) throws(FileRefusal) {
    guard ends.head.bigEndian(at: 8, width: 4) == 13, ends.head.dropFirst(12).starts(with: Array("IHDR".utf8)) else {
      throw .broken
    }
    guard let end = ends.tail.last(subsequence: "IEND") else { throw .broken }
    // The checksum of that chunk follows.
    guard end + 4 <= ends.tail.endIndex else { throw .broken }
    if ends.tail[(end + 4)...].holdsForeignFile { throw .polyglot }
  }

  private static func webp(_ ends: FileEnds) throws(FileRefusal) {
    guard let length = ends.head.littleEndian(at: 4, width: 4) else { throw .broken }
    let end = Int64(length) + 8
    guard end <= ends.size else { throw .broken }
    let seen = ends.tail.dropFirst(Int(max(0, end - ends.tailStart)))
    if seen.holdsForeignFile { throw .polyglot }
  }

  private static func tiff(_ ends: FileEnds) throws(FileRefusal) {
    let first = ends.starts("II") ? ends.head.littleEndian(at: 4, width: 4) : ends.head.bigEndian(at: 4, width: 4)
    guard let first, first >= 8, Int64(first) < ends.size else { throw .broken }
  }

  /// Of the ISO base media files only those that hold HEVC pictures; films, AV1 pictures and sequences are other types.
  private static func heic(_ ends: FileEnds) throws(FileRefusal) -> FileType {
    guard let length = ends.head.bigEndian(at: 0, width: 4), length >= 16, length % 4 == 0, length <= 4096 else {
      throw .unknownType
    }
    guard Int64(length) <= ends.size else { throw .broken }
    let brands = stride(from: 8, to: length, by: 4).filter { $0 != 12 }.map { Array(ends.head[$0..<($0 + 4)]) }
    let wanted = ["heic", "heix", "heim", "heis"].map { Array($0.utf8) }
    guard brands.contains(where: { wanted.contains($0) }) else { throw .unknownType }
    return .heic
  }
}
