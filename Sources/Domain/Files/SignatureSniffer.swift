/// Signatures and signed files of CMS (RFC 5652), as DER, as PEM, or as bare Base64, which the tax system's signing program writes.
enum SignatureSniffer {
  /// `06 09` and the identifier of signed data, 1.2.840.113549.1.7.2.
  private static let signedData: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02]

  /// Whether the file is one, to its last byte.
  static func isSigned(_ ends: FileEnds) -> Bool {
    if let length = derLength(ends.head[...]) {
      return length.map { Int64($0) == ends.size } ?? ends.tail.suffix(2).elementsEqual([0, 0])
    }
    return isArmoured(ends)
  }

  /// The length of the whole, nil within when the encoding is open-ended; nil when it isn't signed data.
  private static func derLength(_ bytes: ArraySlice<UInt8>) -> Int?? {
    guard bytes.first == 0x30, bytes.count > 20 else { return nil }
    let first = Int(bytes[bytes.startIndex + 1])
    let width = first > 0x80 ? first - 0x80 : 0
    guard width <= 4, let written = bytes.bigEndian(at: 2, width: width),
      bytes.dropFirst(2 + width).starts(with: signedData)
    else { return nil }
    if first == 0x80 { return .some(nil) }
    return .some(2 + width + (width == 0 ? first : written))
  }

  private static func isArmoured(_ ends: FileEnds) -> Bool {
    var text = ends.head[...]
    for line in ["-----BEGIN PKCS7-----", "-----BEGIN CMS-----"] where text.starts(with: Array(line.utf8)) {
      text = text.dropFirst(line.utf8.count)
      guard ends.tail.suffix(64).contains(subsequence: line.replacing("BEGIN", with: "END")) else { return false }
    }
    let isBare = text.startIndex == 0
    var bits = 0
    var value = 0
    var decoded: [UInt8] = []
    for byte in text where decoded.count < 64 {
      if byte == 10 || byte == 13 { continue }
      guard let digit = digit(byte) else { break }
      value = (value << 6 | digit) & 0xFFFFFF
      bits += 6
      if bits >= 8 {
        bits -= 8
        decoded.append(UInt8(truncatingIfNeeded: value >> bits))
      }
    }
    guard derLength(decoded[...]) != nil else { return false }
    return !isBare || (ends.head + ends.tail).allSatisfy { digit($0) != nil || [10, 13, 61].contains($0) }
  }

  /// What one letter of Base64 is worth.
  private static func digit(_ byte: UInt8) -> Int? {
    switch byte {
    case 65...90: Int(byte) - 65
    case 97...122: Int(byte) - 71
    case 48...57: Int(byte) + 4
    case 43: 62
    case 47: 63
    default: nil
    }
  }
}
