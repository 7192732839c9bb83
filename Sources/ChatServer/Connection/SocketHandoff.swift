import Reactor
import WebSocketProtocol

/// A connection on its way from the front to a chat loop: let in, but the answer isn't sent yet, so that frames can't overtake it.
struct SocketHandoff: Sendable {
  /// The connected socket; whoever holds the hand-off owns it.
  let descriptor: Int32
  /// Who it is.
  let identity: SocketIdentity
  /// The request's answer, 101.
  let answer: [UInt8]
  /// What the client has sent after the head, without waiting.
  let leftover: [UInt8]
  /// What was negotiated.
  let extensions: Extensions
  /// Its place among the sockets of the process; freed when nobody holds it any more.
  var place: SocketGauge.Place?
}

/// The door of a chat loop, as the front sees it.
struct SocketEntrance: Sendable {
  /// Hands a connection over; false when the loop has stopped, and the caller keeps the descriptor.
  let admit: @Sendable (SocketHandoff) -> Bool

  /// The door of the loop that `remote` leads to.
  init<Handler: SocketHandler & SendableMetatype>(_ remote: LoopRemote<SocketDriver<Handler>>) {
    admit = { handoff in remote.execute { $0.admit(handoff) } }
  }

  init(admit: @escaping @Sendable (SocketHandoff) -> Bool) { self.admit = admit }
}
