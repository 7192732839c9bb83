import HTTPTypes
import Testing

@testable import RestAPI

/// The fixed part of a header: signature, version and command, family, length.
func proxyHeader(command: UInt8 = 0x21, family: UInt8, _ body: [UInt8], length: Int? = nil) -> [UInt8] {
  let length = length ?? body.count
  return [
    0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, command, family, UInt8(length >> 8),
    UInt8(length & 255),
  ]
    + body
}

/// Source 203.0.113.7:4660, destination 192.0.2.1:8080.
let proxyBodyIPv4: [UInt8] = [203, 0, 113, 7, 192, 0, 2, 1, 0x12, 0x34, 0x1F, 0x90]

@Suite struct ProxyHeaderTests {
  @Test func addressesAreRead() {
    #expect(ProxyHeader.read(proxyHeader(family: 0x11, proxyBodyIPv4)) == .complete(length: 28, address: "203.0.113.7"))
    var six = [UInt8](repeating: 0, count: 36)
    six.replaceSubrange(0..<16, with: [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
    #expect(ProxyHeader.read(proxyHeader(family: 0x21, six)) == .complete(length: 52, address: "2001:db8::1"))
    // Extensions after the addresses are passed over; what follows the header isn't its business.
    let extended = proxyHeader(family: 0x11, proxyBodyIPv4 + [0x04, 0, 1, 0]) + Array("GET".utf8)
    #expect(ProxyHeader.read(extended) == .complete(length: 32, address: "203.0.113.7"))
    #expect(ProxyHeader.read(proxyHeader(command: 0x20, family: 0, [])) == .complete(length: 16, address: nil))
    #expect(ProxyHeader.read(proxyHeader(family: 0, [])) == .complete(length: 16, address: nil))
    #expect(
      ProxyHeader.read(proxyHeader(family: 0x31, [UInt8](repeating: 0, count: 216))) == .complete(length: 232, address: nil))
  }

  @Test func everyPrefixIsIncomplete() {
    let header = proxyHeader(family: 0x11, proxyBodyIPv4)
    for length in 0..<header.count { #expect(ProxyHeader.read(header.prefix(length)) == .incomplete, "\(length)") }
  }

  @Test func everythingElseIsRefusedAtOnce() {
    #expect(ProxyHeader.read(Array("G".utf8)) == .malformed)
    #expect(ProxyHeader.read(Array("PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\n".utf8)) == .malformed)
    #expect(ProxyHeader.read(proxyHeader(command: 0x11, family: 0x11, proxyBodyIPv4)) == .malformed)
    #expect(ProxyHeader.read(proxyHeader(command: 0x22, family: 0x11, proxyBodyIPv4)) == .malformed)
    #expect(ProxyHeader.read(proxyHeader(family: 0x11, [1, 2, 3, 4])) == .malformed)
    #expect(ProxyHeader.read(proxyHeader(family: 0x21, proxyBodyIPv4)) == .malformed)
    #expect(ProxyHeader.read(proxyHeader(family: 0x11, [], length: 60_000)) == .malformed)
    #expect(ProxyHeader.read(proxyHeader(command: 0x11, family: 0, []).prefix(13)) == .malformed)
  }

  @Test(
    arguments: [
      ([0x2001, 0xdb8, 0, 0, 1, 0, 0, 1], "2001:db8::1:0:0:1"), ([0, 0, 0, 0, 0, 0, 0, 0], "::"),
      ([0, 0, 0, 0, 0, 0, 0, 1], "::1"),
      ([1, 0, 0, 0, 0, 0, 0, 0], "1::"), ([0x2001, 0, 0, 1, 0, 0, 0, 1], "2001:0:0:1::1"),
      ([0x2001, 0xdb8, 0, 1, 1, 1, 1, 1], "2001:db8:0:1:1:1:1:1"), ([0, 0, 0, 0, 0, 0xFFFF, 0x0A00, 0x0001], "10.0.0.1"),
    ] as [([UInt16], String)])
  func addressesHaveOneSpelling(groups: [UInt16], text: String) { #expect(ProxyHeader.text(ofIPv6: groups) == text) }

  @Test func forwardedAddressesCountOnlyFromListedProxies() {
    let forwarded = ForwardedHeaders(trusted: ["10.0.0.1", "::FFFF:10.0.0.2"])
    func client(_ peer: String, _ header: String?) -> String {
      forwarded.client(peer: peer, headers: header.map { [.xForwardedFor: $0] } ?? [:])
    }
    #expect(client("1.2.3.4", "9.9.9.9") == "1.2.3.4")
    #expect(client("10.0.0.1", nil) == "10.0.0.1")
    #expect(client("10.0.0.1", "9.9.9.9") == "9.9.9.9")
    // What the client itself wrote stands further left and is never reached.
    #expect(client("10.0.0.1", "8.8.8.8, 9.9.9.9") == "9.9.9.9")
    #expect(client("10.0.0.1", "8.8.8.8, 9.9.9.9, 10.0.0.2") == "9.9.9.9")
    #expect(client("10.0.0.1", "nonsense") == "10.0.0.1")
    #expect(client("::ffff:10.0.0.1", "2001:db8::1") == "2001:db8::1")
  }
}
