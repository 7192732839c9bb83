import CFuzz
import ServerKit

/// What a proxy says about its client: the header of the PROXY protocol in any split, and addresses as text.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzProxy(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  var script = Script(start, count)
  let input = script.rest()
  let whole = read(input[...])
  var dice = Dice(input)
  var isDecided = false
  // As the bytes come: an answer, once given, doesn't change.
  for end in Set(dice.cuts(input.count).map(\.upperBound) + Array(0...min(input.count, 64))).sorted() {
    let answer = read(input[..<end])
    if answer == .incomplete {
      hold(!isDecided, "no answer to \(end) bytes, but to fewer")
    } else {
      hold(answer == whole, "\(answer) to \(end) bytes, \(whole) to all")
      isDecided = true
    }
  }
  if case .complete(let header, let length) = whole {
    hold((16...(16 + ProxyHeader.maximumLength)).contains(length) && length <= input.count, "\(length) of \(input.count) bytes")
    examine(header, input)
  }
  examine(String(decoding: input, as: UTF8.self))
  return 0
}

private func read(_ bytes: ArraySlice<UInt8>) -> ProxyHeader.Answer {
  fuzz_memory_reset()
  fuzz_memory_start()
  let answer = ProxyHeader.read(bytes)
  fuzz_memory_stop()
  hold(fuzz_memory_peak() <= 8 * ProxyHeader.maximumLength, "\(fuzz_memory_peak()) bytes of memory for \(bytes.count)")
  return answer
}

private func examine(_ header: ProxyHeader, _ input: [UInt8]) {
  let written = header.encoded
  if let client = header.client, let server = header.server {
    // proxy-protocol.txt 2.2: signature, 0x21, family, length, both addresses, both ports.
    let size = input[13] == 0x11 ? 4 : 16
    hold(input[12] == 0x21 && (size == 4 || input[13] == 0x21), "family \(input[13]), command \(input[12])")
    hold(IPAddress(bytes: input[16..<(16 + size)]) == client.address, "the client \(client)")
    hold(IPAddress(bytes: input[(16 + size)..<(16 + 2 * size)]) == server.address, "the server \(server)")
    let ports = input[(16 + 2 * size)...].prefix(4).map(UInt16.init)
    hold(ports[0] << 8 | ports[1] == client.port && ports[2] << 8 | ports[3] == server.port, "ports \(ports)")
    guard client.address.bytes.count == server.address.bytes.count else { return }
  } else {
    hold(header == ProxyHeader(client: nil, server: nil), "half a header: \(header)")
  }
  hold(ProxyHeader.read(written) == .complete(header, length: written.count), "\(header) written and read is another")
}

/// An address, or a list of them as `X-Forwarded-For` has it.
private func examine(_ text: String) {
  if let address = IPAddress(text) {
    hold(
      text.utf8.allSatisfy { ($0 < 128 && Character(Unicode.Scalar($0)).isHexDigit) || $0 == 46 || $0 == 58 }, "\(text) is taken")
    hold(IPAddress(address.description) == address, "\(text) is \(address), and that is another")
  }
  let proxies = TrustedProxies(["127.0.0.1", "2001:db8::1"])
  hold(proxies.client(peer: "192.0.2.1", forwarded: [text]) == "192.0.2.1", "a stranger is believed")
  let client = proxies.client(peer: "127.0.0.1", forwarded: [text])
  hold(IPAddress(client)?.description == client, "the client is \(client)")
}
