public import Domain

/// A case as pages show it.
public struct CaseSummary: Sendable, Hashable {
  /// Its number in the topic, 1 and up.
  public var number: Int32
  /// When its first message came.
  public var openedAt: Timestamp
  /// When it was closed; nil while it is open.
  public var closedAt: Timestamp?
  /// Who closed it; nil while it is open, and after a silent close.
  public var closedBy: AccountID?
  /// The rating, nil while it is unrated.
  public var stars: Int16?

  /// A case.
  public init(number: Int32, openedAt: Timestamp, closedAt: Timestamp? = nil, closedBy: AccountID? = nil, stars: Int16? = nil) {
    (self.number, self.openedAt, self.closedAt, self.closedBy, self.stars) = (number, openedAt, closedAt, closedBy, stars)
  }

  /// The word on the wire.
  public var state: StaticString { closedAt == nil ? "open" : stars == nil ? "closed" : "rated" }
}

/// The newest message of a topic, for lists of topics.
public struct LastLine: Sendable, Hashable {
  /// The message's number.
  public var seq: Int64
  /// Who wrote it.
  public var author: AccountID?
  /// When it was sent.
  public var at: Timestamp
  /// The beginning of its newest text, at most `maximumText` Unicode scalars; nil when it was erased.
  public var text: String?
  /// Changed after it was sent.
  public var isEdited: Bool
  /// Taken back.
  public var isDeleted: Bool
  /// Who may not see the text and the documents.
  public var hiding: Hiding
  /// How many documents it has.
  public var documents: Int

  /// How much of a text lists show.
  public static let maximumText = 160

  init(
    seq: Int64, author: AccountID?, at: Timestamp, text: String?, isEdited: Bool = false, isDeleted: Bool = false,
    hiding: Hiding = .none, documents: Int = 0
  ) {
    (self.seq, self.author, self.at, self.isEdited, self.isDeleted, self.hiding) = (seq, author, at, isEdited, isDeleted, hiding)
    self.documents = documents
    self.text = text.map(Self.cut)
  }

  /// The beginning of `text` that lists show.
  static func cut(_ text: String) -> String {
    guard text.utf8.count > maximumText else { return text }
    var result = String.UnicodeScalarView()
    result.append(contentsOf: text.unicodeScalars.prefix(maximumText))
    return String(result)
  }
}

/// What lists of topics show of one, the same for every reader; each reader gets the part that is meant for them.
public struct TopicSummary: Sendable, Hashable {
  /// The topic.
  public var topic: TopicID
  /// Whose topic.
  public var organisation: OrganisationID
  /// Which of the five.
  public var kind: TopicKind
  /// The newest row's number, 0 while the log is empty.
  public var head: Int64
  /// Raised by every revocation.
  public var access: Int64
  /// The newest case, nil before the first message.
  public var current: CaseSummary?
  /// The newest message, nil before the first.
  public var last: LastLine?
  /// Since when a client waits for an answer; for staff only.
  public var waitingSince: Timestamp?
}

/// A row as it was committed, and the topic after it: what goes to everybody who holds the topic.
public final class LogNews: Sendable {
  /// The row.
  public let entry: LogEntry
  /// The topic after the row.
  public let summary: TopicSummary

  init(entry: LogEntry, summary: TopicSummary) { (self.entry, self.summary) = (entry, summary) }
}

/// A read mark after it was set.
public struct ReadMark: Sendable, Hashable {
  /// The topic.
  public var topic: TopicID
  /// Whose mark.
  public var account: AccountID
  /// Up to which row, 0 for none.
  public var seq: Int64
  /// When it moved there.
  public var at: Timestamp
  /// How many messages of others lie past it, counted to `TopicLog.maximumUnread`.
  public var unread: Int
  /// The topic's newest row when that was counted.
  public var head: Int64
  /// Whether this request moved it.
  public var didMove: Bool

  /// A mark.
  public init(topic: TopicID, account: AccountID, seq: Int64, at: Timestamp, unread: Int, head: Int64, didMove: Bool) {
    (self.topic, self.account, self.seq, self.at, self.unread) = (topic, account, seq, at, unread)
    (self.head, self.didMove) = (head, didMove)
  }
}

/// What became of one item of a batch.
public enum LogResult: Sendable {
  /// It is committed. `isReplay`: it was before, under the same key, and this is the first answer.
  case appended(LogEntry, isReplay: Bool)
  /// The mark, moved or not.
  case read(ReadMark)
  /// It was refused; nothing was written for it.
  case refused(DomainError)
}

/// Something that everybody who holds the topic hears of.
public enum TopicEvent: Sendable {
  /// A new row.
  case row(LogNews)
  /// A mark that moved.
  case mark(ReadMark)
}

/// Why an item of a batch that was tried alone came to nothing: for logs, not for clients.
public struct LogFailure: Sendable {
  /// The item's place in the batch.
  public var index: Int
  /// What Postgres said. `.commitOutcomeUnknown`: nobody knows whether it is committed.
  public var error: any Error
}

/// What a batch did. Valid only once its transaction has committed.
public struct LogBatch: Sendable {
  /// One result for each item, in order.
  public var results: [LogResult]
  /// The new rows and the marks that moved, in the order in which they happened.
  public var events: [TopicEvent]
  /// Items that Postgres itself refused, or that met a broken connection. Those after a broken connection were not tried: they are `unavailable`
  /// without a line here.
  public var failures: [LogFailure] = []

  /// The new rows.
  public var news: [LogNews] {
    events.compactMap { if case .row(let news) = $0 { news } else { nil } }
  }

  init(results: [LogResult], events: [TopicEvent]) { (self.results, self.events) = (results, events) }

  /// A batch of one that Postgres refused.
  init(failed error: any Error) {
    self.init(results: [.refused(.unavailable)], events: [])
    failures = [LogFailure(index: 0, error: error)]
  }
}
