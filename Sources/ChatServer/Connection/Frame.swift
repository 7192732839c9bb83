/// A text frame of the server, encoded once and shared by every socket that it is queued for.
///
/// Immutable after `init`, so it may cross threads. The compressed twin of permessage-deflate will be made lazily in here.
final class Frame: @unchecked Sendable {
  /// The frame on the wire: header and payload.
  let bytes: UnsafeRawBufferPointer
  /// How many of `bytes` are header: 2, 4 or 10.
  private let headerSize: Int

  /// Encodes `count` bytes of UTF-8 that `fill` writes. `fill` must write all of them.
  init(count: Int, fill: (UnsafeMutableRawBufferPointer) -> Void) {
    let headerSize = count < 126 ? 2 : count < 65_536 ? 4 : 10
    let storage = UnsafeMutableRawBufferPointer.allocate(byteCount: headerSize + count, alignment: 8)
    storage[0] = 0x81
    switch headerSize {
    case 2: storage[1] = UInt8(truncatingIfNeeded: count)
    case 4:
      storage[1] = 126
      storage.storeBytes(of: UInt16(truncatingIfNeeded: count).bigEndian, toByteOffset: 2, as: UInt16.self)
    default:
      storage[1] = 127
      storage.storeBytes(of: UInt64(count).bigEndian, toByteOffset: 2, as: UInt64.self)
    }
    fill(UnsafeMutableRawBufferPointer(rebasing: storage[headerSize...]))
    bytes = UnsafeRawBufferPointer(storage)
    self.headerSize = headerSize
  }

  /// Encodes UTF-8 bytes.
  convenience init(text: [UInt8]) {
    self.init(count: text.count) { $0.copyBytes(from: text) }
  }

  /// Encodes UTF-8 bytes that are borrowed for this call.
  convenience init(text: UnsafeRawBufferPointer) {
    self.init(count: text.count) { $0.copyMemory(from: text) }
  }

  /// The text without the header.
  var payload: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[headerSize...]) }

  deinit { bytes.deallocate() }
}
