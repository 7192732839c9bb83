/// The binary header of the PROXY protocol, version 2: who is at the other end of a connection that a proxy hands on. Pure: bytes in, one answer out.
enum ProxyHeader {
  /// What the bytes so far say.
  enum Answer: Equatable {
    /// The header isn't complete.
    case incomplete
    /// It is: how many bytes it took, and the client's address, which a connection of the proxy itself (a health check) doesn't have.
    case complete(length: Int, address: String?)
    /// These bytes are no such header.
    case malformed
  }

  /// The most bytes after the fixed part that are taken: addresses and a few extensions. The protocol would allow 64 KiB.
  static let maximumLength = 2048

  private static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]

  /// Looks at the first bytes of a connection.
  static func read(_ bytes: some RandomAccessCollection<UInt8>) -> Answer {
    func byte(_ offset: Int) -> UInt8 { bytes[bytes.index(bytes.startIndex, offsetBy: offset)] }
    // A wrong byte is told at once: an HTTP request must not wait for bytes that never come.
    guard zip(bytes, signature).allSatisfy({ $0 == $1 }) else { return .malformed }
    guard bytes.count >= 16 else {
      return bytes.count > 12 && byte(12) >> 4 != 2 ? .malformed : .incomplete
    }
    guard byte(12) >> 4 == 2 else { return .malformed }
    let command = byte(12) & 0x0F
    guard command <= 1 else { return .malformed }
    let length = Int(byte(14)) << 8 | Int(byte(15))
    guard length <= maximumLength else { return .malformed }
    guard bytes.count >= 16 + length else { return .incomplete }
    guard command == 1 else { return .complete(length: 16 + length, address: nil) }
    switch byte(13) >> 4 {
    case 1:
      guard length >= 12 else { return .malformed }
      return .complete(length: 16 + length, address: (16..<20).map { String(byte($0)) }.joined(separator: "."))
    case 2:
      guard length >= 36 else { return .malformed }
      let groups = (0..<8).map { UInt16(byte(16 + $0 * 2)) << 8 | UInt16(byte(17 + $0 * 2)) }
      return .complete(length: 16 + length, address: text(ofIPv6: groups))
    default:
      // A Unix socket or something unknown: no address that could be throttled.
      return .complete(length: 16 + length, address: nil)
    }
  }

  /// The canonical text of RFC 5952, so that one client has one spelling.
  static func text(ofIPv6 groups: [UInt16]) -> String {
    if groups.prefix(5).allSatisfy({ $0 == 0 }) && groups[5] == 0xFFFF {
      return [groups[6] >> 8, groups[6] & 255, groups[7] >> 8, groups[7] & 255].map(String.init).joined(separator: ".")
    }
    var best = 0..<0
    var index = 0
    while index < 8 {
      var end = index
      while end < 8 && groups[end] == 0 { end += 1 }
      if end - index > best.count && end - index > 1 { best = index..<end }
      index = max(end, index + 1)
    }
    let hex = groups.map { String($0, radix: 16) }
    guard !best.isEmpty else { return hex.joined(separator: ":") }
    return hex[..<best.lowerBound].joined(separator: ":") + "::" + hex[best.upperBound...].joined(separator: ":")
  }
}
