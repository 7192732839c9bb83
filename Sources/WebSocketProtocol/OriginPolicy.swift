/// Which pages may open a socket with the cookie of the browser that shows them.
public struct OriginPolicy: Sendable, Equatable {
  private let allowed: Set<String>

  /// - Parameter allowed: origins (`https://erp.example.uz`) that are let in besides the page's own host; usually none.
  public init(allowed: [String] = []) { self.allowed = Set(allowed.map { $0.lowercased() }) }

  /// Whether `origin` is on the list, or its host and port are those of `host`, the request's `Host`.
  ///
  /// The scheme isn't compared: behind a proxy that ends TLS this server can't know it.
  public func allows(origin: String?, host: String) -> Bool {
    guard let origin = origin?.lowercased() else { return false }
    if allowed.contains(origin) { return true }
    let defaultPort: String
    let authority: Substring
    if origin.hasPrefix("https://") {
      (defaultPort, authority) = (":443", origin.dropFirst(8))
    } else if origin.hasPrefix("http://") {
      (defaultPort, authority) = (":80", origin.dropFirst(7))
    } else {
      return false
    }
    guard !authority.isEmpty else { return false }
    func bare(_ text: some StringProtocol) -> String {
      text.hasSuffix(defaultPort) ? String(text.dropLast(defaultPort.count)) : String(text)
    }
    return bare(authority) == bare(host.lowercased())
  }
}
