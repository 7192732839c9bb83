import Testing

@testable import WebSocketProtocol

/// Whatever arrives says the same in every split, good bytes and damaged ones. Each test names the seed that breaks it.
@Suite struct SplitTests {
  /// What a connection is told: the outcome of its head, and then what its frames say.
  private struct Connection: Equatable {
    var outcome = RequestHeadParser.Outcome.needMore
    var head: [UInt8] = []
    var heard: [Heard] = []
  }

  /// A head and what follows it, as a server reads them: what was read past the head belongs to the decoder.
  private func connect(_ pieces: [[UInt8]]) -> Connection {
    var connection = Connection()
    var parser = RequestHeadParser(limit: 1_000)
    var frames: [[UInt8]] = []
    for piece in pieces {
      guard connection.outcome == .needMore else {
        frames.append(piece)
        continue
      }
      let (outcome, consumed) = parser.push(piece)
      connection.outcome = outcome
      connection.head += piece.prefix(consumed)
      if outcome == .needMore { #expect(consumed == piece.count) } else { frames.append(Array(piece[consumed...])) }
    }
    #expect(parser.bytes == connection.head)
    if case .head = connection.outcome { connection.heard = Heard.decode(frames) }
    return connection
  }

  private func damage(_ bytes: inout [UInt8], _ chance: inout SeededGenerator) {
    for _ in 0..<Int.random(in: 1...3, using: &chance) {
      let place = Int.random(in: 0..<bytes.count, using: &chance)
      switch Int.random(in: 0..<4, using: &chance) {
      case 0: bytes.insert([13, 10, 32, 58, 0, 255].randomElement(using: &chance) ?? 0, at: place)
      case 1: bytes.remove(at: place)
      case 2: bytes[place] = UInt8.random(in: 0...255, using: &chance)
      default: bytes.insert(contentsOf: [13, 10], at: place)
      }
    }
  }

  @Test(arguments: 0..<300 as Range<UInt64>)
  func aConnectionIsToldTheSame(seed: UInt64) {
    var chance = SeededGenerator(seed: seed)
    let lines =
      HandshakeTests.good.shuffled(using: &chance) + (seed % 5 == 0 ? ["X-Long: " + String(repeating: "a", count: 600)] : [])
    var head = Array((["GET /ws HTTP/1.1"] + lines + ["", ""]).joined(separator: "\r\n").utf8)
    if seed % 3 == 0 { damage(&head, &chance) }
    let stream = head + clientFrame(1, Array("Салом".utf8)) + clientFrame(9, []) + clientFrame(8, [3, 232])
    let whole = connect([stream])
    if seed % 3 != 0, seed % 5 != 0 {
      #expect(whole.head == head && whole.heard == [.text(Array("Салом".utf8)), .ping([]), .close(1000)])
    }
    let single = stream.map { [$0] }
    #expect(connect(single) == whole)
    for _ in 0..<6 { #expect(connect(chance.split(stream)) == whole) }
  }

  @Test(arguments: 0..<150 as Range<UInt64>)
  func damagedDeflateStreamsAreToldTheSame(seed: UInt64) {
    var chance = SeededGenerator(seed: seed)
    let keepsWindow = seed % 2 == 0
    let deflater = Deflater(windowBits: Int.random(in: 9...15, using: &chance), keepsWindow: keepsWindow)
    var stream: [UInt8] = []
    for _ in 0..<Int.random(in: 2...8, using: &chance) {
      let words = (0..<Int.random(in: 1...400, using: &chance)).map { _ in
        ["salom ", "ўқ ", "17; "].randomElement(using: &chance) ?? ""
      }
      let message = Array(words.joined().utf8)
      let small = message.withUnsafeBytes { bytes in deflater.deflate(bytes).map { Array($0) } }
      var payload = small ?? message
      if Int.random(in: 0..<3, using: &chance) == 0 { damage(&payload, &chance) }
      let cut = Int.random(in: 0...payload.count, using: &chance)
      stream += clientFrame(1, Array(payload[..<cut]), final: false, reserved: small == nil ? 0 : 0x40)
      stream += clientFrame(0, Array(payload[cut...]))
    }
    func decode(_ pieces: [[UInt8]]) -> [Heard] {
      Heard.decode(pieces, limit: 2_000, extensions: DeflateTests.full, inflater: Inflater(keepsWindow: keepsWindow))
    }
    let whole = decode([stream])
    #expect(!whole.isEmpty)
    let single = stream.map { [$0] }
    #expect(decode(single) == whole)
    for _ in 0..<4 { #expect(decode(chance.split(stream)) == whole) }
  }
}
