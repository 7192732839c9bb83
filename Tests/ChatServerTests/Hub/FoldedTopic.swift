import Domain

@testable import ChatServer

/// A topic as a page keeps it: a first state, and events applied to it by the rules of the paper.
struct FoldedTopic {
  private var entries: [JSONValue]
  private var hash: JSONValue
  private var reads: [Int64: JSONValue] = [:]
  private var typing: Set<Int64>
  private var presence: [Int64: JSONValue] = [:]
  private var people: JSONValue
  private var current: JSONValue
  private let topic: Int64
  private let opensDeleted: Bool

  /// `opensDeleted`: the reader is admin or supervisor.
  init(_ state: JSONValue, opensDeleted: Bool) {
    topic = state["topic"]?.number ?? 0
    entries = state["entries"]?.list ?? []
    hash = state["hash"] ?? .null
    typing = Set(state["typing"]?.list.compactMap(\.number) ?? [])
    people = .list(state["people"]?.list.filter { $0["participant"]?.flag == true } ?? [])
    current = state["case"] ?? .null
    self.opensDeleted = opensDeleted
    for read in state["reads"]?.list ?? [] { reads[read["account"]?.number ?? 0] = read }
    setPresence(state["presence"])
  }

  private mutating func setPresence(_ list: JSONValue?) {
    presence = [:]
    for one in list?.list ?? [] { presence[one["account"]?.number ?? 0] = one }
  }

  var head: Int64 { entries.last?["seq"]?.number ?? 0 }

  /// Everything as one comparable value.
  var value: JSONValue {
    .object([
      "entries": .list(entries), "hash": hash, "reads": .list(reads.keys.sorted().compactMap { reads[$0] }),
      "typing": .list(typing.sorted().map { .number($0) }), "presence": .list(presence.keys.sorted().compactMap { presence[$0] }),
      "people": people, "case": current,
    ])
  }

  mutating func apply(_ event: JSONValue) {
    if event["event"]?.text != "presence" { guard event["topic"]?.number == topic else { return } }
    switch event["event"]?.text {
    case "entry": if let entry = event["entry"] { apply(entry: entry) }
    case "read": mark(event["account"]?.number ?? 0, event["seq"]?.number ?? 0, event["at"])
    case "typing":
      let account = event["account"]?.number ?? 0
      if event["on"]?.flag == true { typing.insert(account) } else { typing.remove(account) }
    case "presence":
      guard let account = event["account"]?.number, presence[account] != nil else { return }
      presence[account] = .object([
        "account": .number(account), "online": event["online"] ?? .null, "seen": event["seen"] ?? .null,
      ])
    case "person":
      people = event["people"] ?? .null
      setPresence(event["presence"])
    default: break
    }
  }

  private mutating func mark(_ account: Int64, _ seq: Int64, _ at: JSONValue?) {
    guard seq > reads[account]?["seq"]?.number ?? 0 else { return }
    reads[account] = .object(["account": .number(account), "seq": .number(seq), "at": at ?? .null])
  }

  private mutating func apply(entry: JSONValue) {
    entries.append(entry)
    hash = entry["hash"] ?? .null
    let (seq, by, at) = (entry["seq"]?.number ?? 0, entry["by"] ?? .null, entry["at"] ?? .null)
    switch entry["kind"]?.text {
    case "message":
      if let author = by.number, reads[author]?["seq"]?.number ?? 0 == seq - 1 { mark(author, seq, at) }
      if current["case"] != entry["case"] {
        current = .object([
          "case": entry["case"] ?? .null, "state": .text("open"), "openedAt": at, "closedAt": .null, "closedBy": .null,
          "stars": .null,
        ])
      }
    case "delete" where entry["staff"]?.flag == false && !opensDeleted:
      for place in entries.indices where entries[place]["message"] == entry["message"] && entries[place]["body"] != nil {
        entries[place]["body"] = nil
        entries[place]["hidden"] = .flag(true)
      }
    case "close":
      current["state"] = .text("closed")
      current["closedAt"] = at
      current["closedBy"] = by
    case "reopen":
      current["state"] = .text("open")
      current["closedAt"] = .null
      current["closedBy"] = .null
    case "rate" where current["case"] == entry["case"]:
      current["state"] = .text("rated")
      current["stars"] = entry["stars"] ?? .null
    default: break
    }
  }
}

/// A list of topics as a page keeps it.
struct FoldedInbox {
  private var topics: [Int64: JSONValue] = [:]
  private let account: Int64

  init(_ inbox: JSONValue) {
    account = inbox["account"]?.number ?? 0
    for topic in inbox["topics"]?.list ?? [] { topics[topic["topic"]?.number ?? 0] = topic }
  }

  var value: [Int64: JSONValue] { topics }

  mutating func apply(_ event: JSONValue) {
    guard let id = event["topic"]?.number, var topic = topics[id] else { return }
    let mark = topic["mark"]?.number ?? 0
    switch event["event"]?.text {
    case "topic":
      let unread = topic["unread"]?.number ?? 0
      let row = event["row"]
      topic = event
      topic["event"] = nil
      topic["row"] = nil
      topic["mark"] = .number(mark)
      topic["unread"] = .number(unread)
      let seq = row?["seq"]?.number ?? 0
      guard row?["kind"]?.text == "message", topic["participant"]?.flag == true else { break }
      if row?["by"]?.number != account {
        if seq > mark { topic["unread"] = .number(unread + 1) }
      } else if mark == seq - 1 {
        topic["mark"] = .number(seq)
      }
    case "read" where event["account"]?.number == account:
      topic["mark"] = .number(max(mark, event["seq"]?.number ?? 0))
      topic["unread"] = event["unread"] ?? .null
    default: break
    }
    topics[id] = topic
  }
}
