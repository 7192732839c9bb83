import WebSocketProtocol

/// A decoder's events with their bytes copied, so that they can be compared.
enum Heard: Equatable, CustomStringConvertible {
  case text([UInt8]), binary([UInt8]), ping([UInt8]), pong, close(UInt16?), failed(UInt16)

  var description: String {
    switch self {
    case .text(let bytes): "text(\(bytes.count))"
    case .binary(let bytes): "binary(\(bytes.count))"
    case .ping(let bytes): "ping(\(bytes.count))"
    case .pong: "pong"
    case .close(let code): "close(\(code.map(String.init) ?? "-"))"
    case .failed(let code): "failed(\(code))"
    }
  }

  /// Feeds pieces to a fresh decoder, each in a buffer of its own, and collects what it says.
  static func decode(
    _ pieces: [[UInt8]], limit: Int = 65_536, extensions: Extensions = .none, inflater: Inflater? = nil
  ) -> [Heard] {
    var decoder = MessageDecoder(limit: limit, extensions: extensions, inflater: inflater)
    var heard: [Heard] = []
    for piece in pieces {
      var piece = piece
      piece.withUnsafeMutableBytes { bytes in
        var offset = 0
        reading: while true {
          switch decoder.next(bytes, from: &offset) {
          case .needMore: break reading
          case .text(let payload): heard.append(.text(Array(payload)))
          case .binary(let payload): heard.append(.binary(Array(payload)))
          case .ping(let payload): heard.append(.ping(Array(payload)))
          case .pong: heard.append(.pong)
          case .close(let code): heard.append(.close(code))
          case .failed(let code): heard.append(.failed(code))
          }
        }
      }
    }
    return heard
  }
}

/// How long a frame's length is written; `shortest` is the only right one.
enum LengthForm { case shortest, two, eight }

/// A client's frame, masked; every part can be made wrong.
func clientFrame(
  _ opcode: UInt8, _ payload: [UInt8], final: Bool = true, reserved: UInt8 = 0, isMasked: Bool = true,
  key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D], form: LengthForm = .shortest, length: UInt64? = nil
) -> [UInt8] {
  let length = length ?? UInt64(payload.count)
  var frame = [(final ? 0x80 : 0) | reserved | opcode]
  let maskBit: UInt8 = isMasked ? 0x80 : 0
  let wide = (0..<8).reversed().map { UInt8(truncatingIfNeeded: length >> UInt64($0 * 8)) }
  if form == .shortest, length < 126 {
    frame.append(maskBit | UInt8(length))
  } else if form == .two || form == .shortest && length < 65_536 {
    frame += [maskBit | 126] + wide[6...]
  } else {
    frame += [maskBit | 127] + wide
  }
  guard isMasked else { return frame + payload }
  return frame + key + payload.enumerated().map { $1 ^ key[$0 % 4] }
}

/// A small generator whose seed makes a run repeatable.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// Cuts bytes into pieces at random places; some pieces are empty.
  mutating func split(_ bytes: [UInt8]) -> [[UInt8]] {
    var pieces: [[UInt8]] = []
    var rest = bytes[...]
    let longest = [1, 3, 17, 400, 70_000].randomElement(using: &self) ?? 1
    while !rest.isEmpty {
      let count = min(rest.count, Int.random(in: 0...longest, using: &self))
      pieces.append(Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    return pieces
  }
}
