import Crypto
import ServerKit
import Testing

@Suite struct SessionTokenTests {
  @Test func tokensReadBackAndHashTheirBytes() throws {
    let token = SessionToken()
    #expect(token.text.utf8.count == 43)
    let again = try #require(SessionToken(token.text))
    #expect(again == token && again.hash == token.hash)
    let bytes = try #require(Base64URL.bytes(token.text))
    #expect(token.hash == Array(SHA256.hash(data: bytes)))
    #expect(token.csrf == Base64URL.string(Array(SHA256.hash(data: Array("csrf".utf8) + bytes))))
    #expect(SessionToken() != token)
  }

  @Test func aKnownVector() throws {
    // Thirty-two zero bytes; the digests were made with sha256sum.
    let token = try #require(SessionToken(String(repeating: "A", count: 43)))
    #expect(token.hash.prefix(4).elementsEqual([0x66, 0x68, 0x7a, 0xad]))
  }

  @Test func onlyTheOwnCSRFTokenPasses() {
    let token = SessionToken()
    #expect(token.isCSRF(token.csrf))
    #expect(
      !token.isCSRF(SessionToken().csrf) && !token.isCSRF("") && !token.isCSRF(token.csrf + "A") && !token.isCSRF(token.text))
  }

  @Test func otherTextsArent() {
    let text = SessionToken().text
    let crooked = String(repeating: "A", count: 42) + "B"
    for bad in ["", String(text.dropLast()), text + "A", text + "=", " " + text.dropFirst(), "ы" + text.dropFirst(2), crooked] {
      #expect(SessionToken(bad) == nil, "\(bad)")
    }
  }

  @Test func tokensDontPrintThemselves() {
    let token = SessionToken()
    #expect(!"\(token)".contains(token.text) && !String(reflecting: token).contains(token.text))
  }

  @Test func base64URLMatchesTheStandard() {
    let vectors = [
      ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"), ("foobar", "Zm9vYmFy"),
    ]
    for (plain, coded) in vectors {
      #expect(Base64URL.string(Array(plain.utf8)) == coded)
      #expect(Base64URL.bytes(coded) == Array(plain.utf8))
    }
    #expect(Base64URL.string([0xfb, 0xff]) == "-_8" && Base64URL.bytes("-_9") == nil && Base64URL.bytes("A") == nil)
  }
}
