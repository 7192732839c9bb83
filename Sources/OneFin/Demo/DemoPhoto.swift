import Foundation

/// A photo of a till's receipt that lies on a table, a little askew: drawn dot by dot, as the till prints it.
struct DemoPhoto {
  /// What is printed, a line each; Latin capitals, figures and a few signs.
  var lines: [String]
  /// Which table and light: another one for each photo.
  var seed: UInt64

  /// Pixels of the photo.
  static let (width, height) = (600, 800)
  /// Pixels of a printed dot.
  private static let dot = 2.0
  private static let columns = 30

  /// The file: a PNG, whose pixels are stored as they are.
  var bytes: [UInt8] {
    var rows: [UInt8] = []
    rows.reserveCapacity(Self.height * (Self.width * 3 + 1))
    for y in 0..<Self.height {
      rows.append(0)
      for x in 0..<Self.width { rows += pixel(x, y) }
    }
    var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    file += Self.chunk("IHDR", UInt32(Self.width).bigBytes + UInt32(Self.height).bigBytes + [8, 2, 0, 0, 0])
    var data: [UInt8] = [0x78, 0x01]
    for start in stride(from: 0, to: rows.count, by: 65535) {
      let block = rows[start..<min(start + 65535, rows.count)]
      let length = UInt16(block.count)
      data += [start + 65535 >= rows.count ? 1 : 0, UInt8(length & 0xFF), UInt8(length >> 8)]
      data += [UInt8(~length & 0xFF), UInt8(~length >> 8)] + block
    }
    return file + Self.chunk("IDAT", data + DemoChecksum.adler32(rows).bigBytes) + Self.chunk("IEND", [])
  }

  private static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
    let named = Array(name.utf8) + content
    return UInt32(content.count).bigBytes + named + DemoChecksum.crc32(named).bigBytes
  }

  private func pixel(_ x: Int, _ y: Int) -> [UInt8] {
    let (dx, dy) = (Double(x - Self.width / 2), Double(y - Self.height / 2))
    let angle = 0.03 + Double(seed % 5) * 0.012
    let (u, v) = (dx * cos(angle) + dy * sin(angle), dy * cos(angle) - dx * sin(angle))
    let half = (width: Double(Self.columns * 6) * Self.dot / 2 + 24, height: Double(lines.count) * 11 * Self.dot / 2 + 40)
    let grain = noise(x, y) * 10 - 5
    // The lamp stands at the upper left.
    let light = 1.06 - hypot(dx + 160, dy + 240) / 1500
    let colour: (Double, Double, Double)
    if abs(u) < half.width, abs(v) < half.height {
      let curl = 1 - pow(abs(v) / half.height, 8) * 0.08
      colour = isInk(u + half.width - 24, v + half.height - 40) ? (62, 60, 70) : (244 * curl, 242 * curl, 234 * curl)
    } else {
      let board = 0.88 + 0.06 * sin(Double(y) / 7 + 3 * sin(Double(x) / 90) + Double(seed)) + 0.05 * sin(Double(y) / 1.7)
      let shade = abs(u) < half.width + 14 && abs(v) < half.height + 14 ? 0.72 : 1
      colour = (142 * board * shade, 101 * board * shade, 66 * board * shade)
    }
    return [colour.0, colour.1, colour.2].map { UInt8(max(0, min(255, $0 * light + grain))) }
  }

  /// Whether the printer has set a dot at this place of the printed part.
  private func isInk(_ x: Double, _ y: Double) -> Bool {
    guard x >= 0, y >= 0 else { return false }
    let (column, row) = (Int(x / Self.dot), Int(y / Self.dot))
    let (cell, line) = (column / 6, row / 11)
    guard line < lines.count, cell < Self.columns, column % 6 < 5, row % 11 < 7 else { return false }
    let text = Array(lines[line])
    guard cell < text.count, let glyph = Self.glyphs[text[cell]] else { return false }
    return glyph[row % 11] >> (4 - column % 6) & 1 == 1
  }

  /// 0 to 1, the same for the same place.
  private func noise(_ x: Int, _ y: Int) -> Double {
    var hash = UInt64(x) &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(y) &* 0xC2B2_AE3D_27D4_EB4F ^ seed
    hash = (hash ^ (hash >> 29)) &* 0xBF58_476D_1CE4_E5B9
    return Double((hash ^ (hash >> 32)) & 0xFFFF) / 65535
  }

  /// Letters of five by seven dots: seven rows, the leftmost dot the highest bit.
  private static let glyphs: [Character: [UInt8]] = {
    let drawn = """
      A0E11111F111111 B1E11111E11111E C0E11101010110E D1E11111111111E E1F10101E10101F F1F10101E101010 G0E11101711110F
      H1111111F111111 I0E04040404040E J0702020202120C K11121418141211 L1010101010101F M111B1515111111 N11191513111111
      O0E11111111110E P1E11111E101010 Q0E11111115120D R1E11111E141211 S0F10100E01011E T1F040404040404 U1111111111110E
      V11111111110A04 W1111111515150A X11110A040A1111 Y11110A04040404 Z1F01020408101F 00E11131519110E 1040C040404040E
      20E11010204081F 31F02040201110E 402060A121F0202 51F101E0101110E 60608101E11110E 71F010204080808 80E11110E11110E
      90E11110F01020C .00000000000C0C ,000000000C0408 :000C0C000C0C00 -0000001F000000 /00010204081000 *000A041F040A00
      =00001F001F0000 '0C040800000000 %18190204081303 +0004041F040400
      """
    var glyphs: [Character: [UInt8]] = [:]
    for word in drawn.split(whereSeparator: \.isWhitespace) {
      guard let letter = word.first else { continue }
      let digits = Array(word.dropFirst())
      glyphs[letter] = (0..<7).map { UInt8(String(digits[2 * $0..<2 * $0 + 2]), radix: 16) ?? 0 }
    }
    return glyphs
  }()
}

extension FixedWidthInteger {
  fileprivate var bigBytes: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }
}
