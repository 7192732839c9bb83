import CZlib
import Domain

/// The parts of a workbook, unpacked one at a time.
struct XLSXArchive {
  /// The most bytes that one part may have unpacked.
  static let maximumPart = 64 << 20

  private let bytes: [UInt8]
  private let entries: [String: ZipDirectory.Entry]

  /// Throws: `ReportError` when it is no archive that can be trusted.
  init(_ bytes: [UInt8]) throws(ReportError) {
    self.bytes = bytes
    do {
      let directory = try ZipDirectory(FileEnds(head: bytes, tail: bytes, size: Int64(bytes.count)))
      entries = Dictionary(directory.entries.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    } catch {
      throw ReportError("the file is no Excel workbook (\(error.rawValue))")
    }
  }

  /// A part's bytes; nil when there is none of that name. Throws: `ReportError` when it is damaged, encrypted or has more than `limit` bytes.
  func part(_ name: String, limit: Int = maximumPart) throws(ReportError) -> [UInt8]? {
    guard let entry = entries[name] else { return nil }
    guard !entry.isEncrypted else { throw ReportError("the workbook needs a password") }
    guard entry.unpacked <= Int64(limit) else { throw ReportError("the workbook is too large") }
    let start = Int(entry.offset)
    guard bytes.count >= start + 30, bytes[start..<start + 4].elementsEqual([0x50, 0x4B, 3, 4]) else {
      throw ReportError("the workbook is damaged")
    }
    let method = Int(bytes[start + 8]) | Int(bytes[start + 9]) << 8
    let lengths = (Int(bytes[start + 26]) | Int(bytes[start + 27]) << 8) + (Int(bytes[start + 28]) | Int(bytes[start + 29]) << 8)
    let (from, to) = (start + 30 + lengths, start + 30 + lengths + Int(entry.packed))
    guard to <= bytes.count else { throw ReportError("the workbook is damaged") }
    let packed = Array(bytes[from..<to])
    let part = method == 0 ? packed : try Self.inflate(packed, size: Int(entry.unpacked))
    guard part.count == Int(entry.unpacked) else { throw ReportError("the workbook is damaged") }
    return part
  }

  /// Unpacks into exactly the room that the directory declares: a part that is longer than it says is refused.
  private static func inflate(_ packed: [UInt8], size: Int) throws(ReportError) -> [UInt8] {
    guard let stream = czlib_inflater() else { throw ReportError("there is no memory") }
    defer { czlib_inflater_free(stream) }
    var part = [UInt8](repeating: 0, count: size + 1)
    let (room, count) = (part.count, packed.count)
    var (input, output) = (0, 0)
    while output < room {
      var (taken, made) = (0, 0)
      let result = packed.withUnsafeBufferPointer { from in
        part.withUnsafeMutableBufferPointer { to in
          czlib_inflate(
            stream, from.baseAddress.map { $0 + input }, count - input, &taken, to.baseAddress.map { $0 + output }, room - output,
            &made)
        }
      }
      (input, output) = (input + taken, output + made)
      guard result != Int32(CZLIB_INVALID) else { throw ReportError("the workbook is damaged") }
      if result == Int32(CZLIB_END) || (taken == 0 && made == 0) { break }
    }
    guard output <= size else { throw ReportError("the workbook is damaged") }
    part.removeLast(room - output)
    return part
  }
}
