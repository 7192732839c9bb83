import Reactor
import WebSocketProtocol

/// Who the client is when it may come through a proxy.
enum ClientAddress {
  /// The peer's address, or the one that a trusted proxy says: the last of `X-Forwarded-For` that isn't a trusted proxy itself.
  static func of(_ head: RequestHead, peer: String, trusted: Set<String>) -> String {
    guard trusted.contains(peer) else { return peer }
    return head.list(of: "x-forwarded-for").last { !trusted.contains($0) && $0.utf8.count <= 45 } ?? peer
  }
}
