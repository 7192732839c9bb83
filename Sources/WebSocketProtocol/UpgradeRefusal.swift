/// Why a request is no opening handshake that this server can take.
public enum UpgradeRefusal: Error, Sendable, Equatable {
  /// Not an upgrade as RFC 6455 §4.2.1 wants it: 400. The text says what is wrong.
  case malformed(String)
  /// `Sec-WebSocket-Version` isn't 13: 426, with the one that we speak.
  case unsupportedVersion
  /// No subprotocol in common: 426.
  case noSubprotocol
}
