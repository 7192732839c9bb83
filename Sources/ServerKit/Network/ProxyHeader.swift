/// The binary header of the PROXY protocol, version 2, as HAProxy's proxy-protocol.txt defines it: whose connection a proxy hands on. Pure: bytes in,
/// one answer out.
public struct ProxyHeader: Sendable, Equatable {
  /// One end of a connection.
  public struct Endpoint: Sendable, Equatable {
    /// The address.
    public var address: IPAddress
    /// The TCP port.
    public var port: UInt16

    /// Puts an end together.
    public init(_ address: IPAddress, port: UInt16) { (self.address, self.port) = (address, port) }
  }

  /// What the bytes so far say.
  public enum Answer: Sendable, Equatable {
    /// The header isn't complete.
    case incomplete
    /// It is, and took so many bytes.
    case complete(ProxyHeader, length: Int)
    /// These bytes are no such header: the connection is to be closed without an answer.
    case malformed
  }

  /// The client; nil for a connection of the proxy itself, such as a health check, and for what isn't TCP over IP.
  public var client: Endpoint?
  /// Where the client connected to.
  public var server: Endpoint?
  /// Whether the client spoke TLS with the proxy.
  public var isSecure: Bool

  /// Puts a header together.
  public init(client: Endpoint?, server: Endpoint?, isSecure: Bool = false) {
    (self.client, self.server, self.isSecure) = (client, server, isSecure)
  }

  /// The most bytes after the fixed part that are taken: addresses and a few extensions. The protocol would allow 64 KiB.
  public static let maximumLength = 2_048

  private static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
  private static let fixedLength = 16
  /// PP2_TYPE_SSL: the first byte's lowest bit says that the client spoke TLS.
  private static let tlsExtension: UInt8 = 0x20

  /// Looks at the first bytes of a connection.
  public static func read(_ bytes: some RandomAccessCollection<UInt8>) -> Answer {
    func byte(_ offset: Int) -> UInt8 { bytes[bytes.index(bytes.startIndex, offsetBy: offset)] }
    func slice(_ offset: Int, _ count: Int) -> [UInt8] { (offset..<(offset + count)).map(byte) }
    // A wrong byte is told at once: an HTTP request must not wait for bytes that never come.
    guard zip(bytes, signature).allSatisfy({ $0 == $1 }) else { return .malformed }
    guard bytes.count > 12 else { return .incomplete }
    let command = byte(12) & 0x0F
    guard byte(12) >> 4 == 2, command <= 1 else { return .malformed }
    guard bytes.count >= fixedLength else { return .incomplete }
    let length = Int(byte(14)) << 8 | Int(byte(15))
    guard length <= maximumLength else { return .malformed }
    guard bytes.count >= fixedLength + length else { return .incomplete }
    let total = fixedLength + length
    // LOCAL: a connection of the proxy's own. What else stands there is to be skipped.
    guard command == 1 else { return .complete(ProxyHeader(client: nil, server: nil), length: total) }
    let size: Int
    switch byte(13) {
    case 0x11: size = 4
    case 0x21: size = 16
    // A Unix socket, UDP or something unknown: no address that could be throttled.
    case 0x00, 0x12, 0x22, 0x31, 0x32: return .complete(ProxyHeader(client: nil, server: nil), length: total)
    default: return .malformed
    }
    guard length >= 2 * size + 4 else { return .malformed }
    let port = fixedLength + 2 * size
    guard let client = IPAddress(bytes: slice(fixedLength, size)), let server = IPAddress(bytes: slice(fixedLength + size, size)),
      let isSecure = isSecure(slice(port + 4, length - 2 * size - 4))
    else { return .malformed }
    let header = ProxyHeader(
      client: Endpoint(client, port: UInt16(byte(port)) << 8 | UInt16(byte(port + 1))),
      server: Endpoint(server, port: UInt16(byte(port + 2)) << 8 | UInt16(byte(port + 3))), isSecure: isSecure)
    return .complete(header, length: total)
  }

  /// What the extensions say about TLS; nil when they don't add up.
  private static func isSecure(_ extensions: [UInt8]) -> Bool? {
    var isSecure = false
    var rest = extensions[...]
    while !rest.isEmpty {
      guard rest.count >= 3 else { return nil }
      let type = rest[rest.startIndex]
      let length = Int(rest[rest.startIndex + 1]) << 8 | Int(rest[rest.startIndex + 2])
      let value = rest.dropFirst(3).prefix(length)
      guard value.count == length else { return nil }
      if type == tlsExtension { isSecure = isSecure || (value.first ?? 0) & 1 == 1 }
      rest = rest.dropFirst(3 + length)
    }
    return isSecure
  }

  /// The header's bytes. Without a client and a server of one family it says that it knows none.
  public var encoded: [UInt8] {
    var body: [UInt8] = []
    var family: UInt8 = 0
    if let client, let server, client.address.bytes.count == server.address.bytes.count {
      family = client.address.bytes.count == 4 ? 0x11 : 0x21
      body = client.address.bytes + server.address.bytes + Self.bytes(client.port) + Self.bytes(server.port)
      // The certificate of a client was not asked for, so it is not verified: anything but 0.
      if isSecure { body += [Self.tlsExtension, 0, 5, 1, 0, 0, 0, 1] }
    }
    return Self.signature + [0x21, family] + Self.bytes(UInt16(body.count)) + body
  }

  private static func bytes(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xFF)] }
}
