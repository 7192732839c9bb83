import Testing

@testable import WebSocketProtocol

/// permessage-deflate (RFC 7692): what is negotiated, and messages there and back.
@Suite struct DeflateTests {
  static let full = Extensions.negotiate(["permessage-deflate"], policy: .full)
  private let hello = Array("Hello".utf8)

  /// Decodes frames with an inflater as a connection has it.
  private func decode(_ pieces: [[UInt8]], limit: Int = 65_536, keepsWindow: Bool = true) -> [Heard] {
    Heard.decode(pieces, limit: limit, extensions: Self.full, inflater: Inflater(keepsWindow: keepsWindow))
  }

  private func deflated(_ message: [UInt8], by deflater: Deflater) -> [UInt8]? {
    message.withUnsafeBytes { bytes in deflater.deflate(bytes).map { Array($0) } }
  }

  // MARK: Negotiation

  static let answers: [(offer: String, stateless: String?, full: String?)] = [
    ("permessage-deflate", "", ""),
    ("permessage-deflate; client_max_window_bits", "", ""),
    ("permessage-deflate ;\tclient_max_window_bits = 8 ; server_no_context_takeover", "", "; server_no_context_takeover"),
    ("permessage-deflate; client_no_context_takeover", "", "; client_no_context_takeover"),
    ("permessage-deflate; server_max_window_bits=15", "", ""),
    ("permessage-deflate; server_max_window_bits=\"10\"", nil, "; server_max_window_bits=10"),
    ("permessage-deflate; server_max_window_bits=9", nil, "; server_max_window_bits=9"),
    ("permessage-deflate; server_max_window_bits=8", nil, nil), ("permessage-deflate; server_max_window_bits", nil, nil),
    ("permessage-deflate; server_max_window_bits=16", nil, nil), ("permessage-deflate; server_max_window_bits=010", nil, nil),
    ("permessage-deflate; server_max_window_bits=+9", nil, nil), ("permessage-deflate; server_max_window_bits=", nil, nil),
    ("permessage-deflate; client_max_window_bits=7", nil, nil), ("permessage-deflate; client_max_window_bits=", nil, nil),
    ("permessage-deflate; server_no_context_takeover=1", nil, nil), ("permessage-deflate; client_no_context_takeover=", nil, nil),
    ("permessage-deflate; client_max_window_bits; client_max_window_bits", nil, nil),
    ("permessage-deflate; something", nil, nil), ("permessage-deflate;", nil, nil), ("x-webkit-deflate-frame", nil, nil),
    ("", nil, nil),
  ]

  @Test(arguments: answers)
  func answersAnOffer(_ row: (offer: String, stateless: String?, full: String?)) {
    let always = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
    #expect(Extensions.negotiate([row.offer], policy: .stateless).response == row.stateless.map { always + $0 })
    #expect(Extensions.negotiate([row.offer], policy: .full).response == row.full.map { "permessage-deflate" + $0 })
    #expect(Extensions.negotiate([row.offer], policy: .none) == .none)
  }

  @Test func takesTheFirstOfferThatCanBeMet() {
    let offers = [
      "other", "permessage-deflate; server_max_window_bits=8", "permessage-deflate; server_max_window_bits=11",
      "permessage-deflate",
    ]
    #expect(Extensions.negotiate(offers, policy: .full).response == "permessage-deflate; server_max_window_bits=11")
    #expect(Extensions.negotiate(offers, policy: .stateless).deflate?.serverWindowBits == 15)
  }

  // MARK: Messages

