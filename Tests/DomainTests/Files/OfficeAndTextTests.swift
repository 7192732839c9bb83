import Domain
import Testing

struct OfficeAndTextTests {
  private static let parts = ["[Content_Types].xml", "_rels/.rels", "word/document.xml", "word/media/image1.png"]

  private func refusal(_ archive: Archive, _ name: String = "a.docx") -> FileRefusal? { SampleFiles.refusal(archive.bytes, name) }
  private func refusal(_ text: String, _ name: String = "a.txt") -> FileRefusal? { SampleFiles.refusal(Array(text.utf8), name) }

  /// ASCII in UTF-16, the low byte first.
  private func wide(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    for byte in text.utf8 { bytes += [byte, 0] }
    return bytes
  }

  @Test("Main parts as programs name them")
  func mainParts() throws {
    #expect(try SampleFiles.sniff(Archive(["[Content_Types].xml", "word/document2.xml"]).bytes, "a.docx") == .docx)
    #expect(try SampleFiles.sniff(Archive(["[Content_Types].xml", "xl/Workbook.xml"]).bytes, "a") == .xlsx)
    #expect(refusal(Archive(["[Content_Types].xml", "word/documents.xml"])) == .unknownType)
    #expect(refusal(Archive(["[Content_Types].xml", "xl/workbook.bin"])) == .unknownType)
    #expect(refusal(Archive(["word/document.xml"])) == .unknownType)
    #expect(refusal(Archive(["[Content_Types].xml", "word/document.xml", "xl/workbook.xml"])) == .polyglot)
    var commented = Archive(Self.parts)
    commented.comment = Array("made by hand".utf8)
    #expect(refusal(commented) == nil)
  }

  @Test(
    "Macros and what runs like them are refused",
    arguments: [
      "word/vbaProject.bin", "word/vbaData.xml", "xl/macrosheets/sheet1.xml", "xl/dialogsheets/sheet1.xml",
      "word/activeX/activeX1.bin",
    ])
  func macros(part: String) {
    #expect(refusal(Archive(Self.parts + [part])) == .macros)
    #expect(refusal(Archive(Self.parts), "a.docm") == .macros)
  }

  @Test("What needs a password is refused, also inside the old container")
  func encrypted() {
    var archive = Archive(Self.parts)
    archive.entries[2].flags = 1
    #expect(refusal(archive) == .encrypted)
    archive.entries[2].flags = 0
    archive.entries[2].method = 99
    #expect(refusal(archive) == .encrypted)
    let package = wide("EncryptedPackage")
    #expect(SampleFiles.refusal(SampleFiles.compound + package, "a.bin") == .encrypted)
    #expect(SampleFiles.refusal(SampleFiles.compound, "a.xlsx") == .encrypted)
    #expect(SampleFiles.refusal(SampleFiles.compound, "a.xls") == .oldOffice)
    #expect(SampleFiles.refusal(SampleFiles.compound, "a.msg") == .unknownType)
  }

  @Test("An archive that contradicts itself is refused")
  func faults() {
    let good = Archive(Self.parts)
    #expect(refusal(good) == nil)
    var before = good
    before.before = Array("PK\u{3}\u{4} something else".utf8)
    #expect(refusal(before) == .polyglot)
    var twice = good
    twice.entries.append(.init(name: "WORD/document.xml"))
    #expect(refusal(twice) == .broken)
    var count = good
    count.count = 3
    #expect(refusal(count) == .broken)
    var renamed = good
    renamed.entries[0].localName = "[Content_Types].xm_"
    #expect(refusal(renamed) == .polyglot)
    var overlapping = good
    overlapping.entries[2].shift = -20
    #expect(refusal(overlapping) == .broken)
    var late = good
    late.entries[0].shift = 4
    #expect(refusal(late) == .polyglot)
    for name in ["../evil", "/etc/passwd", "word\\evil", "word/../../evil"] {
      var path = good
      path.entries.append(.init(name: name))
      #expect(refusal(path) == .broken)
    }
    var method = good
    method.entries[1].method = 12
    #expect(refusal(method) == .broken)
  }

  @Test("An archive that says it grows out of proportion is a bomb")
  func bombs() {
    var archive = Archive(Self.parts)
    archive.entries[2].unpacked = 17 << 20
    #expect(refusal(archive) == .bomb)
    archive.entries[2].unpacked = 15 << 20
    #expect(refusal(archive) == nil)
    archive.entries = (0..<600).map { Archive.Entry(name: "word/media/\($0)", unpacked: 0xFFFF_FFFE) }
    #expect(refusal(archive) == .bomb)
    #expect(refusal(Archive((0..<5001).map { String($0) })) == .bomb)
  }

