import Domain
import Foundation
import TestSupport
import Testing

@testable import Reports

struct XLSXTests {
  private let columns = [ReportColumn("Nomi", width: 30), ReportColumn("Summa")]

  private func written(
    _ rows: [[ReportCell]], sheet: String = "Hisobot", rowsPerSheet: Int = XLSXWriter.maximumRows
  ) async throws -> [UInt8] {
    try await withTemporaryFolder { folder in
      let path = folder + "/a.xlsx"
      let writer = try XLSXWriter(path: path, sheet: sheet, columns: columns, rowsPerSheet: rowsPerSheet)
      for row in rows { try writer.append(row) }
      try writer.finish()
      return Array(try Data(contentsOf: URL(filePath: path)))
    }
  }

  @Test("What was written is read again; text stays text")
  func roundTrip() async throws {
    let bytes = try await written([
      [.text("=HYPERLINK(\"http://x\";\"y\")"), .number(12)], [.empty, .number(-3)], [.text("Oʻ\u{1}\0 & <b>"), .empty],
      [.text("2^53 + 1"), .number(9_007_199_254_740_993)], [.text("a\u{FFFE}b\u{FFFF}c\u{1FFFE}"), .empty],
    ])
    let rows = try XLSXReader.rows(bytes)
    #expect(rows[0] == ["Nomi", "Summa"])
    #expect(rows[1] == ["=HYPERLINK(\"http://x\";\"y\")", "12"])
    #expect(rows[2] == ["", "-3"])
    #expect(rows[3].first?.hasPrefix("Oʻ") == true)
    #expect(rows[4] == ["2^53 + 1", "9007199254740993"])
    #expect(rows[5] == ["a\u{FFFD}b\u{FFFD}c\u{1FFFE}"])
    let sheet = try XLSXArchive(bytes).part("xl/worksheets/sheet1.xml").map { String(decoding: $0, as: UTF8.self) }
    #expect(sheet?.contains("<f>") == false)
  }

  @Test("Its own type, by the same judge that looks at uploads")
  func sniffed() async throws {
    let bytes = try await written([[.text("a"), .number(1)]])
    #expect(try FileTypeSniffer.sniff(head: bytes, tail: bytes, size: Int64(bytes.count), name: "a.xlsx") == .xlsx)
  }

  @Test("A sheet that is full is followed by another with the same titles")
  func sheets() async throws {
    let bytes = try await written((1...5).map { [.text("r\($0)"), .number($0)] }, rowsPerSheet: 3)
    #expect(try XLSXReader.rows(bytes) == [["Nomi", "Summa"], ["r1", "1"], ["r2", "2"]])
    let third = try XLSXArchive(bytes).part("xl/worksheets/sheet3.xml")
    #expect(third.map { String(decoding: $0, as: UTF8.self) }?.contains("r5") == true)
  }

  @Test("A sheet's name loses what Excel doesn't take", arguments: ["a/b:c*?[]\\'", "", String(repeating: "я", count: 50)])
  func names(name: String) async throws {
    #expect(try XLSXReader.rows(await written([], sheet: name)) == [["Nomi", "Summa"]])
  }

  @Test("Nothing is left beside the workbook")
  func temporaries() async throws {
    try await withTemporaryFolder { folder in
      let writer = try XLSXWriter(path: folder + "/a.xlsx", sheet: "A", columns: columns)
      for number in 0..<20_000 { try writer.append([.text("qator \(number)"), .number(Int64(number))]) }
      try writer.finish()
      let left = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(left == ["a.xlsx"])
    }
  }

  @Test("A folder that isn't there, a file that is none")
  func refused() async throws {
    let missing = failure(of: { try XLSXWriter(path: "/nowhere/at/all/a.xlsx", sheet: "A", columns: columns).finish() })
    #expect(missing is ReportError)
    for bytes in [[], Array("PK\u{3}\u{4}".utf8), [UInt8](repeating: 0, count: 1000)] {
      let refusal = failure(of: { _ = try XLSXReader.rows(bytes) })
      #expect(refusal is ReportError)
    }
  }

