public import Reactor
public import WebSocketProtocol

/// A connection on its way from whoever read its upgrade request to a loop: let in, but the answer isn't sent yet, so that frames can't overtake it.
public struct SocketHandoff<Identity: Sendable>: Sendable {
  /// The connection, with its TLS; closed when nobody takes it.
  public let connection: DetachedConnection
  /// Who it is.
  public let identity: Identity
  /// The request's answer, 101.
  public let answer: [UInt8]
  /// What the client has sent after the head, without waiting.
  public let leftover: [UInt8]
  /// What was negotiated.
  public let extensions: Extensions
  /// Kept as long as the socket lives and then let go of: a place in a count, say.
  public let place: (any AnyObject & Sendable)?

  /// A hand-off of an open connection.
  public init(
    connection: DetachedConnection, identity: Identity, answer: [UInt8], leftover: [UInt8] = [], extensions: Extensions = .none,
    place: (any AnyObject & Sendable)? = nil
  ) {
    (self.connection, self.identity, self.answer) = (connection, identity, answer)
    (self.leftover, self.extensions, self.place) = (leftover, extensions, place)
  }
}
