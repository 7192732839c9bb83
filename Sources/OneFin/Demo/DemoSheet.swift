/// Writes a workbook of one sheet, as Excel reads it: a zip archive whose parts are stored as they are.
struct DemoSheet {
  var rows: [[String]]

  /// The file.
  var bytes: [UInt8] {
    let office = "http://schemas.openxmlformats.org"
    let types = "application/vnd.openxmlformats"
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
    let lines = rows.enumerated().map { number, cells in
      "<row r=\"\(number + 1)\">" + cells.map(Self.cell).joined() + "</row>"
    }
    return Self.archive([
      (
        "[Content_Types].xml",
        """
        \(head)<Types xmlns="\(office)/package/2006/content-types"><Default Extension="rels" \
        ContentType="\(types)-package.relationships+xml"/><Override PartName="/xl/workbook.xml" \
        ContentType="\(types)-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" \
        ContentType="\(types)-officedocument.spreadsheetml.worksheet+xml"/></Types>
        """
      ),
      (
        "_rels/.rels",
        """
        \(head)<Relationships xmlns="\(office)/package/2006/relationships"><Relationship Id="rId1" \
        Type="\(office)/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>
        """
      ),
      (
        "xl/workbook.xml",
        """
        \(head)<workbook xmlns="\(office)/spreadsheetml/2006/main" xmlns:r="\(office)/officeDocument/2006/relationships">\
        <sheets><sheet name="1" sheetId="1" r:id="rId1"/></sheets></workbook>
        """
      ),
      (
        "xl/_rels/workbook.xml.rels",
        """
        \(head)<Relationships xmlns="\(office)/package/2006/relationships"><Relationship Id="rId1" \
        Type="\(office)/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>
        """
      ),
      (
        "xl/worksheets/sheet1.xml",
        "\(head)<worksheet xmlns=\"\(office)/spreadsheetml/2006/main\"><sheetData>\(lines.joined())</sheetData></worksheet>"
      ),
    ])
  }

  /// A number where the text is one, else the text.
  private static func cell(_ text: String) -> String {
    if Int64(text) != nil { return "<c><v>\(text)</v></c>" }
    let escaped = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
    return "<c t=\"inlineStr\"><is><t>\(escaped)</t></is></c>"
  }

  private static func archive(_ parts: [(name: String, text: String)]) -> [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for (name, text) in parts {
      let content = Array(text.utf8)
      let place = UInt32(file.count)
      // Version 2.0, no flags, stored, 1 January 2026 at noon, sum, sizes, lengths of the name and of nothing.
      var fields: [UInt8] = []
      for short: UInt16 in [20, 0, 0, 0x6000, 0x5C21] { fields += short.littleBytes }
      for long in [DemoChecksum.crc32(content), UInt32(content.count), UInt32(content.count)] { fields += long.littleBytes }
      fields += UInt16(name.utf8.count).littleBytes + UInt16(0).littleBytes
      file += [0x50, 0x4B, 3, 4] + fields + Array(name.utf8) + content
      directory += [0x50, 0x4B, 1, 2] + UInt16(20).littleBytes + fields + [UInt8](repeating: 0, count: 10) + place.littleBytes
      directory += Array(name.utf8)
    }
    let (count, size, start) = (UInt16(parts.count), UInt32(directory.count), UInt32(file.count))
    file += directory + [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + count.littleBytes + count.littleBytes
    return file + size.littleBytes + start.littleBytes + [0, 0]
  }
}

/// The sums that archives and pictures carry.
enum DemoChecksum {
  private static let table: [UInt32] = (0..<256).map { (byte: UInt32) in
    (0..<8).reduce(byte) { sum, _ in sum & 1 == 1 ? 0xEDB8_8320 ^ (sum >> 1) : sum >> 1 }
  }

  /// CRC-32 of zip and PNG (ISO 3309).
  static func crc32(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(0xFFFF_FFFF) { sum, byte in table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ (sum >> 8) }
  }

  /// Adler-32 of zlib (RFC 1950).
  static func adler32(_ bytes: [UInt8]) -> UInt32 {
    var (low, high): (UInt32, UInt32) = (1, 0)
    for byte in bytes {
      low = (low + UInt32(byte)) % 65521
      high = (high + low) % 65521
    }
    return high << 16 | low
  }
}

extension FixedWidthInteger {
  fileprivate var littleBytes: [UInt8] { withUnsafeBytes(of: littleEndian) { Array($0) } }
}
