/// Standard base64 (RFC 4648 §4) with padding, for the two short values of the opening handshake.
enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = (0..<3).map { start + $0 < bytes.count ? Int(bytes[start + $0]) : 0 }
      let count = min(3, bytes.count - start)
      let bits = group[0] << 16 | group[1] << 8 | group[2]
      for place in 0..<4 {
        text.append(place <= count ? alphabet[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// How many bytes a padded base64 text stands for; nil when it is none.
  static func decodedCount(_ text: String) -> Int? {
    let symbols = Array(text.utf8)
    guard symbols.count % 4 == 0 else { return nil }
    let padding = symbols.reversed().prefix { $0 == UInt8(ascii: "=") }.count
    guard padding <= 2, symbols.dropLast(padding).allSatisfy({ alphabet.contains($0) }) else { return nil }
    return symbols.count / 4 * 3 - padding
  }
}
