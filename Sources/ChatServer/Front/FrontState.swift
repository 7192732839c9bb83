import Reactor
import WebSocketProtocol

/// What the front keeps for one connection.
struct FrontState {
  /// Where a connection is on its way.
  enum Phase {
    /// Its request's head isn't complete.
    case head
    /// Someone else is asked: who it is, or what a status page says.
    case deciding
    /// It has got an answer of ours and only has to go.
    case refusing
    /// The client's end of a tunnel.
    case client
    /// RestAPI's end of a tunnel.
    case upstream
  }

  let connection: ConnectionID
  var phase: Phase
  /// When patience ends; `.max` when nothing is due.
  var deadline: Int64
  /// The peer's address without its port; empty for RestAPI's end.
  var address = ""
  var parser = RequestHeadParser()
  /// What has come after the head.
  var leftover: [UInt8] = []
  var request: UpgradeRequest?
  /// The client's address as it is shown to the chat.
  var shownAddress = ""
  /// The path asked for, for the answer when RestAPI is away.
  var path = ""
  /// The tunnel's other end.
  var other: ConnectionID?
  /// RestAPI's end: whether the connection stands. The client's end: whether anything of RestAPI's has been passed on.
  var isEstablished = false

  init(_ connection: ConnectionID, _ phase: Phase, deadline: Int64) {
    self.connection = connection
    self.phase = phase
    self.deadline = deadline
  }
}
