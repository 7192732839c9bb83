/// What of a file a request asks for (RFC 9110 §14).
enum ByteRange: Sendable, Hashable {
  /// All of it.
  case whole
  /// A part.
  case part(Range<Int64>)
  /// Nothing that exists.
  case unsatisfiable

  /// Reads a `Range` header for a file of `size` bytes. One range is answered; several, another unit and what can't be read are as if not asked for.
  init(_ header: String?, size: Int64) {
    guard let header else {
      self = .whole
      return
    }
    let parts = header.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].lowercased() == "bytes" else {
      self = .whole
      return
    }
    let ends = parts[1].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map {
      $0.filter { $0 != " " && $0 != "\t" }
    }
    guard ends.count == 2, ends.allSatisfy({ $0.utf8.count <= 18 && $0.utf8.allSatisfy { (48...57).contains($0) } }) else {
      self = .whole
      return
    }
    switch (Int64(ends[0]), Int64(ends[1])) {
    case (nil, nil): self = .whole
    case (nil, let last?): self = last == 0 || size == 0 ? .unsatisfiable : .part(max(0, size - last)..<size)
    case (let first?, nil): self = first < size ? .part(first..<size) : .unsatisfiable
    case (let first?, let last?):
      if last < first { self = .whole } else { self = first < size ? .part(first..<min(last + 1, size)) : .unsatisfiable }
    }
  }
}

/// How a file is called when it is saved (RFC 6266, RFC 8187).
enum Disposition {
  /// The header's value.
  ///
  /// - Parameters:
  ///   - isInline: whether the browser may show it in the page.
  ///   - name: the file's name, in any script.
  static func header(isInline: Bool, name: String) -> String {
    let plain = String(
      String.UnicodeScalarView(
        name.unicodeScalars.map { (32..<127).contains($0.value) && $0 != "\"" && $0 != "\\" && $0 != "%" ? $0 : "_" }))
    var encoded = ""
    for byte in name.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
        encoded.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        encoded += "%" + (digits.count == 1 ? "0" : "") + digits
      }
    }
    return "\(isInline ? "inline" : "attachment"); filename=\"\(plain)\"; filename*=UTF-8''\(encoded)"
  }

  /// The name for a file of this type: the uploaded one with the end that its bytes have now.
  static func name(_ uploaded: String, nameExtension: String?, keeping known: [String]) -> String {
    guard let nameExtension else { return uploaded }
    let end = uploaded.split(separator: ".", omittingEmptySubsequences: false).last.map { $0.lowercased() } ?? ""
    if uploaded.contains("."), known.contains(end) { return uploaded }
    let stem = uploaded.contains(".") ? String(uploaded[..<(uploaded.lastIndex(of: ".") ?? uploaded.endIndex)]) : uploaded
    return (stem.isEmpty ? uploaded : stem) + "." + nameExtension
  }
}
