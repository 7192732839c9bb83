import Domain
import TestSupport
import Testing

@testable import Reports

struct CSVTests {
  private let columns = [ReportColumn("Nomi"), ReportColumn("Summa")]

  @Test("Excel opens it: byte order mark, semicolons, CR LF, quotes only where needed")
  func shape() {
    let writer = CSVWriter()
    #expect(writer.head(columns) == [0xEF, 0xBB, 0xBF] + Array("Nomi;Summa\r\n".utf8))
    #expect(writer.row([.text("Oʻzbek \"A\"; B"), .number(-1200)]) == Array("\"Oʻzbek \"\"A\"\"; B\";-1200\r\n".utf8))
    #expect(writer.row([.text("ikki\nqator"), .empty]) == Array("\"ikki\nqator\";\r\n".utf8))
  }

  @Test("Text never becomes a formula", arguments: ["=HYPERLINK(\"http://x\")", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
  func formulas(text: String) throws {
    let line = CSVWriter().row([.text(text)])
    let opened = line.first == 0x22 ? line.dropFirst() : line[...]
    #expect(opened.first == 0x27)
    let rows = try CSVReader.rows(line)
    #expect(rows == [[text.replacing("\r\n", with: "\n")]])
  }

  @Test("A number below zero stays one")
  func negative() { #expect(CSVWriter().row([.number(-5)]) == Array("-5\r\n".utf8)) }

  @Test("What was written is read again, whatever is in it")
  func roundTrip() throws {
    let texts = ["", "a;b", "\"", "\"\"", "a\"b;c\nd", "  spaces  ", "'=quoted", "ўзбек", "😀", ",\t;", "'"]
    let bytes = CSVWriter().head(columns) + texts.flatMap { CSVWriter().row([.text("x"), .text($0)]) }
    let rows = try CSVReader.rows(bytes)
    #expect(rows.first == ["Nomi", "Summa"])
    #expect(rows.dropFirst().map { $0[1] } == texts.map { $0 == "'=quoted" ? "=quoted" : $0 })
  }

  @Test("Commas, tabs and windows-1251 are understood")
  func foreign() throws {
    #expect(try CSVReader.rows(Array("a,b\n1,\"2,5\"\n".utf8)) == [["a", "b"], ["1", "2,5"]])
    #expect(try CSVReader.rows(Array("a\tb\r\n\r\n1\t2".utf8)) == [["a", "b"], ["1", "2"]])
    #expect(try CSVReader.rows([0xCC, 0xE8, 0xF0, 0x3B, 0x31]) == [["Мир", "1"]])
  }

  @Test("A cell is no longer than Excel's")
  func longCell() throws {
    let cell = String(repeating: "x", count: 32_767)
    #expect(try CSVReader.rows(Array("a;\(cell)".utf8)) == [["a", cell]])
    let refusal = failure(of: { _ = try CSVReader.rows(Array("a;\(cell)x".utf8)) })
    #expect((refusal as? ReportError)?.description == "row 1 has a cell of more than 32767 characters")
  }

  @Test("What is too large or never ends is refused")
  func refused() {
    let limit = TableLimit(bytes: 100, rows: 2, columns: 3)
    func failure(_ text: String) -> String? {
      do {
        _ = try CSVReader.rows(Array(text.utf8), limit: limit)
        return nil
      } catch { return error.description }
    }
    #expect(failure("a;b\n\"never") == "a quote never ends")
    #expect(failure("1\n2\n3\n") == "there are more than 2 rows")
    #expect(failure("1;2;3;4") == "row 1 has more than 3 cells")
    #expect(failure(String(repeating: "x", count: 101)) == "the file has more than 100 bytes")
    #expect(failure("1;2;3\n4") == nil)
  }

  @Test("Cells as text")
  func cells() {
    #expect(ReportCell.number(12_450_000).shown == "12\u{A0}450\u{A0}000")
    #expect(ReportCell.number(-999).shown == "-999")
    #expect(ReportCell.number(.min).shown == "-9\u{A0}223\u{A0}372\u{A0}036\u{A0}854\u{A0}775\u{A0}808")
    #expect(ReportCell.share(0.9655).plain == "96.6%")
    #expect(ReportCell.share(.nan).plain == "–%")
    #expect(ReportCell.duration(.seconds(3 * 3600 + 62)).plain == "3:01:02")
    #expect(ReportCell.time(Timestamp(microseconds: 1_795_258_799_000_000)).plain == "21.11.2026 15:59:59")
  }
}
