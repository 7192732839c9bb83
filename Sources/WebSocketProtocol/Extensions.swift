/// The extensions of one connection: the one place that knows about `Sec-WebSocket-Extensions` and the RSV bits.
///
/// The one that is spoken is permessage-deflate (RFC 7692).
public struct Extensions: Sendable, Equatable {
  /// How far a server goes along with permessage-deflate.
  public enum Policy: Sendable {
    /// Not at all.
    case none
    /// Without context takeover both ways: every message stands for itself, so that one that goes to many is compressed once, and an idle
    /// connection holds no window.
    case stateless
    /// As the client wants it: each direction keeps its window between messages unless the client asks for something else.
    case full
  }

  /// A connection without extensions.
  public static let none = Extensions(deflate: nil)

  /// What was agreed on permessage-deflate; nil: not spoken.
  public let deflate: DeflateParameters?

  /// The value of `Sec-WebSocket-Extensions` in the answer; nil leaves the field out.
  public var response: String? { deflate?.response }

  /// The RSV bits (0x40, 0x20, 0x10) that the first frame of a message may carry; any other is a protocol error.
  public var reservedBits: UInt8 { deflate == nil ? 0 : 0x40 }

  /// Chooses among the client's offers: the first in its order of preference that can be met.
  ///
  /// - Parameters:
  ///   - offers: the members of its `Sec-WebSocket-Extensions`.
  ///   - policy: how far to go along.
  public static func negotiate(_ offers: [String], policy: Policy) -> Extensions {
    guard policy != .none else { return .none }
    for offer in offers {
      if let deflate = DeflateParameters(offer: offer, policy: policy) { return Extensions(deflate: deflate) }
    }
    return .none
  }
}
