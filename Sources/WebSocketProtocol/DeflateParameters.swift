/// What client and server agree on for permessage-deflate (RFC 7692 §7.1).
public struct DeflateParameters: Sendable, Equatable {
  /// Whether the server forgets its window after every message.
  public let serverNoContextTakeover: Bool
  /// Whether the client does.
  public let clientNoContextTakeover: Bool
  /// The server's window in bits, 9…15.
  public let serverWindowBits: Int

  /// What the client's offer becomes; nil declines it.
  ///
  /// Declined is what RFC 7692 §7.1 calls invalid (an unknown parameter, one that comes twice, a value that is missing, not allowed or out of
  /// range) and what we can't keep: a window of 8 bits, which zlib doesn't make, and without context takeover any window below 15 bits, since a
  /// message that is compressed once is for everybody. `client_max_window_bits` is only a hint of what the client could do: a smaller window of its
  /// own costs us nothing, so it isn't asked for.
  init?(offer: String, policy: Extensions.Policy) {
    var parts = offer.split(separator: ";", omittingEmptySubsequences: false).map(Self.trim)[...]
    guard parts.popFirst() == "permessage-deflate" else { return nil }
    var seen: Set<String> = []
    var serverForgets = policy == .stateless
    var clientForgets = policy == .stateless
    var bits = 15
    for part in parts {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(Self.trim)
      guard let name = pair.first, seen.insert(name).inserted else { return nil }
      let value = pair.count == 2 ? Self.unquote(pair[1]) : nil
      switch name {
      case "server_no_context_takeover":
        guard value == nil else { return nil }
        serverForgets = true
      case "client_no_context_takeover":
        guard value == nil else { return nil }
        clientForgets = true
      case "server_max_window_bits":
        guard let asked = Self.windowBits(value), asked >= 9, policy != .stateless || asked == 15 else { return nil }
        bits = asked
      case "client_max_window_bits":
        guard value == nil || Self.windowBits(value) != nil else { return nil }
      default: return nil
      }
    }
    (serverNoContextTakeover, clientNoContextTakeover, serverWindowBits) = (serverForgets, clientForgets, bits)
  }

  /// The value of `Sec-WebSocket-Extensions` in the answer.
  var response: String {
    var text = "permessage-deflate"
    if serverNoContextTakeover { text += "; server_no_context_takeover" }
    if clientNoContextTakeover { text += "; client_no_context_takeover" }
    if serverWindowBits < 15 { text += "; server_max_window_bits=\(serverWindowBits)" }
    return text
  }

  /// 8…15, without a leading zero.
  private static func windowBits(_ text: String?) -> Int? {
    guard let text, text.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }), text.first != "0", let bits = Int(text) else { return nil }
    return (8...15).contains(bits) ? bits : nil
  }

  private static func trim(_ text: Substring) -> String {
    let isBlank = { (byte: UInt8) in byte == 32 || byte == 9 }
    return String(decoding: text.utf8.drop(while: isBlank).reversed().drop(while: isBlank).reversed(), as: UTF8.self)
  }

  /// A value may be a token or a quoted string of the same characters (RFC 6455 §9.1).
  private static func unquote(_ text: String) -> String {
    guard text.utf8.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return text }
    return String(text.dropFirst().dropLast())
  }
}
