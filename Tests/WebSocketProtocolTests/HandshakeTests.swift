import Testing

@testable import WebSocketProtocol

@Suite struct HandshakeTests {
  static let good = [
    "Host: erp.example.uz", "Upgrade: websocket", "Connection: keep-alive, Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13", "Sec-WebSocket-Protocol: chat, 1fin.v1", "Cookie: theme=dark; onefin_session=abc",
    "Origin: https://erp.example.uz",
  ]

  private func text(_ lines: [String], start: String = "GET /ws HTTP/1.1") -> [UInt8] {
    Array(([start] + lines + ["", ""]).joined(separator: "\r\n").utf8)
  }

  private func outcome(_ bytes: [UInt8]) -> RequestHeadParser.Outcome {
    var parser = RequestHeadParser()
    return parser.push(bytes).outcome
  }

  private func check(_ lines: [String], start: String = "GET /ws HTTP/1.1") -> Result<UpgradeRequest, UpgradeRefusal> {
    guard case .head(let head) = outcome(text(lines, start: start)) else { return .failure(.malformed("no head")) }
    return Result { () throws(UpgradeRefusal) in try UpgradeRequest(head, subprotocols: ["1fin.v1"]) }
  }

  private func status(_ lines: [String], start: String = "GET /ws HTTP/1.1") -> Int {
    switch check(lines, start: start) {
    case .success: 101
    case .failure(let refusal):
      Int(String(decoding: UpgradeResponse.refused(refusal).dropFirst(9).prefix(3), as: UTF8.self)) ?? 0
    }
  }

  @Test(arguments: [
    ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"), ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
  ])
  func hashesLikeSHA1(message: String, digest: String) {
    let hex = SHA1.digest(Array(message.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    #expect(hex == digest)
  }

  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
  ])
  func encodesBase64(plain: String, encoded: String) {
    #expect(Base64.encode(Array(plain.utf8)) == encoded)
    #expect(Base64.decodedCount(encoded) == plain.utf8.count)
  }

  @Test func answersTheKeyOfTheRFC() {
    #expect(AcceptKey.answer(to: "dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
  }

  @Test(arguments: [
    "", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25j", "dGhlIHNhbXBsZSBub25jZQ==AAAA", "dGhlIHNhbXBsZSBub25!ZQ==",
    "dGhlIHNhbXBsZSBub25jZWE=",
  ])
  func refusesKey(key: String) { #expect(!AcceptKey.isValid(key)) }

  @Test func acceptsAGoodRequest() throws {
    let request = try check(Self.good).get()
    #expect(request.subprotocol == "1fin.v1")
    #expect(request.head.cookie("onefin_session") == "abc")
    #expect(request.head.cookie("session") == nil)
    let answer = String(decoding: UpgradeResponse.accepted(request), as: UTF8.self)
    #expect(
      answer == """
        HTTP/1.1 101 Switching Protocols\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r
        Sec-WebSocket-Protocol: 1fin.v1\r
        \r

        """)
  }

  @Test func readsABearer() throws {
    #expect(try check(Self.good + ["Authorization: bearer  tok"]).get().head.bearer == "tok")
    #expect(try check(Self.good + ["Authorization: Basic tok"]).get().head.bearer == nil)
    #expect(try check(Self.good + ["Authorization: Bearer "]).get().head.bearer == nil)
  }

  @Test(arguments: [
    ("POST /ws HTTP/1.1", 400), ("GET /ws HTTP/1.0", 400),
  ])
  func refusesStart(start: String, expected: Int) { #expect(status(Self.good, start: start) == expected) }

  @Test(
    arguments: [
      (0, nil, 400), (0, "Host:", 400), (1, nil, 400), (1, "Upgrade: h2c", 400), (2, nil, 400), (2, "Connection: close", 400),
      (3, nil, 400),
      (3, "Sec-WebSocket-Key: short", 400), (4, nil, 400), (4, "Sec-WebSocket-Version: 8", 426), (5, nil, 426),
      (5, "Sec-WebSocket-Protocol: chat", 426),
      (5, "sec-websocket-protocol: 1fin.v1", 101), (1, "UPGRADE: h2c, WebSocket", 101), (2, "connection: UPGRADE", 101),
      (6, nil, 101), (7, nil, 101),
    ] as [(Int, String?, Int)])
  func answers(line: Int, replacement: String?, expected: Int) {
    var lines = Self.good
    lines[line] = replacement ?? "X-Nothing: 1"
    #expect(status(lines) == expected)
  }

  @Test(arguments: ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Content-Length: 5", "Transfer-Encoding: chunked"])
  func refusesFurther(line: String) { #expect(status(Self.good + [line]) == 400) }

  @Test func namesTheVersionThatItSpeaks() {
    #expect(
      String(decoding: UpgradeResponse.refused(.unsupportedVersion), as: UTF8.self).contains("\r\nSec-WebSocket-Version: 13\r\n"))
  }

  @Test(arguments: [
    ("\r\n\r\n", 400), ("\u{16}\u{3}", 400), ("GET / HTTP/1.1 \r\n\r\n", 400), ("GET  / HTTP/1.1\r\n\r\n", 400),
    ("GET /\r\n\r\n", 400),
    ("GET / HTTP/2.0\r\n\r\n", 505), ("GET / FTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\r\nA : b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\n: b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n", 400), ("GET / HTTP/1.1\r\nA: b\nB: c\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nA: \u{1}\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400), ("GET / HTTP/1.1\r\nnothing\r\n\r\n", 400),
    ("G(T / HTTP/1.1\r\n\r\n", 400),
  ])
  func refusesHead(head: String, status: Int) { #expect(outcome(Array(head.utf8)) == .refused(status: status)) }

  @Test func boundsTheHead() {
    let start = "GET / HTTP/1.1\r\nX: "
    let fits = start + String(repeating: "a", count: 8_192 - start.utf8.count - 4) + "\r\n\r\n"
    #expect(fits.utf8.count == 8_192)
    if case .head = outcome(Array(fits.utf8)) {} else { Issue.record("8 KiB must be let in") }
    #expect(outcome(Array((start + "a" + fits.dropFirst(start.count)).utf8)) == .refused(status: 431))
    #expect(outcome([UInt8](repeating: 65, count: 100_000)) == .refused(status: 431))
  }

  @Test(
    arguments: [
      ("https://erp.example.uz", "erp.example.uz", true), ("http://127.0.0.1:8080", "127.0.0.1:8080", true),
      ("https://ERP.example.uz:443", "erp.example.uz", true),
      ("http://a.uz", "a.uz:80", true), ("https://a.uz", "a.uz:80", false), ("https://evil.uz", "erp.example.uz", false),
      ("https://erp.example.uz.evil.uz", "erp.example.uz", false), ("https://evil.uz/erp.example.uz", "erp.example.uz", false),
      ("null", "null", false), ("", "", false), ("https://", "", false), (nil, "erp.example.uz", false),
      ("https://friend.uz", "erp.example.uz", true),
      ("file://a.uz", "a.uz", false), ("http://a.uz:8080", "a.uz:8081", false),
    ] as [(String?, String, Bool)])
  func judgesOrigins(origin: String?, host: String, isAllowed: Bool) {
    #expect(OriginPolicy(allowed: ["https://Friend.uz"]).allows(origin: origin, host: host) == isAllowed)
  }
}
