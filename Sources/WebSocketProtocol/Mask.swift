/// The client's mask (RFC 6455 §5.3).
struct Mask: Sendable {
  /// The four bytes as they came: the first in the lowest bits.
  private var key: UInt32

  init(bigEndian key: UInt32) { self.key = key.byteSwapped }

  /// Takes the mask off the next bytes, in place, and looks for bytes past ASCII in the same pass.
  ///
  /// - Returns: whether all of them are ASCII.
  mutating func remove(from bytes: UnsafeMutableRawBufferPointer) -> Bool {
    guard let base = bytes.baseAddress else { return true }
    let count = bytes.count
    let wide = UInt64(key) | UInt64(key) << 32
    let words = count / 8
    var seen: UInt64 = 0
    // No exit from this loop, so that it becomes vector instructions.
    for word in 0..<words {
      let at = word &* 8
      let plain = unsafe UInt64(littleEndian: base.loadUnaligned(fromByteOffset: at, as: UInt64.self)) ^ wide
      seen |= plain
      unsafe base.storeBytes(of: plain.littleEndian, toByteOffset: at, as: UInt64.self)
    }
    var at = words &* 8
    while at < count {
      let plain = unsafe base.load(fromByteOffset: at, as: UInt8.self) ^ UInt8(truncatingIfNeeded: wide >> UInt64((at & 7) &* 8))
      seen |= UInt64(plain)
      unsafe base.storeBytes(of: plain, toByteOffset: at, as: UInt8.self)
      at &+= 1
    }
    let turn = UInt32(count & 3) &* 8
    key = key &>> turn | (turn == 0 ? 0 : key &<< (32 &- turn))
    return seen & 0x8080_8080_8080_8080 == 0
  }
}
