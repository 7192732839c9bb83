/// Decodes a client's frames, in any split, and puts messages together.
///
/// A message that lies whole in the bytes passed in is unmasked in place and not copied; only what is split across reads or frames gets a
/// buffer of its own, which lives until the message has been taken. An idle connection holds no buffer.
///
/// A compressed message is put together as it came and inflated once it is whole: so half a message costs no more than its bytes, and one inflater
/// can serve every connection of a loop.
public struct MessageDecoder: ~Copyable {
  /// What the bytes so far say. Pointers are borrowed: they end with the next call of `next`.
  @unsafe
  public enum Event {
    /// All bytes are taken.
    case needMore
    /// A text message; the bytes are valid UTF-8.
    case text(UnsafeRawBufferPointer)
    /// A binary message.
    case binary(UnsafeRawBufferPointer)
    /// A ping; its payload goes back in a pong.
    case ping(UnsafeRawBufferPointer)
    /// A pong, asked for or not.
    case pong
    /// A close frame; nil when it has no code. Nothing after it is read.
    case close(UInt16?)
    /// The peer broke the protocol: close with this code. Nothing after it is read.
    case failed(UInt16)
  }

  private enum Phase: UInt8 { case first, second, length, mask, payload, over }

  private enum Taken: UInt8 { case nothing, message, control }

  private let limit: Int
  private let reservedBits: UInt8
  private let inflater: Inflater?
  private var isCompressed = false
  private var phase = Phase.first
  private var validator = UTF8Validator()
  /// Header bytes still missing in the phases `length` and `mask`, and their value so far.
  private var missing = 0
  private var value: UInt64 = 0
  /// The least length that the form in use may say.
  private var shortest: UInt64 = 0
  private var isFinal = false
  private var opcode = Opcode.continuation
  private var mask = Mask(bigEndian: 0)
  private var remaining = 0
  /// What the message in progress is: continuation when there is none.
  private var message = Opcode.continuation
  private var assembly = ByteBuffer()
  private var control = ByteBuffer()
  /// Which buffer the last event lent out: it is given back when the caller comes again.
  private var lent = Taken.nothing

  /// - Parameters:
  ///   - limit: the most bytes that a message may have, as sent and inflated; 64 KiB.
  ///   - extensions: what was negotiated.
  ///   - inflater: what inflates messages when permessage-deflate was; shared where the client takes no context over.
  public init(limit: Int = 65_536, extensions: Extensions = .none, inflater: Inflater? = nil) {
    self.limit = limit
    reservedBits = inflater == nil ? 0 : extensions.reservedBits
    self.inflater = inflater
  }

  /// Takes bytes from `offset` on, up to the end of the next message or control frame. To be called until it says `needMore`.
  ///
  /// - Parameters:
  ///   - bytes: what was received; payloads are unmasked in place.
  ///   - offset: where to go on; moved past what was taken.
  public mutating func next(_ bytes: UnsafeMutableRawBufferPointer, from offset: inout Int) -> Event {
    switch lent {
    case .nothing: break
    case .message: assembly.release()
    case .control: control.release()
    }
    lent = .nothing
    while true {
      switch phase {
      case .payload:
        if let event = unsafe takePayload(bytes, &offset) { return unsafe event }
        if offset >= bytes.count, remaining > 0 { return unsafe .needMore }
      case .over:
        offset = bytes.count
        return unsafe .needMore
      default:
        guard offset < bytes.count else { return unsafe .needMore }
        let code = unsafe takeHeader(bytes[offset])
        offset += 1
        if let code { return unsafe fail(code) }
      }
    }
  }

  /// Takes one byte of a header; returns a close code when it breaks the protocol.
  private mutating func takeHeader(_ byte: UInt8) -> UInt16? {
    switch phase {
    case .first: return takeFirst(byte)
    case .second: return takeSecond(byte)
    default:
      value = value << 8 | UInt64(byte)
      missing -= 1
      guard missing == 0 else { return nil }
      if phase == .length { return takeLength(value) }
      mask = Mask(bigEndian: UInt32(truncatingIfNeeded: value))
      phase = .payload
      return nil
    }
  }

  private mutating func takeFirst(_ byte: UInt8) -> UInt16? {
    let reserved = byte & 0x70
    guard reserved & ~reservedBits == 0, let opcode = Opcode(rawValue: byte & 0x0F) else { return CloseCode.protocolError }
    // RSV1 speaks of a whole message, so only its first frame has it (RFC 7692 §6).
    guard reserved == 0 || opcode == .text || opcode == .binary else { return CloseCode.protocolError }
    isFinal = byte & 0x80 != 0
    self.opcode = opcode
    if opcode.isControl {
      guard isFinal else { return CloseCode.protocolError }
    } else {
      guard (opcode == .continuation) == (message != .continuation) else { return CloseCode.protocolError }
      if opcode != .continuation {
        message = opcode
        isCompressed = reserved != 0
        validator = UTF8Validator()
      }
    }
    phase = .second
    return nil
  }

