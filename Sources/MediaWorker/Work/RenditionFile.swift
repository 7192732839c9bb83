import Domain
import Storage

/// A file that a child has left, looked at from outside.
enum RenditionFile {
  /// Its hash and length; nil when it is empty, longer than `limit`, or doesn't begin as a file of that type does. Blocks.
  ///
  /// - Throws: `BlobError` when it is no regular file or cannot be read.
  static func look(_ path: String, as type: FileType, limit: Int64) throws(BlobError) -> (hash: BlobHash, size: Int64)? {
    let file = try BlobFile.open(path)
    guard (1...limit).contains(file.size) else { return nil }
    let start: [UInt8] =
      switch type {
      case .jpeg: [0xFF, 0xD8, 0xFF]
      case .png: [0x89, 0x50, 0x4E, 0x47]
      default: Array("%PDF-".utf8)
      }
    guard try file.read(at: 0, limit: start.count) == start else { return nil }
    return (try file.digest(0..<file.size), file.size)
  }
}
