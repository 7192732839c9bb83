import Glibc
import Synchronization

/// Random salts from the kernel's generator, asked for sixteen at a time: one question for each costs a message 2 % of its time.
final class SaltSource: Sendable {
  private static let saltBytes = 16
  /// The most that `getentropy` gives at once.
  private static let poolBytes = 256

  private let pool = Mutex<ArraySlice<UInt8>>([])

  /// Sixteen bytes that nobody has had before.
  func next() -> [UInt8] {
    pool.withLock { pool in
      if pool.isEmpty { pool = Self.draw()[...] }
      let salt = Array(pool.prefix(Self.saltBytes))
      pool = pool.dropFirst(Self.saltBytes)
      return salt
    }
  }

  private static func draw() -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: poolBytes) { buffer, count in
      // It fails only for sizes above its limit and where the kernel has no generator: without salts there is no chat.
      guard getentropy(buffer.baseAddress, poolBytes) == 0 else { fatalError("getentropy: errno \(errno)") }
      count = poolBytes
    }
  }
}
