/// Names one connection of the process: its loop, its slot and the slot's generation. Never reused while the process lives, so that a name kept
/// too long finds nothing instead of a stranger.
public struct ConnectionID: Hashable, Sendable {
  /// Loop (8 bits), slot (24 bits) and generation (32 bits, from 1).
  public let rawValue: UInt64

  /// Takes a name that `rawValue` gave.
  @inlinable
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  init(loop: UInt8, slot: Int, generation: UInt32) {
    rawValue = UInt64(loop) << 56 | UInt64(slot) << 32 | UInt64(generation)
  }

  /// The slot: small and dense, made for tables beside the loop's own.
  @inlinable
  public var slot: Int { Int(rawValue >> 32 & 0xFF_FFFF) }

  /// The loop's number.
  @inlinable
  public var loop: UInt8 { UInt8(truncatingIfNeeded: rawValue >> 56) }

  var generation: UInt32 { UInt32(truncatingIfNeeded: rawValue) }
}