  /// The examples of RFC 7692 §7.2.3.
  @Test func inflatesTheExamplesOfTheRFC() {
    let one: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
    #expect(decode([clientFrame(1, one, reserved: 0x40)]) == [.text(hello)])
    let fragments = clientFrame(1, Array(one.prefix(3)), final: false, reserved: 0x40) + clientFrame(0, Array(one.suffix(4)))
    #expect(decode([fragments]) == [.text(hello)])
    let again: [UInt8] = [0xF2, 0x00, 0x11, 0x00, 0x00]
    #expect(
      decode([clientFrame(1, one, reserved: 0x40) + clientFrame(1, again, reserved: 0x40)]) == [.text(hello), .text(hello)])
    let stored: [UInt8] = [0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00]
    #expect(decode([clientFrame(2, stored, reserved: 0x40)]) == [.binary(hello)])
    let last: [UInt8] = [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00]
    #expect(
      decode([clientFrame(1, last, reserved: 0x40) + clientFrame(1, again, reserved: 0x40)]) == [.text(hello), .text(hello)])
    let blocks: [UInt8] = [0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00]
    #expect(decode([clientFrame(1, blocks, reserved: 0x40)]) == [.text(hello)])
    #expect(decode([clientFrame(1, [0x00], reserved: 0x40)]) == [.text([])])
    #expect(decode([clientFrame(1, [], reserved: 0x40)]) == [.text([])])
  }

  @Test func aReferenceToAnEarlierMessageNeedsContextTakeover() {
    let one: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
    let again: [UInt8] = [0xF2, 0x00, 0x11, 0x00, 0x00]
    let stream = clientFrame(1, one, reserved: 0x40) + clientFrame(1, again, reserved: 0x40)
    #expect(decode([stream], keepsWindow: false) == [.text(hello), .failed(1007)])
  }

  static let refused: [(String, [UInt8], UInt16)] = [
    ("RSV1 on a continuation", clientFrame(1, [0x00], final: false, reserved: 0x40) + clientFrame(0, [], reserved: 0x40), 1002),
    ("RSV1 on a ping", clientFrame(9, [], reserved: 0x40), 1002), ("RSV1 on a close", clientFrame(8, [], reserved: 0x40), 1002),
    ("RSV2", clientFrame(1, [], reserved: 0x20), 1002), ("RSV1 and RSV3", clientFrame(1, [], reserved: 0x50), 1002),
    ("no block type of deflate", clientFrame(1, [0x07], reserved: 0x40), 1007),
    ("a message that ends in its middle", clientFrame(1, [0xF2, 0x48, 0xCD], reserved: 0x40), 1007),
    ("a last block without what follows it", clientFrame(1, [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00], reserved: 0x40), 1007),
    ("text that is no UTF-8", clientFrame(1, [0x00, 0x01, 0x00, 0xFE, 0xFF, 0xFF, 0x00], reserved: 0x40), 1007),
  ]

  @Test(arguments: refused)
  func refuses(_ row: (name: String, stream: [UInt8], code: UInt16)) {
    #expect(decode([row.stream]) == [.failed(row.code)])
    #expect(decode(row.stream.map { [$0] }) == [.failed(row.code)])
  }

  @Test func withoutNegotiationAnInflaterIsNoExcuse() {
    #expect(Heard.decode([clientFrame(1, [0x00], reserved: 0x40)], inflater: Inflater(keepsWindow: false)) == [.failed(1002)])
  }

  @Test func aBombIsCutAtTheLimit() throws {
    let deflater = Deflater()
    let bomb = try #require(deflated([UInt8](repeating: 65, count: 60 << 20), by: deflater))
    #expect(bomb.count < 1 << 20)
    #expect(decode([clientFrame(1, bomb, reserved: 0x40)], limit: 1 << 20) == [.failed(1009)])
    // The limit itself is allowed, and one byte more isn't.
    let even = try #require(deflated([UInt8](repeating: 65, count: 65_536), by: deflater))
    #expect(decode([clientFrame(1, even, reserved: 0x40)]) == [.text([UInt8](repeating: 65, count: 65_536))])
    let over = try #require(deflated([UInt8](repeating: 65, count: 65_537), by: deflater))
    #expect(decode([clientFrame(1, over, reserved: 0x40)]) == [.failed(1009)])
  }

  @Test func whatDoesNotBecomeSmallerIsSentAsItIs() {
    var chance = SeededGenerator(seed: 7)
    let noise = (0..<2_000).map { _ in UInt8.random(in: 0...255, using: &chance) }
    #expect(deflated(noise, by: Deflater()) == nil)
    #expect(deflated(noise, by: Deflater(keepsWindow: true)) != nil)
  }

  @Test(arguments: [false, true])
  func anEmptyMessageIsSentAsItIs(keepsWindow: Bool) throws {
    let deflater = Deflater(keepsWindow: keepsWindow)
    #expect(deflated([], by: deflater) == nil)
    let long = Array(String(repeating: "salom ", count: 50).utf8)
    let inflater = Inflater(keepsWindow: keepsWindow)
    for _ in 0..<2 {
      let small = try #require(deflated(long, by: deflater))
      let stream = clientFrame(1, small, reserved: 0x40)
      #expect(Heard.decode([stream], extensions: Self.full, inflater: inflater) == [.text(long)])
      #expect(deflated([], by: deflater) == nil)
    }
  }

  @Test(arguments: 0..<60)
  func anySplitOfARandomConversationGivesTheSame(seed: UInt64) {
    var chance = SeededGenerator(seed: seed)
    let keepsWindow = Bool.random(using: &chance)
    let deflater = Deflater(windowBits: Int.random(in: 9...15, using: &chance), keepsWindow: keepsWindow)
    var stream: [UInt8] = []
    var expected: [Heard] = []
    for _ in 0..<Int.random(in: 1...20, using: &chance) {
      let words = ["salom ", "шартнома ", "№ 17; ", "🙂", "{\"do\": \"send\"}"]
      let count = [0, 1, 10, 300, 4_000].randomElement(using: &chance) ?? 0
      let message = Array((0..<count).map { _ in words.randomElement(using: &chance) ?? "" }.joined().utf8.prefix(60_000))
      let isText = String(validating: message, as: UTF8.self) != nil && Bool.random(using: &chance)
      let small = Int.random(in: 0..<4, using: &chance) > 0 ? deflated(message, by: deflater) : nil
      var rest = (small ?? message)[...]
      var isFirst = true
      repeat {
        let part = rest.prefix(Int.random(in: 0...rest.count, using: &chance))
        rest = rest.dropFirst(part.count)
        let reserved: UInt8 = isFirst && small != nil ? 0x40 : 0
        stream += clientFrame(isFirst ? (isText ? 1 : 2) : 0, Array(part), final: rest.isEmpty, reserved: reserved)
        if !rest.isEmpty, Bool.random(using: &chance) {
          stream += clientFrame(9, [1])
          expected.append(.ping([1]))
        }
        isFirst = false
      } while !rest.isEmpty
      expected.append(isText ? .text(message) : .binary(message))
    }
    #expect(decode([stream], keepsWindow: keepsWindow) == expected)
    #expect(decode(chance.split(stream), keepsWindow: keepsWindow) == expected)
  }
}
