/// The HTTP answers to an opening handshake, as bytes.
public enum UpgradeResponse {
  /// 101: from the next byte on it is frames.
  public static func accepted(_ request: UpgradeRequest) -> [UInt8] {
    var head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    head += "Sec-WebSocket-Accept: \(AcceptKey.answer(to: request.key))\r\n"
    if let subprotocol = request.subprotocol { head += "Sec-WebSocket-Protocol: \(subprotocol)\r\n" }
    if let extensions = request.extensions.response { head += "Sec-WebSocket-Extensions: \(extensions)\r\n" }
    return Array((head + "\r\n").utf8)
  }

  /// The answer to a request that is no proper handshake. The connection is to be closed after it.
  public static func refused(_ refusal: UpgradeRefusal) -> [UInt8] {
    switch refusal {
    case .malformed(let reason):
      return answer(status: 400, reason: "Bad Request", text: reason)
    case .unsupportedVersion:
      return answer(
        status: 426, reason: "Upgrade Required", fields: ["Sec-WebSocket-Version: 13", "Upgrade: websocket"],
        text: "this server speaks version 13 of the protocol")
    case .noSubprotocol:
      return answer(status: 426, reason: "Upgrade Required", fields: ["Upgrade: websocket"], text: "no subprotocol in common")
    }
  }

  /// A short plain answer after which the connection is closed.
  ///
  /// - Parameters:
  ///   - status: the HTTP status.
  ///   - reason: its phrase.
  ///   - fields: further header lines, without their line ends.
  ///   - type: the body's content type.
  ///   - text: the body.
  public static func answer(
    status: Int, reason: String, fields: [String] = [], type: String = "text/plain; charset=utf-8", text: String
  ) -> [UInt8] {
    let upgrade = fields.contains { $0.hasPrefix("Upgrade:") } ? "Upgrade, close" : "close"
    var head = "HTTP/1.1 \(status) \(reason)\r\nConnection: \(upgrade)\r\nContent-Type: \(type)\r\n"
    head += "Content-Length: \(text.utf8.count)\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
    for field in fields { head += field + "\r\n" }
    return Array((head + "\r\n" + text).utf8)
  }
}