  private mutating func takeSecond(_ byte: UInt8) -> UInt16? {
    let short = byte & 0x7F
    guard byte & 0x80 != 0, !opcode.isControl || short <= 125 else { return CloseCode.protocolError }
    value = 0
    switch short {
    case 126: (phase, missing, shortest) = (.length, 2, 126)
    case 127: (phase, missing, shortest) = (.length, 8, 65_536)
    default:
      shortest = 0
      return takeLength(UInt64(short))
    }
    return nil
  }

  private mutating func takeLength(_ length: UInt64) -> UInt16? {
    guard length >= shortest, length >> 63 == 0 else { return CloseCode.protocolError }
    if !opcode.isControl, length > UInt64(limit - assembly.count) { return CloseCode.tooLarge }
    remaining = Int(length)
    (phase, missing, value) = (.mask, 4, 0)
    return nil
  }

  /// Takes what there is of a payload; returns nil when more is needed or a fragment of a message has ended.
  private mutating func takePayload(_ bytes: UnsafeMutableRawBufferPointer, _ offset: inout Int) -> Event? {
    let count = min(remaining, bytes.count - offset)
    let piece = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[offset..<(offset + count)])
    let isASCII = unsafe mask.remove(from: piece)
    offset += count
    remaining -= count
    return opcode.isControl ? unsafe takeControl(piece) : unsafe takeData(piece, isASCII: isASCII)
  }

  private mutating func takeData(_ piece: UnsafeMutableRawBufferPointer, isASCII: Bool) -> Event? {
    if message == .text, !isCompressed, !(isASCII && validator.isComplete),
      unsafe !validator.consume(UnsafeRawBufferPointer(piece))
    {
      return unsafe fail(CloseCode.invalidData)
    }
    let isWhole = isFinal && remaining == 0
    if !(isWhole && assembly.count == 0) { unsafe assembly.append(UnsafeRawBufferPointer(piece), limit: limit) }
    guard remaining == 0 else { return nil }
    phase = .first
    guard isFinal else { return nil }
    let kind = message
    message = .continuation
    if kind == .text, !validator.isComplete { return unsafe fail(CloseCode.invalidData) }
    lent = .message
    let whole = unsafe assembly.count == 0 ? UnsafeRawBufferPointer(piece) : assembly.bytes
    if isCompressed { return unsafe inflate(whole, kind) }
    return kind == .text ? unsafe .text(whole) : unsafe .binary(whole)
  }

  private mutating func inflate(_ whole: UnsafeRawBufferPointer, _ kind: Opcode) -> Event {
    guard let inflater else { return unsafe fail(CloseCode.protocolError) }
    switch unsafe inflater.inflate(whole, limit: limit) {
    case .tooLarge: return unsafe fail(CloseCode.tooLarge)
    case .invalid: return unsafe fail(CloseCode.invalidData)
    case .message(let bytes):
      guard kind == .text else { return unsafe .binary(bytes) }
      guard unsafe validator.consume(bytes), validator.isComplete else { return unsafe fail(CloseCode.invalidData) }
      return unsafe .text(bytes)
    }
  }

  private mutating func takeControl(_ piece: UnsafeMutableRawBufferPointer) -> Event? {
    if remaining > 0 || control.count > 0 { unsafe control.append(UnsafeRawBufferPointer(piece), limit: 125) }
    guard remaining == 0 else { return nil }
    phase = .first
    let payload = unsafe control.count == 0 ? UnsafeRawBufferPointer(piece) : control.bytes
    lent = .control
    switch opcode {
    case .ping: return unsafe .ping(payload)
    case .pong: return unsafe .pong
    default: return unsafe takeClose(payload)
    }
  }

  private mutating func takeClose(_ payload: UnsafeRawBufferPointer) -> Event {
    if unsafe payload.isEmpty {
      phase = .over
      return unsafe .close(nil)
    }
    guard payload.count >= 2 else { return unsafe fail(CloseCode.protocolError) }
    let code = unsafe UInt16(payload[0]) << 8 | UInt16(payload[1])
    guard CloseCode.isValid(code) else { return unsafe fail(CloseCode.protocolError) }
    var reason = UTF8Validator()
    guard unsafe reason.consume(UnsafeRawBufferPointer(rebasing: payload[2...])), reason.isComplete else {
      return unsafe fail(CloseCode.invalidData)
    }
    phase = .over
    return unsafe .close(code)
  }

  private mutating func fail(_ code: UInt16) -> Event {
    phase = .over
    return unsafe .failed(code)
  }
}
