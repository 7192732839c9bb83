import Domain

@testable import ChatServer

/// A topic as a page keeps it: what `subscribe` answered, and events applied to it. Written from docs/protocol.md, and alike to the page's own in
/// web/src/chat (`TopicView`, `TopicLog`); it knows nothing of the server's code.
struct PageTopic {
  /// Bodies that a client took back stay open to admin and supervisor.
  private let opensDeleted: Bool
  private let me: Int64
  let topic: Int64
  private(set) var epoch: JSONValue
  /// Contiguous from `first` to `head`.
  private var entries: [JSONValue] = []
  private(set) var head: Int64 = 0
  private var hash = JSONValue.null
  private var hasMore = false
  private var reads: [Int64: JSONValue] = [:]
  /// Until when each of them types.
  private var typing: [Int64: Int64] = [:]
  /// Who types as a state says, which does not say since when: it may be over before this page thinks so.
  private var typingOfState: Set<Int64> = []
  private var presence: [Int64: JSONValue] = [:]
  private var people: [Int64: JSONValue] = [:]
  /// Names of those who wrote and take no part any more.
  private var names: [Int64: JSONValue] = [:]
  private var current = JSONValue.null
  private var unread: Int64 = 0
  private var isParticipant = false
  private var mayWrite = false
  private(set) var isObserved = false
  var papers = PagePapers()

  /// How long typing lasts that nobody ends, in milliseconds.
  static let typingLife: Int64 = 6_000
  /// Unread messages are counted so far.
  static let unreadLimit: Int64 = 1_000

  /// A first look.
  init(_ state: JSONValue, opensDeleted: Bool, me: Int64, now: Int64) {
    (self.opensDeleted, self.me) = (opensDeleted, me)
    (topic, epoch) = (state["topic"]?.number ?? 0, state["epoch"] ?? .null)
    entries = state["entries"]?.list ?? []
    hasMore = state["more"]?.flag ?? false
    take(state, now: now)
  }

  /// What a page asks with when it comes back: its epoch and the row before its last one, whose hash must still be the same.
  var resume: (epoch: JSONValue, after: Int64)? { head > 0 ? (epoch, head - 1) : nil }

  /// Takes the answer to a resume. Returns what is wrong with it, nil when it fits.
  mutating func adopt(_ state: JSONValue, after: Int64, now: Int64) -> String? {
    guard state["epoch"] == epoch, state["reset"]?.flag != true else {
      entries = state["entries"]?.list ?? []
      (epoch, hasMore) = (state["epoch"] ?? .null, state["more"]?.flag ?? false)
      take(state, now: now)
      return nil
    }
    let gap = state["entries"]?.list ?? []
    let numbers = gap.compactMap { $0["seq"]?.number }
    let asked = after < (state["head"]?.number ?? 0) ? Array(after + 1...(state["head"]?.number ?? 0)) : []
    guard numbers == asked else { return "resumed after \(after): \(numbers) and not \(asked)" }
    for entry in gap {
      let seq = entry["seq"]?.number ?? 0
      if seq > head {
        add(entry)
      } else if let known = entries.first(where: { $0["seq"] == entry["seq"] }), known["hash"] != entry["hash"] {
        return "row \(seq) has another hash"
      }
    }
    take(state, now: now)
    return nil
  }

  private mutating func take(_ state: JSONValue, now: Int64) {
    (head, hash) = (state["head"]?.number ?? 0, state["hash"] ?? .null)
    current = state["case"] ?? .null
    reads = Self.byAccount(state["reads"])
    presence = Self.byAccount(state["presence"])
    typing = [:]
    for account in state["typing"]?.list.compactMap(\.number) ?? [] { typing[account] = now + Self.typingLife }
    typingOfState = Set(typing.keys)
    // Who has gone meanwhile stays known by name: older rows are theirs.
    for (account, person) in people { names[account] = person["name"] }
    people = [:]
    for (account, person) in Self.byAccount(state["people"]) {
      if person["participant"]?.flag == true { people[account] = person } else { names[account] = person["name"] }
    }
    unread = state["me"]?["unread"]?.number ?? 0
    isParticipant = state["me"]?["participant"]?.flag ?? false
    mayWrite = state["me"]?["write"]?.flag ?? false
    isObserved = state["observation"] != nil
    // Events may have been missed.
    papers.refresh(documents)
    forgetTyping(now: now)
  }