  @Test("Every byte may be wrong: an error at most")
  func damaged() async throws {
    let bytes = try await written([[.text("a"), .number(1)]])
    var random = SeededRandom(7)
    for _ in 0..<300 {
      var copy = bytes
      for _ in 0..<3 { copy[Int.random(in: 0..<copy.count, using: &random)] = UInt8.random(in: 0...255, using: &random) }
      do { _ = try XLSXReader.rows(copy) } catch { #expect(!error.description.isEmpty) }
    }
  }

  /// A workbook of one sheet, whose parts are these.
  private func workbook(strings: String = "<sst/>", sheet: String) -> [UInt8] {
    StoredZip.archive([
      ("xl/sharedStrings.xml", Array(strings.utf8)), ("xl/worksheets/sheet1.xml", Array(sheet.utf8)),
    ])
  }

  private func refusal(_ bytes: [UInt8], _ limit: TableLimit = TableLimit()) -> String? {
    (failure(of: { _ = try XLSXReader.rows(bytes, limit: limit) }) as? ReportError)?.description
  }

  @Test("Bombs: one text for all cells, a text without end, lists and tags without end")
  func realBombs() async throws {
    let cell = String(repeating: "x", count: 32_767)
    let rows = String(repeating: "<row><c t=\"s\"><v>0</v></c></row>", count: 5000)
    // 200 KB of a file are 160 MB of cells.
    let amplified = workbook(strings: "<sst><si><t>\(cell)</t></si></sst>", sheet: "<worksheet>\(rows)</worksheet>")
    #expect(amplified.count < 300_000)
    #expect(refusal(amplified) == "the table has more than 16777216 bytes of text")
    let few = workbook(
      strings: "<sst><si><t>\(cell)</t></si></sst>", sheet: "<worksheet><row><c t=\"s\"><v>0</v></c></row></worksheet>")
    #expect(try XLSXReader.rows(few) == [[cell]])
    let long = String(repeating: "y", count: 4 << 20)
    let one = "<worksheet><row><c t=\"s\"><v>0</v></c></row></worksheet>"
    #expect(
      refusal(workbook(strings: "<sst><si><t>\(long)</t></si></sst>", sheet: one)) == "a cell has more than 32767 characters")
    let inline = "<worksheet><row><c t=\"inlineStr\"><is><t>\(long)</t></is></c></row></worksheet>"
    #expect(refusal(workbook(sheet: inline)) == "a cell has more than 32767 characters")
    let sheets = StoredZip.archive([
      ("xl/workbook.xml", Array("<workbook>\(String(repeating: "<sheet r:id=\"1\"/>", count: 5000))</workbook>".utf8)),
      ("xl/_rels/workbook.xml.rels", Array("<Relationships/>".utf8)), ("xl/worksheets/sheet1.xml", Array("<worksheet/>".utf8)),
    ])
    #expect(refusal(sheets) == "the workbook has more than 4096 sheets")
    let list = StoredZip.archive([
      ("xl/workbook.xml", Array("<workbook>\(String(repeating: " ", count: 1 << 20))</workbook>".utf8)),
      ("xl/_rels/workbook.xml.rels", Array("<Relationships/>".utf8)), ("xl/worksheets/sheet1.xml", Array("<worksheet/>".utf8)),
    ])
    #expect(refusal(list) == "the workbook is too large")
    let attributes = (0..<10_000).map { " a\($0)=\"'>\"" }.joined()
    #expect(
      refusal(workbook(sheet: "<worksheet\(attributes)></worksheet>")) == "the workbook has parts that no office program writes")
  }

  @Test("A bomb that is packed is unpacked to its bound at most")
  func packedBomb() async throws {
    // A workbook by the writer, whose largest part says that it is small.
    var bytes = try await written((0..<3000).map { _ in [.text(String(repeating: "x", count: 2000)), .number(1)] })
    #expect(bytes.count < 200_000)
    let directory = try ZipDirectory(FileEnds(head: bytes, tail: bytes, size: Int64(bytes.count)))
    let sheet = try #require(directory.entries.first { $0.name == "xl/worksheets/sheet1.xml" })
    #expect(sheet.unpacked > 6_000_000 && sheet.packed < 100_000)
    // The directory's entry: 24 bytes before its name's lengths stands the unpacked size.
    let name = Array("xl/worksheets/sheet1.xml".utf8)
    let places = bytes.indices.filter { bytes[$0...].starts(with: name) }
    let place = try #require(places.last) - 46 + 24
    bytes.replaceSubrange(place..<place + 4, with: [0, 16, 0, 0])
    #expect(refusal(bytes) == "the workbook is damaged")
  }

  @Test(
    "Only UTF-8 is read, so that nothing hides an entity",
    arguments: [
      #"<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE x"#, #"<?xml version='1.0' encoding = 'utf-16'?><worksheet/>"#,
      #"<?xml version="1.0" encoding="windows-1251"?><worksheet/>"#, "<\0?\0x\0m\0l\0",
      "<?xml " + String(repeating: " ", count: 300),
    ])
  func encodings(sheet: String) {
    #expect(refusal(workbook(sheet: sheet)) == "the workbook has parts that no office program writes")
  }

  @Test(
    "UTF-8 by any of its names",
    arguments: [
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<?xml version='1.0' encoding='utf-8'?>", "\u{FEFF}<?xml version=\"1.0\"?>",
      "",
    ])
  func utf8(head: String) throws {
    #expect(try XLSXReader.rows(workbook(sheet: head + "<worksheet><row><c><v>7</v></c></row></worksheet>")) == [["7"]])
  }

  @Test("An entity and a table without end are refused")
  func bombs() async throws {
    let zeros = try await written((0..<2000).map { _ in [.text("x"), .number(1)] })
    let small = failure(of: { _ = try XLSXReader.rows(zeros, limit: TableLimit(rows: 100)) })
    #expect((small as? ReportError)?.description == "there are more than 100 rows")
    let entity = StoredZip.archive([
      ("xl/worksheets/sheet1.xml", Array("<!DOCTYPE x [<!ENTITY a 'b'>]><worksheet>&a;</worksheet>".utf8))
    ])
    let refusal = failure(of: { _ = try XLSXReader.rows(entity) })
    #expect((refusal as? ReportError)?.description == "the workbook has parts that no office program writes")
    let plain = StoredZip.archive([
      (
        "xl/worksheets/sheet1.xml",
        Array(
          """
          <worksheet><sheetData><row><c r="C1"><v>3.05123456E8</v></c><c t="inlineStr"><is><t>d</t></is></c></row></sheetData></worksheet>
          """.utf8)
      )
    ])
    #expect(try XLSXReader.rows(plain) == [["", "", "305123456", "d"]])
  }
}
