internal import WebSocketProtocol

/// What a loop keeps for one socket, beside the reactor's slot. Plain memory; idle it holds no buffer.
struct SocketState: ~Copyable {
  /// The socket that has the slot; nil while it is free.
  var socket: SocketID?
  var decoder: MessageDecoder
  var keepAlive: KeepAlive
  var closing = ClosingHandshake()
  var bucket: TokenBucket
  /// What compresses messages to it; nil when permessage-deflate isn't spoken. The table's own one is shared and keeps no window.
  let deflater: Deflater?
  private let place: (any AnyObject & Sendable)?

  init(
    socket: SocketID?, limits: SocketLimits, extensions: Extensions = .none, inflater: Inflater? = nil, deflater: Deflater? = nil,
    place: (any AnyObject & Sendable)? = nil, now: Int64
  ) {
    self.socket = socket
    decoder = MessageDecoder(limit: limits.messageBytes, extensions: extensions, inflater: inflater)
    self.deflater = deflater
    keepAlive = KeepAlive(now: now)
    self.place = place
    bucket = TokenBucket(burst: limits.requestBurst, now: now)
  }
}
