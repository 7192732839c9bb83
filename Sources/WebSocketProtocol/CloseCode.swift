/// The close codes that this server sends, and which ones a client may send (RFC 6455 §7.4).
public enum CloseCode {
  /// The purpose is fulfilled.
  public static let normal: UInt16 = 1000
  /// The page was left.
  public static let goingAway: UInt16 = 1001
  /// A frame broke the protocol.
  public static let protocolError: UInt16 = 1002
  /// A binary message, which 1fin's protocol has none of.
  public static let unsupportedData: UInt16 = 1003
  /// Text that is no UTF-8, or no JSON.
  public static let invalidData: UInt16 = 1007
  /// A message over the limit.
  public static let tooLarge: UInt16 = 1009
  /// The server restarts.
  public static let serviceRestart: UInt16 = 1012
  /// The receiver was too slow.
  public static let tryAgainLater: UInt16 = 1013

  /// Whether a close frame may carry this code.
  public static func isValid(_ code: UInt16) -> Bool {
    switch code {
    case 1000...1003, 1007...1014, 3000...4999: true
    default: false
    }
  }
}
