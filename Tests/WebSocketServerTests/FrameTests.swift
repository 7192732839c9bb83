import Testing
import WebSocketProtocol

@testable import WebSocketServer

@Suite struct FrameTests {
  @Test(arguments: [0, 1, 125, 126, 65_535, 65_536, 70_000])
  func isEncodedLikeAnyTextFrame(count: Int) {
    let text = (0..<count).map { UInt8(32 + $0 % 90) }
    let frame = Frame(text: text)
    #expect(Array(frame.bytes) == FrameEncoder.encode(.text, text))
    #expect(Array(frame.payload) == text)
  }
}
