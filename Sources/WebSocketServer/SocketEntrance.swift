public import Reactor

/// The door of a loop, as whoever accepts connections on another loop sees it.
public struct SocketEntrance<Identity: Sendable>: Sendable {
  /// Hands a connection over; false when the loop has stopped; another may take it then.
  public let admit: @Sendable (SocketHandoff<Identity>) -> Bool

  /// The door of the loop that `remote` leads to.
  public init<Handler: SocketHandler>(_ remote: LoopRemote<SocketDriver<Handler>>) where Handler.Identity == Identity {
    admit = { handoff in remote.execute { $0.admit(handoff) } }
  }

  /// A door that a closure stands for.
  public init(admit: @escaping @Sendable (SocketHandoff<Identity>) -> Bool) { self.admit = admit }
}
