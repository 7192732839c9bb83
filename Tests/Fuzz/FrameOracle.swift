import CFuzz
import WebSocketProtocol

/// What a stream of frames means, told the plain way: with all of it at hand, frame by frame, after RFC 6455 §5 and RFC 7692 §6.
func expectation(of stream: [UInt8], limit: Int, mode: DeflateMode) -> [Told] {
  var told: [Told] = []
  var at = 0
  var message: (isText: Bool, isCompressed: Bool, bytes: [UInt8])?
  let inflater = mode == .kept ? Inflater(keepsWindow: true) : nil

  func failed(_ code: UInt16) -> [Told] { told + [Told(.failed, code: code)] }

  while at < stream.count {
    let (isFinal, reserved, opcode) = (stream[at] & 0x80 != 0, stream[at] & 0x70, stream[at] & 0x0F)
    guard reserved == 0 || reserved == 0x40 && mode != .none && (opcode == 1 || opcode == 2) else { return failed(1002) }
    guard [0, 1, 2, 8, 9, 10].contains(opcode), opcode < 8 || isFinal else { return failed(1002) }
    guard opcode >= 8 || (opcode == 0) == (message != nil) else { return failed(1002) }
    guard at + 1 < stream.count else { break }
    let short = stream[at + 1] & 0x7F
    guard stream[at + 1] & 0x80 != 0, opcode < 8 || short <= 125 else { return failed(1002) }
    at += 2
    let wide = short == 127 ? 8 : short == 126 ? 2 : 0
    guard at + wide <= stream.count else { break }
    let length = wide == 0 ? UInt64(short) : stream[at..<(at + wide)].reduce(0) { $0 << 8 | UInt64($1) }
    guard wide != 2 || length > 125, wide != 8 || length > 65_535 && length < 1 << 63 else { return failed(1002) }
    at += wide
    if opcode < 8 {
      if opcode != 0 { message = (opcode == 1, reserved != 0, []) }
      guard length <= UInt64(limit - (message?.bytes.count ?? 0)) else { return failed(1009) }
    }
    guard at + 4 <= stream.count else { break }
    let key = stream[at..<(at + 4)]
    at += 4
    let payload = stream[at...].prefix(Int(length)).enumerated().map { $1 ^ key[key.startIndex + $0 % 4] }
    let isWhole = payload.count == Int(length)
    at += payload.count

    guard opcode < 8 else {
      guard isWhole else { break }
      switch opcode {
      case 9: told.append(Told(.ping, payload))
      case 10: told.append(Told(.pong))
      default: return told + [close(payload)]
      }
      continue
    }
    guard var whole = message else { break }
    whole.bytes += payload
    message = whole
    if whole.isText, !whole.isCompressed, !canBecomeUTF8(whole.bytes) { return failed(1007) }
    guard isWhole else { break }
    guard isFinal else { continue }
    message = nil
    if whole.isCompressed {
      switch inflate(whole.bytes, limit, inflater) {
      case .success(let bytes): whole.bytes = bytes
      case .failure(let refusal): return failed(refusal.code)
      }
    }
    if whole.isText, String(validating: whole.bytes, as: UTF8.self) == nil { return failed(1007) }
    told.append(Told(whole.isText ? .text : .binary, whole.bytes))
  }
  return told
}

private func close(_ payload: [UInt8]) -> Told {
  if payload.isEmpty { return Told(.close) }
  guard payload.count > 1 else { return Told(.failed, code: 1002) }
  let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
  // RFC 6455 §7.4 and IANA's table; 1004, 1005, 1006 and 1015 are never sent.
  let isAllowed =
    [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014].contains(code) || (3000..<5000).contains(code)
  guard isAllowed else { return Told(.failed, code: 1002) }
  guard String(validating: payload[2...], as: UTF8.self) != nil else { return Told(.failed, code: 1007) }
  return Told(.close, code: code)
}

private struct Refusal: Error { let code: UInt16 }

private func inflate(_ bytes: [UInt8], _ limit: Int, _ inflater: Inflater?) -> Result<[UInt8], Refusal> {
  if let inflater {
    switch bytes.withUnsafeBytes({ inflater.inflate($0, limit: limit) }) {
    case .message(let message): return .success(Array(message))
    case .tooLarge: return .failure(Refusal(code: 1009))
    case .invalid: return .failure(Refusal(code: 1007))
    }
  }
  var made = 0
  var room = [UInt8](repeating: 0, count: limit)
  switch Int(bytes.withUnsafeBytes { fuzz_inflate($0.baseAddress, $0.count, &room, room.count, &made) }) {
  case FUZZ_INFLATED: return .success(Array(room.prefix(made)))
  case FUZZ_TOO_LARGE: return .failure(Refusal(code: 1009))
  default: return .failure(Refusal(code: 1007))
  }
}

/// Whether bytes are UTF-8 or become it when the right ones follow.
private func canBecomeUTF8(_ bytes: [UInt8]) -> Bool {
  if String(validating: bytes, as: UTF8.self) != nil { return true }
  for cut in 1...3 where cut <= bytes.count {
    guard String(validating: bytes.dropLast(cut), as: UTF8.self) != nil else { continue }
    for next: UInt8 in [0x80, 0x90, 0xA0] {
      for more in 0..<3 {
        let completed = Array(bytes.suffix(cut)) + [next] + [UInt8](repeating: 0x80, count: more)
        if String(validating: completed, as: UTF8.self) != nil { return true }
      }
    }
  }
  return false
}
