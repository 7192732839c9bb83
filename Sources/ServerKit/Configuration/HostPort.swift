/// A host and a port, as `127.0.0.1:8080`, `localhost:8080` or `[::1]:8080`.
public struct HostPort: Sendable, Hashable, CustomStringConvertible {
  /// A name or address, without brackets.
  public let host: String
  /// 0 to 65535; 0 lets the kernel choose when listening.
  public let port: Int

  /// Makes it from its parts.
  public init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// Reads the text form; nil when it isn't one.
  public init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":") else { return nil }
    let digits = text[text.index(after: colon)...]
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let port = Int(digits),
      (0...65535).contains(port)
    else { return nil }
    var host = text[..<colon]
    if host.hasPrefix("[") {
      guard host.hasSuffix("]") else { return nil }
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      // An IPv6 address without brackets: where the port begins is a guess.
      return nil
    }
    guard !host.isEmpty, !host.contains(where: { $0.isWhitespace || $0 == "[" || $0 == "]" || $0 == "/" }) else { return nil }
    self.init(host: String(host), port: port)
  }

  /// The text form.
  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
