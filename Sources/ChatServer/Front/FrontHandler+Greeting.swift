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
      guard configuration.trustedProxies.contains(changed.address) || takePlace(of: changed.address, &changed) else { return false }
    }
    state.pointee = changed
    return true
  }

  private func begin(_ connection: ConnectionID, _ state: UnsafeMutablePointer<FrontState?>, _ bytes: UnsafeRawBufferPointer) {
    state.pointee?.phase = .head
    guard let tls = configuration.tls else { return readHead(connection, state, bytes) }
    guard handshakeCount < configuration.handshakeLimit else { return turnAway(connection) }
    beginHandshake(state)
    state.pointee?.isSecure = true
    loop.startTLS(connection, tls, received: bytes)
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
    var header = state.pointee?.proxied ?? ProxyHeader(client: endpoint(loop.peerAddress(connection)), server: endpoint(loop.localAddress(connection)))
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
