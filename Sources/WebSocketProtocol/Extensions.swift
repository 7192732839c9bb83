/// The extensions of one connection: the one place that knows about `Sec-WebSocket-Extensions` and the RSV bits.
///
/// None is spoken now. permessage-deflate (RFC 7692) will live here: `negotiate` will answer its offer, `reservedBits` will let RSV1 pass on the
/// first frame of a message, and the decoder will hand such messages to the inflater where it checks the bits.
public struct Extensions: Sendable, Equatable {
  /// A connection without extensions.
  public static let none = Extensions(reservedBits: 0, response: nil)

  /// The RSV bits (0x40, 0x20, 0x10) that a frame may carry; any other is a protocol error.
  public let reservedBits: UInt8
  /// The value of `Sec-WebSocket-Extensions` in the answer; nil leaves the field out.
  public let response: String?

  /// Chooses among the client's offers (the members of its `Sec-WebSocket-Extensions`), in its order of preference.
  public static func negotiate(_ offers: [String]) -> Extensions { .none }
}
