import Reactor
import ServerKit
import WebSocketProtocol

/// What the front keeps for one connection.
struct FrontState {
  /// Where a connection is on its way.
  enum Phase {
    /// The PROXY header isn't complete, or TLS hasn't begun because not a byte has come.
    case greeting
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
  /// The address without its port of whoever connects: the PROXY header's word if there is one, else the peer's. Empty for RestAPI's end.
  var address = ""
  /// Whose limit the connection counts for; nil for RestAPI's end and for listed proxies.
  var place: String?
  /// Whether a PROXY header has to come first.
  var awaitsProxyHeader = false
  /// What the PROXY header has said.
  var proxied: ProxyHeader?
  /// Whether the client speaks TLS, with us or with the proxy.
  var isSecure = false
  /// Whether TLS has begun and nothing has come through it yet.
  var isHandshaking = false
  var parser = RequestHeadParser()
  /// What has come after the head, or of the greeting.
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

  /// Whether it is the client that everything waits for, and not a handshake's turn.
  var owesHead: Bool {
    switch phase {
    case .greeting: awaitsProxyHeader || leftover.isEmpty
    case .head: !isHandshaking
    case .deciding, .refusing, .client, .upstream: false
    }
  }

  init(_ connection: ConnectionID, _ phase: Phase, deadline: Int64) {
    self.connection = connection
    self.phase = phase
    self.deadline = deadline
  }
}
