import CFuzz
import Domain
import Storage

@testable import ChatServer

/// A client's frame of text: JSON exactly when RFC 8259 says so, and a command that is written and read again is the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzCommand(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  var script = Script(start, count)
  // Text frames are checked to be UTF-8 before they come here.
  let text = Array(String(decoding: script.rest(), as: UTF8.self).utf8)
  var oracle = JSONOracle(text)
  let expected = oracle.document()
  let found = read(text)
  hold(found == expected, "\(found), expected \(expected)")

  fuzz_memory_reset()
  let request = decode(text)
  hold(fuzz_memory_peak() <= 8 * text.count + 4_096, "\(fuzz_memory_peak()) bytes of memory for \(text.count)")
  switch request {
  case .noJSON: hold(expected == .failure(.syntax), "\(expected) closes the connection")
  case .refused: hold(expected != .failure(.syntax), "no JSON is answered")
  case .command(let id, let command):
    hold(expected == .success(.object), "a command in \(expected)")
    let first = written(id, command)
    guard case .command(let again, let same) = decode(first) else { fatalError("\(command) is no command when written") }
    let second = written(again, same)
    hold(first == second, "\(command) becomes \(same)")
  }
  return 0
}

private func decode(_ text: [UInt8]) -> Request {
  withCopy(text[...]) { bytes in
    fuzz_memory_start()
    defer { fuzz_memory_stop() }
    return CommandDecoder.decode(UnsafeRawBufferPointer(bytes))
  }
}

private func read(_ text: [UInt8]) -> Result<JSONToken.Kind, JSONFault> {
  withCopy(text[...]) { copy in
    let bytes = UnsafeRawBufferPointer(copy)
    var reader = JSONReader(bytes)
    do throws(JSONFault) {
      return .success(
        try reader.document { name, value in
          for token in [name, value] {
            hold(0 <= token.start && token.start <= token.end && token.end <= bytes.count, "\(token) of \(bytes.count)")
            if let string = JSONString.decode(token, in: bytes) { comesBack(string) }
          }
          if value.kind == .integer {
            let digits = String(decoding: bytes[value.start..<value.end], as: UTF8.self)
            hold(Int64(digits) == JSONString.integer(value, in: bytes), "the integer \(digits)")
          }
        })
    } catch {
      return .failure(error)
    }
  }
}

/// What `JSONWriter` writes, `JSONReader` reads.
private func comesBack(_ text: String) {
  var json = JSONWriter()
  json.openObject()
  json.name("a")
  json.value(text)
  json.closeObject()
  var back: String?
  json.bytes.withUnsafeBytes { bytes in
    var reader = JSONReader(bytes)
    do throws(JSONFault) {
      _ = try reader.document { _, value in back = JSONString.decode(value, in: bytes) }
    } catch {
      fatalError("written, but no JSON: \(error)")
    }
  }
  hold(back.map { Array($0.utf8) } == Array(text.utf8), "\(text.utf8.count) bytes of text come back as others")
}

/// The request that a client would write for this command.
private func written(_ id: Int64?, _ command: Command) -> [UInt8] {
  var json = JSONWriter()
  func member(_ name: StaticString, _ number: Int64?) {
    json.name(name)
    if let number { json.value(number) } else { json.null() }
  }
  func verb(_ word: StaticString, _ topic: TopicID?) {
    json.name("do")
    json.word(word)
    member("topic", topic?.rawValue)
  }
  func text(_ name: StaticString, _ text: String) {
    json.name(name)
    json.value(text)
  }
  json.openObject()
  member("id", id)
  switch command {
  case .inbox: verb("inbox", nil)
  case .ping: verb("ping", nil)
  case .subscribe(let topic, let epoch, let after):
    verb("subscribe", topic)
    if let epoch { text("epoch", epoch.description) }
    member("after", after)
  case .unsubscribe(let topic): verb("unsubscribe", topic)
  case .unobserve(let topic): verb("unobserve", topic)
  case .observe(let topic, let reason):
    verb("observe", topic)
    text("reason", reason)
  case .history(let topic, let before, let after, let limit):
    verb("history", topic)
    member("before", before)
    member("after", after)
    member("limit", Int64(limit))
  case .versions(let topic, let message):
    verb("versions", topic)
    member("message", message)
  case .read(let topic, let seq):
    verb("read", topic)
    member("seq", seq)
  case .typing(let topic, let isOn):
    verb("typing", topic)
    json.name("on")
    json.value(isOn)
  case .append(let topic, let key, let action):
    text("key", key.description)
    switch action {
    case .send(let body, let reply, let holding, let documents):
      verb("send", topic)
      text("body", body)
      json.name("documents")
      json.openArray()
      for document in documents { json.value(document.rawValue) }
      json.closeArray()
      member("reply", reply == 0 ? nil : reply)
      json.name("holding")
      json.value(holding)
    case .edit(let message, let body):
      verb("edit", topic)
      member("message", message)
      text("body", body)
    case .delete(let message):
      verb("delete", topic)
      member("message", message)
    case .close: verb("close", topic)
    case .dismiss:
      verb("close", topic)
      text("answer", "none")
    case .pause(let wanted):
      verb("pause", topic)
      text("body", wanted)
    case .resume(let reason):
      verb("resume", topic)
      if let reason { text("reason", reason) }
    case .reopen: verb("reopen", topic)
    case .rate(let number, let stars, let comment):
      verb("rate", topic)
      member("case", Int64(number))
      member("stars", Int64(stars))
      if let comment { text("comment", comment) }
    case .mark(let document, let state, let reason):
      verb("mark", topic)
      member("document", document.rawValue)
      text("state", state.rawValue)
      if let reason { text("reason", reason) }
    case .redact(let message, let reason):
      verb("redact", topic)
      member("message", message)
      text("reason", reason)
    case .erase: fatalError("there is no verb that erases")
    }
  }
  json.closeObject()
  return json.bytes
}
