import Reactor

/// The PROXY protocol, version 2: tells RestAPI whose connection a tunnel is.
enum ProxyHeader {
  private static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]

  /// The header for a connection from `client` to `server`. Without a pair of IP addresses it says so.
  static func encode(client: SocketAddress?, server: SocketAddress?) -> [UInt8] {
    let family: UInt8
    var addresses: [UInt8] = []
    switch (client?.kind, server?.kind) {
    case (.v4(let source, let sourcePort), .v4(let target, let targetPort)):
      family = 0x11
      addresses = source + target + bytes(sourcePort) + bytes(targetPort)
    case (.v6(let source, let sourcePort), .v6(let target, let targetPort)):
      family = 0x21
      addresses = source + target + bytes(sourcePort) + bytes(targetPort)
    default: family = 0x00
    }
    return signature + [0x21, family] + bytes(UInt16(addresses.count)) + addresses
  }

  private static func bytes(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xFF)] }
}