  private static func byAccount(_ list: JSONValue?) -> [Int64: JSONValue] {
    (list?.list ?? []).reduce(into: [:]) { $0[$1["account"]?.number ?? 0] = $1 }
  }

  // MARK: Events

  /// Applies an event; returns what is wrong with it, nil when it fits.
  mutating func apply(_ event: JSONValue, now: Int64) -> String? {
    if event["event"]?.text != "presence" { guard event["topic"]?.number == topic else { return nil } }
    let account = event["account"]?.number ?? 0
    switch event["event"]?.text {
    case "entry": return event["entry"].flatMap { append($0) }
    case "document":
      guard let document = event["document"], document["topic"] == event["topic"] else { return "a document of another topic" }
      guard document["message"]?.number != nil else { return "a document that was not sent" }
      papers.hear(document)
    case "read":
      mark(account, event["seq"]?.number ?? 0, event["at"])
      if account == me {
        guard let count = event["unread"]?.number else { return "an own mark without unread" }
        unread = count
      } else if event["unread"] != nil {
        return "somebody else's unread"
      }
    case "typing":
      guard account != me else { return "the own typing" }
      typing[account] = event["on"]?.flag == true ? now + Self.typingLife : nil
      typingOfState.remove(account)
    case "presence":
      guard presence[account] != nil else { return nil }
      presence[account] = .object([
        "account": .number(account), "online": event["online"] ?? .null, "seen": event["seen"] ?? .null,
      ])
    case "person":
      for (account, person) in people { names[account] = person["name"] }
      people = Self.byAccount(event["people"])
      presence = Self.byAccount(event["presence"])
    default: break
    }
    return nil
  }

  private mutating func mark(_ account: Int64, _ seq: Int64, _ at: JSONValue?) {
    guard seq > reads[account]?["seq"]?.number ?? 0 else { return }
    reads[account] = .object(["account": .number(account), "seq": .number(seq), "at": at ?? .null])
  }

  /// The next row, once: a gap or a repetition breaks a promise.
  private mutating func append(_ entry: JSONValue) -> String? {
    let seq = entry["seq"]?.number ?? 0
    guard seq == head + 1 else { return "row \(seq) came after \(head)" }
    add(entry)
    let (by, at) = (entry["by"]?.number, entry["at"])
    switch entry["kind"]?.text {
    case "message":
      let isNext = by.map { reads[$0]?["seq"]?.number ?? 0 == seq - 1 } ?? false
      if isParticipant, by != me { unread = min(unread + 1, Self.unreadLimit) }
      if let by, isNext { mark(by, seq, at) }
      if current["state"]?.text != "open" {
        current = .object([
          "case": entry["case"] ?? .null, "state": .text("open"), "openedAt": at ?? .null, "closedAt": .null, "closedBy": .null,
          "stars": .null,
        ])
      }
    case "close":
      current["state"] = .text("closed")
      current["closedAt"] = at
      current["closedBy"] = entry["by"]
    case "reopen":
      current["state"] = .text("open")
      current["closedAt"] = .null
      current["closedBy"] = .null
    case "rate" where current["case"] == entry["case"]:
      current["state"] = .text("rated")
      current["stars"] = entry["stars"]
    default: break
    }
    return nil
  }

