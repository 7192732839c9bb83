import Domain
import Testing

/// What the chain covers of documents: one text for each value, and nothing else is read.
@Suite struct EntryMetaTests {
  private let plain = EntryDocument(
    document: DocumentID(7), name: "Shartnoma №5.pdf", sha256: String(repeating: "ab", count: 32), size: 1_234, type: "pdf")

  private let salt = [UInt8](0..<16)

  @Test func theTextIsCanonical() {
    let hash = String(repeating: "ab", count: 32)
    #expect(
      EntryMeta.documents([plain]).encoded(salt: salt)
        == #"{"documents":[{"document":7,"name":"Shartnoma №5.pdf","sha256":"\#(hash)","size":1234,"type":"pdf"}],"#
        + #""salt":"000102030405060708090a0b0c0d0e0f"}"#)
    let short: [EntryMeta] = [
      .mark(DocumentID(7), .inWork), .close(noAnswer: true), .close(noAnswer: false), .left, .resume(.ended),
      .resume(.rejected),
    ]
    let texts = short.map { $0.encoded(salt: salt) }
    #expect(
      texts == [
        #"{"document":7,"state":"inWork"}"#, #"{"answer":"none","salt":"000102030405060708090a0b0c0d0e0f"}"#,
        #"{"salt":"000102030405060708090a0b0c0d0e0f"}"#, #"{"why":"left"}"#, #"{"why":"ended"}"#, #"{"why":"rejected"}"#,
      ])
    var odd = plain
    odd.name = "\"\\\u{08}\t\n\u{0c}\r\u{01}\u{1f}\u{7f}/é"
    #expect(EntryMeta.documents([odd]).encoded(salt: salt).contains(#""name":"\"\\\b\t\n\f\r\u0001\u001f\#u{7f}/é""#))
  }

  @Test func whatIsWrittenIsRead() {
    var odd = plain
    odd.name = "\"\\\u{08}\t\n\u{0c}\r\u{00}\u{01}\u{1f} 👍🏽 ў"
    odd.size = .max
    let short: [EntryMeta] = [.close(noAnswer: true), .close(noAnswer: false), .left, .resume(.ended), .resume(.rejected)]
    for meta in [.documents([plain]), .documents([odd, plain, odd])] + short
      + DocumentState.allCases.map({ EntryMeta.mark(DocumentID(.max), $0) })
    {
      #expect(EntryMeta(decoding: meta.encoded(salt: salt)) == meta)
    }
  }

  @Test func nothingElseIsRead() {
    let text = EntryMeta.documents([plain, plain]).encoded(salt: salt)
    for meta in [EntryMeta.documents([plain, plain]), .close(noAnswer: true), .close(noAnswer: false)] {
      let bytes = Array(meta.encoded(salt: salt).utf8)
      for end in 0..<bytes.count { #expect(EntryMeta(decoding: String(decoding: bytes[..<end], as: UTF8.self)) == nil) }
    }
    let others = [
      "", "{}", "[]", #"{"answer":"none"}"#, #"{"salt":""}"#, #"{"salt":"000102030405060708090A0B0C0D0E0F"}"#,
      #"{"salt":"000102030405060708090a0b0c0d0e0f00"}"#, #"{"answer":"some","salt":"000102030405060708090a0b0c0d0e0f"}"#,
      #"{"answer":"none","salt":"00"}"#, #"{"why": "ended"}"#, " " + text, text + " ", #"{"documents":[]}"#,
      #"{"documents": [{"document":7}]}"#,
      #"{"document":7,"state":"lost"}"#, #"{"document":-7,"state":"inWork"}"#,
      #"{"document":99999999999999999999,"state":"inWork"}"#,
      #"{"document":7,"state":"in\u00zzWork"}"#, #"{"document":7,"state":"in\qWork"}"#, #"{"state":"inWork","document":7}"#,
    ]
    for other in others { #expect(EntryMeta(decoding: other) == nil, "\(other)") }
  }

  @Test func workGoesInSteps() {
    let steps = DocumentState.allCases.flatMap { from in
      [true, false].compactMap { staff in from.next(staff: staff).map { "\(from) \(staff ? "staff" : "client") \($0)" } }
    }
    #expect(
      steps == ["received staff inWork", "inWork staff processed", "processed client returned", "returned staff inWork"])
  }
}
