public import WebSocketProtocol

/// A frame of the server, encoded once and shared by every socket that it is queued for.
///
/// Immutable after `init`, so it may cross threads. The compressed twin of permessage-deflate will be made lazily in here.
public final class Frame: @unchecked Sendable {
  /// The frame on the wire: header and payload.
  let bytes: UnsafeRawBufferPointer
  private let headerSize: Int

  /// Encodes a message of `count` bytes that `fill` writes: all of them, and UTF-8 for `.text`.
  public init(_ opcode: Opcode = .text, count: Int, fill: (UnsafeMutableRawBufferPointer) -> Void) {
    let headerSize = FrameEncoder.headerSize(payload: count)
    let storage = UnsafeMutableRawBufferPointer.allocate(byteCount: headerSize + count, alignment: 8)
    FrameEncoder.writeHeader(opcode, payload: count, to: storage)
    fill(UnsafeMutableRawBufferPointer(rebasing: storage[headerSize...]))
    bytes = UnsafeRawBufferPointer(storage)
    self.headerSize = headerSize
  }

  /// Encodes UTF-8 bytes.
  public convenience init(text: [UInt8]) {
    self.init(count: text.count) { $0.copyBytes(from: text) }
  }

  /// Encodes UTF-8 bytes that are borrowed for this call.
  public convenience init(text: UnsafeRawBufferPointer) {
    self.init(count: text.count) { $0.copyMemory(from: text) }
  }

  /// The message without the header; lives as long as the frame.
  public var payload: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[headerSize...]) }

  deinit { bytes.deallocate() }
}
