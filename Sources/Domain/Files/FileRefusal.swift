/// Why a file is not taken, as far as a look at its ends can tell. The raw values are stable codes; pages have a sentence for each.
public enum FileRefusal: String, Error, Sendable, CaseIterable {
  /// It has no bytes.
  case empty
  /// It is of no type that is taken.
  case unknownType = "unknown_type"
  /// A Word or Excel file of before 2007; saving it as DOCX or XLSX helps.
  case oldOffice = "old_office"
  /// Its name says another type than its content, or a type that is run.
  case disguised
  /// It needs a password.
  case encrypted
  /// It holds macros.
  case macros
  /// It is two files at once: its beginning and its end say different types.
  case polyglot
  /// It holds HTML, SVG, a script, or XML with entities or a style sheet.
  case activeContent = "active_content"
  /// Its end is missing, or it contradicts itself.
  case broken
  /// It grows out of all proportion when it is unpacked.
  case bomb
}
