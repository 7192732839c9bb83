import Domain
import Reports

/// A table that somebody brings: its rows by columns that are known by any of their names.
struct ImportTable: Sendable {
  /// One line, by column.
  struct Line: Sendable {
    /// Its number in the file, the titles being 1.
    let number: Int
    /// What stands in it, without blanks around; columns that the file doesn't have are absent.
    let cells: [String: String]
  }

  /// The most lines.
  static let mostLines = 5000

  let lines: [Line]

  /// Reads an Excel workbook or CSV: the first line has the titles.
  ///
  /// - Parameters:
  ///   - columns: the names of each column, in any language of the interface; the key is what it is called here.
  ///   - required: columns without which nothing can be done.
  /// Throws: 422 with `file`: `unreadable`, `empty`, `too_long`; or with what is missing.
  init(_ bytes: [UInt8], columns: [String: Set<String>], required: [String]) throws(Problem) {
    let limit = TableLimit(rows: Self.mostLines + 1, columns: 50)
    let rows: [[String]]
    do throws(ReportError) {
      rows =
        bytes.starts(with: [0x50, 0x4b]) ? try XLSXReader.rows(bytes, limit: limit) : try CSVReader.rows(bytes, limit: limit)
    } catch {
      throw .invalid(["file": "unreadable"])
    }
    guard let head = rows.first, rows.count > 1 else { throw .invalid(["file": "empty"]) }
    var places: [String: Int] = [:]
    for (index, title) in head.enumerated() {
      let folded = Self.folded(title)
      for (column, names) in columns where names.contains(folded) && places[column] == nil { places[column] = index }
    }
    let missing = required.filter { places[$0] == nil }
    guard missing.isEmpty else { throw .invalid(Dictionary(uniqueKeysWithValues: missing.map { ($0, "no_column") })) }
    lines = rows.dropFirst().enumerated().compactMap { index, row in
      var cells: [String: String] = [:]
      for (column, place) in places { cells[column] = place < row.count ? Self.trimmed(row[place]) : "" }
      // Lines without a word are what a spreadsheet leaves at its end.
      return cells.values.allSatisfy(\.isEmpty) ? nil : Line(number: index + 2, cells: cells)
    }
    if lines.isEmpty { throw .invalid(["file": "empty"]) }
  }

  /// How titles and names are compared: lower case, without apostrophes, blanks only between words.
  static func folded(_ text: String) -> String {
    trimmed(text).lowercased().filter { !"ʻʼ’‘`'".contains($0) }.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  private static func trimmed(_ text: String) -> String {
    var text = text[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}

/// What one line of a table would do.
struct JudgedLine: Sendable, Hashable {
  enum Effect: String, Sendable {
    /// Something new is made.
    case create
    /// Something that is there is changed.
    case update
    /// It is all there already.
    case same
    /// It can't be used.
    case error
  }

  let number: Int
  let effect: Effect
  /// What the line is about, for people.
  let title: String
  /// By column, a stable word for what is wrong.
  let problems: [String: String]
  /// What changes, as `column: before → after`.
  let changes: [String]

  /// One line of text for the digest.
  var text: String {
    "\(number) \(effect.rawValue) \(title) \(problems.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }) \(changes)"
  }
}
