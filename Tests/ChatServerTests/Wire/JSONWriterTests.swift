import Domain
import Testing

@testable import ChatServer

@Suite struct JSONWriterTests {
  private func text(_ body: (inout JSONWriter) -> Void) -> String {
    var json = JSONWriter()
    body(&json)
    return String(decoding: json.bytes, as: UTF8.self)
  }

  @Test func commasStandOnlyBetween() {
    let text = text { json in
      json.openObject()
      json.name("a")
      json.openArray()
      json.value(1)
      json.value(true)
      json.null()
      json.openObject()
      json.closeObject()
      json.closeArray()
      json.name("b")
      json.value("x")
      json.name("c")
      json.openArray()
      json.closeArray()
      json.closeObject()
    }
    #expect(text == #"{"a":[1,true,null,{}],"b":"x","c":[]}"#)
  }

  @Test(arguments: [0, 1, -1, 10, 99, 12_345, Int64.max, Int64.min]) func integers(value: Int64) {
    #expect(text { $0.value(value) } == String(value))
  }

  @Test func stringsComeBackAsTheyWere() throws {
    var random = SystemRandomNumberGenerator()
    let pieces = ["a", "\"", "\\", "\n", "\r", "\t", "\u{0}", "\u{1f}", "\u{7f}", "é", "ў", "😀", "\u{2028}", "</script>"]
    for _ in 0..<500 {
      let original = (0..<Int.random(in: 0..<12, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
      #expect(try JSONValue(text { $0.value(original) }) == .text(original))
    }
  }

  @Test func timesAndHashes() {
    #expect(text { $0.value(Timestamp(microseconds: 1_763_629_953_123_456)) } == "\"2025-11-20T09:12:33.123456Z\"")
    #expect(text { $0.hexadecimal([0, 15, 255]) } == "\"000fff\"")
  }
}
