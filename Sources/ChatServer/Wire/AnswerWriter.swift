import Domain
import Storage
import WebSocketServer

/// Makes the frames that answer requests.
enum Answer {
  /// `{"id": …, "ok": …}` around what `body` writes.
  static func ok(_ id: Int64?, capacity: Int = 256, _ body: (inout JSONWriter) -> Void) -> Frame {
    var json = JSONWriter(capacity: capacity)
    json.openObject()
    json.name("id")
    json.optional(id)
    json.name("ok")
    body(&json)
    json.closeObject()
    return Frame(text: json.bytes)
  }

  /// `{"id": …, "error": …}`
  static func refusal(_ id: Int64?, _ error: DomainError) -> Frame {
    var json = JSONWriter()
    json.openObject()
    json.name("id")
    json.optional(id)
    json.name("error")
    json.openObject()
    json.name("code")
    json.value(error.code.rawValue)
    json.name("message")
    json.value(error.message)
    json.name("temporary")
    json.value(error.isTemporary)
    json.closeObject()
    json.closeObject()
    return Frame(text: json.bytes)
  }

  /// The answer to whatever appended `entry`.
  static func appended(_ id: Int64?, _ entry: LogEntry) -> Frame {
    ok(id) { json in
      json.openObject()
      json.name("topic")
      json.value(entry.topic.rawValue)
      if entry.message > 0 {
        json.name("message")
        json.value(entry.message)
      }
      json.name("seq")
      json.value(entry.seq)
      json.name("at")
      json.value(entry.at)
      json.name("hash")
      json.hexadecimal(entry.hash)
      if entry.message == 0 || entry.kind == .message || entry.kind == .documentState {
        json.name("case")
        json.value(entry.caseNumber)
      }
      if entry.kind != .message, entry.version > 0 {
        json.name("version")
        json.value(entry.version)
      }
      json.closeObject()
    }
  }

  /// `{}`
  static func nothing(_ id: Int64?) -> Frame {
    ok(id, capacity: 48) { json in
      json.openObject()
      json.closeObject()
    }
  }

  /// `{topic}`
  static func topic(_ id: Int64?, _ topic: TopicID) -> Frame {
    ok(id) { json in
      json.openObject()
      json.name("topic")
      json.value(topic.rawValue)
      json.closeObject()
    }
  }

  /// `{topic, seq}`
  static func read(_ id: Int64?, _ mark: ReadMark) -> Frame {
    ok(id) { json in
      json.openObject()
      json.name("topic")
      json.value(mark.topic.rawValue)
      json.name("seq")
      json.value(mark.seq)
      json.closeObject()
    }
  }
}
