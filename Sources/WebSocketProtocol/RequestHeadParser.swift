/// Collects and parses the head of one HTTP/1.1 request that arrives in any split.
///
/// Strict where leniency would let two parsers disagree: lines end in CRLF, no folded lines, no blank before the colon, no control
/// characters in values, one `Host` at most.
public struct RequestHeadParser: Sendable {
  /// What is known after a push.
  public enum Outcome: Sendable, Equatable {
    /// The head isn't complete.
    case needMore
    /// The head is complete; what came after it is for another protocol.
    case head(RequestHead)
    /// No head of ours: answer this HTTP status (400 or 431, 505) and close.
    case refused(status: Int)
  }

  /// The bytes of the head so far, the empty line at its end included: what a tunnel sends on.
  public private(set) var bytes: [UInt8] = []
  private let limit: Int
  private var matched = 0

  /// - Parameter limit: the most bytes that a head may have, the empty line included; 8 KiB.
  public init(limit: Int = 8_192) { self.limit = limit }

  /// Takes bytes up to the end of the head.
  ///
  /// - Returns: the outcome, and how many of `chunk`'s bytes belong to the head; the rest is what followed it.
  public mutating func push(_ chunk: UnsafeRawBufferPointer) -> (outcome: Outcome, consumed: Int) {
    var consumed = 0
    for place in 0..<chunk.count {
      let byte = unsafe chunk[place]
      guard bytes.count < limit else { return (.refused(status: 431), consumed) }
      consumed += 1
      bytes.append(byte)
      if bytes.count == 1, !Self.isToken(byte) { return (.refused(status: 400), consumed) }
      matched = byte == (matched & 1 == 0 ? 13 : 10) ? matched + 1 : byte == 13 ? 1 : 0
      if matched == 4 { return (Self.parse(bytes[..<(bytes.count - 4)]), consumed) }
    }
    return (.needMore, consumed)
  }

  /// Takes bytes up to the end of the head.
  ///
  /// - Returns: the outcome, and how many of `chunk`'s bytes belong to the head; the rest is what followed it.
  public mutating func push(_ chunk: [UInt8]) -> (outcome: Outcome, consumed: Int) {
    unsafe chunk.withUnsafeBytes { bytes in unsafe push(bytes) }
  }

  private static func parse(_ head: ArraySlice<UInt8>) -> Outcome {
    var lines = splitLines(head)
    guard !lines.isEmpty else { return .refused(status: 400) }
    let parts = lines.removeFirst().split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard parts.count == 3, !parts[0].isEmpty, parts[0].allSatisfy(isToken) else { return .refused(status: 400) }
    guard !parts[1].isEmpty, parts[1].allSatisfy({ $0 > 32 && $0 < 127 }) else { return .refused(status: 400) }
    let minorVersion: Int
    switch String(decoding: parts[2], as: UTF8.self) {
    case "HTTP/1.1": minorVersion = 1
    case "HTTP/1.0": minorVersion = 0
    case let version where version.hasPrefix("HTTP/"): return .refused(status: 505)
    default: return .refused(status: 400)
    }
    var fields: [RequestHead.Field] = []
    for line in lines {
      guard let field = parseField(line) else { return .refused(status: 400) }
      if field.name == "host", fields.contains(where: { $0.name == "host" }) { return .refused(status: 400) }
      fields.append(field)
    }
    return .head(
      RequestHead(
        method: String(decoding: parts[0], as: UTF8.self), target: String(decoding: parts[1], as: UTF8.self),
        minorVersion: minorVersion, fields: fields))
  }

  private static func splitLines(_ head: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var start = head.startIndex
    var at = head.startIndex
    while at < head.endIndex {
      if head[at] == 13, at + 1 < head.endIndex, head[at + 1] == 10 {
        lines.append(head[start..<at])
        at += 2
        start = at
      } else {
        at += 1
      }
    }
    lines.append(head[start...])
    return lines
  }

  private static func parseField(_ line: ArraySlice<UInt8>) -> RequestHead.Field? {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else { return nil }
    let name = line[..<colon]
    let value = line[(colon + 1)...]
    // A lone CR or LF falls out here too, so no other parser can see another line in this one.
    guard name.allSatisfy(isToken), value.allSatisfy({ $0 >= 32 && $0 != 127 || $0 == 9 }) else { return nil }
    return RequestHead.Field(
      name: String(decoding: name, as: UTF8.self).lowercased(),
      value: String(decoding: RequestHead.trim(value), as: UTF8.self))
  }

  private static func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}
