import CQREncode

/// A QR code (ISO/IEC 18004) as black and white modules, without its quiet zone.
struct QRCode {
  /// Modules along a side.
  let side: Int
  private let isDark: [Bool]

  /// Of a text, with error correction M: 15 % of it may be illegible. Nil when it is longer than a code can be.
  init?(_ text: String) {
    guard let code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M) else { return nil }
    defer { QRcode_free(code) }
    guard code.pointee.width > 0, let modules = code.pointee.data else { return nil }
    side = Int(code.pointee.width)
    isDark = (0..<(side * side)).map { modules[$0] & 1 == 1 }
  }

  /// Whether the module is dark; both count from the upper left corner.
  subscript(column: Int, row: Int) -> Bool { isDark[row * side + column] }
}
