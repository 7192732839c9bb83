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
      [.text("2^53 + 1"), .number(9_007_199_254_740_993)],
    ])
    let rows = try XLSXReader.rows(bytes)
    #expect(rows[0] == ["Nomi", "Summa"])
    #expect(rows[1] == ["=HYPERLINK(\"http://x\";\"y\")", "12"])
    #expect(rows[2] == ["", "-3"])
    #expect(rows[3].first?.hasPrefix("Oʻ") == true)
    #expect(rows[4] == ["2^53 + 1", "9007199254740993"])
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

  @Test("A bomb, an entity and a table without end are refused")
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
