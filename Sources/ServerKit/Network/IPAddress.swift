import Glibc

/// An IPv4 or IPv6 address. IPv4 that came over an IPv6 socket (`::ffff:192.0.2.1`) is the IPv4 address, so that one client has one name.
public struct IPAddress: Sendable, Hashable, CustomStringConvertible {
  /// Four or sixteen bytes, in the order of the network.
  public let bytes: [UInt8]

  /// Takes four or sixteen bytes; nil for any other number.
  public init?(bytes: some Collection<UInt8>) {
    switch bytes.count {
    case 4: self.bytes = Array(bytes)
    case 16: self.bytes = Array(Array(bytes.prefix(12)) == Self.mapped ? bytes.suffix(4) : bytes.suffix(16))
    default: return nil
    }
  }

  /// Reads `192.0.2.1` or `2001:db8::1`, without a port; nil when it is neither.
  public init?(_ text: some StringProtocol) {
    let text = String(text)
    // C's string would end there, and what follows would be passed over.
    guard !text.utf8.contains(0) else { return nil }
    var bytes = [UInt8](repeating: 0, count: 16)
    if inet_pton(AF_INET, text, &bytes) == 1 {
      self.init(bytes: bytes.prefix(4))
    } else if inet_pton(AF_INET6, text, &bytes) == 1 {
      self.init(bytes: bytes)
    } else {
      return nil
    }
  }

  /// The canonical text, for IPv6 that of RFC 5952.
  public var description: String {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    _ = bytes.withUnsafeBytes { inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, $0.baseAddress, &text, socklen_t(text.count)) }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Whether it is this machine's own: 127.0.0.0/8 (RFC 1122 section 3.2.1.3) or ::1 (RFC 4291 section 2.5.3).
  public var isLoopback: Bool { bytes.count == 4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1 }

  private static let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
}
