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
  /// What it is about, as ids: names may come to stand for something else between the look and the deed.
  let about: [Int64]

  init(
    number: Int, effect: Effect, title: String, problems: [String: String] = [:], changes: [String] = [], about: [Int64] = []
  ) {
    (self.number, self.effect, self.problems, self.changes, self.about) = (number, effect, problems, changes, about)
    // What is wrong may be as long as a cell, and stand in every line.
    self.title = String(String.UnicodeScalarView(title.unicodeScalars.prefix(Self.longestTitle)))
  }

  /// The most characters of a title: a name, a login and what stands between.
  private static let longestTitle = 300

  /// One line of text for the digest.
  var text: String {
    let problems = problems.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    return "\(number) \(effect.rawValue) \(title) \(problems) \(changes) \(about)"
  }
}

/// What the words of a table stand for. A word that stands for two things stands for none: nobody gets into a company because its name is much
/// like another's, or like another's tax number.
struct ImportNames<Value: Sendable & Hashable>: Sendable {
  private var found: [String: Set<Value>] = [:]

  /// Adds a thing under a word, which is folded.
  mutating func add(_ value: Value, as word: String) { found[ImportTable.folded(word), default: []].insert(value) }

  /// The one thing that a word stands for; nil, with the problem's word, when it is none or several.
  func find(_ word: String) -> (value: Value?, problem: String?) {
    let folded = ImportTable.folded(word)
    var values = found[folded, default: []]
    // Tax numbers are written in groups.
    let number = folded.filter { !$0.isWhitespace }
    if NewOrganisation.isSTIR(number) { values.formUnion(found[number, default: []]) }
    switch values.count {
    case 0: return (nil, folded.isEmpty ? "required" : "unknown")
    case 1: return (values.first, nil)
    default: return (nil, "ambiguous")
    }
  }
}
