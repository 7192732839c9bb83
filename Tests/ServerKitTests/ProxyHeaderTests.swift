import ServerKit
import Testing

@Suite struct ProxyHeaderTests {
  /// The fixed part of a header: signature, version and command, family, length.
  private static func bytes(command: UInt8 = 0x21, family: UInt8, _ body: [UInt8], length: Int? = nil) -> [UInt8] {
    let length = length ?? body.count
    return [
      0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, command, family, UInt8(length >> 8),
      UInt8(length & 255),
    ] + body
  }

  /// 203.0.113.7:4660 to 192.0.2.1:8080.
  private static let four: [UInt8] = [203, 0, 113, 7, 192, 0, 2, 1, 0x12, 0x34, 0x1F, 0x90]
  /// [2001:db8::1]:4660 to [2001:db8::2]:443.
  private static let six: [UInt8] =
    [0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]
    + [0x12, 0x34, 0x01, 0xBB]

  private static func endpoint(_ text: String, _ port: UInt16) throws -> ProxyHeader.Endpoint {
    ProxyHeader.Endpoint(try #require(IPAddress(text)), port: port)
  }

  private static func header(isSecure: Bool = false) throws -> ProxyHeader {
    ProxyHeader(client: try endpoint("203.0.113.7", 4_660), server: try endpoint("192.0.2.1", 8_080), isSecure: isSecure)
  }

  @Test func addressesAreRead() throws {
    #expect(ProxyHeader.read(Self.bytes(family: 0x11, Self.four)) == .complete(try Self.header(), length: 28))
    let six = ProxyHeader(client: try Self.endpoint("2001:db8::1", 4_660), server: try Self.endpoint("2001:db8::2", 443))
    #expect(ProxyHeader.read(Self.bytes(family: 0x21, Self.six)) == .complete(six, length: 52))
    // What follows the header isn't its business.
    #expect(ProxyHeader.read(Self.bytes(family: 0x11, Self.four) + Array("GET".utf8)) == .complete(try Self.header(), length: 28))
  }

  @Test func extensionsAreReadForTLSAndPassedOver() throws {
    // PP2_TYPE_NOOP, PP2_TYPE_AUTHORITY, then PP2_TYPE_SSL with PP2_SUBTYPE_SSL_VERSION in it.
    let noise: [UInt8] = [0x04, 0, 1, 0, 0x02, 0, 3] + Array("1.u".utf8)
    let tls: [UInt8] = [0x20, 0, 15, 1, 0, 0, 0, 0, 0x21, 0, 7] + Array("TLSv1.3".utf8)
    let plain: [UInt8] = [0x20, 0, 5, 0, 0, 0, 0, 0]
    func read(_ extensions: [UInt8]) -> ProxyHeader.Answer { ProxyHeader.read(Self.bytes(family: 0x11, Self.four + extensions)) }
    #expect(read(noise) == .complete(try Self.header(), length: 38))
    #expect(read(noise + tls) == .complete(try Self.header(isSecure: true), length: 56))
    #expect(read(tls + noise) == .complete(try Self.header(isSecure: true), length: 56))
    #expect(read(plain) == .complete(try Self.header(), length: 36))
    #expect(read([0x20, 0, 0]) == .complete(try Self.header(), length: 31))
    for broken in [[0x20], [0x20, 0], [0x20, 0, 5, 1], [0x04, 0, 2, 0], noise + [9]] as [[UInt8]] {
      #expect(read(broken) == .malformed, "\(broken)")
    }
  }

  @Test func connectionsWithoutAClientAreTheProxysOwn() {
    let none = ProxyHeader(client: nil, server: nil)
    #expect(ProxyHeader.read(Self.bytes(command: 0x20, family: 0, [])) == .complete(none, length: 16))
    // LOCAL: the addresses are to be ignored.
    #expect(ProxyHeader.read(Self.bytes(command: 0x20, family: 0x11, Self.four)) == .complete(none, length: 28))
    #expect(ProxyHeader.read(Self.bytes(family: 0, [])) == .complete(none, length: 16))
    #expect(ProxyHeader.read(Self.bytes(family: 0x31, [UInt8](repeating: 0, count: 216))) == .complete(none, length: 232))
    #expect(ProxyHeader.read(Self.bytes(family: 0x12, Self.four)) == .complete(none, length: 28))
  }

  @Test func everyPrefixIsIncomplete() {
    for header in [Self.bytes(family: 0x11, Self.four), Self.bytes(family: 0x21, Self.six + [0x20, 0, 5, 1, 0, 0, 0, 0])] {
      for length in 0..<header.count { #expect(ProxyHeader.read(header.prefix(length)) == .incomplete, "\(length)") }
    }
  }

  @Test func everythingElseIsRefusedAtOnce() {
    #expect(ProxyHeader.read(Array("G".utf8)) == .malformed)
    #expect(ProxyHeader.read([0x16, 0x03, 0x01]) == .malformed)
    #expect(ProxyHeader.read(Array("PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\n".utf8)) == .malformed)
    #expect(ProxyHeader.read(Self.bytes(command: 0x11, family: 0x11, Self.four)) == .malformed)
    #expect(ProxyHeader.read(Self.bytes(command: 0x22, family: 0x11, Self.four)) == .malformed)
    #expect(ProxyHeader.read(Self.bytes(family: 0x41, Self.four)) == .malformed)
    #expect(ProxyHeader.read(Self.bytes(family: 0x13, Self.four)) == .malformed)
    #expect(ProxyHeader.read(Self.bytes(family: 0x11, [1, 2, 3, 4])) == .malformed)
    #expect(ProxyHeader.read(Self.bytes(family: 0x21, Self.four)) == .malformed)
    #expect(ProxyHeader.read(Self.bytes(family: 0x11, [], length: 60_000)) == .malformed)
    #expect(ProxyHeader.read(Self.bytes(command: 0x11, family: 0, []).prefix(13)) == .malformed)
  }

  @Test func whatIsWrittenIsReadAgain() throws {
    let six = try Self.endpoint("2001:db8::9", 50_000)
    for isSecure in [false, true] {
      let headers = [try Self.header(isSecure: isSecure), ProxyHeader(client: six, server: six, isSecure: isSecure)]
      for header in headers { #expect(ProxyHeader.read(header.encoded) == .complete(header, length: header.encoded.count)) }
    }
    #expect(try Self.header().encoded == Self.bytes(family: 0x11, Self.four))
    // Two families in one header cannot be said.
    let mixed = ProxyHeader(client: six, server: try Self.endpoint("10.0.0.1", 1), isSecure: true)
    #expect(ProxyHeader.read(mixed.encoded) == .complete(ProxyHeader(client: nil, server: nil), length: 16))
  }

  /// Bytes of chance never crash it, and no answer changes when more bytes come.
  @Test func answersAreFinalWhateverComes() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<3_000 {
      var bytes = Self.bytes(
        command: Bool.random(using: &random) ? 0x21 : UInt8.random(in: 0...255, using: &random),
        family: [0x00, 0x11, 0x21, 0x31, UInt8.random(in: 0...255, using: &random)].randomElement(using: &random) ?? 0,
        (0..<Int.random(in: 0...80, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) })
      if Int.random(in: 0..<4, using: &random) == 0 { bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 }
      let whole = ProxyHeader.read(bytes)
      for length in 0..<bytes.count {
        let part = ProxyHeader.read(bytes.prefix(length))
        #expect(part == .incomplete || part == whole, "\(bytes), \(length)")
      }
    }
  }
}

@Suite struct IPAddressTests {
  @Test(
    arguments: [
      ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("0:0:0:0:0:0:0:0", "::"), ("::1", "::1"), ("1:0:0:0:0:0:0:0", "1::"),
      ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("::ffff:10.0.0.1", "10.0.0.1"), ("::FFFF:a00:1", "10.0.0.1"),
      ("127.0.0.1", "127.0.0.1"),
    ])
  func addressesHaveOneSpelling(text: String, canonical: String) {
    #expect(IPAddress(text)?.description == canonical)
    #expect(IPAddress(text) == IPAddress(canonical))
  }

  @Test(arguments: [
    "", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256", "::1::", "fe80::1%eth0", "[::1]", "a", "1.2.3.4:80", "nonsense",
    "127.0.0.1\0", "::f\0, 192.0.2.1",
  ])
  func otherTextsAreNone(text: String) { #expect(IPAddress(text) == nil) }

  @Test func knowsThisMachine() {
    let texts = ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.2", "128.0.0.1", "::2", "1::1", "::"]
    let own = texts.map { IPAddress($0)?.isLoopback }
    #expect(own == [true, true, true, true, false, false, false, false])
  }
}

@Suite struct TrustedProxiesTests {
  private let proxies = TrustedProxies(["10.0.0.1", "::FFFF:10.0.0.2"])

  @Test(
    arguments: [
      ("1.2.3.4", ["9.9.9.9"], "1.2.3.4"), ("10.0.0.1", [], "10.0.0.1"), ("10.0.0.1", ["9.9.9.9"], "9.9.9.9"),
      // What the client itself wrote stands further left and is never reached.
      ("10.0.0.1", ["8.8.8.8, 9.9.9.9"], "9.9.9.9"), ("10.0.0.1", ["8.8.8.8", "9.9.9.9"], "9.9.9.9"),
      ("10.0.0.1", ["8.8.8.8, 9.9.9.9, 10.0.0.2"], "9.9.9.9"), ("10.0.0.1", ["nonsense"], "10.0.0.1"),
      ("10.0.0.1", ["8.8.8.8, nonsense, 10.0.0.2"], "10.0.0.2"), ("::ffff:10.0.0.1", ["2001:DB8::1"], "2001:db8::1"),
    ] as [(String, [String], String)])
  func forwardedAddressesCountOnlyFromListedProxies(peer: String, forwarded: [String], client: String) {
    #expect(proxies.client(peer: peer, forwarded: forwarded) == client)
  }

  @Test func theLastProxySaysWhetherItWasHTTPS() {
    #expect(proxies.isSecure(peer: "10.0.0.1", proto: ["http, HTTPS"]))
    #expect(!proxies.isSecure(peer: "10.0.0.1", proto: ["https", "http"]))
    #expect(!proxies.isSecure(peer: "10.0.0.1", proto: []))
    #expect(!proxies.isSecure(peer: "1.2.3.4", proto: ["https"]))
  }
}
