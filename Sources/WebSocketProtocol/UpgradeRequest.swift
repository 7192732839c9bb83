/// A valid opening handshake (RFC 6455 §4.2.1).
public struct UpgradeRequest: Sendable, Equatable {
  /// The request's head, for what the caller decides on: cookies, bearer, origin.
  public let head: RequestHead
  /// `Sec-WebSocket-Key`.
  public let key: String
  /// The subprotocol that was chosen; nil when this server speaks none.
  public let subprotocol: String?
  /// The extensions that were chosen.
  public let extensions: Extensions

  /// Checks a request.
  ///
  /// - Parameters:
  ///   - head: the request.
  ///   - subprotocols: what this server speaks, one of which the client must offer; the client's order of preference counts. Empty: none is
  ///     spoken, and whatever the client offers is left unanswered (RFC 6455 §4.2.2).
  ///   - deflate: how far to go along with permessage-deflate.
  /// - Throws: what to answer instead of the upgrade.
  public init(_ head: RequestHead, subprotocols: [String], deflate: Extensions.Policy = .none) throws(UpgradeRefusal) {
    guard head.method == "GET" else { throw .malformed("a WebSocket starts with GET") }
    guard head.minorVersion == 1 else { throw .malformed("a WebSocket starts with HTTP/1.1") }
    guard let host = head.value(of: "host"), !host.isEmpty else { throw .malformed("Host is missing") }
    guard head.list(of: "upgrade").contains(where: { $0.lowercased() == "websocket" }) else {
      throw .malformed("Upgrade: websocket is missing")
    }
    guard head.list(of: "connection").contains(where: { $0.lowercased() == "upgrade" }) else {
      throw .malformed("Connection: Upgrade is missing")
    }
    guard head.values(of: "content-length").allSatisfy({ $0 == "0" }), head.values(of: "transfer-encoding").isEmpty else {
      throw .malformed("a WebSocket's request has no body")
    }
    guard let key = head.value(of: "sec-websocket-key"), AcceptKey.isValid(key) else {
      throw .malformed("Sec-WebSocket-Key is not base64 of 16 bytes")
    }
    guard let version = head.value(of: "sec-websocket-version") else { throw .malformed("Sec-WebSocket-Version is missing") }
    guard version == "13" else { throw .unsupportedVersion }
    let subprotocol = head.list(of: "sec-websocket-protocol").first(where: subprotocols.contains)
    guard subprotocol != nil || subprotocols.isEmpty else { throw .noSubprotocol }
    self.head = head
    self.key = key
    self.subprotocol = subprotocol
    extensions = Extensions.negotiate(head.list(of: "sec-websocket-extensions"), policy: deflate)
  }
}
