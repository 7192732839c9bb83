/// Names one WebSocket of this process: its loop, its slot and the slot's generation. Never reused while the process lives.
public struct SocketID: Hashable, Sendable {
  /// Loop (8 bits), slot (24 bits) and generation (32 bits), packed: cheap to hash, compare and pass on.
  public let rawValue: UInt64

  /// A name from its packed form.
  public init(rawValue: UInt64) { self.rawValue = rawValue }
}
