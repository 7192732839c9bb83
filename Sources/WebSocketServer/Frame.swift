import Synchronization
public import WebSocketProtocol

/// A frame of the server, encoded once and shared by every socket that it is queued for.
///
/// Immutable after `init` but for its compressed twin, which is made under a lock, so it may cross threads.
public final class Frame: @unchecked Sendable {
  /// The twin for sockets that speak permessage-deflate without context takeover.
  private enum Twin: @unchecked Sendable {
    case unknown
    /// Compressed it is no smaller.
    case useless
    /// Written by whoever made it, and never again.
    case made(UnsafeRawBufferPointer)
  }

  /// From how many bytes of payload on a message is worth compressing: 512. Measured with lines of the chat: 256 bytes become 195 and 512 become 373 for
  /// 4 to 5 µs each, as much as sending them costs, and a packet is a packet; a page of history becomes a quarter for the same.
  public static let worthCompressing = 512

  /// The frame on the wire: header and payload.
  let bytes: UnsafeRawBufferPointer
  private let headerSize: Int
  let opcode: Opcode
  private let twin = Mutex(Twin.unknown)

  /// Encodes a message of `count` bytes that `fill` writes: all of them, and UTF-8 for `.text`.
  public init(_ opcode: Opcode = .text, count: Int, fill: (UnsafeMutableRawBufferPointer) -> Void) {
    let headerSize = FrameEncoder.headerSize(payload: count)
    let storage = UnsafeMutableRawBufferPointer.allocate(byteCount: headerSize + count, alignment: 8)
    FrameEncoder.writeHeader(opcode, payload: count, to: storage)
    fill(UnsafeMutableRawBufferPointer(rebasing: storage[headerSize...]))
    bytes = UnsafeRawBufferPointer(storage)
    (self.headerSize, self.opcode) = (headerSize, opcode)
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

  /// The frame for sockets without context takeover: compressed where that pays. Compressed once, whoever asks first.
  ///
  /// - Parameter deflater: one that keeps no window.
  func bytes(deflatedBy deflater: Deflater) -> UnsafeRawBufferPointer {
    guard bytes.count - headerSize >= Self.worthCompressing else { return bytes }
    let known = twin.withLock { twin in
      if case .unknown = twin { twin = deflate(deflater) }
      return twin
    }
    if case .made(let small) = known { return small }
    return bytes
  }

  private func deflate(_ deflater: Deflater) -> Twin {
    guard let small = deflater.deflate(payload) else { return .useless }
    let storage = UnsafeMutableRawBufferPointer.allocate(
      byteCount: FrameEncoder.headerSize(payload: small.count) + small.count, alignment: 8)
    let size = FrameEncoder.writeHeader(opcode, payload: small.count, isCompressed: true, to: storage)
    UnsafeMutableRawBufferPointer(rebasing: storage[size...]).copyMemory(from: small)
    return .made(UnsafeRawBufferPointer(storage))
  }

  deinit {
    bytes.deallocate()
    if case .made(let bytes) = twin.withLock({ $0 }) { bytes.deallocate() }
  }
}
