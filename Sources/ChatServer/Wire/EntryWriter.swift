import Domain
import Storage

/// For whom rows are rendered: all who are alike in this get the same bytes.
struct EntryReader: Hashable, Sendable {
  /// What of hidden bodies they may open.
  var clearance: Clearance
  /// Sees what only staff see.
  var seesClocks: Bool

  /// The reader who has these rights.
  init(_ rights: TopicRights) { (clearance, seesClocks) = (rights.clearance, rights.seesClocks) }

  /// A number for tables, another one for each kind of reader.
  var index: Int { 2 * Int(clearance.rawValue) + (seesClocks ? 1 : 0) }
}

extension JSONWriter {
  /// An entry as this reader gets it.
  mutating func entry(_ entry: LogEntry, for reader: EntryReader) {
    openObject()
    name("seq")
    value(entry.seq)
    name("kind")
    value(entry.kind.slug)
    name("at")
    value(entry.at)
    name("by")
    optional(entry.author?.rawValue)
    name("staff")
    value(entry.staff)
    name("case")
    value(entry.caseNumber)
    name("hash")
    hexadecimal(entry.hash)
    if entry.message > 0 {
      name("message")
      value(entry.message)
      if entry.version > 0 {
        name("version")
        value(entry.version)
      }
    }
    switch entry.kind {
    case .message, .edit:
      body(entry, for: reader.clearance)
      if entry.reply > 0 {
        name("reply")
        value(entry.reply)
      }
      if entry.holding {
        name("holding")
        value(true)
      }
    case .redact, .rate, .pause:
      if entry.stars > 0 {
        name("stars")
        value(entry.stars)
      }
      if let body = entry.body {
        name("body")
        value(body)
      }
    case .documentState:
      if case .mark(let document, let state) = EntryMeta(decoding: entry.meta) {
        name("document")
        value(document.rawValue)
        name("state")
        value(state.rawValue)
      }
      if let body = entry.body {
        name("body")
        value(body)
      }
    case .resume:
      if case .resume(let why) = EntryMeta(decoding: entry.meta) {
        name("why")
        value(why.rawValue)
      }
      if let body = entry.body {
        name("body")
        value(body)
      }
    case .close:
      guard reader.seesClocks, let meta = EntryMeta(decoding: entry.meta) else { break }
      if meta == .close(noAnswer: true) {
        name("answer")
        word("none")
      }
      if meta == .left {
        name("why")
        word("left")
      }
    case .delete, .erase, .react, .pin, .reopen: break
    }
    closeObject()
  }

  private mutating func body(_ entry: LogEntry, for clearance: Clearance) {
    if let body = entry.body, !entry.isHidden(from: clearance) {
      name("body")
      value(body)
      if !entry.meta.isEmpty { documents(entry) }
    } else {
      name("hidden")
      value(true)
    }
  }

  /// What a message carries, as far as its row tells it; the hash of the file is for the chain alone.
  private mutating func documents(_ entry: LogEntry) {
    guard case .documents(let documents) = EntryMeta(decoding: entry.meta) else { return }
    name("documents")
    openArray()
    for document in documents {
      openObject()
      name("document")
      value(document.document.rawValue)
      name("name")
      value(document.name)
      name("size")
      value(document.size)
      name("type")
      value(document.type)
      closeObject()
    }
    closeArray()
  }

  /// Entries as an array.
  mutating func entries(_ entries: [LogEntry], for reader: EntryReader) {
    openArray()
    for entry in entries { self.entry(entry, for: reader) }
    closeArray()
  }

  /// Rows that others get too as an array: written once for all who are alike.
  mutating func rows(_ rows: LogRows, for reader: EntryReader) {
    written(
      rows.rendering(for: reader.index) {
        var json = JSONWriter(capacity: 64 + $0.count * 400)
        json.entries($0, for: reader)
        return json.bytes
      })
  }

  /// A number or null.
  mutating func optional(_ number: Int64?) {
    if let number { value(number) } else { null() }
  }

  /// A moment or null.
  mutating func optional(_ time: Timestamp?) {
    if let time { value(time) } else { null() }
  }

  /// A case or null.
  mutating func caseSummary(_ current: CaseSummary?) {
    guard let current else { return null() }
    openObject()
    name("case")
    value(current.number)
    name("state")
    word(current.state)
    name("openedAt")
    value(current.openedAt)
    name("closedAt")
    optional(current.closedAt)
    name("closedBy")
    optional(current.closedBy?.rawValue)
    name("stars")
    optional(current.stars.map(Int64.init))
    closeObject()
  }

  /// People as an array.
  mutating func people(_ people: [TopicPerson]) {
    openArray()
    for person in people {
      openObject()
      name("account")
      value(person.account.rawValue)
      name("name")
      value(person.name)
      name("role")
      value(person.role)
      name("staff")
      value(person.isStaff)
      name("participant")
      value(person.isParticipant)
      closeObject()
    }
    closeArray()
  }
}
