import Domain
import Testing

/// What the chain covers of documents: one text for each value, and nothing else is read.
@Suite struct EntryMetaTests {
  private let plain = EntryDocument(
    document: DocumentID(7), name: "Shartnoma №5.pdf", sha256: String(repeating: "ab", count: 32), size: 1_234, type: "pdf")

  @Test func theTextIsCanonical() {
    let hash = String(repeating: "ab", count: 32)
    #expect(
      EntryMeta.documents([plain]).encoded
        == #"{"documents":[{"document":7,"name":"Shartnoma №5.pdf","sha256":"\#(hash)","size":1234,"type":"pdf"}]}"#)
    #expect(EntryMeta.mark(DocumentID(7), .inWork).encoded == #"{"document":7,"state":"inWork"}"#)
    let short = [EntryMeta.noAnswer, .left, .resume(.ended), .resume(.rejected)].map(\.encoded)
    #expect(short == [#"{"answer":"none"}"#, #"{"why":"left"}"#, #"{"why":"ended"}"#, #"{"why":"rejected"}"#])
    var odd = plain
    odd.name = "\"\\\u{08}\t\n\u{0c}\r\u{01}\u{1f}\u{7f}/é"
    #expect(EntryMeta.documents([odd]).encoded.contains(#""name":"\"\\\b\t\n\f\r\u0001\u001f\#u{7f}/é""#))
  }

  @Test func whatIsWrittenIsRead() {
    var odd = plain
    odd.name = "\"\\\u{08}\t\n\u{0c}\r\u{00}\u{01}\u{1f} 👍🏽 ў"
    odd.size = .max
    for meta in [.documents([plain]), .documents([odd, plain, odd]), .noAnswer, .left, .resume(.ended), .resume(.rejected)]
      + DocumentState.allCases.map({ EntryMeta.mark(DocumentID(.max), $0) })
    {
      #expect(EntryMeta(decoding: meta.encoded) == meta)
    }
  }

  @Test func nothingElseIsRead() {
    let text = EntryMeta.documents([plain, plain]).encoded
    let bytes = Array(text.utf8)
    for end in 0..<bytes.count { #expect(EntryMeta(decoding: String(decoding: bytes[..<end], as: UTF8.self)) == nil) }
    let others = [
      "", "{}", "[]", #"{"answer":"some"}"#, #"{"why": "ended"}"#, " " + text, text + " ", #"{"documents":[]}"#,
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
