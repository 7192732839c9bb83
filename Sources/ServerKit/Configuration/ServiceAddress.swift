/// Where a service is that speaks HTTP: `https://host` or `http://host:port`, with nothing behind it.
public struct ServiceAddress: Sendable, Hashable, CustomStringConvertible {
  /// Whether it speaks TLS.
  public let isSecure: Bool
  /// A name or an address; one of IPv6 in brackets, as it stands in `Host`.
  public let host: String
  /// The port; nil: the scheme's own.
  public let port: Int?

  /// Reads the text form; nil when it isn't one.
  public init?(_ text: String) {
    isSecure = text.hasPrefix("https://")
    guard isSecure || text.hasPrefix("http://") else { return nil }
    var rest = text.dropFirst(isSecure ? 8 : 7)
    if rest.hasSuffix("/") { rest = rest.dropLast() }
    let port: Int?
    let host: Substring
    if let end = HostPort(String(rest)) {
      guard end.port > 0 else { return nil }
      // A port that is the scheme's own stands in no Host header.
      port = end.port == (isSecure ? 443 : 80) ? nil : end.port
      host = end.host.contains(":") ? "[\(end.host)]" : end.host[...]
    } else {
      port = nil
      host = rest
      guard HostPort(rest + ":1") != nil else { return nil }
    }
    guard host.utf8.allSatisfy({ $0 > 32 && $0 < 127 && !"/?#@\\".utf8.contains($0) }) else { return nil }
    self.host = host.lowercased()
    self.port = port
  }

  /// What `Host` says: the host, and the port unless it is the scheme's own.
  public var authority: String { port.map { "\(host):\($0)" } ?? host }

  /// The text form.
  public var description: String { (isSecure ? "https://" : "http://") + authority }
}
