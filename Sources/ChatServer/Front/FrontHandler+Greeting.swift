import Reactor
import ServerKit

extension FrontHandler {
  /// Takes what comes before a request: the PROXY header of a listed proxy, then TLS if it is ours. TLS begins with the first byte and not before, so
  /// that a silent connection costs nothing.
  func greet(_ connection: ConnectionID, _ state: UnsafeMutablePointer<FrontState?>, _ bytes: UnsafeRawBufferPointer) {
    guard state.pointee?.awaitsProxyHeader == true else { return begin(connection, state, bytes) }
    state.pointee?.leftover += bytes
    let greeting = state.pointee?.leftover ?? []
    switch ProxyHeader.read(greeting) {
    case .incomplete: return
    case .malformed:
      counters.badProxyHeaders += 1
      onBadProxyHeader(state.pointee?.address ?? "")
      loop.close(connection)
    case .complete(let header, let length):
      state.pointee?.awaitsProxyHeader = false
      state.pointee?.leftover = []
      guard follow(header, state) else { return turnAway(connection) }
      let rest = greeting[length...]
      if !rest.isEmpty {
        rest.withUnsafeBytes { begin(connection, state, $0) }
      } else if configuration.tls == nil {
        state.pointee?.phase = .head
      }
    }
  }

  /// From here on the connection is the client's that the header names; false when that has too many.
  private func follow(_ header: ProxyHeader, _ state: UnsafeMutablePointer<FrontState?>) -> Bool {
    guard var changed = state.pointee else { return false }
    // A connection of the proxy's own, a health check, stays the proxy's.
    if let client = header.client {
      changed.proxied = header
      changed.isSecure = header.isSecure
      changed.address = client.address.description
      guard takePlace(of: changed.address, &changed) else { return false }
    }
    state.pointee = changed
    return true
  }

  private func begin(_ connection: ConnectionID, _ state: UnsafeMutablePointer<FrontState?>, _ bytes: UnsafeRawBufferPointer) {
    guard let tls = configuration.tls else {
      state.pointee?.phase = .head
      return readHead(connection, state, bytes)
    }
    guard handshakeCount < configuration.handshakeLimit else { return waitForTurn(connection, state, bytes) }
    state.pointee?.phase = .head
    beginHandshake(state)
    state.pointee?.isSecure = true
    loop.startTLS(connection, tls, received: bytes)
  }

  /// The most first bytes that wait for their turn. A ClientHello has 0.5 to 2 KiB.
  private static var largestGreeting: Int { 20_480 }

  /// Keeps a client's first bytes until one of the handshakes under way is over: after a restart everybody comes back at once. The deadline stays.
  private func waitForTurn(
    _ connection: ConnectionID, _ state: UnsafeMutablePointer<FrontState?>, _ bytes: UnsafeRawBufferPointer
  ) {
    guard bytes.count <= Self.largestGreeting else { return turnAway(connection) }
    state.pointee?.leftover = Array(bytes)
    loop.pauseReading(connection)
    waiting.append(connection)
  }

  /// Lets those begin who wait, as far as there is room.
  func beginWaiting() {
    while handshakeCount < configuration.handshakeLimit, let next = waiting.popFirst() {
      guard let state = find(next), state.pointee?.phase == .greeting, let greeting = state.pointee?.leftover else { continue }
      state.pointee?.leftover = []
      loop.resumeReading(next)
      greeting.withUnsafeBytes { begin(next, state, $0) }
    }
  }

  /// Sends away who comes when there are too many, without further ado: in a flood even waiting for the client to read this would cost too much.
  func turnAway(_ connection: ConnectionID) {
    counters.refusals[503, default: 0] += 1
    // What is not encrypted says nothing to a client that speaks TLS.
    if configuration.tls == nil { loop.send(FrontAnswer.plain(503, retryAfter: configuration.retryAfter), to: connection) }
    loop.close(connection)
  }

  /// What RestAPI is told about a tunnel.
  func proxyHeader(of connection: ConnectionID, _ state: UnsafeMutablePointer<FrontState?>) -> ProxyHeader {
    var header =
      state.pointee?.proxied
      ?? ProxyHeader(client: endpoint(loop.peerAddress(connection)), server: endpoint(loop.localAddress(connection)))
    header.isSecure = state.pointee?.isSecure ?? false
    return header
  }

  private func endpoint(_ address: SocketAddress?) -> ProxyHeader.Endpoint? {
    switch address?.kind {
    case .v4(let bytes, let port), .v6(let bytes, let port):
      IPAddress(bytes: bytes).map { ProxyHeader.Endpoint($0, port: port) }
    case .unix, nil: nil
    }
  }
}
