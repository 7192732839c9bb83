import Storage
import Testing

@testable import ObjectStorage

struct S3XMLTests {
  @Test("Elements are found where they stand, their text decoded")
  func values() {
    let text = """
      <?xml version="1.0" encoding="UTF-8"?>
      <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>false</IsTruncated>
      <Contents><Key>a&amp;b&lt;&#x41;&#66;&quot;</Key><Size>1</Size></Contents><Contents><Key>c &; d</Key><Size>2</Size></Contents>
      </ListBucketResult>
      """
    let answer = S3XML(text)
    #expect(answer.value("IsTruncated") == "false")
    #expect(answer.all("Contents").map { $0.value("Key") } == ["a&b<AB\"", "c &; d"])
    #expect(answer.all("Contents").map { $0.value("Size") } == ["1", "2"])
    #expect(answer.value("NextKeyMarker") == nil)
  }

  @Test("What isn't closed isn't there", arguments: ["", "<Key>", "<Key>a", "</Key>", "<Key>a</Ke", "<Keys>a</Keys>"])
  func broken(text: String) {
    #expect(S3XML(text).value("Key") == nil)
    #expect(S3XML(text).all("Key").isEmpty)
  }

  @Test("Random bytes are read without a trap, and end")
  func random() {
    for _ in 0..<2000 {
      let alphabet = Array("<>/&;#x41KeyKey".utf8)
      let bytes = (0..<Int.random(in: 0...60)).map { _ in alphabet.randomElement() ?? 0 }
      #expect(S3XML(bytes).all("Key").count <= 10)
    }
  }

  @Test("Only what may end better is tried again")
  func faults() {
    #expect(S3Answer.fault(status: 503, code: "SlowDown").mayRetry)
    #expect(S3Answer.fault(status: 500, code: "").error.kind == .unavailable)
    #expect(S3Answer.fault(status: 501, code: "NotImplemented").error.kind == .refused)
    #expect(!S3Answer.fault(status: 501, code: "NotImplemented").mayRetry)
    #expect(S3Answer.fault(status: 507, code: "").error.kind == .full)
    #expect(S3Answer.fault(status: 404, code: "NoSuchKey").error.kind == .missing)
    #expect(S3Answer.fault(status: 404, code: "NoSuchBucket").error.kind == .refused)
    #expect(S3Answer.fault(status: 403, code: "SignatureDoesNotMatch").error.kind == .refused)
    #expect(S3Answer.fault(status: 301, code: "PermanentRedirect").error.kind == .refused)
    #expect(S3Answer.fault(status: 400, code: "XAmzContentSHA256Mismatch").error.kind == .source)
  }
}
