import Domain
import Testing

@Suite struct KeyTests {
  @Test func textAndBytesAgree() throws {
    let text = "0f8fad5b-d9cb-469f-a165-70867728950e"
    let key = try #require(Key(text))
    #expect(key.description == text)
    #expect(Key(text.uppercased()) == key)
    #expect(key.bytes.prefix(4) == [0x0f, 0x8f, 0xad, 0x5b])
    #expect(Key(bytes: key.bytes) == key)
  }

  @Test(arguments: [
    "", "0f8fad5b-d9cb-469f-a165-70867728950", "0f8fad5bd9cb-469f-a165-70867728950e0", "zf8fad5b-d9cb-469f-a165-70867728950e",
  ])
  func refuses(text: String) { #expect(Key(text) == nil) }

  @Test func randomKeysAreVersion4() {
    for _ in 0..<100 {
      let text = Array(Key.random().description)
      #expect(text[14] == "4")
      #expect("89ab".contains(text[19]))
    }
  }

  @Test func hexReadsWhatItWrites() {
    let bytes = (0...255).map { UInt8($0) }
    #expect(Hex.bytes(Hex.string(bytes)) == bytes)
    #expect(Hex.bytes("abc") == nil)
    #expect(Hex.bytes("zz") == nil)
  }
}
