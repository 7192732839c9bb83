internal import CZlib

/// Inflates whole messages of permessage-deflate (RFC 7692 §7.2.2).
///
/// Holds zlib's state and window (about 40 KiB) and the last message. Without context takeover one serves all connections of a loop, so that idle ones
/// hold nothing; with it every connection needs its own. Belongs to one thread.
@safe
public final class Inflater {
  /// What a message came to.
  @unsafe
  public enum Outcome {
    /// The message, borrowed until the next call.
    case message(UnsafeRawBufferPointer)
    /// It would be larger than the limit; no more than the limit was inflated.
    case tooLarge
    /// No deflate stream, or one that ends in its middle.
    case invalid
  }

  /// A larger buffer isn't kept for the next message: 1 MiB.
  private static let mostKept = 1 << 20

  private let stream: OpaquePointer
  /// What the sender has cut off the end: an empty stored block without its first byte.
  private let tail: UnsafeMutablePointer<UInt8>
  private let keepsWindow: Bool
  private var output = unsafe UnsafeMutableRawBufferPointer(start: nil, count: 0)
  private var made = 0

  /// - Parameter keepsWindow: whether messages refer to those before them (context takeover).
  public init(keepsWindow: Bool) {
    guard let stream = unsafe czlib_inflater() else { fatalError("no memory for an inflater") }
    unsafe self.stream = stream
    unsafe tail = .allocate(capacity: 4)
    unsafe (tail[0], tail[1], tail[2], tail[3]) = (0x00, 0x00, 0xFF, 0xFF)
    self.keepsWindow = keepsWindow
  }

  /// Inflates a message.
  ///
  /// - Parameters:
  ///   - message: the payloads of its frames, put together.
  ///   - limit: the most bytes that it may become.
  public func inflate(_ message: UnsafeRawBufferPointer, limit: Int) -> Outcome {
    made = 0
    if unsafe output.count > Self.mostKept { resize(0) }
    do throws(Fault) {
      if !keepsWindow, unsafe czlib_inflate_reset(stream, 0) == 0 { throw .invalid }
      try unsafe take(message, limit)
      // A message without a byte stands for itself; anything else needs the end that was cut off.
      if unsafe !message.isEmpty {
        try unsafe take(UnsafeRawBufferPointer(start: tail, count: 4), limit)
        guard unsafe czlib_inflate_is_between_blocks(stream) != 0 else { throw .invalid }
      }
      return unsafe .message(UnsafeRawBufferPointer(rebasing: output[..<made]))
    } catch {
      switch error {
      case .tooLarge: return unsafe .tooLarge
      case .invalid: return unsafe .invalid
      }
    }
  }

  private enum Fault: Error { case tooLarge, invalid }

  /// Inflates a stretch of input.
  private func take(_ input: UnsafeRawBufferPointer, _ limit: Int) throws(Fault) {
    var rest = unsafe input
    while true {
      if unsafe output.count == made {
        // One byte more than allowed tells a message that fits from one that doesn't.
        resize(min(max(made * 2, input.count * 4, 1_024), limit + 1))
      }
      var (taken, added) = (0, 0)
      let room = unsafe UnsafeMutableRawBufferPointer(rebasing: output[made...])
      let result = unsafe czlib_inflate(stream, rest.baseAddress, rest.count, &taken, room.baseAddress, room.count, &added)
      made += added
      guard made <= limit else { throw .tooLarge }
      unsafe rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
      switch Int(result) {
      case CZLIB_INVALID: throw .invalid
      case CZLIB_END:
        // A sender may mark a block as the last one; what follows is a stream that knows the same window (RFC 7692 §7.2.3.4).
        guard unsafe czlib_inflate_reset(stream, 1) != 0 else { throw .invalid }
        if unsafe rest.isEmpty { return }
      default:
        // With room left zlib has stopped for want of input.
        let isFull = unsafe made == output.count
        if !isFull { return }
      }
    }
  }

  private func resize(_ size: Int) {
    let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
    if made > 0 { unsafe larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: output[..<made])) }
    unsafe output.deallocate()
    unsafe output = larger
  }

  deinit {
    unsafe output.deallocate()
    unsafe tail.deallocate()
    unsafe czlib_inflater_free(stream)
  }
}
