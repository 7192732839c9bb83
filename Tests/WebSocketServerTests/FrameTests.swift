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

  @Test func isCompressedOnceForAll() throws {
    let text = Array(String(repeating: "шартнома № 17; ", count: 200).utf8)
    let frame = Frame(text: text)
    let first = frame.bytes(deflatedBy: Deflater())
    // Another loop's deflater: what is made already is shared.
    let second = frame.bytes(deflatedBy: Deflater())
    #expect(first.baseAddress == second.baseAddress && first.count == second.count)
    #expect(first.count < text.count / 4 && first[0] == 0xC1)
    let header = FrameEncoder.headerSize(payload: first.count - 4)
    let inflater = Inflater(keepsWindow: false)
    let outcome = inflater.inflate(UnsafeRawBufferPointer(rebasing: first[header...]), limit: 65_536)
    guard case .message(let back) = outcome else { throw Failed() }
    #expect(Array(back) == text)
  }

  @Test func isNotCompressedWhenThatDoesNotPay() {
    let short = Frame(text: [UInt8](repeating: 65, count: Frame.worthCompressing - 1))
    #expect(short.bytes(deflatedBy: Deflater()).baseAddress == short.bytes.baseAddress)
    var state: UInt64 = 1
    let noise = (0..<1_000).map { _ -> UInt8 in
      state = state &* 6_364_136_223_846_793_005 &+ 1
      return UInt8(truncatingIfNeeded: state >> 56)
    }
    let random = Frame(.binary, count: noise.count) { $0.copyBytes(from: noise) }
    #expect(random.bytes(deflatedBy: Deflater()).baseAddress == random.bytes.baseAddress)
  }

  private struct Failed: Error {}
}
