/// Word and Excel files: which of the two an archive is, and what makes it one that isn't taken.
enum OfficeSniffer {
  /// The type of a file that begins as a zip archive does.
  static func sniff(_ ends: FileEnds, name: String) throws(FileRefusal) -> FileType {
    let directory = try ZipDirectory(ends)
    let names = directory.entries.map { $0.name.lowercased() }
    guard names.contains("[content_types].xml") else { throw .unknownType }
    if directory.entries.contains(where: \.isEncrypted) { throw .encrypted }
    if names.contains(where: isMacro) { throw .macros }
    // Word on the web names its main part document2.xml.
    let isWord = names.contains { isMain($0, folder: "word/", part: "document") }
    let isExcel = names.contains { isMain($0, folder: "xl/", part: "workbook") }
    switch (isWord, isExcel) {
    case (true, false): return .docx
    case (false, true): return .xlsx
    case (true, true): throw .polyglot
    case (false, false): throw .unknownType
    }
  }

  /// Why a compound file (MS-CFB) isn't taken: it is an encrypted Word or Excel file, or one of before 2007.
  static func compound(_ ends: FileEnds, name: String) -> FileRefusal {
    // The name of a stream, in UTF-16.
    let mark = "EncryptedPackage".unicodeScalars.map { "\($0)\0" }.joined()
    if ends.head.contains(subsequence: mark) || ends.tail.contains(subsequence: mark) { return .encrypted }
    switch FileNameRule.nameExtension(of: name) {
    case "docx", "xlsx": return .encrypted
    case "doc", "xls", "dot", "xlt", "ppt": return .oldOffice
    default: return .unknownType
    }
  }

  private static func isMain(_ name: String, folder: String, part: String) -> Bool {
    guard name.hasPrefix(folder + part), name.hasSuffix(".xml") else { return false }
    return name.dropFirst(folder.count + part.count).dropLast(4).utf8.allSatisfy { (48...57).contains($0) }
  }

  /// Visual Basic, the macro sheets of old Excel, and controls, which run as macros do.
  private static func isMacro(_ name: String) -> Bool {
    name.hasSuffix("vbaproject.bin") || name.hasSuffix("vbadata.xml") || name.contains("/macrosheets/")
      || name.contains("/dialogsheets/") || name.contains("/activex/")
  }
}
