import Domain
import Storage
import Testing

@testable import ChatServer

@Suite struct CommandDecoderTests {
  private let key = "6f1c7f8e-2c1e-4d0a-9b0e-1f2a3b4c5d6e"

  private func decode(_ text: String) -> Request { Array(text.utf8).withUnsafeBytes { CommandDecoder.decode($0) } }

  /// The request as one comparable line.
  private func line(_ text: String) -> String {
    switch decode(text) {
    case .noJSON: "no JSON"
    case .command(let id, let command): "\(id.map(String.init) ?? "null") \(command)"
    case .refused(let id, let error): "\(id.map(String.init) ?? "null") \(error.code.rawValue): \(error.message)"
    }
  }

  @Test func verbsAreDecoded() {
    #expect(line(#"{"id":1,"do":"inbox"}"#) == "1 inbox")
    #expect(line(#"{"do":"subscribe","topic":3}"#) == "null subscribe(topic: 3, epoch: nil, after: nil)")
    #expect(
      line(#"{"id":0,"do":"subscribe","topic":3,"epoch":"\#(key)","after":0}"#)
        == "0 subscribe(topic: 3, epoch: Optional(\(key)), after: Optional(0))")
    #expect(line(#"{"id":1,"do":"unsubscribe","topic":3}"#) == "1 unsubscribe(topic: 3)")
    #expect(
      line(#"{"id":1,"do":"send","topic":3,"key":"\#(key)","body":" a ","reply":2,"holding":true}"#)
        == "1 append(topic: 3, key: \(key), action: Storage.LogAction.send(body: \" a \", reply: 2, holding: true, documents: []))"
    )
    #expect(
      line(#"{"id":1,"do":"send","topic":3,"key":"\#(key.uppercased())","body":"a","reply":null,"attachments":[1]}"#)
        == "1 append(topic: 3, key: \(key), action: Storage.LogAction.send(body: \"a\", reply: 0, holding: false, documents: []))"
    )
    #expect(
      line(#"{"id":1,"do":"edit","topic":3,"message":5,"key":"\#(key)","body":"b"}"#)
        == "1 append(topic: 3, key: \(key), action: Storage.LogAction.edit(message: 5, body: \"b\"))")
    #expect(
      line(#"{"id":1,"do":"delete","topic":3,"message":5,"key":"\#(key)"}"#)
        == "1 append(topic: 3, key: \(key), action: Storage.LogAction.delete(message: 5))")
    #expect(
      line(#"{"id":1,"do":"rate","topic":3,"case":2,"stars":5,"comment":"  ","key":"\#(key)"}"#)
        == "1 append(topic: 3, key: \(key), action: Storage.LogAction.rate(caseNumber: 2, stars: 5, comment: nil))")
    #expect(
      line(#"{"id":1,"do":"send","topic":3,"key":"\#(key)","body":" ","documents":[7, 5]}"#)
        == "1 append(topic: 3, key: \(key), action: Storage.LogAction.send(body: \"\", reply: 0, holding: false, documents: [7, 5]))"
    )
    #expect(
      line(#"{"id":1,"do":"mark","topic":3,"key":"\#(key)","document":7,"state":"returned","reason":"x"}"#)
        == "1 append(topic: 3, key: \(key), action: Storage.LogAction.mark(document: 7, state: Domain.DocumentState.returned, reason: Optional(\"x\")))"
    )
    for verb in ["close", "reopen"] {
      #expect(
        line(#"{"id":1,"do":"\#(verb)","topic":3,"key":"\#(key)"}"#)
          == "1 append(topic: 3, key: \(key), action: Storage.LogAction.\(verb))")
    }
    for (text, action) in [
      (#""close","answer":"none""#, "dismiss"), (#""pause","body":"x""#, #"pause(wanted: "x")"#),
      (#""resume","reason":" ""#, "resume(reason: nil)"), (#""resume","reason":"x""#, #"resume(reason: Optional("x"))"#),
    ] {
      #expect(
        line(#"{"id":1,"topic":3,"key":"\#(key)","do":\#(text)}"#)
          == "1 append(topic: 3, key: \(key), action: Storage.LogAction.\(action))")
    }
    #expect(
      line(#"{"id":1,"do":"history","topic":3,"before":9}"#) == "1 history(topic: 3, before: Optional(9), after: nil, limit: 50)")
    #expect(
      line(#"{"id":1,"do":"history","topic":3,"after":0,"limit":200}"#)
        == "1 history(topic: 3, before: nil, after: Optional(0), limit: 200)")
    #expect(line(#"{"id":1,"do":"versions","topic":3,"message":4}"#) == "1 versions(topic: 3, message: 4)")
    #expect(line(#"{"id":1,"do":"read","topic":3,"seq":0}"#) == "1 read(topic: 3, seq: 0)")
    #expect(line(#"{"do":"typing","topic":3,"on":false}"#) == "null typing(topic: 3, isOn: false)")
    #expect(line(#"{"id":1,"do":"observe","topic":3,"reason":" abc "}"#) == "1 observe(topic: 3, reason: \" abc \")")
    #expect(line(#"{"id":1,"do":"unobserve","topic":3}"#) == "1 unobserve(topic: 3)")
    #expect(line("{\"\\u0069d\":1,\"d\\u006f\":\"in\\u0062ox\"}") == "1 inbox")
  }

  @Test(arguments: [
    (#"{"id":1}"#, "1 malformed: do: is missing."),
    (#"{"id":1,"do":7}"#, "1 malformed: do: must be a string of whole characters."),
    (#"{"id":1,"do":"dance"}"#, "1 unknown_verb: There is no such verb."),
    (#"{"id":"1","do":"inbox"}"#, "null malformed: id: must be an integer from 0 to 9007199254740991."),
    (#"{"id":-1,"do":"inbox"}"#, "null malformed: id: must be an integer from 0 to 9007199254740991."),
    (#"{"id":9007199254740992,"do":"inbox"}"#, "null malformed: id: must be an integer from 0 to 9007199254740991."),
    (#"{"id":1,"id":2,"do":"inbox"}"#, "null malformed: id: stands there twice."),
    (#"{"id":1,"do":"inbox","do":"inbox"}"#, "1 malformed: do: stands there twice."),
    (#"{"id":1,"do":"subscribe"}"#, "1 malformed: topic: is missing."),
    (#"{"id":1,"do":"subscribe","topic":"3"}"#, "1 malformed: topic: must be an integer from 1 to 9007199254740991."),
    (#"{"id":1,"do":"subscribe","topic":0}"#, "1 malformed: topic: must be an integer from 1 to 9007199254740991."),
    (#"{"id":1,"do":"subscribe","topic":1.5}"#, "1 malformed: topic: must be an integer from 1 to 9007199254740991."),
    (#"{"id":1,"do":"subscribe","topic":3,"epoch":"x"}"#, "1 malformed: epoch: must be a UUID."),
    (#"{"id":1,"do":"send","topic":3,"body":"a"}"#, "1 malformed: key: is missing."),
    (#"{"id":1,"do":"send","topic":3,"key":"1","body":"a"}"#, "1 malformed: key: must be a UUID."),
    (#"{"id":1,"do":"send","topic":3,"key":"6f1c7f8e-2c1e-4d0a-9b0e-1f2a3b4c5d6e"}"#, "1 malformed: body: is missing."),
    (#"{"id":1,"do":"send","topic":3,"key":"x","body":" \n "}"#, "1 malformed: body: must not be empty."),
    (#"{"id":1,"do":"send","topic":3,"key":"x","body":"a\u0000"}"#, "1 malformed: body: must not hold U+0000."),
    (#"{"id":1,"do":"send","topic":3,"key":"x","body":"\uD800"}"#, "1 malformed: body: must be a string of whole characters."),
    (#"{"id":1,"do":"typing","topic":3,"on":1}"#, "1 malformed: on: must be true or false."),
    (#"{"id":1,"do":"typing","topic":3}"#, "1 malformed: on: is missing."),
    (#"{"id":1,"do":"history","topic":3}"#, "1 malformed: before: or after must be given, and not both."),
    (#"{"id":1,"do":"history","topic":3,"before":1,"after":1}"#, "1 malformed: before: or after must be given, and not both."),
    (#"{"id":1,"do":"history","topic":3,"before":1,"limit":201}"#, "1 malformed: limit: must be an integer from 1 to 200."),
    (#"{"id":1,"do":"rate","topic":3,"case":1,"stars":6,"key":"x"}"#, "1 malformed: stars: must be an integer from 1 to 5."),
    (#"{"id":1,"do":"observe","topic":3,"reason":" ab "}"#, "1 malformed: reason: must have 3 to 500 characters."),
    (
      #"{"id":1,"do":"send","topic":3,"key":"x","body":"a","documents":[1,1]}"#,
      "1 malformed: documents: must be an array of at most 10 different documents."
    ),
    (
      #"{"id":1,"do":"mark","topic":3,"document":1,"state":"new","key":"x"}"#,
      "1 malformed: state: must be inWork, processed or returned."
    ),
    ("[]", "null malformed: A request is a JSON object."), ("7", "null malformed: A request is a JSON object."),
    ("{", "no JSON"), ("hello", "no JSON"), ("", "no JSON"),
  ])
  func whatIsWrongIsNamed(text: String, expected: String) { #expect(line(text) == expected) }

  @Test func lengthsCountCharacters() {
    func code(_ body: String, _ verb: String = "send", _ field: String = "body") -> String? {
      if case .refused(_, let error) = decode(#"{"do":"\#(verb)","topic":1,"message":1,"key":"\#(key)","\#(field)":"\#(body)"}"#)
      {
        return error.code.rawValue
      }
      return nil
    }
    #expect(code(String(repeating: "ў", count: 16_000)) == nil)
    #expect(code(String(repeating: "ў", count: 16_001)) == "too_large")
    #expect(code(String(repeating: "x", count: 16_001), "edit") == "too_large")
    #expect(code(String(repeating: "x", count: 500), "observe", "reason") == nil)
    #expect(code(String(repeating: "x", count: 501), "observe", "reason") == "too_large")
  }

  @Test func tooDeepIsAnsweredAndNotDropped() {
    let deep = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
    #expect(line(#"{"id":1,"do":"inbox","x":\#(deep)}"#) == "null malformed: The request is nested too deeply.")
  }
}