  private mutating func add(_ entry: JSONValue) {
    entries.append(entry)
    head = entry["seq"]?.number ?? 0
    hash = entry["hash"] ?? .null
    papers.show(entry.documents)
    guard entry["kind"]?.text == "delete", entry["staff"]?.flag == false, !opensDeleted else { return }
    for place in entries.indices where entries[place]["message"] == entry["message"] && entries[place]["body"] != nil {
      papers.forget(entries[place].documents)
      entries[place]["body"] = nil
      entries[place]["documents"] = nil
      entries[place]["hidden"] = .flag(true)
    }
  }

  /// Typing that nobody ended is over by now.
  mutating func forgetTyping(now: Int64) { typing = typing.filter { $0.value > now } }

  // MARK: Looking

  /// The documents that the rows show. Of those that a client took back nobody hears anything any more, not even those who still see them.
  var documents: [Int64] {
    let taken = entries.filter { $0["kind"]?.text == "delete" && $0["staff"]?.flag == false }.compactMap { $0["message"]?.number }
    return entries.filter { !taken.contains($0["message"]?.number ?? 0) }.flatMap(\.documents)
  }

  /// What the page shows of a document: the work on it by its rows, which come in order; all else as it was told last.
  func paper(_ document: Int64) -> JSONValue {
    guard var record = papers.records[document] else { return .null }
    let marks = entries.filter { $0["kind"]?.text == "document" && $0["document"]?.number == document }
    if let state = marks.last?["state"] { record["state"] = state }
    return record
  }

  /// The rows that are here.
  var rows: [JSONValue] { entries }

  /// The rows of a message that are here.
  func versions(of message: Int64) -> [JSONValue] { entries.filter { $0["message"]?.number == message } }

  /// What differs from a fresh look, part by part; nothing when all is the same. Rows before this page's first one are not compared.
  func differences(from fresh: PageTopic) -> [String] {
    var differences: [String] = []
    func compare(_ part: String, _ kept: JSONValue, _ fetched: JSONValue) {
      if kept != fetched { differences.append("topic \(topic) \(part): kept \(kept.brief), fetched \(fetched.brief)") }
    }
    func list(_ values: [Int64: JSONValue]) -> JSONValue { .list(values.keys.sorted().compactMap { values[$0] }) }
    let first = max(entries.first?["seq"]?.number ?? 1, fresh.entries.first?["seq"]?.number ?? 1)
    for seq in first...max(first, max(head, fresh.head)) {
      func row(_ entries: [JSONValue]) -> JSONValue { entries.first { $0["seq"]?.number == seq } ?? .null }
      compare("row \(seq)", row(entries), row(fresh.entries))
    }
    compare("head", .number(head), .number(fresh.head))
    compare("hash", hash, fresh.hash)
    compare("reads", list(reads), list(fresh.reads))
    let typists = typing.keys.filter { !typingOfState.contains($0) || fresh.typing[$0] != nil }
    compare("typing", .list(typists.sorted().map { .number($0) }), .list(fresh.typing.keys.sorted().map { .number($0) }))
    compare("presence", list(presence), list(fresh.presence))
    compare("people", list(people), list(fresh.people))
    compare("case", current, fresh.current)
    compare("unread", .number(unread), .number(fresh.unread))
    compare(
      "rights", .list([.flag(isParticipant), .flag(mayWrite)]), .list([.flag(fresh.isParticipant), .flag(fresh.mayWrite)]))
    let known = Set(people.keys).union(names.keys)
    let writers = Set(entries.compactMap { $0["by"]?.number })
    if !writers.isSubset(of: known) { differences.append("topic \(topic): who is \(writers.subtracting(known))?") }
    return differences
  }
}

extension JSONValue {
  /// For messages to people.
  var brief: String {
    switch self {
    case .null: "null"
    case .flag(let flag): String(flag)
    case .number(let number): String(number)
    case .text(let text): text.count > 30 ? "\"\(text.prefix(8))…\"" : "\"\(text)\""
    case .list(let list): "[\(list.map(\.brief).joined(separator: ", "))]"
    case .object(let members):
      "{\(members.keys.sorted().map { "\($0): \((members[$0] ?? .null).brief)" }.joined(separator: ", "))}"
    }
  }
}
