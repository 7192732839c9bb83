import Domain
import Foundation

/// Reads the first sheet of an Excel workbook as text, the way a person sees it: no formulas are computed, the values that were saved count.
///
/// The file is somebody's: it is bounded before it is unpacked, unpacked up to a bound, and refused when it declares entities, another encoding than
/// UTF-8, or more text than `TableLimit` has room for, however little of it is written down.
public enum XLSXReader {
  /// The rows of the first sheet, without those that are empty. A row has as many cells as its last filled one needs.
  ///
  /// - Throws: `ReportError` when it is no workbook, or is too large.
  public static func rows(_ bytes: [UInt8], limit: TableLimit = TableLimit()) throws(ReportError) -> [[String]] {
    guard bytes.count <= limit.bytes else { throw ReportError("the file has more than \(limit.bytes) bytes") }
    let archive = try XLSXArchive(bytes)
    let sheet = try sheetName(in: archive)
    let strings = XLSXStrings()
    if let part = try archive.part("xl/sharedStrings.xml") { try parse(part, with: strings) }
    guard let part = try archive.part(sheet) else { throw ReportError("the workbook has no sheet") }
    let cells = XLSXCells(strings: strings.strings, limit: limit)
    try parse(part, with: cells)
    return cells.rows
  }

  /// Where the first sheet of the workbook lies: its relation is named by the list of sheets.
  private static func sheetName(in archive: XLSXArchive) throws(ReportError) -> String {
    let usual = "xl/worksheets/sheet1.xml"
    guard let book = try archive.part("xl/workbook.xml", limit: largestList),
      let relations = try archive.part("xl/_rels/workbook.xml.rels", limit: largestList)
    else { return usual }
    let sheets = XLSXList(element: "sheet")
    try parse(book, with: sheets)
    let targets = XLSXList(element: "Relationship")
    try parse(relations, with: targets)
    guard let id = sheets.found.first?["r:id"], let target = targets.found.first(where: { $0["Id"] == id })?["Target"] else {
      return usual
    }
    return target.hasPrefix("/") ? String(target.dropFirst()) : "xl/" + target
  }

  /// The most bytes of the lists of sheets and of parts.
  private static let largestList = 1 << 20

  private static func parse(_ part: [UInt8], with delegate: XLSXPart) throws(ReportError) {
    // Office writes no document types; what declares one wants entities. Bytes that are read as anything but UTF-8 could hide one from this look.
    guard !part.contains(subsequence: Array("<!DOCTYPE".utf8)), !part.contains(subsequence: Array("<!ENTITY".utf8)),
      XMLHead.isUTF8(part), XMLHead.hasShortTags(part)
    else { throw ReportError("the workbook has parts that no office program writes") }
    let isWhole = delegate.read(part)
    if let problem = delegate.problem { throw problem }
    guard isWhole else { throw ReportError("the workbook is damaged") }
  }
}

extension [UInt8] {
  /// Whether these bytes stand in it one after the other.
  func contains(subsequence: [UInt8]) -> Bool {
    guard let first = subsequence.first, count >= subsequence.count else { return false }
    var from = startIndex
    while let place = self[from...].firstIndex(of: first) {
      if self[place...].starts(with: subsequence) { return true }
      from = place + 1
    }
    return false
  }
}
