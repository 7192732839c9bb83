import Foundation

/// Writes small Word and Excel files: the parts that Office itself would write, in a ZIP archive without compression.
enum OfficeMaker {
  private static let declaration = #"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#
  private static let relationships = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
  private static let package = "http://schemas.openxmlformats.org/package/2006"

  /// A Word file of these paragraphs.
  ///
  /// - Parameter remote: an address that a linked picture and the attached template lie at; nil: there are none.
  static func docx(_ paragraphs: [String], remote: String? = nil) -> Data {
    let texts = paragraphs.map { "<w:p><w:r><w:t>\($0)</w:t></w:r></w:p>" }.joined()
    let drawing = """
      <w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing">
      <wp:extent cx="914400" cy="914400"/><wp:docPr id="1" name="p"/><a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">
      <a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">
      <pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:nvPicPr><pic:cNvPr id="1" name="p"/><pic:cNvPicPr/></pic:nvPicPr>
      <pic:blipFill><a:blip r:link="rId1"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/>
      <a:ext cx="914400" cy="914400"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>
      </wp:inline></w:drawing></w:r></w:p>
      """
    var parts = [
      "[Content_Types].xml": """
      <Types xmlns="\(package)/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
      <Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml"
      ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Override PartName="/word/settings.xml"
      ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml"/></Types>
      """,
      "_rels/.rels": relations([("rId1", "officeDocument", "word/document.xml", false)]),
      "word/document.xml": """
      <w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="\(relationships)"><w:body>\(texts)
      \(remote == nil ? "" : drawing)</w:body></w:document>
      """,
    ]
    if let remote {
      parts["word/_rels/document.xml.rels"] = relations([
        ("rId1", "image", "\(remote)/picture.png", true), ("rId2", "settings", "settings.xml", false),
      ])
      parts["word/settings.xml"] = """
        <w:settings xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="\(relationships)"><w:attachedTemplate r:id="rId1"/>
        </w:settings>
        """
      parts["word/_rels/settings.xml.rels"] = relations([("rId1", "attachedTemplate", "\(remote)/template.dotm", true)])
    }
    return archive(parts.mapValues { declaration + $0 })
  }

  /// An Excel file of one sheet with these rows; what can be read as a number is one.
  static func xlsx(_ rows: [[String]]) -> Data {
    let sheet = rows.enumerated().map { index, cells in
      let texts = cells.enumerated().map { column, text in
        let place = "\(String(UnicodeScalar(UInt8(65 + column))))\(index + 1)"
        return Double(text) == nil
          ? "<c r=\"\(place)\" t=\"inlineStr\"><is><t>\(text)</t></is></c>" : "<c r=\"\(place)\"><v>\(text)</v></c>"
      }
      return "<row r=\"\(index + 1)\">\(texts.joined())</row>"
    }
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    let parts = [
      "[Content_Types].xml": """
      <Types xmlns="\(package)/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
      <Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml"
      ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml"
      ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>
      """,
      "_rels/.rels": relations([("rId1", "officeDocument", "xl/workbook.xml", false)]),
      "xl/workbook.xml": """
      <workbook xmlns="\(main)" xmlns:r="\(relationships)"><sheets><sheet name="Hisobot" sheetId="1" r:id="rId1"/></sheets></workbook>
      """,
      "xl/_rels/workbook.xml.rels": relations([("rId1", "worksheet", "worksheets/sheet1.xml", false)]),
      "xl/worksheets/sheet1.xml": "<worksheet xmlns=\"\(main)\"><sheetData>\(sheet.joined())</sheetData></worksheet>",
    ]
    return archive(parts.mapValues { declaration + $0 })
  }

  private static func relations(_ list: [(id: String, kind: String, target: String, isExternal: Bool)]) -> String {
    let items = list.map { id, kind, target, isExternal in
      "<Relationship Id=\"\(id)\" Type=\"\(relationships)/\(kind)\" Target=\"\(target)\"\(isExternal ? " TargetMode=\"External\"" : "")/>"
    }
    return "<Relationships xmlns=\"\(package)/relationships\">\(items.joined())</Relationships>"
  }

  // MARK: ZIP

  private static func archive(_ parts: [String: String]) -> Data {
    var data = Data(), directory = Data()
    // The types come first, as in every file that Office writes.
    for (name, text) in parts.sorted(by: { $0.key < $1.key }) {
      let bytes = Data(text.utf8), place = data.count
      // Method 0, no time, then the checksum and the size twice.
      let common = words(0, 0, 0x21) + double(checksum(bytes)) + double(UInt32(bytes.count)) + double(UInt32(bytes.count))
      data += double(0x0403_4B50) + words(20, 0) + common + words(UInt16(name.utf8.count), 0) + Data(name.utf8) + bytes
      directory += double(0x0201_4B50) + words(20, 20, 0) + common + words(UInt16(name.utf8.count), 0, 0, 0, 0) + double(0)
      directory += double(UInt32(place)) + Data(name.utf8)
    }
    let count = UInt16(parts.count), start = UInt32(data.count)
    return data + directory + double(0x0605_4B50) + words(0, 0, count, count) + double(UInt32(directory.count)) + double(start)
      + words(0)
  }

  private static func words(_ values: UInt16...) -> Data { Data(values.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }) }

  private static func double(_ value: UInt32) -> Data { words(UInt16(value & 0xFFFF), UInt16(value >> 16)) }

  /// CRC-32 of ISO 3309, bit by bit.
  private static func checksum(_ data: Data) -> UInt32 {
    var sum = ~UInt32(0)
    for byte in data {
      sum ^= UInt32(byte)
      for _ in 0..<8 {
        let isOdd = sum & 1 == 1
        sum >>= 1
        if isOdd { sum ^= 0xEDB8_8320 }
      }
    }
    return ~sum
  }
}
