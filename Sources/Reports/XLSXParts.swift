import Foundation
import FoundationXML

/// Reads a part of a workbook element by element. The parser's calls come here: a subclass of a delegate isn't asked for them.
class XLSXPart: NSObject, XMLParserDelegate {
  /// Why it was given up.
  private(set) var problem: ReportError?

  /// Gives the part up.
  final func stop(_ parser: XMLParser, _ reason: String) {
    if problem == nil { problem = ReportError(reason) }
    parser.abortParsing()
  }

  /// False when it is no XML.
  func read(_ part: [UInt8]) -> Bool {
    let parser = XMLParser(data: Data(part))
    parser.shouldResolveExternalEntities = false
    parser.delegate = self
    return parser.parse()
  }

  /// An element begins.
  func begin(_ name: String, _ attributes: [String: String], _ parser: XMLParser) {}
  /// A piece of text.
  func take(_ text: String, _ parser: XMLParser) {}
  /// An element ends.
  func end(_ name: String, _ parser: XMLParser) {}

  final func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) { begin(name, attributes, parser) }

  final func parser(_ parser: XMLParser, foundCharacters string: String) { take(string, parser) }

  final func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
    end(name, parser)
  }
}

/// The attributes of all elements of one name.
final class XLSXList: XLSXPart {
  /// The most elements: Excel has no workbook of so many sheets.
  private static let most = 4096
  private let element: String
  private(set) var found: [[String: String]] = []

  init(element: String) { self.element = element }

  override func begin(_ name: String, _ attributes: [String: String], _ parser: XMLParser) {
    guard name == element else { return }
    if found.count == Self.most { return stop(parser, "the workbook has more than \(Self.most) sheets") }
    found.append(attributes)
  }
}

/// The strings that cells share. A string of several runs is all of them; what tells how to say it in another script is left out.
final class XLSXStrings: XLSXPart {
  /// The most of them.
  private static let most = 1_000_000
  private(set) var strings: [String] = []
  private var current = ""
  private var isText = false
  private var isPhonetic = false

  override func begin(_ name: String, _ attributes: [String: String], _ parser: XMLParser) {
    switch name {
    case "si": current = ""
    case "t": isText = !isPhonetic
    case "rPh": isPhonetic = true
    default: break
    }
  }

  override func take(_ text: String, _ parser: XMLParser) {
    guard isText else { return }
    current += text
    if current.isLongerThanACell { stop(parser, "a cell has more than \(TableLimit.cell) characters") }
  }

  override func end(_ name: String, _ parser: XMLParser) {
    switch name {
    case "si":
      strings.append(current)
      if strings.count > Self.most { stop(parser, "the workbook has more than \(Self.most) texts") }
    case "t": isText = false
    case "rPh": isPhonetic = false
    default: break
    }
  }
}

/// The cells of a sheet, by rows.
final class XLSXCells: XLSXPart {
  private let strings: [String]
  private let limit: TableLimit
  private(set) var rows: [[String]] = []
  private var text = 0
  private var row: [String] = []
  private var column = 0
  private var kind = ""
  private var value = ""
  private var isValue = false

  init(strings: [String], limit: TableLimit) { (self.strings, self.limit) = (strings, limit) }

  override func begin(_ name: String, _ attributes: [String: String], _ parser: XMLParser) {
    switch name {
    case "row": (row, column) = ([], 0)
    case "c":
      column = attributes["r"].flatMap(Self.column) ?? column
      (kind, value) = (attributes["t"] ?? "n", "")
      if column >= limit.columns { stop(parser, "row \(rows.count + 1) has more than \(limit.columns) cells") }
    case "v", "t": isValue = true
    default: break
    }
  }

  override func take(_ text: String, _ parser: XMLParser) {
    guard isValue else { return }
    value += text
    if value.isLongerThanACell { stop(parser, "a cell has more than \(TableLimit.cell) characters") }
  }

  override func end(_ name: String, _ parser: XMLParser) {
    switch name {
    case "v", "t": isValue = false
    case "c":
      let text = shown
      self.text += text.utf8.count
      if self.text > limit.text { stop(parser, "the table has more than \(limit.text) bytes of text") }
      if !text.isEmpty, column < limit.columns {
        while row.count < column { row.append("") }
        if row.count == column { row.append(text) } else { row[column] = text }
      }
      column += 1
    case "row":
      if row.contains(where: { !$0.isEmpty }) { rows.append(row) }
      if rows.count > limit.rows { stop(parser, "there are more than \(limit.rows) rows") }
    default: break
    }
  }

  private var shown: String {
    switch kind {
    case "s": Int(value).flatMap { strings.indices.contains($0) ? strings[$0] : nil } ?? ""
    case "b": value == "1" ? "1" : "0"
    case "n": Self.number(value)
    default: value
    }
  }

  /// Excel saves whole numbers as `1.23456789E8` too: a tax number has to come out as its digits.
  private static func number(_ text: String) -> String {
    guard text.contains(where: { $0 == "E" || $0 == "e" }), let value = Double(text), value.magnitude < 1e15,
      value.rounded() == value
    else { return text }
    return String(Int64(value))
  }

  /// `BC12` is column 54, counted from 0.
  private static func column(_ reference: String) -> Int? {
    var column = 0
    for byte in reference.utf8 {
      guard 0x41...0x5A ~= byte else { break }
      column = column * 26 + Int(byte - 0x40)
      guard column <= 16_384 else { return nil }
    }
    return column > 0 ? column - 1 : nil
  }
}

extension String {
  /// Whether a cell has no room for it. Characters are counted only when there are enough bytes for too many.
  fileprivate var isLongerThanACell: Bool { utf8.count > TableLimit.cell && utf16.count > TableLimit.cell }
}
