/// The kinds of frames (RFC 6455 §5.2).
public enum Opcode: UInt8, Sendable {
  /// A further fragment of a message.
  case continuation = 0
  /// A message of UTF-8 text, or its first fragment.
  case text = 1
  /// A message of bytes, or its first fragment.
  case binary = 2
  /// The closing handshake.
  case close = 8
  /// Asks for a pong.
  case ping = 9
  /// Answers a ping, or comes unasked.
  case pong = 10

  var isControl: Bool { rawValue >= 8 }
}
