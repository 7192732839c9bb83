import Reactor
import ServerKit
import WebSocketProtocol

/// How the front behaves. Times are in milliseconds.
struct FrontConfiguration: Sendable {
  /// RestAPI's address; without one there is no tunnel, and all but the chat is 404.
  var upstream: SocketAddress?
  /// Whether the tunnel starts with a PROXY protocol v2 header.
  var sendsProxyHeader = true
  /// Which pages may open a socket with a cookie.
  var origins = OriginPolicy()
  /// The certificate and what is offered with it; nil: no TLS.
  var tls: TLSContext?
  /// Proxies whose `X-Forwarded-For` and PROXY header are believed.
  var trustedProxies = TrustedProxies([])
  /// Whether the connections of those begin with a PROXY header. Nobody else's may.
  var expectsProxyHeader = false
  /// The cookie with the session's token.
  var cookie = "onefin_session"
  /// What this server speaks, newest first.
  var subprotocols = ["1fin.v1"]
  /// How long a client may take for the TLS handshake and its request's head together: 10 s.
  var headPatience: Int64 = 10_000
  /// How long signing in may take before the answer is 503: 10 s.
  var signInPatience: Int64 = 10_000
  /// How long connecting to RestAPI may take before the answer is 502: 5 s.
  var connectPatience: Int64 = 5_000
  /// How long RestAPI may be silent after the last bytes of a request before the answer is 502: 60 s.
  var answerPatience: Int64 = 60_000
  /// The most tunnels at once; more are 503.
  var tunnelLimit = 1_500
  /// How long a finished connection may take to send its last bytes: 30 s.
  var lingerPatience: Int64 = 30_000
  /// The most connections whose head isn't answered yet: after a restart everybody comes back at once.
  var pendingLimit = 12_288
  /// The most TLS handshakes at once; further ones wait for their turn. One takes 50 KiB, that of a client which announces a huge message 250 KiB.
  var handshakeLimit = 1_024
  /// The most connections of one address in the front (pending ones and tunnels). Generous: a whole operator may share an address.
  var addressLimit = 1_024
  /// Whether that holds for this machine too, from which proxies come that nobody has listed. Trusted proxies have no limit.
  var boundsLoopback = false
  /// The most connections of the front, both ends of a tunnel counted.
  var connectionLimit = 16_384
  /// From how many bytes on, waiting in one direction of a tunnel, the other end isn't read: 256 KiB. At least `EventLoop.largeQueue`.
  var tunnelBuffer = 262_144
  /// Seconds after which a client that was sent away may come back.
  var retryAfter = 5
}
