/// A zip archive whose parts are stored as they are, for workbooks that no writer makes. Checksums are zero: nothing here looks at them.
enum StoredZip {
  static func archive(_ parts: [(name: String, bytes: [UInt8])]) -> [UInt8] {
    var archive: [UInt8] = []
    var directory: [UInt8] = []
    for part in parts {
      let offset = archive.count
      let sizes = little(0, 4) + little(part.bytes.count, 4) + little(part.bytes.count, 4) + little(part.name.utf8.count, 2)
      archive += [0x50, 0x4B, 3, 4] + little(20, 2) + little(0, 8) + sizes + little(0, 2) + Array(part.name.utf8) + part.bytes
      directory += [0x50, 0x4B, 1, 2] + little(20, 2) + little(20, 2) + little(0, 8) + sizes + little(0, 12) + little(offset, 4)
      directory += Array(part.name.utf8)
    }
    let end =
      little(0, 4) + little(parts.count, 2) + little(parts.count, 2) + little(directory.count, 4) + little(archive.count, 4)
    return archive + directory + [0x50, 0x4B, 5, 6] + end + little(0, 2)
  }

  private static func little(_ number: Int, _ width: Int) -> [UInt8] {
    (0..<width).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
}
