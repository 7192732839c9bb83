import Testing
import WebSocketProtocol

@Suite struct UTF8ValidatorTests {
  private func isValid(_ pieces: [[UInt8]]) -> Bool {
    var validator = UTF8Validator()
    for piece in pieces where !piece.withUnsafeBytes({ validator.consume($0) }) { return false }
    return validator.isComplete
  }

  @Test(arguments: [
    "", "plain", "κόσμε", "Ассалому алайкум, ўзбек қиз ғоз ҳа", "\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}",
    "\u{D7FF}\u{E000}", "👩‍👩‍👧 ok",
  ])
  func acceptsText(text: String) {
    let bytes = Array(text.utf8)
    #expect(isValid([bytes]))
    #expect(isValid(bytes.map { [$0] }))
  }

  @Test(
    arguments: [
      [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF], [0xE1, 0x80],
      [0xED, 0xA0, 0x80],
      [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80],
      [0xFE], [0xFF],
      [0xF0, 0x90, 0x80], [0xE2, 0x28, 0xA1], [0xD0, 0xD0],
    ] as [[UInt8]])
  func refuses(bytes: [UInt8]) {
    for before in ["", "1234567", "12345678"] {
      #expect(!isValid([Array(before.utf8) + bytes]))
      #expect(!isValid((Array(before.utf8) + bytes).map { [$0] }))
    }
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func agreesWithTheStandardLibrary(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let interesting: [UInt8] = [
      0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC2, 0xD0, 0xDF, 0xE0, 0xE1, 0xED, 0xEF, 0xF0, 0xF1, 0xF4,
    ]
    for _ in 0..<200 {
      let bytes = (0..<Int.random(in: 0...5, using: &random)).map { _ in interesting.randomElement(using: &random) ?? 0 }
      #expect(isValid(random.split(bytes)) == (String(validating: bytes, as: UTF8.self) != nil), "\(bytes)")
    }
  }
}
