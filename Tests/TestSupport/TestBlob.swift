public import Domain
import Foundation

/// A file of random bytes and what it hashes to.
public struct TestBlob: Sendable {
  /// Where it lies.
  public let path: String
  /// Its bytes.
  public let bytes: [UInt8]
  /// Their hash.
  public let hash: BlobHash
  /// How many they are.
  public var size: Int64 { Int64(bytes.count) }

  /// Writes a new file into `folder`. Throws: what the disk throws.
  public init(of size: Int, in folder: String) throws {
    // A block of random bytes over and over, a number in each: making them must not take longer than keeping them.
    let block = (0..<min(size, 4096)).map { _ in UInt8.random(in: 0...255) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size)
    while bytes.count < size {
      var next = block
      let number = UInt64(bytes.count).bigEndian
      if next.count >= 8 { next.replaceSubrange(0..<8, with: withUnsafeBytes(of: number) { Array($0) }) }
      bytes += next.prefix(size - bytes.count)
    }
    self.bytes = bytes
    hash = BlobHash(of: bytes)
    path = "\(folder)/\(UUID().uuidString)"
    try Data(bytes).write(to: URL(filePath: path))
  }
}
