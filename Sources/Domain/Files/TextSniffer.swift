/// Text, tables and XML: bytes that are letters throughout, and hold nothing that a browser or a shell would run.
enum TextSniffer {
  /// The type of a file that is none of the others.
  static func sniff(_ ends: FileEnds, name: String) throws(FileRefusal) -> FileType {
    let (head, tail) = try letters(ends)
    let start = head.drop(while: isBlank)
    guard !start.isEmpty else { throw Int64(ends.tail.count) == ends.size ? FileRefusal.empty : .unknownType }
    if start.starts(with: "{\\rtf".utf8) { throw .unknownType }
    if ["#!", "%!ps", "@echo"].contains(where: { start.starts(with: $0.utf8) }) { throw .activeContent }
    // A page in one file, as mail has it.
    if head.prefix(1024).contains(subsequence: "mime-version:") { throw .activeContent }
    let claimsXML = start.first == UInt8(ascii: "<") && isXML(start, name: name)
    if holdsMarkup(head, isXML: claimsXML) || holdsMarkup(tail, isXML: claimsXML) { throw .activeContent }
    if claimsXML {
      // What no blank and no NUL stands behind must be the end of the root.
      guard tail.last(where: { !isBlank($0) }) == UInt8(ascii: ">") else { throw .broken }
      return .xml
    }
    switch FileNameRule.nameExtension(of: name) {
    case "csv", "tsv": return .csv
    default: return .txt
    }
  }

  /// Both ends as lower-case ASCII, in which every other letter is some byte over 127.
  private static func letters(_ ends: FileEnds) throws(FileRefusal) -> (head: [UInt8], tail: [UInt8]) {
    let isLittle = ends.starts([0xFF, 0xFE])
    if isLittle || ends.starts([0xFE, 0xFF]) {
      guard ends.size % 2 == 0 else { throw .broken }
      let head = narrowed(ends.head.dropFirst(2), isLittle: isLittle)
      let tail = narrowed(ends.tail.dropFirst(ends.tail.count % 2)[...], isLittle: isLittle)
      return (try checked(head), try checked(tail))
    }
    let head = ends.starts([0xEF, 0xBB, 0xBF]) ? ends.head.dropFirst(3) : ends.head[...]
    return (try checked(lowered(head)), try checked(lowered(ends.tail[...])))
  }

  /// UTF-16 as bytes: ASCII as it is, NUL as NUL, everything else as 0xFF.
  private static func narrowed(_ bytes: ArraySlice<UInt8>, isLittle: Bool) -> [UInt8] {
    let units = stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2).map {
      isLittle ? UInt16(bytes[$0 + 1]) << 8 | UInt16(bytes[$0]) : UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1])
    }
    return lowered(units.map { $0 < 128 ? UInt8($0) : 0xFF }[...])
  }

  private static func lowered(_ bytes: ArraySlice<UInt8>) -> [UInt8] { bytes.map { (65...90).contains($0) ? $0 + 32 : $0 } }

  /// Refuses what no text holds. Code pages are not told apart: the bytes over 127 may be any, and old programs end a file with 0x1A.
  private static func checked(_ letters: [UInt8]) throws(FileRefusal) -> [UInt8] {
    let body = letters.last == 0x1A ? letters.dropLast() : letters[...]
    guard body.allSatisfy({ $0 >= 32 && $0 != 127 || (9...13).contains($0) }) else { throw .unknownType }
    return letters
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) || byte == 0x1A }

  /// Elements that a browser acts on when it takes the file for a page, wherever they stand. In XML other languages have some of these words
  /// too, and there a browser needs the name space of a page or the few words that mean nothing else.
  private static let pageElements: Set<String> = [
    "html", "head", "body", "script", "svg", "iframe", "object", "embed", "applet", "meta", "link", "style", "form", "img",
    "base",
    "frameset", "video", "audio", "math", "template", "foreignobject",
  ]
  private static let xmlElements: Set<String> = ["html", "script", "svg", "iframe", "foreignobject", "stylesheet"]
  private static let marks = ["!doctype", "!entity", "?php", "?xml-stylesheet", "?mso-application"]
  private static let nameSpaces = [
    "http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xsl/transform",
  ]

  private static func holdsMarkup(_ text: [UInt8], isXML: Bool) -> Bool {
    let elements = isXML ? xmlElements : pageElements
    for index in text.indices where text[index] == UInt8(ascii: "<") {
      let rest = text[(index + 1)...].prefix(64)
      if marks.contains(where: { rest.starts(with: $0.utf8) }) { return true }
      let name = rest.prefix { (97...122).contains($0) || (48...58).contains($0) || $0 == 45 || $0 == 95 }
      guard let after = rest.dropFirst(name.count).first, let local = name.split(separator: UInt8(ascii: ":")).last else {
        continue
      }
      if isBlank(after) || after == UInt8(ascii: ">") || after == UInt8(ascii: "/"),
        elements.contains(String(decoding: local, as: UTF8.self))
      {
        return true
      }
    }
    return nameSpaces.contains { text.contains(subsequence: $0) }
  }

  /// A document of XML begins with its declaration; without one the name must say so.
  private static func isXML(_ start: ArraySlice<UInt8>, name: String) -> Bool {
    start.starts(with: Array("<?xml".utf8)) || FileNameRule.nameExtension(of: name) == "xml"
  }
}
