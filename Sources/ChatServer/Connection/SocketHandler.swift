/// What the chat does with sockets. Every call comes on the thread of the loop that owns the socket.
///
/// `opened` comes first and `closed` last, each exactly once; nothing comes after `closed`, and nothing but `closed` after
/// `SocketWriter.close(_:code:reason:)`.
protocol SocketHandler: AnyObject {
  /// The upgrade is done; frames may be written at once.
  func opened(_ socket: SocketID, _ identity: SocketIdentity)

  /// One whole text message, at most 64 KiB of valid UTF-8. The bytes are borrowed from the receive buffer: they end with this call.
  func received(_ socket: SocketID, text: UnsafeRawBufferPointer)

  /// Everything queued for a socket that had fallen behind (64 KiB or more, or more than the kernel took at once) has been handed to the kernel.
  func drained(_ socket: SocketID)

  /// The socket is gone, whoever ended it.
  func closed(_ socket: SocketID)

  /// All events of this tick are handled; what was written is sent right after. Does nothing unless implemented.
  func tickEnded()
}

extension SocketHandler {
  func tickEnded() {}
}
