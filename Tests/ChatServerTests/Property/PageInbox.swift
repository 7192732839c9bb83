import Domain

@testable import ChatServer

/// A list of topics as a page keeps it: what `inbox` answered, and events applied to it. Alike to web/src/chat/inbox.ts.
struct PageInbox {
  private let account: Int64
  private(set) var epoch: JSONValue
  private(set) var topics: [Int64: JSONValue] = [:]
  private var organisations: JSONValue
  private var people: Set<Int64>

  init(_ inbox: JSONValue) {
    account = inbox["account"]?.number ?? 0
    epoch = inbox["epoch"] ?? .null
    organisations = inbox["organisations"] ?? .null
    people = Set(inbox["people"]?.list.compactMap { $0["account"]?.number } ?? [])
    for topic in inbox["topics"]?.list ?? [] { topics[topic["topic"]?.number ?? 0] = topic }
  }

  /// Whether one takes part in a topic.
  func isParticipant(_ topic: Int64) -> Bool { topics[topic]?["participant"]?.flag ?? false }

  /// Whether the event names somebody of whom the list knows nothing: then it is asked for again.
  func isStranger(in event: JSONValue) -> Bool {
    [event["last"]?["by"]?.number, event["case"]?["closedBy"]?.number].contains { $0.map { !people.contains($0) } ?? false }
  }

  /// Applies an event; returns what is wrong with it, nil when it fits.
  mutating func apply(_ event: JSONValue) -> String? {
    guard let id = event["topic"]?.number, var topic = topics[id] else {
      return event["event"]?.text == "topic" ? "a topic that is not in the list: \(event["topic"]?.number ?? 0)" : nil
    }
    let (mark, unread, head) = (topic["mark"]?.number ?? 0, topic["unread"]?.number ?? 0, topic["head"]?.number ?? 0)
    switch event["event"]?.text {
    case "topic":
      let row = event["row"]
      let seq = row?["seq"]?.number ?? 0
      guard seq == head + 1, event["head"]?.number == seq else { return "list: row \(seq) came after \(head)" }
      topic = event
      topic["event"] = nil
      topic["row"] = nil
      topic["mark"] = .number(mark)
      topic["unread"] = .number(unread)
      guard row?["kind"]?.text == "message", topic["participant"]?.flag == true else { break }
      if row?["by"]?.number != account {
        if seq > mark { topic["unread"] = .number(min(unread + 1, PageTopic.unreadLimit)) }
      } else if mark == seq - 1 {
        topic["mark"] = .number(seq)
      }
    case "read" where event["account"]?.number == account:
      let seq = event["seq"]?.number ?? 0
      guard seq >= mark else { return "the own mark went back from \(mark) to \(seq)" }
      topic["mark"] = .number(seq)
      topic["unread"] = event["unread"] ?? .null
    default: break
    }
    topics[id] = topic
    return nil
  }

  /// What differs from a fresh list; nothing when all is the same.
  func differences(from fresh: PageInbox) -> [String] {
    var differences: [String] = []
    for id in Set(topics.keys).union(fresh.topics.keys).sorted() {
      let (kept, fetched) = (topics[id] ?? .null, fresh.topics[id] ?? .null)
      if kept != fetched { differences.append("list of \(account), topic \(id): kept \(kept.brief), fetched \(fetched.brief)") }
    }
    if organisations != fresh.organisations { differences.append("list of \(account): organisations") }
    // Whoever has come and done nothing yet may be unknown.
    let strangers = topics.values.filter { isStranger(in: $0) }
    if !strangers.isEmpty { differences.append("list of \(account): who is in \(strangers.map(\.brief))?") }
    return differences
  }
}
