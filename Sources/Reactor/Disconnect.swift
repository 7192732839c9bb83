/// Why a connection is gone.
public enum Disconnect: Sendable, Equatable {
  /// `EventLoop.close` was called.
  case local
  /// Both sides have said that they send no more, and everything has left.
  case finished
  /// The connection broke, or could not be made: an `errno`.
  case failed(Int32)
  /// The loop stopped.
  case stopped
}
