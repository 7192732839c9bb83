/// The headers of a tar archive (POSIX ustar), as far as a bundle needs them: plain files with short names.
enum Tar {
  /// Everything lies on blocks of this size.
  static let block = 512
  /// What ends an archive.
  static let end = [UInt8](repeating: 0, count: 2 * block)

  /// How many bytes of padding follow a file of that size.
  static func padding(_ size: Int) -> Int { (block - size % block) % block }

  /// The header of a file. `name` is at most 100 ASCII characters, `size` under 8 GiB.
  static func header(name: String, size: Int, seconds: Int64) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: block)
    func put(_ text: String, at offset: Int) { bytes.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8) }
    func octal(_ value: Int64, digits: Int) -> String {
      let text = String(value, radix: 8)
      return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }
    put(name, at: 0)
    put(octal(0o644, digits: 7), at: 100)
    put(octal(0, digits: 7), at: 108)
    put(octal(0, digits: 7), at: 116)
    put(octal(Int64(size), digits: 11), at: 124)
    put(octal(max(0, seconds), digits: 11), at: 136)
    put("        ", at: 148)
    put("0", at: 156)
    put("ustar", at: 257)
    put("00", at: 263)
    put(octal(sum(bytes), digits: 6) + "\0 ", at: 148)
    return bytes
  }

  /// What a header says; nil at the archive's end. Throws: `BundleError` when it is none of ours.
  static func read(_ bytes: [UInt8]) throws(BundleError) -> (name: String, size: Int)? {
    if bytes.allSatisfy({ $0 == 0 }) { return nil }
    func field(_ range: Range<Int>) -> String { String(decoding: bytes[range].prefix { $0 != 0 && $0 != 32 }, as: UTF8.self) }
    guard bytes.count == block, field(257..<262) == "ustar", bytes[156] == 48, let size = Int(field(124..<136), radix: 8),
      size >= 0
    else {
      throw BundleError("the archive has a header that isn't one of a bundle")
    }
    var blank = bytes
    for index in 148..<156 { blank[index] = 32 }
    guard Int64(field(148..<156), radix: 8) == sum(blank) else { throw BundleError("a header of the archive is damaged") }
    let name = field(0..<100)
    guard !name.isEmpty, name.utf8.allSatisfy({ 32 < $0 && $0 < 127 }) else {
      throw BundleError("the archive has a file without a proper name")
    }
    return (name, size)
  }

  private static func sum(_ bytes: [UInt8]) -> Int64 { bytes.reduce(0) { $0 + Int64($1) } }
}
