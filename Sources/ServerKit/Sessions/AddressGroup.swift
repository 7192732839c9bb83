/// Which addresses count as one place: an IPv4 address stands for itself, an IPv6 address for its /64, because everybody who has one of a /64 has
/// them all.
public enum AddressGroup {
  /// The name of the place of an address. A text that is no address stands for itself.
  ///
  /// - Parameter kept: how many of an IPv6 address's eight groups count, 1…7: 4 are its /64, 3 the /48 that a customer gets for the asking.
  public static func name(of address: String, groups kept: Int = 4) -> String {
    guard address.contains(":") else { return address }
    let text = address.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)[0].lowercased()
    guard var groups = groups(of: text) else { return address }
    if groups[0..<5].allSatisfy({ $0 == 0 }) && groups[5] == 0xffff {
      return [groups[6] >> 8, groups[6] & 255, groups[7] >> 8, groups[7] & 255].map { String($0) }.joined(separator: ".")
    }
    groups.removeLast(8 - kept)
    return groups.map { String($0, radix: 16) }.joined(separator: ":") + "::/\(16 * kept)"
  }

  /// The eight groups of an IPv6 address; nil when it isn't one.
  private static func groups(of text: String) -> [UInt16]? {
    var text = text[...]
    // The last 32 bits may be written as an IPv4 address.
    if text.contains(".") {
      guard let colon = text.lastIndex(of: ":") else { return nil }
      let parts = text[text.index(after: colon)...].split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
      guard parts.count == 4, let a = parts[0], let b = parts[1], let c = parts[2], let d = parts[3] else { return nil }
      let high = UInt16(a) << 8 | UInt16(b)
      let low = UInt16(c) << 8 | UInt16(d)
      text = text[...colon] + String(high, radix: 16) + ":" + String(low, radix: 16)
    }
    guard let gap = text.firstRange(of: "::") else {
      let groups = numbers(text)
      return groups?.count == 8 ? groups : nil
    }
    guard let before = numbers(text[..<gap.lowerBound]), let after = numbers(text[gap.upperBound...]),
      before.count + after.count < 8
    else { return nil }
    return before + [UInt16](repeating: 0, count: 8 - before.count - after.count) + after
  }

  private static func numbers(_ text: Substring) -> [UInt16]? {
    guard !text.isEmpty else { return [] }
    var numbers: [UInt16] = []
    for part in text.split(separator: ":", omittingEmptySubsequences: false) {
      guard (1...4).contains(part.utf8.count), let number = UInt16(part, radix: 16) else { return nil }
      numbers.append(number)
    }
    return numbers
  }
}
