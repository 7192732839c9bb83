import Testing
import WebSocketProtocol

@Suite struct FrameEncoderTests {
  @Test func encodesTheVectorsOfTheRFC() {
    #expect(FrameEncoder.encode(.text, Array("Hello".utf8)) == [0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F])
    #expect(Array(FrameEncoder.encode(.binary, [UInt8](repeating: 7, count: 256)).prefix(5)) == [0x82, 0x7E, 0x01, 0x00, 7])
    #expect(
      Array(FrameEncoder.encode(.binary, [UInt8](repeating: 7, count: 65_536)).prefix(11)) == [
        0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0, 7,
      ])
  }

  @Test(arguments: [(0, 2), (125, 2), (126, 4), (65_535, 4), (65_536, 10)])
  func usesTheShortestLength(count: Int, header: Int) {
    #expect(FrameEncoder.encode(.text, [UInt8](repeating: 65, count: count)).count == header + count)
  }

  @Test func closesWithACodeAndAReasonThatFits() {
    #expect(FrameEncoder.close(code: nil) == [0x88, 0])
    #expect(FrameEncoder.close(code: 1012, reason: "ok") == [0x88, 4, 0x03, 0xF4, 0x6F, 0x6B])
    let long = FrameEncoder.close(code: 1000, reason: String(repeating: "ў", count: 100))
    #expect(long.count == 2 + 2 + 122)
    #expect(String(validating: long[4...], as: UTF8.self) == String(repeating: "ў", count: 61))
  }
}
