import Foundation

/// Reads CSV as people's programs write it: quoted or not, separated by semicolons, commas or tabs, in UTF-8 or windows-1251.
public enum CSVReader {
  /// The rows of a file, each as long as it is there; empty lines are left out.
  ///
  /// The apostrophe that `CSVWriter` puts before what looks like a formula is taken away again.
  ///
  /// - Throws: `ReportError` when it is too large or a quote never ends.
  public static func rows(_ bytes: [UInt8], limit: TableLimit = TableLimit()) throws(ReportError) -> [[String]] {
    guard bytes.count <= limit.bytes else { throw ReportError("the file has more than \(limit.bytes) bytes") }
    let text = try text(bytes)
    var scan = CSVScan(separator: separator(of: text), limit: limit)
    for scalar in text.unicodeScalars { try scan.take(scalar) }
    return try scan.finish()
  }

  private static func text(_ bytes: [UInt8]) throws(ReportError) -> String {
    let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    if let text = String(validating: body, as: UTF8.self) { return text }
    guard let text = String(data: Data(body), encoding: .windowsCP1251) else {
      throw ReportError("the text is neither UTF-8 nor windows-1251")
    }
    return text
  }

  /// What the first line has most of, outside of quotes.
  private static func separator(of text: String) -> Unicode.Scalar {
    var counts: [Unicode.Scalar: Int] = [:]
    var isQuoted = false
    for scalar in text.unicodeScalars {
      if scalar == "\"" { isQuoted.toggle() }
      if isQuoted { continue }
      if scalar == "\n" || scalar == "\r" { break }
      if scalar == ";" || scalar == "," || scalar == "\t" { counts[scalar, default: 0] += 1 }
    }
    return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? ";"
  }
}

/// How large a table may be that somebody brings.
public struct TableLimit: Sendable, Hashable {
  /// The most bytes of the file.
  public var bytes: Int
  /// The most rows.
  public var rows: Int
  /// The most cells of one row.
  public var columns: Int
  /// The most UTF-8 bytes of all cells together: cells of a workbook may all refer to one long text.
  public var text: Int
  /// The most characters of one cell, which are Excel's own 32,767.
  static let cell = XLSXWriter.maximumText

  /// Limits: 5 MiB, 10,000 rows, 100 columns and 16 MiB of text unless told.
  public init(bytes: Int = 5 << 20, rows: Int = 10_000, columns: Int = 100, text: Int = 16 << 20) {
    (self.bytes, self.rows, self.columns, self.text) = (bytes, rows, columns, text)
  }
}

/// Where reading stands between two characters.
private struct CSVScan {
  private enum Place { case start, bare, quoted, quoteEnded }

  let separator: Unicode.Scalar
  let limit: TableLimit
  private var rows: [[String]] = []
  private var row: [String] = []
  private var cell = String.UnicodeScalarView()
  private var place = Place.start

  init(separator: Unicode.Scalar, limit: TableLimit) { (self.separator, self.limit) = (separator, limit) }

  mutating func take(_ scalar: Unicode.Scalar) throws(ReportError) {
    if place == .quoted {
      if scalar == "\"" { place = .quoteEnded } else { cell.append(scalar) }
      return
    }
    switch scalar {
    case "\"" where place == .start: place = .quoted
    case "\"" where place == .quoteEnded:
      cell.append(scalar)
      place = .quoted
    case separator: try endCell()
    case "\n": try endRow()
    case "\r": break
    default:
      cell.append(scalar)
      if place != .quoteEnded { place = .bare }
    }
  }

  mutating func finish() throws(ReportError) -> [[String]] {
    guard place != .quoted else { throw ReportError("a quote never ends") }
    if !row.isEmpty || !cell.isEmpty || place == .quoteEnded { try endRow() }
    return rows
  }

  private mutating func endCell() throws(ReportError) {
    guard cell.count <= TableLimit.cell else {
      throw ReportError("row \(rows.count + 1) has a cell of more than \(TableLimit.cell) characters")
    }
    var text = String(cell)
    if text.first == "'", let second = text.dropFirst().unicodeScalars.first, "=+-@\t\r".unicodeScalars.contains(second) {
      text.removeFirst()
    }
    row.append(text)
    guard row.count <= limit.columns else { throw ReportError("row \(rows.count + 1) has more than \(limit.columns) cells") }
    cell = String.UnicodeScalarView()
    place = .start
  }

  private mutating func endRow() throws(ReportError) {
    try endCell()
    if row.contains(where: { !$0.isEmpty }) { rows.append(row) }
    row = []
    guard rows.count <= limit.rows else { throw ReportError("there are more than \(limit.rows) rows") }
  }
}
