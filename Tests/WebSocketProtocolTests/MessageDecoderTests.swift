import Testing
import WebSocketProtocol

@Suite struct MessageDecoderTests {
  private let hello = Array("Hello".utf8)

  @Test func decodesTheVectorsOfTheRFC() {
    #expect(Heard.decode([[0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]]) == [.text(hello)])
    #expect(Heard.decode([[0x89, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]]) == [.ping(hello)])
    #expect(Heard.decode([[0x8A, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]]) == [.pong])
    #expect(Heard.decode([clientFrame(1, Array("Hel".utf8), final: false) + clientFrame(0, Array("lo".utf8))]) == [.text(hello)])
  }

  @Test(arguments: [0, 1, 7, 8, 9, 125, 126, 127, 128, 65_535, 65_536])
  func takesEveryLength(count: Int) {
    let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 % 128) }
    #expect(Heard.decode([clientFrame(1, payload)]) == [.text(payload)])
    #expect(Heard.decode([clientFrame(2, payload)]) == [.binary(payload)])
  }

  @Test func takesManyMessagesFromOneRead() {
    let stream = (0..<10_000).flatMap { clientFrame(1, Array(String($0).utf8)) }
    #expect(Heard.decode([stream]) == (0..<10_000).map { .text(Array(String($0).utf8)) })
  }

  @Test func letsControlFramesBetweenFragments() {
    let stream =
      clientFrame(1, Array("При".utf8.dropLast()), final: false) + clientFrame(9, [1, 2]) + clientFrame(0, [], final: false)
      + clientFrame(10, []) + clientFrame(0, Array("При".utf8.suffix(1)) + Array("вет".utf8)) + clientFrame(8, [3, 232])
    let expected: [Heard] = [.ping([1, 2]), .pong, .text(Array("Привет".utf8)), .close(1000)]
    #expect(Heard.decode([stream]) == expected)
    #expect(Heard.decode(stream.map { [$0] }) == expected)
  }

  @Test func aControlFrameSplitInsideAFragmentedMessageLeavesTheMessageWhole() {
    let first = clientFrame(1, Array("abc".utf8), final: false)
    let ping = clientFrame(9, [9, 9, 9])
    let pieces = [first, Array(ping.prefix(7)), Array(ping.dropFirst(7)), clientFrame(0, Array("def".utf8))]
    #expect(Heard.decode(pieces) == [.ping([9, 9, 9]), .text(Array("abcdef".utf8))])
  }

  @Test func acceptsFragmentsWithoutBytes() {
    let stream = clientFrame(1, [], final: false) + clientFrame(0, [], final: false) + clientFrame(0, [])
    #expect(Heard.decode([stream]) == [.text([])])
  }

  static let malformed: [(String, [UInt8], UInt16)] = [
    ("not masked", clientFrame(1, [65], isMasked: false), 1002),
    ("RSV1", clientFrame(1, [65], reserved: 0x40), 1002),
    ("RSV2", clientFrame(1, [65], reserved: 0x20), 1002),
    ("RSV3", clientFrame(9, [65], reserved: 0x10), 1002),
    ("a reserved data opcode", clientFrame(3, [65]), 1002),
    ("a reserved control opcode", clientFrame(11, [65]), 1002),
    ("a length of two bytes that fits in one", clientFrame(1, [65], form: .two), 1002),
    ("a length of eight bytes that fits in one", clientFrame(1, [65], form: .eight), 1002),
    ("a length of eight bytes that fits in two", clientFrame(1, [UInt8](repeating: 65, count: 300), form: .eight), 1002),
    ("a length of 2^63", clientFrame(1, [], form: .eight, length: 1 << 63), 1002),
    ("a length of 2^64-1", clientFrame(1, [], form: .eight, length: .max), 1002),
    ("a length of 2^63-1", clientFrame(1, [], form: .eight, length: .max >> 1), 1009),
    ("a message over the limit", clientFrame(1, [], length: 65_537), 1009),
    (
      "fragments over the limit",
      clientFrame(1, [UInt8](repeating: 65, count: 65_530), final: false) + clientFrame(0, [], length: 7), 1009
    ),
    ("a ping of 126 bytes", clientFrame(9, [UInt8](repeating: 65, count: 126)), 1002),
    ("a fragmented ping", clientFrame(9, [65], final: false), 1002),
    ("a fragmented close", clientFrame(8, [], final: false), 1002),
    ("a continuation of nothing", clientFrame(0, [65]), 1002),
    ("a continuation after the end", clientFrame(1, [65], final: false) + clientFrame(0, [65]) + clientFrame(0, [65]), 1002),
    ("a message inside a message", clientFrame(1, [65], final: false) + clientFrame(1, [65]), 1002),
    ("a close of one byte", clientFrame(8, [3]), 1002),
    ("a close reason that is no UTF-8", clientFrame(8, [3, 232, 0xC3, 0x28]), 1007),
    ("a close reason cut short", clientFrame(8, [3, 232, 0xD0]), 1007),
    ("text that is no UTF-8", clientFrame(1, [0xC0, 0x80]), 1007),
    ("text that ends inside a character", clientFrame(1, [0xD0]), 1007),
    ("text that ends inside a character, after fragments", clientFrame(1, [0xD0], final: false) + clientFrame(0, []), 1007),
  ]

  @Test(arguments: malformed.indices)
  func refuses(index: Int) {
    let (name, stream, code) = Self.malformed[index]
    // A good message before it is delivered, and nothing behind it is.
    let whole = clientFrame(2, [1]) + stream + clientFrame(2, [2])
    for pieces in [[whole], whole.map { [$0] }] {
      let heard = Heard.decode(pieces).filter { if case .text = $0 { false } else { true } }
      #expect(heard == [.binary([1]), .failed(code)], "\(name)")
    }
  }

  @Test func failsAsSoonAsTextCannotBecomeUTF8() {
    #expect(Heard.decode([clientFrame(1, [0x41, 0xFF], final: false)]) == [.failed(1007)])
    #expect(Heard.decode([Array(clientFrame(1, [0x41, 0xFF, 0x41, 0x41]).dropLast(2))]) == [.failed(1007)])
  }

  @Test(arguments: [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999] as [UInt16])
  func acceptsCloseCode(code: UInt16) {
    #expect(Heard.decode([clientFrame(8, [UInt8(code >> 8), UInt8(code & 255)] + Array("хайр".utf8))]) == [.close(code)])
  }

  @Test(arguments: [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535] as [UInt16])
  func refusesCloseCode(code: UInt16) {
    #expect(Heard.decode([clientFrame(8, [UInt8(code >> 8), UInt8(code & 255)])]) == [.failed(1002)])
  }

  @Test func readsNothingAfterAClose() {
    #expect(Heard.decode([clientFrame(8, []) + clientFrame(1, hello)]) == [.close(nil)])
  }

  @Test func refusesReservedBitsThatWereNotNegotiated() {
    #expect(Heard.decode([clientFrame(1, hello, reserved: 0x40)], extensions: .none) == [.failed(1002)])
  }

  @Test(arguments: 0..<300 as Range<UInt64>)
  func saysTheSameForEverySplit(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let stream = Self.randomStream(&random)
    let whole = Heard.decode([stream])
    #expect(!whole.isEmpty)
    for _ in 0..<4 { #expect(Heard.decode(random.split(stream)) == whole) }
  }

  /// A stream of good frames, with a wrong byte in every third.
  private static func randomStream(_ random: inout SeededGenerator) -> [UInt8] {
    let words = [
      "", "ok", "Ассалому алайкум", "Hujjat tayyor", "🙂 ок", String(repeating: "ў", count: 700),
      String(repeating: "x", count: 3_000),
    ]
    var stream: [UInt8] = []
    for _ in 0..<Int.random(in: 1...12, using: &random) {
      let key = (0..<4).map { _ in UInt8.random(in: 0...255, using: &random) }
      let text = Array((words.randomElement(using: &random) ?? "").utf8)
      let opcode: UInt8 = Bool.random(using: &random) ? 1 : 2
      switch Int.random(in: 0..<4, using: &random) {
      case 0: stream += clientFrame(9, Array(text.prefix(125)), key: key)
      case 1:
        let cut = Int.random(in: 0...text.count, using: &random)
        stream += clientFrame(opcode, Array(text[..<cut]), final: false, key: key) + clientFrame(10, [], key: key)
        stream += clientFrame(0, Array(text[cut...]), key: key)
      default: stream += clientFrame(opcode, text, key: key)
      }
    }
    stream += clientFrame(8, [3, 232])
    if Int.random(in: 0..<3, using: &random) == 0 {
      stream[Int.random(in: 0..<stream.count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
      stream += clientFrame(8, [3, 232]) + clientFrame(3, [])
    }
    return stream
  }
}
