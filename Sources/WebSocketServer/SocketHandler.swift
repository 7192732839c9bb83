/// What an application does with the sockets of one loop. Every call comes on the thread of that loop.
///
/// `opened` comes first and `closed` last, each exactly once; nothing comes after `closed`, and nothing but `closed` after
/// `SocketWriter.close(_:code:reason:)`.
public protocol SocketHandler: AnyObject, SendableMetatype {
  /// What is known of a client when it is let in.
  associatedtype Identity: Sendable

  /// The upgrade is done; frames may be written at once.
  func opened(_ socket: SocketID, _ identity: Identity)

  /// One whole text message of valid UTF-8, no larger than `SocketLimits.messageBytes`. The bytes are borrowed from the receive buffer: they end
  /// with this call.
  func received(_ socket: SocketID, text: UnsafeRawBufferPointer)

  /// One whole binary message, borrowed like a text. Closes with 1003 unless implemented.
  ///
  /// - Returns: whether it was taken.
  func received(_ socket: SocketID, binary: UnsafeRawBufferPointer) -> Bool

  /// Everything queued for a socket that had fallen behind (64 KiB or more, or more than the kernel took at once) has been handed to the kernel.
  func drained(_ socket: SocketID)

  /// The socket is gone, whoever ended it.
  func closed(_ socket: SocketID)

  /// All events of this tick are handled; what was written is sent right after. Does nothing unless implemented.
  func tickEnded()
}

extension SocketHandler {
  /// For applications that speak text alone.
  public func received(_ socket: SocketID, binary: UnsafeRawBufferPointer) -> Bool { false }
  /// For applications without work per tick.
  public func tickEnded() {}
}
