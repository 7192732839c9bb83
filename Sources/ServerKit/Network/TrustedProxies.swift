/// The proxies whose word about the client counts: `ONEFIN_TRUSTED_PROXIES`.
public struct TrustedProxies: Sendable {
  private let addresses: Set<String>

  /// - Parameter addresses: their addresses as text, in any spelling.
  public init(_ addresses: some Sequence<String>) { self.addresses = Set(addresses.map(Self.canonical)) }

  /// Whether it is one of them.
  public func contains(_ address: String) -> Bool { addresses.contains(Self.canonical(address)) }

  /// The client's address: the peer, or when that is a listed proxy the last one in `X-Forwarded-For` that isn't listed.
  ///
  /// Each proxy appends who spoke to it, so only the tail up to the first stranger was written by somebody trusted.
  ///
  /// - Parameters:
  ///   - peer: who speaks to us.
  ///   - forwarded: the values of all `X-Forwarded-For` fields, in their order.
  public func client(peer: String, forwarded: [String]) -> String {
    guard contains(peer) else { return peer }
    var best = peer
    for hop in forwarded.joined(separator: ",").split(separator: ",").reversed() {
      guard let address = IPAddress(hop.filter { $0 != " " && $0 != "\t" }) else { return best }
      best = address.description
      if !addresses.contains(best) { return best }
    }
    return best
  }

  /// Whether the browser spoke HTTPS, as the listed proxy that speaks to us says. Anybody else's word would mark cookies so that the browser
  /// doesn't send them.
  ///
  /// - Parameters:
  ///   - peer: who speaks to us.
  ///   - proto: the values of all `X-Forwarded-Proto` fields, in their order.
  public func isSecure(peer: String, proto: [String]) -> Bool {
    guard contains(peer), let last = proto.last else { return false }
    return last.split(separator: ",").last.map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() } == "https"
  }

  /// One spelling for an address; a text that is none, such as a Unix socket's path, stands for itself.
  private static func canonical(_ text: String) -> String { IPAddress(text)?.description ?? text }
}
