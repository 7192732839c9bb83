public import Reactor
internal import WebSocketProtocol

/// Turns the bytes of a loop's connections into the messages of an application. The root of every loop that carries WebSockets.
///
/// Generic, so that a message goes from the decoder to the handler by a direct call.
public final class SocketDriver<Handler: SocketHandler>: LoopHandler {
  /// The sockets of this loop.
  public let sockets: SocketTable
  /// The application.
  public let handler: Handler
  private let loop: EventLoop

  /// Makes what lives on a loop.
  ///
  /// - Parameters:
  ///   - loop: the loop that this is to be attached to.
  ///   - limits: how much one socket may use.
  ///   - makeHandler: makes the application; it writes through the table.
  public init(loop: EventLoop, limits: SocketLimits = SocketLimits(), makeHandler: (SocketTable) throws -> Handler) rethrows {
    self.loop = loop
    sockets = SocketTable(loop: loop, limits: limits)
    handler = try makeHandler(sockets)
    scheduleSweep()
  }

  /// Takes a connection over from the front.
  public func admit(_ handoff: SocketHandoff<Handler.Identity>) {
    guard let connection = loop.adopt(handoff.connection) else { return }
    let socket = SocketID(rawValue: connection.rawValue)
    sockets.insert(socket, extensions: handoff.extensions, place: handoff.place)
    loop.send(handoff.answer, to: connection)
    handler.opened(socket, handoff.identity)
    if sockets.isDraining { sockets.close(socket, code: CloseCode.serviceRestart, reason: "restart") }
    guard !handoff.leftover.isEmpty else { return }
    var leftover = handoff.leftover
    leftover.withUnsafeMutableBytes { received(connection, $0) }
  }

  /// Of `LoopHandler`.
  public func received(_ connection: ConnectionID, _ bytes: UnsafeMutableRawBufferPointer) {
    let socket = SocketID(rawValue: connection.rawValue)
    guard let state = sockets.find(socket) else { return }
    let now = loop.now
    state.pointee.keepAlive.heard(now: now)
    var offset = 0
    // The handler may close the socket inside this loop; its memory stays until the end of the tick.
    while !state.pointee.closing.isFinishing {
      switch state.pointee.decoder.next(bytes, from: &offset) {
      case .needMore: return
      case .text(let text):
        guard takeToken(socket, state, now) else { continue }
        handler.received(socket, text: text)
      case .binary(let bytes):
        guard takeToken(socket, state, now) else { continue }
        if !handler.received(socket, binary: bytes) {
          sockets.close(socket, code: CloseCode.unsupportedData, reason: "text only")
        }
      case .ping(let payload):
        guard takeToken(socket, state, now) else { continue }
        sockets.pong(payload, to: socket)
      case .pong: break
      case .close(let code):
        sockets.perform(state.pointee.closing.received(code: code, now: now), on: socket)
      case .failed(let code):
        sockets.perform(state.pointee.closing.fail(code: code, now: now), on: socket)
      }
    }
  }

  /// Whether the socket is open and may make one more request; closes with 4029 when it makes too many.
  @inline(__always)
  private func takeToken(_ socket: SocketID, _ state: UnsafeMutablePointer<SocketState>, _ now: Int64) -> Bool {
    guard state.pointee.closing.isOpen else { return false }
    let limits = sockets.limits
    if state.pointee.bucket.take(perSecond: limits.requestsPerSecond, burst: limits.requestBurst, now: now) { return true }
    sockets.close(socket, code: 4_029, reason: "too many requests")
    return false
  }

  /// A WebSocket ends with a close frame; FIN without one means that the peer has gone.
  public func ended(_ connection: ConnectionID) { loop.close(connection) }

  /// Of `LoopHandler`.
  public func drained(_ connection: ConnectionID) {
    let socket = SocketID(rawValue: connection.rawValue)
    guard let state = sockets.find(socket), state.pointee.closing.isOpen else { return }
    handler.drained(socket)
  }

  /// Of `LoopHandler`.
  public func closed(_ connection: ConnectionID, _ reason: Disconnect) {
    let socket = SocketID(rawValue: connection.rawValue)
    guard sockets.remove(socket) else { return }
    handler.closed(socket)
    sockets.tellIfEmpty()
  }

  /// Of `LoopHandler`.
  public func tickEnded() { handler.tickEnded() }

  private func scheduleSweep() {
    loop.schedule(after: 1_000) { [unowned self] in
      sockets.sweep(now: loop.now)
      scheduleSweep()
    }
  }
}
