import CFuzz
import WebSocketProtocol

/// Frames of a client, decoded whole, byte by byte and in random pieces: always what `expectation` says, with no more memory than the limit allows.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzFrames(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  var script = Script(start, count)
  let settings = script.byte()
  let limit = [125, 1_000, 16_384, 65_536][Int(settings & 3)]
  let mode = [DeflateMode.none, .stateless, .kept, .none][Int(settings >> 2 & 3)]
  let stream = settings & 16 == 0 ? script.rest() : written(&script, mode)
  let expected = expectation(of: stream, limit: limit, mode: mode)
  var dice = Dice(stream)
  var splits = [[0..<stream.count], dice.cuts(stream.count), dice.cuts(stream.count)]
  if stream.count <= 2_000 { splits.append((0..<stream.count).map { $0..<($0 + 1) }) }
  // Without context takeover one inflater serves all connections, whatever an earlier one has fed it.
  let shared = mode == .stateless ? Inflater(keepsWindow: false) : nil
  for split in splits {
    let told = decode(stream, split, limit: limit, mode: mode, shared: shared)
    hold(told == expected, "\(split.count) pieces, limit \(limit), \(mode): told \(told), expected \(expected)")
  }
  return 0
}

/// How permessage-deflate is spoken.
enum DeflateMode { case none, stateless, kept }

/// An event of the decoder.
struct Told: Equatable, CustomStringConvertible {
  enum Kind { case text, binary, ping, pong, close, failed }

  let kind: Kind
  var code: UInt16?
  var count = 0
  var fingerprint: UInt64 = 0

  init(_ kind: Kind, code: UInt16? = nil) { (self.kind, self.code) = (kind, code) }

  init(_ kind: Kind, _ payload: some Collection<UInt8>) {
    self.kind = kind
    count = payload.count
    fingerprint = digest(payload)
  }

  var description: String { "\(kind)\(code.map { " \($0)" } ?? "") \(count)" }
}

private func decode(_ stream: [UInt8], _ split: [Range<Int>], limit: Int, mode: DeflateMode, shared: Inflater?) -> [Told] {
  let inflater = shared ?? (mode == .kept ? Inflater(keepsWindow: true) : nil)
  var decoder = MessageDecoder(limit: limit, extensions: mode == .none ? .none : spoken, inflater: inflater)
  var told: [Told] = []
  fuzz_memory_reset()
  for piece in split {
    withCopy(stream[piece]) { bytes in
      var offset = 0
      while true {
        fuzz_memory_start()
        let event = decoder.next(bytes, from: &offset)
        fuzz_memory_stop()
        hold(offset <= bytes.count, "\(offset) of \(bytes.count) bytes taken")
        switch event {
        case .needMore:
          hold(offset == bytes.count, "bytes are left: \(offset) of \(bytes.count)")
          return
        case .text(let payload): told.append(Told(.text, payload))
        case .binary(let payload): told.append(Told(.binary, payload))
        case .ping(let payload): told.append(Told(.ping, payload))
        case .pong: told.append(Told(.pong))
        case .close(let code): told.append(Told(.close, code: code))
        case .failed(let code): told.append(Told(.failed, code: code))
        }
      }
    }
  }
  // While a buffer grows there are two; the inflater has one of its own and zlib's window.
  let allowed = 2 * limit + 1_024 + (mode == .none ? 0 : 2 * limit + 48 << 10)
  hold(fuzz_memory_peak() <= allowed, "\(fuzz_memory_peak()) bytes of memory, limit \(limit), \(mode)")
  return told
}

private let spoken = Extensions.negotiate(["permessage-deflate"], policy: .full)

/// Frames that a script describes, so that the fuzzer needn't find masks and deflate streams by chance.
private func written(_ script: inout Script, _ mode: DeflateMode) -> [UInt8] {
  var made: Deflater?
  var stream: [UInt8] = []
  while !script.isAtEnd, stream.count < 150_000 {
    let first = script.byte()
    let how = script.byte()
    var payload = script.bytes(Int(script.byte()))
    if how & 1 != 0 { payload = repeated(payload, Int(script.byte()) * 4, limit: 70_000) }
    if how & 2 != 0 {
      let deflater = made ?? Deflater(keepsWindow: mode == .kept)
      made = deflater
      payload = payload.withUnsafeBytes { deflater.deflate($0).map(Array.init) } ?? payload
    }
    let length = how & 4 != 0 ? UInt64(script.byte()) << UInt64(script.byte() & 63) : UInt64(payload.count)
    let isMasked: UInt8 = how & 8 != 0 ? 0 : 0x80
    let wide = (0..<8).reversed().map { UInt8(truncatingIfNeeded: length >> UInt64($0 * 8)) }
    stream.append(first)
    switch (how >> 4 & 3, length) {
    case (0, ..<126): stream.append(isMasked | UInt8(length))
    case (0...1, ..<65_536): stream += [isMasked | 126] + wide[6...]
    default: stream += [isMasked | 127] + wide
    }
    let key = [first, how, UInt8(truncatingIfNeeded: payload.count), 0x5A]
    if isMasked != 0 { stream += key }
    stream += payload.enumerated().map { isMasked != 0 ? $1 ^ key[$0 % 4] : $1 }
  }
  return stream
}
