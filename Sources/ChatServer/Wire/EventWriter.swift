import Domain
import Storage
import WebSocketServer

/// Makes the frames that nobody asked for. Each is made once and shared by all who get it.
enum Event {
  private static func make(_ event: StaticString, capacity: Int = 128, _ body: (inout JSONWriter) -> Void) -> Frame {
    var json = JSONWriter(capacity: capacity)
    json.openObject()
    json.name("event")
    json.word(event)
    body(&json)
    json.closeObject()
    return Frame(text: json.bytes)
  }

  /// A row of a log.
  static func entry(_ entry: LogEntry, for reader: EntryReader) -> Frame {
    make("entry", capacity: 320 + (entry.body?.utf8.count ?? 0) + entry.meta.utf8.count) { json in
      json.name("topic")
      json.value(entry.topic.rawValue)
      json.name("entry")
      json.entry(entry, for: reader)
    }
  }

  /// A topic of a list, after one row.
  static func topic(_ news: LogNews, for reader: ReaderClass) -> Frame {
    make("topic", capacity: 800) { json in
      json.topic(news.summary, for: reader)
      json.name("row")
      json.openObject()
      json.name("seq")
      json.value(news.entry.seq)
      json.name("kind")
      json.value(news.entry.kind.slug)
      json.name("by")
      json.optional(news.entry.author?.rawValue)
      json.closeObject()
    }
  }

  /// A read mark; `unread` only for the reader's own devices.
  static func read(_ mark: ReadMark, unread: Bool) -> Frame {
    var json = JSONWriter()
    json.read(mark, isEvent: true, unread: unread)
    return Frame(text: json.bytes)
  }

  /// Somebody types or stopped.
  static func typing(_ topic: TopicID, _ account: AccountID, isOn: Bool) -> Frame {
    make("typing") { json in
      json.name("topic")
      json.value(topic.rawValue)
      json.name("account")
      json.value(account.rawValue)
      json.name("on")
      json.value(isOn)
    }
  }

  /// Somebody came or went.
  static func presence(_ presence: Presence) -> Frame { make("presence") { $0.presence(presence) } }

  /// Who takes part in a topic.
  static func person(_ topic: TopicID, _ people: [TopicPerson], _ presences: [Presence]) -> Frame {
    make("person", capacity: 512) { json in
      json.name("topic")
      json.value(topic.rawValue)
      json.name("people")
      json.people(people)
      json.name("presence")
      json.presences(presences)
    }
  }

  /// What has become of a document, in the bytes that REST says it in.
  static func document(_ news: DocumentRecord) -> Frame {
    make("document", capacity: 384 + news.name.utf8.count) { json in
      json.name("topic")
      json.value(news.topic.rawValue)
      json.name("document")
      json.json(Array(news.json.utf8))
    }
  }

  /// Somebody was told something, in the bytes that REST says it in, or has read something on another device.
  static func notification(_ news: NotificationNews) -> Frame {
    make("notification", capacity: 512) { json in
      if let record = news.record {
        json.name("notification")
        json.json(Array(record.json.utf8))
      }
      json.name("unread")
      json.value(news.unread)
    }
  }

  /// What one may see has changed.
  static func inbox() -> Frame { make("inbox") { _ in } }

  /// A ghost's time is over.
  static func observationEnded(_ topic: TopicID) -> Frame {
    make("observation") { json in
      json.name("topic")
      json.value(topic.rawValue)
      json.name("state")
      json.word("ended")
    }
  }

  /// Pushes of a topic stopped.
  static func lag(_ topic: TopicID) -> Frame {
    make("lag") { json in
      json.name("topic")
      json.value(topic.rawValue)
    }
  }

  /// The session is over.
  static func sessionEnded() -> Frame {
    make("session") { json in
      json.name("state")
      json.word("ended")
    }
  }
}
