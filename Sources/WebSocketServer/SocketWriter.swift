/// What an application may do to sockets. To be called on the thread of the loop that owns the socket; a socket that is already gone is ignored,
/// since its `closed` may be on the way.
///
/// Used generically (`some SocketWriter`), so that a fan-out has no existential in its loop.
public protocol SocketWriter: AnyObject {
  /// Queues a frame by reference. It leaves with everything else of this tick in one system call.
  func write(_ frame: Frame, to socket: SocketID)

  /// Starts the closing handshake; what is queued goes out first. `reason` is cut to the 123 bytes that fit.
  func close(_ socket: SocketID, code: UInt16, reason: String)

  /// Bytes that wait for this socket, those of this tick included; 0 when it is gone.
  func queuedBytes(_ socket: SocketID) -> Int
}
