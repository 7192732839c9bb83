import HTTPTypes
import Hummingbird
import NIOCore

/// What proxies in front say about the client, believed only from those that are listed.
struct ForwardedHeaders: Sendable {
  private let trusted: Set<String>

  init(trusted: [String]) { self.trusted = Set(trusted.map(Self.canonical)) }

  /// The client's address: the last one in `X-Forwarded-For` that isn't a trusted proxy's, when the peer is one; otherwise the peer.
  func client(peer: String, headers: HTTPFields) -> String {
    guard trusted.contains(Self.canonical(peer)) else { return peer }
    var best = peer
    // Each proxy appends who spoke to it, so only the tail up to the first stranger was written by somebody trusted.
    let hops = headers[values: .xForwardedFor].joined(separator: ",").split(separator: ",")
    for hop in hops.reversed() {
      let text = Self.trimmed(hop)
      guard Self.isAddress(text) else { return best }
      best = Self.canonical(text)
      if !trusted.contains(best) { return best }
    }
    return best
  }

  /// Whether the browser spoke HTTPS, as a trusted proxy says. Anybody else's word would mark cookies so that the browser doesn't send them.
  func isSecure(peer: String, headers: HTTPFields) -> Bool {
    guard trusted.contains(Self.canonical(peer)), let proto = headers[values: .xForwardedProto].last else { return false }
    // The last word is that of the proxy that speaks to us.
    return proto.split(separator: ",").last.map { Self.trimmed($0).lowercased() } == "https"
  }

  private static func isAddress(_ text: String) -> Bool {
    do {
      _ = try SocketAddress(ipAddress: text, port: 0)
      return true
    } catch {
      return false
    }
  }

  /// One spelling for an address, so that `::ffff:10.0.0.1` is `10.0.0.1`.
  private static func canonical(_ text: String) -> String {
    let text = text.lowercased()
    let mapped = "::ffff:"
    return text.hasPrefix(mapped) && text.contains(".") ? String(text.dropFirst(mapped.count)) : text
  }

  private static func trimmed(_ text: Substring) -> String { text.filter { $0 != " " && $0 != "\t" }.description }
}

extension HTTPField.Name {
  private static func make(_ name: String) -> HTTPField.Name {
    guard let made = HTTPField.Name(name) else { preconditionFailure("\(name) is no header name") }
    return made
  }

  static let xForwardedFor = make("X-Forwarded-For")
  static let xForwardedProto = make("X-Forwarded-Proto")
  static let xRequestID = make("X-Request-ID")
  static let xCSRFToken = make("X-CSRF-Token")
  static let secFetchSite = make("Sec-Fetch-Site")
  static let referrerPolicy = make("Referrer-Policy")
  static let permissionsPolicy = make("Permissions-Policy")
  static let crossOriginOpenerPolicy = make("Cross-Origin-Opener-Policy")
  static let crossOriginResourcePolicy = make("Cross-Origin-Resource-Policy")
}
