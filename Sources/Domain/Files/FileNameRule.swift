/// What a name may say about a file whose type is known by its content.
enum FileNameRule {
  /// Programs, scripts and pages: files of these names are opened by running them.
  static let active: Set<String> = [
    "apk", "app", "asp", "aspx", "bat", "chm", "cmd", "com", "cpl", "dll", "dmg", "exe", "hta", "htm", "html", "inf", "iso",
    "jar",
    "js", "jse", "jsp", "lnk", "mht", "mhtml", "mjs", "msc", "msi", "php", "pif", "ps1", "py", "reg", "scf", "scr", "sh", "shtml",
    "svg",
    "svgz", "url", "vbe", "vbs", "wsf", "wsh", "xhtml", "xht", "xsl", "xslt",
  ]
  /// Office files that may hold macros.
  static let macros: Set<String> = ["docm", "dotm", "xlsm", "xltm", "xlsb", "xlam", "pptm", "ppam", "potm"]

  /// The type, or why the name doesn't go with it. Pictures may carry each other's names, as telephones and messengers misname them.
  static func check(_ name: String, against type: FileType) throws(FileRefusal) -> FileType {
    guard let end = nameExtension(of: name) else { return type }
    if macros.contains(end) { throw .macros }
    if active.contains(end) { throw .disguised }
    guard let named = FileType.allCases.first(where: { $0.nameExtensions.contains(end) }), named != type else { return type }
    if named.kind == .image, type.kind == .image { return type }
    throw .disguised
  }

  /// What stands behind the last dot, in lower case; nil when there is none. Windows drops dots and blanks at the end, so they don't count.
  static func nameExtension(of name: String) -> String? {
    var name = name[...]
    while let last = name.last, last == "." || last.isWhitespace { name = name.dropLast() }
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return nil }
    let end = name[name.index(after: dot)...].lowercased()
    return end.isEmpty ? nil : end
  }
}
