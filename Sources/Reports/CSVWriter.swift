/// Makes CSV piece by piece (RFC 4180): UTF-8 with a byte order mark, lines end with CR LF.
///
/// The separator is a semicolon unless told, because Excel in Uzbek and Russian opens nothing else as columns. Text that a spreadsheet would
/// take for a formula, because it begins with `=`, `+`, `-`, `@`, a tab or a carriage return, gets an apostrophe before it.
public struct CSVWriter: Sendable {
  private let separator: UInt8

  /// A writer. - Parameter separator: one ASCII character.
  public init(separator: Character = ";") { self.separator = separator.asciiValue ?? 0x3B }

  /// The byte order mark and the line of titles.
  public func head(_ columns: [ReportColumn]) -> [UInt8] {
    [0xEF, 0xBB, 0xBF] + row(columns.map { .text($0.title) })
  }

  /// One line.
  public func row(_ cells: [ReportCell]) -> [UInt8] {
    var line: [UInt8] = []
    for (index, cell) in cells.enumerated() {
      if index > 0 { line.append(separator) }
      append(cell, to: &line)
    }
    line += [0x0D, 0x0A]
    return line
  }

  private func append(_ cell: ReportCell, to line: inout [UInt8]) {
    var bytes = Array(cell.plain.utf8)
    if case .text = cell, let first = bytes.first, Self.formulaStarts.contains(first) { bytes.insert(0x27, at: 0) }
    let needsQuotes = bytes.contains { $0 == separator || Self.quoted.contains($0) }
    guard needsQuotes else { return line += bytes }
    line.append(0x22)
    for byte in bytes {
      if byte == 0x22 { line.append(0x22) }
      line.append(byte)
    }
    line.append(0x22)
  }

  /// What readers may take for a separator or an end: comma, semicolon, tab, quote, CR and LF.
  private static let quoted: Set<UInt8> = [0x2C, 0x3B, 0x09, 0x22, 0x0D, 0x0A]
  /// `=`, `+`, `-`, `@`, tab and carriage return.
  private static let formulaStarts: Set<UInt8> = [0x3D, 0x2B, 0x2D, 0x40, 0x09, 0x0D]
}
