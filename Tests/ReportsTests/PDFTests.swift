import Foundation
import TestSupport
import Testing

@testable import Reports

struct PDFTests {
  /// The text of a PDF, as whoever copies it gets it.
  private func text(of path: String) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/pdftotext")
    process.arguments = ["-layout", path, "-"]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }

  private func drawn(_ table: PDFTable) async throws -> String {
    try await withTemporaryFolder { folder in
      try table.write(to: folder + "/a.pdf")
      return try text(of: folder + "/a.pdf")
    }
  }

  @Test("Pages, titles on each, sums and selectable text")
  func table() async throws {
    var table = PDFTable(
      title: "Oylik vedomost", notes: ["2026-yil noyabr"], columns: [ReportColumn("Xodim", width: 30), ReportColumn("Summa")])
    for number in 1...120 { try table.append([.text("Xodim \(number)"), .number(Int64(number) * 10_000)]) }
    try table.append([.text("Jami"), .number(72_600_000)], isBold: true)
    let text = try await drawn(table)
    let pages = text.split(separator: "\u{C}")
    #expect(pages.count >= 2)
    #expect(pages.allSatisfy { $0.contains("Xodim") && $0.contains("Summa") })
    #expect(pages.first?.replacing(" ", with: "").contains("1/\(pages.count)") == true)
    #expect(text.contains("Oylik vedomost") && text.contains("2026-yil noyabr"))
    #expect(text.contains("72\u{A0}600\u{A0}000") || text.contains("72 600 000"))
  }

  @Test("A table without rows, a cell that is longer than a page, a column without room")
  func edges() async throws {
    _ = try await drawn(PDFTable(title: "", columns: []))
    var table = PDFTable(title: "T", columns: (0..<4).map { ReportColumn("ustun \($0)", width: 0) })
    try table.append([.text(String(repeating: "uzun matn ", count: 2000))])
    try table.append([.text("oxirgi")])
    let text = try await drawn(table)
    #expect(text.contains("oxirgi"))
  }

  @Test("A folder that isn't there is an error")
  func unwritable() {
    let problem = failure(of: { try PDFTable(title: "T", columns: []).write(to: "/nowhere/at/all/a.pdf") })
    #expect(problem is ReportError)
  }
}
