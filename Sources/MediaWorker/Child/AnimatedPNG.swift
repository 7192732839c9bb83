import Glibc

/// PNG files that move: libvips would show their first picture and drop the others without a word.
enum AnimatedPNG {
  /// Whether the file has an `acTL` chunk before its pixels (PNG 3rd edition, 11.3.6.1). - Throws: `.broken` when it cannot be
  /// read.
  static func isAnimated(_ path: String) throws(Refusal) -> Bool {
    guard let file = fopen(path, "rb") else { throw Refusal(.broken, "it cannot be opened") }
    defer { fclose(file) }
    guard fseek(file, 8, SEEK_SET) == 0 else { return false }
    var head = [UInt8](repeating: 0, count: 8)
    while fread(&head, 1, 8, file) == 8 {
      switch String(decoding: head[4...], as: UTF8.self) {
      case "acTL": return true
      case "IDAT": return false
      default:
        let length = head[..<4].reduce(0) { $0 << 8 | Int($1) }
        // The chunk's bytes and its checksum.
        guard fseek(file, length + 4, SEEK_CUR) == 0 else { return false }
      }
    }
    return false
  }
}