  @Test(
    "Text in the ways in which programs here write it",
    arguments: [
      Array("Salom, дунё ✓\r\n".utf8), [0xEF, 0xBB, 0xBF] + Array("a;b\n".utf8), [0xCF, 0xF0, 0xE8, 0xE2, 0xE5, 0xF2],
      [0xFF, 0xFE, 0x41, 0, 0x0A, 0, 0x14, 0x04], [0xFE, 0xFF, 0, 0x41, 0x04, 0x14], Array("eski dastur\r\n\u{1A}".utf8),
      Array("narx < 5 & son > 3; a<b>c; <ism>; if (x<y)".utf8), Array("MZ avtomobil".utf8),
    ])
  func texts(bytes: [UInt8]) throws {
    #expect(try SampleFiles.sniff(bytes, "a.txt") == .txt)
    #expect(try SampleFiles.sniff(bytes, "a.csv") == .csv)
  }

  @Test(
    "What a browser or a shell would run is no text",
    arguments: [
      "<html><body>", "  \n<!DOCTYPE html>", "salom <script>alert(1)</script>", "<SVG onload=alert(1)>", "a <iframe src=x>",
      "<?php x",
      "<img src=x onerror=alert(1)>",
      "<x:script xmlns:x=\"http://www.w3.org/1999/xhtml\">", "<meta http-equiv=refresh>", "<body\tonload=x>", "<svg/onload=x>",
    ])
  func active(text: String) {
    #expect(refusal(text) == .activeContent)
    #expect(refusal(text, "a.csv") == .activeContent)
    #expect(refusal("1;2\n" + String(repeating: "a", count: 200_000) + text + ">", "a.csv") == .activeContent)
    #expect(SampleFiles.refusal([0xFF, 0xFE] + wide(text), "a.txt") == .activeContent)
  }

  @Test(
    "Nor is what one of them runs by its first line",
    arguments: ["#!/bin/sh\nrm", " %!PS-Adobe", "@ECHO off", "MIME-Version: 1.0\nContent-Type: multipart/related"])
  func firstLines(text: String) { #expect(refusal(text) == .activeContent) }

  @Test(
    "XML with entities, style sheets or markup of pages is refused",
    arguments: [
      "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"b\">]><x>&a;</x>",
      "<?xml version=\"1.0\"?><?xml-stylesheet href=\"a\"?><x/>",
      "<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>",
      "<?xml version=\"1.0\"?><a:html xmlns:a=\"x\"></a:html>",
      "<?xml version=\"1.0\"?><x><script>1</script></x>", "<?mso-application progid=\"Excel.Sheet\"?><x/>",
      "<?xml version=\"1.0\"?><x xmlns:h=\"http://www.w3.org/1999/xhtml\"/>",
    ])
  func xml(text: String) {
    for name in ["a.xml", "a", "a.txt"] { #expect(refusal(text, name) == .activeContent) }
  }

  @Test("XML is known by its declaration, or by its name; under another name it is disguised")
  func xmlNames() {
    let plain = "<Invoice><Body/></Invoice>"
    #expect(refusal("<?xml version=\"1.0\"?>" + plain, "a") == nil)
    #expect(refusal("<?xml version=\"1.0\"?>" + plain, "a.txt") == .disguised)
    #expect(refusal(plain, "a.xml") == nil)
    #expect(refusal("salom", "a.xml") == .disguised)
  }

  @Test("Signatures as DER, open-ended BER, PEM and bare Base64")
  func signatures() throws {
    let open = SampleFiles.join([0x30, 0x80], SampleFiles.signedData, Array(repeating: 5, count: 50), [0, 0])
    #expect(try SampleFiles.sniff(open, "a.p7s") == .p7s)
    let base64 = Self.base64(SampleFiles.p7s)
    #expect(try SampleFiles.sniff(Array(base64.utf8), "a.p7s") == .p7s)
    let pem = "-----BEGIN PKCS7-----\n\(base64)\n-----END PKCS7-----\n"
    #expect(try SampleFiles.sniff(Array(pem.utf8), "a.p7s") == .p7s)
    #expect(SampleFiles.refusal(SampleFiles.p7s + [1], "a.p7s") == .unknownType)
    #expect(refusal("-----BEGIN PKCS7-----\n\(base64)\n", "a.p7s") == .disguised)
    #expect(refusal("MIIsalom", "a.p7s") == .disguised)
  }

  private static func base64(_ bytes: [UInt8]) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var text = ""
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let value = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for index in 0..<4 { text += index <= group.count ? String(digits[value >> (18 - 6 * index) & 63]) : "=" }
    }
    return text
  }
}
