import CFuzz

@testable import WebSocketProtocol

/// The head of a request in any split, then the opening handshake with every policy, then the answer, which must hold nothing of the client's making.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzUpgrade(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  var script = Script(start, count)
  let limit = script.byte() & 1 == 0 ? 8_192 : 200
  let input = script.rest()
  let (outcome, taken) = parse(input, [0..<input.count], limit)
  var dice = Dice(input)
  for split in [dice.cuts(input.count), dice.cuts(input.count), (0..<input.count).map { $0..<($0 + 1) }] {
    let other = parse(input, split, limit)
    hold(other == (outcome, taken), "\(split.count) pieces: \(other), in one \((outcome, taken))")
  }
  // The head ends with the first empty line, unless its first byte or its length ends it before.
  let end = (4...max(4, min(input.count, limit))).first { input.prefix($0).suffix(4) == [13, 10, 13, 10] }
  switch outcome {
  case .needMore: hold(end == nil && taken == input.count && taken <= limit, "\(taken) of \(input.count) bytes taken")
  case .refused(431): hold(end == nil && taken == limit && input.count > limit, "too long with \(taken) bytes, limit \(limit)")
  case .refused(let status): hold(taken == end && [400, 505].contains(status) || taken == 1 && status == 400, "status \(status)")
  case .head(let head):
    hold(taken == end, "a head of \(taken) bytes, which ends with \(end ?? 0)")
    examine(head, limit)
  }
  return 0
}

private func parse(_ input: [UInt8], _ split: [Range<Int>], _ limit: Int) -> (RequestHeadParser.Outcome, Int) {
  var parser = RequestHeadParser(limit: limit)
  var total = 0
  fuzz_memory_reset()
  defer {
    hold(parser.bytes == Array(input.prefix(total)), "the head's bytes are other bytes")
    // The bytes of the head while their array grows; lines, fields and their strings.
    hold(fuzz_memory_peak() <= 24 * limit + 4_096, "\(fuzz_memory_peak()) bytes of memory, limit \(limit)")
  }
  for piece in split {
    let (outcome, consumed) = withCopy(input[piece]) { bytes in
      fuzz_memory_start()
      defer { fuzz_memory_stop() }
      return parser.push(UnsafeRawBufferPointer(bytes))
    }
    hold(consumed <= piece.count, "\(consumed) of \(piece.count) bytes taken")
    total += consumed
    guard outcome == .needMore else { return (outcome, total) }
    hold(consumed == piece.count, "more is needed, and bytes are left")
  }
  return (.needMore, total)
}

private func examine(_ head: RequestHead, _ limit: Int) {
  // Written again, it is read as the same head.
  var text = "\(head.method) \(head.target) HTTP/1.\(head.minorVersion)\r\n"
  for field in head.fields {
    hold(field.value.utf8.allSatisfy { $0 >= 32 && $0 != 127 || $0 == 9 }, "a control character in \(field)")
    hold(field.name == field.name.lowercased() && !field.name.isEmpty, "the name of \(field)")
    text += "\(field.name):\(field.value)\r\n"
  }
  var parser = RequestHeadParser(limit: limit * 4)
  let (again, _) = parser.push(Array((text + "\r\n").utf8))
  hold(again == .head(head), "\(head) written and read is \(again)")

  for name in ["onefin_session", ""] { _ = head.cookie(name) }
  hold(head.bearer != "", "a bearer without a token")
  hold(!head.list(of: "connection").contains(""), "a list with an empty member")
  _ = OriginPolicy(allowed: ["https://a.uz"]).allows(origin: head.value(of: "origin"), host: head.value(of: "host") ?? "")

  for subprotocols in [[], ["1fin.v1", "chat"]] {
    for policy in [Extensions.Policy.none, .stateless, .full] {
      do {
        answerMeans(try UpgradeRequest(head, subprotocols: subprotocols, deflate: policy), subprotocols, policy)
      } catch {
        let answer = String(decoding: UpgradeResponse.refused(error), as: UTF8.self)
        hold(answer.hasPrefix("HTTP/1.1 400 ") || answer.hasPrefix("HTTP/1.1 426 "), answer)
      }
    }
  }
}

/// The answer holds the lines that it may, and no others.
private func answerMeans(_ request: UpgradeRequest, _ subprotocols: [String], _ policy: Extensions.Policy) {
  let answer = UpgradeResponse.accepted(request)
  var lines = String(decoding: answer, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)[...]
  hold(answer.allSatisfy { $0 < 127 } && Array(lines.suffix(2)) == ["", ""], "\(lines)")
  lines = lines.dropLast(2)
  hold(lines.popFirst() == "HTTP/1.1 101 Switching Protocols", "\(lines)")
  hold(lines.popFirst() == "Upgrade: websocket" && lines.popFirst() == "Connection: Upgrade", "\(lines)")
  let accept = lines.popFirst() ?? ""
  hold(accept.hasPrefix("Sec-WebSocket-Accept: ") && accept.utf8.count == 50 && accept.hasSuffix("="), "\(accept)")
  if let subprotocol = request.subprotocol {
    hold(subprotocols.contains(subprotocol) && lines.popFirst() == "Sec-WebSocket-Protocol: \(subprotocol)", "\(lines)")
  }
  if let deflate = request.extensions.deflate {
    hold(policy != .none && (9...15).contains(deflate.serverWindowBits), "\(deflate)")
    hold(policy != .stateless || deflate.serverNoContextTakeover && deflate.clientNoContextTakeover, "\(deflate)")
    guard let line = lines.popFirst(), line.hasPrefix("Sec-WebSocket-Extensions: ") else { return hold(false, "\(lines)") }
    // What was agreed is itself an offer that leads to the same.
    let again = Extensions.negotiate([String(line.dropFirst(26))], policy: policy)
    hold(again == request.extensions, "\(line) leads to \(again)")
  }
  hold(lines.isEmpty, "further lines \(lines)")
}
