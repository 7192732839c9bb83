/// Bytes of a message that is not yet whole. Owns its memory, so that borrowed pointers into it stay good between calls.
@safe
struct ByteBuffer: ~Copyable, @unchecked Sendable {
  private var base: UnsafeMutableRawPointer?
  private var capacity: UInt32 = 0
  private var used: UInt32 = 0

  init() { unsafe base = nil }

  var count: Int { Int(used) }

  var bytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: base, count: count) }

  /// Appends; what was announced doesn't count, only what came, so a liar costs no memory. More than `limit` bytes are a programming error.
  mutating func append(_ piece: UnsafeRawBufferPointer, limit: Int) {
    guard let source = piece.baseAddress, piece.count > 0 else { return }
    let needed = count + piece.count
    precondition(needed <= limit)
    if needed > Int(capacity) {
      let size = min(limit, max(needed, Int(capacity) * 2, 128))
      let larger = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 8)
      if let base = unsafe base {
        unsafe larger.copyMemory(from: base, byteCount: count)
        unsafe base.deallocate()
      }
      unsafe base = larger
      capacity = UInt32(size)
    }
    if let base = unsafe base { unsafe (base + count).copyMemory(from: source, byteCount: piece.count) }
    used = UInt32(needed)
  }

  /// Forgets the bytes and gives the memory back.
  mutating func release() {
    if let base = unsafe base { unsafe base.deallocate() }
    unsafe base = nil
    (capacity, used) = (0, 0)
  }

  deinit {
    if let base = unsafe base { unsafe base.deallocate() }
  }
}
