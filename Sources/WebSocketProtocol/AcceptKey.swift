/// The server's proof that it understood the opening handshake (RFC 6455 §4.2.2).
public enum AcceptKey {
  /// `Sec-WebSocket-Accept` for a `Sec-WebSocket-Key`.
  public static func answer(to key: String) -> String {
    Base64.encode(SHA1.digest(Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)))
  }

  /// Whether this is base64 of 16 bytes, as a client's key must be.
  public static func isValid(_ key: String) -> Bool { key.utf8.count == 24 && Base64.decodedCount(key) == 16 }
}
