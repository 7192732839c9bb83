/// Decides what a file is by its bytes. Pure: it gets the file's two ends and never more, whatever the file's size.
///
/// What it says is necessary and not sufficient: the middle isn't looked at. Pictures, PDFs and office files are parsed whole in the
/// sandbox of MediaWorker, and nothing is served in a way in which a browser would run it.
public enum FileTypeSniffer {
  /// How many bytes of each end it wants. More of the tail is welcome: the directory of an office file must lie in it.
  public static let window = 65_536

  /// The type of a file.
  ///
  /// - Parameters:
  ///   - head: the first `window` bytes, or the whole file if it is shorter.
  ///   - tail: the last `window` bytes or more, or the whole file if it is shorter.
  ///   - size: the file's length in bytes.
  ///   - name: its name. It only refuses, and tells a table from other text.
  /// - Throws: why the file isn't taken.
  public static func sniff(head: [UInt8], tail: [UInt8], size: Int64, name: String) throws(FileRefusal) -> FileType {
    guard size > 0 else { throw .empty }
    guard head.count >= Int(min(size, Int64(window))), tail.count >= Int(min(size, Int64(window))), Int64(tail.count) <= size
    else {
      throw .broken
    }
    let ends = FileEnds(head: head, tail: tail, size: size)
    let type = try content(ends, name: name)
    if type != .pdf, ends.head.prefix(1024).contains(subsequence: "%PDF-") { throw .polyglot }
    if type != .docx, type != .xlsx, ZipEnd(ends) != nil { throw .polyglot }
    return try FileNameRule.check(name, against: type)
  }

  private static func content(_ ends: FileEnds, name: String) throws(FileRefusal) -> FileType {
    if let type = try PictureSniffer.sniff(ends) { return type }
    if try isPDF(ends) { return .pdf }
    if ends.starts("PK\u{3}\u{4}") { return try OfficeSniffer.sniff(ends, name: name) }
    if ends.starts([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]) { throw OfficeSniffer.compound(ends, name: name) }
    if SignatureSniffer.isSigned(ends) { return .p7s }
    return try TextSniffer.sniff(ends, name: name)
  }

  /// A PDF begins with its header; before it only white space and a byte order mark may stand, because what else stands there is what makes
  /// it two files at once.
  private static func isPDF(_ ends: FileEnds) throws(FileRefusal) -> Bool {
    var start = ends.head[...]
    if start.starts(with: [0xEF, 0xBB, 0xBF]) { start = start.dropFirst(3) }
    start = start.drop { $0 == 32 || (9...13).contains($0) }
    guard start.starts(with: Array("%PDF-".utf8)) else { return false }
    guard let end = ends.tail.last(subsequence: "%%EOF") else { throw .broken }
    if ends.tail[end...].holdsForeignFile { throw .polyglot }
    return true
  }
}

/// The two ends of a file, which are the same bytes when it is short.
package struct FileEnds {
  let head: [UInt8]
  let tail: [UInt8]
  let size: Int64

  package init(head: [UInt8], tail: [UInt8], size: Int64) { (self.head, self.tail, self.size) = (head, tail, size) }

  /// Whether the file begins so.
  func starts(_ bytes: [UInt8]) -> Bool { head.starts(with: bytes) }

  /// Whether the file begins so; the text is ASCII.
  func starts(_ text: String) -> Bool { head.starts(with: text.utf8) }

  /// Where in the file the tail begins.
  var tailStart: Int64 { size - Int64(tail.count) }
}

extension RandomAccessCollection<UInt8> where Index == Int {
  /// Where the ASCII text stands first, its end; nil when it doesn't.
  func first(subsequence text: String) -> Int? {
    let wanted = Array(text.utf8)
    guard let initial = wanted.first, count >= wanted.count else { return nil }
    for start in startIndex...(endIndex - wanted.count) where self[start] == initial {
      if self[start..<(start + wanted.count)].elementsEqual(wanted) { return start + wanted.count }
    }
    return nil
  }

  /// Where the ASCII text stands last, its end; nil when it doesn't.
  func last(subsequence text: String) -> Int? {
    let wanted = Array(text.utf8)
    guard let initial = wanted.first, count >= wanted.count else { return nil }
    for start in (startIndex...(endIndex - wanted.count)).reversed() where self[start] == initial {
      if self[start..<(start + wanted.count)].elementsEqual(wanted) { return start + wanted.count }
    }
    return nil
  }

  /// Whether the ASCII text stands somewhere.
  func contains(subsequence text: String) -> Bool { first(subsequence: text) != nil }

  /// Whether what follows a file's own end is another file, or markup that a browser would run. Other left-overs are harmless: cameras write them.
  var holdsForeignFile: Bool {
    let lower = drop { $0 == 32 || (9...13).contains($0) }.map { (65...90).contains($0) ? $0 + 32 : $0 }
    let marks = ["%pdf-", "pk\u{3}\u{4}", "rar!\u{1a}\u{7}", "<html", "<script", "<svg", "<!doctype", "<?php", "<iframe"]
    return marks.contains { lower.contains(subsequence: $0) } || lower.starts(with: Array("mz".utf8))
      || lower.starts(with: [0x7F, 0x65, 0x6C, 0x66]) || lower.starts(with: [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C])
  }

  /// A little-endian number of `width` bytes at `offset` from the start; nil past the end.
  func littleEndian(at offset: Int, width: Int) -> Int? {
    guard offset >= 0, width <= 7, offset <= count - width else { return nil }
    return (0..<width).reversed().reduce(0) { $0 << 8 | Int(self[startIndex + offset + $1]) }
  }

  /// A big-endian number of `width` bytes at `offset` from the start; nil past the end.
  func bigEndian(at offset: Int, width: Int) -> Int? {
    guard offset >= 0, width <= 7, offset <= count - width else { return nil }
    return (0..<width).reduce(0) { $0 << 8 | Int(self[startIndex + offset + $1]) }
  }
}
