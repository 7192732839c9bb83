import Domain
import Storage

/// What kind of reader a list of topics is rendered for: all readers of one class get the same bytes.
struct ReaderClass: Hashable, Sendable {
  /// Sees texts and counts.
  var isParticipant: Bool
  /// Sees clocks.
  var seesClocks: Bool
  /// What of hidden bodies they may open.
  var clearance: Clearance

  /// The class that these rights belong to.
  init(_ rights: TopicRights) {
    (isParticipant, seesClocks, clearance) = (rights.isParticipant, rights.seesClocks, rights.clearance)
  }

  /// A number below `count`, for tables of frames.
  var index: Int { (isParticipant ? 1 : 0) + (seesClocks ? 2 : 0) + 4 * Int(clearance.rawValue) }
  /// How many classes there are.
  static let count = 12
}

extension JSONWriter {
  /// The fields of a topic in a list that everybody of a class shares, without braces.
  mutating func topic(_ summary: TopicSummary, for reader: ReaderClass) {
    name("topic")
    value(summary.topic.rawValue)
    name("organisation")
    value(summary.organisation.rawValue)
    name("kind")
    value(summary.kind.slug)
    name("head")
    value(summary.head)
    name("participant")
    value(reader.isParticipant)
    name("write")
    value(reader.isParticipant)
    name("last")
    if let last = summary.last { self.last(last, for: reader) } else { null() }
    name("case")
    caseSummary(summary.current)
    if reader.seesClocks {
      name("waitingSince")
      optional(summary.waitingSince)
    }
  }

  private mutating func last(_ last: LastLine, for reader: ReaderClass) {
    openObject()
    name("seq")
    value(last.seq)
    name("kind")
    word("message")
    name("by")
    optional(last.author?.rawValue)
    name("at")
    value(last.at)
    if reader.isParticipant, last.hiding <= reader.clearance {
      if let text = last.text {
        name("text")
        value(text)
      }
      if last.documents > 0 {
        name("documents")
        value(last.documents)
      }
    }
    name("edited")
    value(last.isEdited)
    name("deleted")
    value(last.isDeleted)
    closeObject()
  }

  /// A topic of an inbox.
  mutating func inboxTopic(_ topic: InboxTopic) {
    openObject()
    self.topic(topic.summary, for: ReaderClass(topic.rights))
    name("mark")
    value(topic.mark)
    name("unread")
    value(topic.unread)
    closeObject()
  }

  /// An inbox.
  mutating func inbox(_ inbox: Inbox, of account: AccountID) {
    openObject()
    name("epoch")
    value(inbox.epoch)
    name("account")
    value(account.rawValue)
    name("organisations")
    openArray()
    for organisation in inbox.organisations {
      openObject()
      name("organisation")
      value(organisation.organisation.rawValue)
      name("name")
      value(organisation.name)
      name("department")
      value(organisation.department.rawValue)
      closeObject()
    }
    closeArray()
    name("topics")
    openArray()
    for topic in inbox.topics { inboxTopic(topic) }
    closeArray()
    name("people")
    people(inbox.people)
    closeObject()
  }

  /// A topic state. `typing` and `presences` are what the hub knows.
  mutating func state(_ state: TopicState, typing: [AccountID], presences: [Presence]) {
    openObject()
    name("topic")
    value(state.summary.topic.rawValue)
    name("epoch")
    value(state.epoch)
    name("head")
    value(state.summary.head)
    name("hash")
    if let hash = state.headHash { hexadecimal(hash) } else { null() }
    name("entries")
    let reader = EntryReader(state.rights)
    if let rows = state.rows { self.rows(rows, for: reader) } else { entries(state.entries, for: reader) }
    name("more")
    value(state.hasMore)
    if state.isReset {
      name("reset")
      value(true)
    }
    name("reads")
    openArray()
    for mark in state.reads { read(mark, isEvent: false) }
    closeArray()
    name("typing")
    openArray()
    for account in typing { value(account.rawValue) }
    closeArray()
    name("presence")
    self.presences(presences)
    name("people")
    people(state.people)
    name("case")
    caseSummary(state.summary.current)
    name("me")
    openObject()
    name("read")
    value(state.mark)
    name("unread")
    value(state.unread)
    name("participant")
    value(state.rights.isParticipant)
    name("write")
    value(state.rights.isParticipant)
    closeObject()
    if let observation = state.observation {
      name("observation")
      openObject()
      name("until")
      value(observation.until)
      closeObject()
    }
    closeObject()
  }

  /// A read mark as part of a state, or as an event.
  mutating func read(_ mark: ReadMark, isEvent: Bool, unread: Bool = false) {
    openObject()
    if isEvent {
      name("event")
      word("read")
      name("topic")
      value(mark.topic.rawValue)
    }
    name("account")
    value(mark.account.rawValue)
    name("seq")
    value(mark.seq)
    name("at")
    value(mark.at)
    if unread {
      name("unread")
      value(mark.unread)
    }
    closeObject()
  }
}
