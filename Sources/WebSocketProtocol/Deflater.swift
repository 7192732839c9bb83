internal import CZlib

/// Deflates whole messages for permessage-deflate (RFC 7692 §7.2.1).
///
/// Without context takeover one serves all connections of a loop; with it every connection needs its own. Belongs to one thread.
@safe
public final class Deflater {
  /// zlib's fastest: chat lines are short, and a better ratio costs more CPU than the bytes are worth.
  private static let level: Int32 = 1

  private let stream: OpaquePointer
  /// Whether messages refer to those before them (context takeover).
  public let keepsWindow: Bool
  private var output = unsafe UnsafeMutableRawBufferPointer(start: nil, count: 0)

  /// - Parameters:
  ///   - windowBits: the size of the window, 9…15 bits.
  ///   - keepsWindow: whether messages refer to those before them (context takeover).
  public init(windowBits: Int = 15, keepsWindow: Bool = false) {
    // Resetting clears the hash table, which for a short message costs more than the message: so a small one, unless it is kept.
    let memoryLevel: Int32 = keepsWindow ? 8 : 5
    guard let stream = unsafe czlib_deflater(Self.level, Int32(windowBits), memoryLevel) else {
      fatalError("no memory for a deflater, or no window of \(windowBits) bits")
    }
    unsafe self.stream = stream
    self.keepsWindow = keepsWindow
  }

  /// Deflates a message, without the four bytes that its end is cut by.
  ///
  /// - Returns: the payload of a frame with RSV1, borrowed until the next call; nil when the message is better sent as it is: because it is empty or,
  ///   without context takeover, because it doesn't become smaller.
  public func deflate(_ message: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    // A second flush with nothing in between is none, and there would be no block to send.
    guard unsafe !message.isEmpty else { return nil }
    if !keepsWindow, unsafe czlib_deflate_reset(stream) == 0 { return nil }
    let bound = unsafe czlib_deflate_bound(stream, message.count)
    if unsafe output.count < bound || output.count > max(bound * 8, 65_536) {
      unsafe output.deallocate()
      unsafe output = .allocate(byteCount: bound, alignment: 16)
    }
    let size = unsafe czlib_deflate(stream, message.baseAddress, message.count, output.baseAddress, output.count)
    guard size > 4, keepsWindow || size - 4 < message.count else { return nil }
    return unsafe UnsafeRawBufferPointer(rebasing: output[..<(size - 4)])
  }

  deinit {
    unsafe output.deallocate()
    unsafe czlib_deflater_free(stream)
  }
}
