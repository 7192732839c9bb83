import CFuzz
import WebSocketProtocol

/// Messages there and back through our deflater and inflater, and bytes that nobody deflated: the bound holds, in memory too.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzInflate(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  var script = Script(start, count)
  let settings = script.byte()
  let limit = [0, 1, 1_000, 65_536][Int(settings & 3)]
  let keepsWindow = settings & 4 != 0
  if settings & 8 == 0 {
    inflateForeign(&script, limit, keepsWindow)
  } else {
    thereAndBack(&script, windowBits: 9 + Int(settings >> 4) % 7, keepsWindow)
  }
  return 0
}

/// What strangers may send.
private func inflateForeign(_ script: inout Script, _ limit: Int, _ keepsWindow: Bool) {
  let inflater = Inflater(keepsWindow: keepsWindow)
  var isFirst = true
  while isFirst || !script.isAtEnd {
    // Long first messages, and with 255 as their length everything that is left.
    let size = Int(script.byte())
    let message = size == 255 ? script.rest() : script.bytes(size)
    let outcome = inflated(message, by: inflater, limit)
    if isFirst || !keepsWindow {
      var made = 0
      var room = [UInt8](repeating: 0, count: max(limit, 1))
      let expected = message.withUnsafeBytes { fuzz_inflate($0.baseAddress, $0.count, &room, limit, &made) }
      switch outcome {
      case .success(let bytes):
        hold(
          Int(expected) == FUZZ_INFLATED && bytes.elementsEqual(room.prefix(made)),
          "\(bytes.count) bytes, zlib \(expected) \(made)")
      case .failure(let refusal):
        hold(Int(expected) == (refusal == .tooLarge ? FUZZ_TOO_LARGE : FUZZ_INVALID), "\(refusal), zlib \(expected) \(made)")
      }
    }
    isFirst = false
    // A connection ends with its first bad message; without context takeover the inflater goes on with another's.
    if keepsWindow, case .failure = outcome { return }
  }
}

/// What we send, inflated again.
private func thereAndBack(_ script: inout Script, windowBits: Int, _ keepsWindow: Bool) {
  let deflater = Deflater(windowBits: windowBits, keepsWindow: keepsWindow)
  let inflater = Inflater(keepsWindow: keepsWindow)
  var total = 0
  while !script.isAtEnd, total < 200_000 {
    let times = Int(script.byte())
    let message = repeated(script.bytes(Int(script.byte())), 1 + times * times / 4, limit: 150_000)
    total += message.count
    guard let small = message.withUnsafeBytes({ deflater.deflate($0).map(Array.init) }) else {
      hold(!keepsWindow || message.isEmpty, "with context takeover everything is deflated")
      continue
    }
    hold(keepsWindow || small.count < message.count, "\(message.count) bytes became \(small.count)")
    switch inflated(small, by: inflater, message.count) {
    case .success(let back): hold(back == message, "\(message.count) bytes came back as \(back.count) others")
    case .failure(let refusal): hold(false, "\(message.count) bytes, window \(windowBits): \(refusal)")
    }
    if !keepsWindow {
      guard case .failure(.tooLarge) = inflated(small, by: inflater, message.count - 1) else {
        return hold(false, "one byte over the limit was let through")
      }
    }
  }
}

private enum Refusal: Error { case tooLarge, invalid }

private func inflated(_ message: [UInt8], by inflater: Inflater, _ limit: Int) -> Result<[UInt8], Refusal> {
  withCopy(message[...]) { copy in
    fuzz_memory_reset()
    fuzz_memory_start()
    let outcome = inflater.inflate(UnsafeRawBufferPointer(copy), limit: limit)
    fuzz_memory_stop()
    hold(fuzz_memory_peak() <= 2 * limit + 48 << 10, "\(fuzz_memory_peak()) bytes of memory, limit \(limit)")
    switch outcome {
    case .tooLarge: return .failure(.tooLarge)
    case .invalid: return .failure(.invalid)
    case .message(let bytes):
      hold(bytes.count <= limit, "\(bytes.count) bytes, limit \(limit)")
      return .success(Array(bytes))
    }
  }
}
