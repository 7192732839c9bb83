import CXlsxWriter
import Domain

/// Makes an Excel workbook, row by row, in a file. Memory doesn't grow with the rows: each goes to a temporary file beside the workbook.
///
/// A sheet that is full (1,048,576 rows) is followed by another one with the same titles. Not for several threads at once.
public final class XLSXWriter {
  /// The most characters of a cell; longer text is cut and ends with an ellipsis.
  public static let maximumText = 32_767
  /// The most rows of one sheet, the titles included.
  static let maximumRows = 1_048_576

  private let path: String
  private let sheetName: String
  private let columns: [ReportColumn]
  private let rowsPerSheet: Int
  private var workbook: UnsafeMutablePointer<lxw_workbook>?
  private var sheet: UnsafeMutablePointer<lxw_worksheet>
  private let formats: Formats
  private var sheets = 1
  private var row: lxw_row_t = 1

  private struct Formats {
    let title, number, share, duration, date, time, bold: UnsafeMutablePointer<lxw_format>?

    init(_ workbook: UnsafeMutablePointer<lxw_workbook>) {
      func format(_ code: String?, bold: Bool = false) -> UnsafeMutablePointer<lxw_format>? {
        let format = workbook_add_format(workbook)
        if let code { format_set_num_format(format, code) }
        if bold { format_set_bold(format) }
        return format
      }
      title = format(nil, bold: true)
      number = format("#,##0")
      share = format("0.0%")
      duration = format("[h]:mm:ss")
      date = format("dd.mm.yyyy")
      time = format("dd.mm.yyyy hh:mm:ss")
      bold = format("#,##0", bold: true)
    }
  }

  /// Begins a workbook.
  ///
  /// - Parameters:
  ///   - path: where it will be; temporary files lie in the same folder until `finish`.
  ///   - sheet: the sheet's name; what Excel doesn't take in one is left out, and it is cut to 28 characters.
  ///   - columns: its columns.
  /// - Throws: `ReportError` when it can't be made.
  public convenience init(path: String, sheet: String, columns: [ReportColumn]) throws {
    try self.init(path: path, sheet: sheet, columns: columns, rowsPerSheet: Self.maximumRows)
  }

  init(path: String, sheet: String, columns: [ReportColumn], rowsPerSheet: Int) throws {
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    var book: UnsafeMutablePointer<lxw_workbook>?
    folder.withCString { folder in
      var options = lxw_workbook_options(constant_memory: 1, tmpdir: UnsafeMutablePointer(mutating: folder), use_zip64: 0)
      book = workbook_new_opt(path, &options)
    }
    let name = Self.name(sheet)
    guard let book else { throw ReportError("a workbook can't be made at \(path)") }
    guard let first = workbook_add_worksheet(book, name) else {
      lxw_workbook_free(book)
      throw ReportError("a workbook can't have the sheet \(name)")
    }
    (self.path, sheetName, self.columns, self.rowsPerSheet, workbook, self.sheet) = (
      path, name, columns, rowsPerSheet, book, first
    )
    formats = Formats(book)
    try begin()
  }

  deinit { if let workbook { lxw_workbook_free(workbook) } }

  /// Adds a row. - Parameter isBold: for a line of sums. - Throws: `ReportError`, when the disk is full for example.
  public func append(_ cells: [ReportCell], isBold: Bool = false) throws {
    if Int(row) == rowsPerSheet { try nextSheet() }
    for (index, cell) in cells.enumerated() { try write(cell, column: lxw_col_t(index), isBold: isBold) }
    row += 1
  }

  /// Writes the file. Nothing can be added afterwards. - Throws: `ReportError`.
  public func finish() throws {
    guard let workbook else { return }
    self.workbook = nil
    try Self.check(workbook_close(workbook))
  }

  private func nextSheet() throws {
    sheets += 1
    guard let next = workbook_add_worksheet(workbook, "\(sheetName) \(sheets)") else {
      throw ReportError("the workbook has too many rows")
    }
    sheet = next
    row = 1
    try begin()
  }

  private func begin() throws {
    for (index, column) in columns.enumerated() {
      let place = lxw_col_t(index)
      try Self.check(worksheet_set_column(sheet, place, place, Double(column.width), nil))
      try Self.check(worksheet_write_string(sheet, 0, place, Self.text(column.title), formats.title))
    }
    worksheet_freeze_panes(sheet, 1, 0)
    worksheet_set_landscape(sheet)
    try Self.check(worksheet_repeat_rows(sheet, 0, 0))
  }

  private func write(_ cell: ReportCell, column: lxw_col_t, isBold: Bool) throws {
    switch cell {
    case .empty: break
    case .text(let text):
      try Self.check(worksheet_write_string(sheet, row, column, Self.text(text), isBold ? formats.title : nil))
    case .number(let number):
      // A number of Excel is a double: what it can't hold exactly is written as text.
      guard number.magnitude <= 1 << 53 else {
        return try Self.check(worksheet_write_string(sheet, row, column, String(number), nil))
      }
      try Self.check(worksheet_write_number(sheet, row, column, Double(number), isBold ? formats.bold : formats.number))
    case .share(let share):
      guard share.isFinite else { return }
      try Self.check(worksheet_write_number(sheet, row, column, share, formats.share))
    case .duration(let duration):
      let days = Double(duration.components.seconds) / 86_400
      try Self.check(worksheet_write_number(sheet, row, column, days, formats.duration))
    case .date(let date):
      try Self.check(worksheet_write_number(sheet, row, column, Self.serial(date), formats.date))
    case .time(let time):
      let date = LocalDate(inTashkentAt: time)
      let seconds = Double(time.since(date.startInTashkent).components.seconds)
      try Self.check(worksheet_write_number(sheet, row, column, Self.serial(date) + seconds / 86_400, formats.time))
    }
  }

  /// Days since 30 December 1899, as Excel counts those after February 1900.
  private static func serial(_ date: LocalDate) -> Double { Double(date.daysSince1970 + 25_569) }

  private static func text(_ text: String) -> String {
    // A C string ends at a zero, and XML has no room for the last two of the first plane: one of them in a name would break everybody's export.
    let isClean = !text.unicodeScalars.contains { forbidden.contains($0) }
    let clean =
      isClean ? text : String(String.UnicodeScalarView(text.unicodeScalars.map { forbidden.contains($0) ? "\u{FFFD}" : $0 }))
    guard clean.utf16.count > maximumText else { return clean }
    return String(clean.unicodeScalars.prefix(maximumText / 2)) + "…"
  }

  private static let forbidden: Set<Unicode.Scalar> = ["\0", "\u{FFFE}", "\u{FFFF}"]

  private static func name(_ name: String) -> String {
    let kept = String(text(name).filter { !"[]:*?/\\'\0".contains($0) }.prefix(28))
    return kept.isEmpty ? "1" : kept
  }

  private static func check(_ error: lxw_error) throws {
    guard error == LXW_NO_ERROR else {
      throw ReportError(lxw_strerror(error).map { String(cString: $0) } ?? "the workbook can't be written")
    }
  }
}
