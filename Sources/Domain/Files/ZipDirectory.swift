/// The record at the end of a zip archive that says where its directory lies.
struct ZipEnd {
  /// How many files the archive says it has.
  let count: Int
  /// Where the directory begins in the file.
  let directory: Int64
  /// The directory's length.
  let length: Int
  /// Where this record begins in the file.
  let position: Int64

  /// Finds the record, whose comment must reach exactly to the file's end; nil when the file ends otherwise.
  init?(_ ends: FileEnds) {
    let tail = ends.tail
    guard tail.count >= 22 else { return nil }
    for start in (0...(tail.count - 22)).reversed() where tail[start] == 0x50 && tail[start + 1] == 0x4B {
      guard tail[start + 2] == 5, tail[start + 3] == 6, let comment = tail.littleEndian(at: start + 20, width: 2),
        start + 22 + comment == tail.count, let count = tail.littleEndian(at: start + 10, width: 2),
        let length = tail.littleEndian(at: start + 12, width: 4), let directory = tail.littleEndian(at: start + 16, width: 4)
      else { continue }
      (self.count, self.length, self.directory) = (count, length, Int64(directory))
      position = ends.tailStart + Int64(start)
      return
    }
    return nil
  }
}

/// A zip archive's directory, read from the file's tail alone. Nothing is unpacked.
package struct ZipDirectory {
  /// A file of the archive, as the directory describes it.
  package struct Entry {
    package let name: String
    package let isEncrypted: Bool
    package let packed: Int64
    package let unpacked: Int64
    package let offset: Int64
  }

  /// The most files that an office file may have; one with hundreds of pictures has hundreds.
  static let maximumEntries = 5_000
  /// The most bytes that an office file may unpack to.
  static let maximumUnpacked: Int64 = 1 << 30
  /// The most times its size that one may unpack to, once that is over 16 MiB.
  static let maximumRatio: Int64 = 250

  package let entries: [Entry]

  /// Reads it.
  ///
  /// - Throws: `.broken` when it is missing, contradicts itself or doesn't lie in the tail; `.polyglot` when the file has bytes that belong to
  ///   no part of the archive; `.bomb`.
  package init(_ ends: FileEnds) throws(FileRefusal) {
    guard let end = ZipEnd(ends) else { throw .broken }
    // 64-bit archives are for what no document is.
    guard end.count > 0, end.count < 0xFFFF, end.directory < 0xFFFF_FFFF else { throw .broken }
    guard end.count <= Self.maximumEntries else { throw .bomb }
    guard end.directory + Int64(end.length) == end.position else { throw .polyglot }
    guard end.directory >= ends.tailStart else { throw .broken }
    var bytes = ends.tail.dropFirst(Int(end.directory - ends.tailStart)).prefix(end.length)
    var entries: [Entry] = []
    for _ in 0..<end.count { entries.append(try Self.entry(&bytes)) }
    guard bytes.isEmpty else { throw .broken }
    self.entries = entries
    try check(ends, directory: end.directory)
  }

  private static func entry(_ bytes: inout ArraySlice<UInt8>) throws(FileRefusal) -> Entry {
    guard bytes.starts(with: [0x50, 0x4B, 1, 2]), let flags = bytes.littleEndian(at: 8, width: 2),
      let method = bytes.littleEndian(at: 10, width: 2), let packed = bytes.littleEndian(at: 20, width: 4),
      let unpacked = bytes.littleEndian(at: 24, width: 4), let name = bytes.littleEndian(at: 28, width: 2),
      let extra = bytes.littleEndian(at: 30, width: 2), let comment = bytes.littleEndian(at: 32, width: 2),
      let offset = bytes.littleEndian(at: 42, width: 4), bytes.count >= 46 + name + extra + comment
    else { throw .broken }
    // 99 is the mark of AES, 0 and 8 are what office files use.
    guard method == 0 || method == 8 || method == 99 else { throw .broken }
    let text = String(decoding: bytes.dropFirst(46).prefix(name), as: UTF8.self)
    bytes = bytes.dropFirst(46 + name + extra + comment)
    return Entry(
      name: text, isEncrypted: flags & 1 != 0 || method == 99, packed: Int64(packed), unpacked: Int64(unpacked),
      offset: Int64(offset))
  }

  /// Entries must lie before the directory, must not share bytes or names, and the first must begin the file.
  private func check(_ ends: FileEnds, directory: Int64) throws(FileRefusal) {
    var previous: Int64 = 0
    for (index, entry) in entries.sorted(by: { $0.offset < $1.offset }).enumerated() {
      if index == 0, entry.offset != 0 { throw .polyglot }
      guard entry.offset >= previous, entry.offset + 30 + entry.packed <= directory else { throw .broken }
      previous = entry.offset + 30 + entry.packed
      if index == 0 { try checkFirst(entry, ends) }
    }
    guard Set(entries.map { $0.name.lowercased() }).count == entries.count else { throw .broken }
    for entry in entries {
      let parts = entry.name.split(separator: "/", omittingEmptySubsequences: false)
      guard !entry.name.hasPrefix("/"), !entry.name.contains("\\"), !parts.contains(".."), !entry.name.contains("\u{0}") else {
        throw .broken
      }
    }
    let unpacked = entries.reduce(0) { $0 + $1.unpacked }
    guard unpacked <= Self.maximumUnpacked, unpacked <= max(16 << 20, ends.size * Self.maximumRatio) else { throw .bomb }
  }

  /// The file's own header of its first entry must name what the directory names.
  private func checkFirst(_ entry: Entry, _ ends: FileEnds) throws(FileRefusal) {
    guard let length = ends.head.littleEndian(at: 26, width: 2), ends.head.count >= 30 + length else { throw .broken }
    guard String(decoding: ends.head[30..<(30 + length)], as: UTF8.self) == entry.name else { throw .polyglot }
  }
}
