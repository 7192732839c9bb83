/// What lives on a loop: bytes in. Every call comes on the loop's thread, and there is one per read, not per byte or message.
///
/// A connection starts with `accepted`, `connected` or `EventLoop.adopt` and ends with exactly one `closed`, unless it was detached. `closed` is never
/// called from inside another call of that connection.
public protocol LoopHandler: AnyObject, SendableMetatype {
  /// A listener took a connection.
  func accepted(_ connection: ConnectionID, listener: Int)

  /// A connection begun with `EventLoop.connect` stands.
  func connected(_ connection: ConnectionID)

  /// Bytes came. They lie in the loop's one receive buffer, may be changed in place, and end with this call.
  func received(_ connection: ConnectionID, _ bytes: UnsafeMutableRawBufferPointer)

  /// The peer sends no more. Sending to it may go on.
  func ended(_ connection: ConnectionID)

  /// A queue that the kernel had not taken at once, or that had grown to `EventLoop.largeQueue`, is empty.
  func drained(_ connection: ConnectionID)

  /// The connection is gone.
  func closed(_ connection: ConnectionID, _ reason: Disconnect)

  /// All events of this tick are handled; what was queued is sent right after.
  func tickEnded()
}

extension LoopHandler {
  /// For handlers that listen to nothing.
  public func accepted(_ connection: ConnectionID, listener: Int) {}
  /// For handlers that connect to nothing.
  public func connected(_ connection: ConnectionID) {}
  /// For handlers without back-pressure.
  public func drained(_ connection: ConnectionID) {}
  /// For handlers without work per tick.
  public func tickEnded() {}
}

/// Stands in before a loop has its handler and after it has stopped.
final class NoHandler: LoopHandler {
  func received(_ connection: ConnectionID, _ bytes: UnsafeMutableRawBufferPointer) {}
  func ended(_ connection: ConnectionID) {}
  func closed(_ connection: ConnectionID, _ reason: Disconnect) {}
}
