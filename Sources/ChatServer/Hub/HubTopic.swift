import Domain
import Storage

/// A topic that somebody on this loop cares about.
final class HubTopic {
  /// Somebody who holds a list with this topic in it.
  struct Holder {
    let socket: HubSocket
    var rights: TopicRights
    /// The topic's access number for which `rights` hold.
    var access: Int64
    /// Rows up to here were in the list already.
    var seq: Int64
    /// The own mark that was in the list, or has been told since.
    var mark: Int64
    /// Since when the own mark may have been missed, by `Hub.serial`; nil: never.
    var marksMissedAt: Int?
  }

  /// A mark that waits for its rows. Who came after `serial` has found it in the database.
  struct WaitingMark {
    var mark: ReadMark
    var serial: Int
  }

  /// Somebody who types.
  struct Typing {
    var isOn: Bool
    /// When the last `on` went out.
    var sentAt: Int64
    /// When it is over by itself.
    var endsAt: Int64
  }

  /// What is needed only where something is happening. Apart, since most topics are quiet, and there are very many.
  private final class Traffic {
    var opening: [Subscription] = []
    var waiting: [LogNews] = []
    var waitingMarks: [WaitingMark] = []
    var documents: [DocumentID: DocumentRecord] = [:]
    /// The newest messages that were handed out, oldest first.
    private(set) var recent: [(seq: Int64, author: AccountID?, at: Timestamp)] = []
    /// All messages from here on are among them.
    private(set) var rememberedFrom: Int64 = .max

    var isIdle: Bool {
      opening.isEmpty && waiting.isEmpty && waitingMarks.isEmpty && documents.isEmpty && rememberedFrom == .max
    }

    func remember(_ entry: LogEntry) {
      if rememberedFrom == .max { rememberedFrom = entry.seq }
      guard entry.kind == .message else { return }
      if recent.count == HubTopic.recentLimit { rememberedFrom = recent.removeFirst().seq + 1 }
      recent.append((entry.seq, entry.author, entry.at))
    }

    func forget() { (recent, rememberedFrom) = ([], .max) }
  }

  /// Rows that wait while the log is being read; past that they are dropped and read again.
  static let waitingLimit = 1000
  /// How many of the newest messages are remembered, for marks that come late.
  static let recentLimit = 64

  let id: TopicID
  /// The newest row that has been handed out here; nil until somebody's first look has come back.
  var head: Int64?
  /// The access number for which everybody's rights hold.
  var access: Int64 = 0
  /// The participants; nil until they have been read.
  var people: [TopicPerson]?
  /// Participants who look at it.
  var members = SmallList<Subscription>()
  /// Watchers. Served after everybody else, and never counted.
  var ghosts: [Subscription] = []
  /// Who has it in a list.
  var holders: [Holder] = []
  private var traffic: Traffic?
  var isRefreshing = false
  /// Which read is under way, by `Hub.serial`: one of an earlier life of this topic must not be taken for it.
  var refreshSerial = 0
  /// Read the log again once the running read is back.
  var needsRefresh = false

  init(_ id: TopicID) { self.id = id }

  /// Whose first look is under way.
  var opening: [Subscription] { traffic?.opening ?? [] }
  /// Rows that came while the log was being read.
  var waiting: [LogNews] { traffic?.waiting ?? [] }
  /// Marks that were made when the log was longer than what has been handed out here.
  var waitingMarks: [WaitingMark] { traffic?.waitingMarks ?? [] }

  private func makeTraffic() -> Traffic {
    if let traffic { return traffic }
    let made = Traffic()
    traffic = made
    return made
  }

  /// Lets go of what only a busy topic needs once it is of no use.
  private func settle() {
    if let traffic, traffic.isIdle { self.traffic = nil }
  }

  /// Begins a subscription's first look.
  func open(_ subscription: Subscription) { makeTraffic().opening.append(subscription) }

  /// Keeps a mark until its rows have come.
  func wait(_ mark: WaitingMark) { makeTraffic().waitingMarks.append(mark) }

  /// Takes the rows out that have waited.
  func takeWaiting() -> [LogNews] {
    guard let traffic, !traffic.waiting.isEmpty else { return [] }
    defer { traffic.waiting = [] }
    return traffic.waiting
  }

  /// Takes the marks out that have waited.
  func takeWaitingMarks() -> [WaitingMark] {
    guard let traffic, !traffic.waitingMarks.isEmpty else { return [] }
    defer { traffic.waitingMarks = [] }
    return traffic.waitingMarks
  }

  /// Keeps what became of a document until it is sure who may hear of it; the newest of each counts.
  func wait(_ news: DocumentRecord) { makeTraffic().documents[news.id] = news }

  /// Takes the documents out that have waited, in the order of their numbers.
  func takeWaitingDocuments() -> [DocumentRecord] {
    guard let traffic, !traffic.documents.isEmpty else { return [] }
    defer { traffic.documents = [:] }
    return traffic.documents.values.sorted { $0.id < $1.id }
  }

  var isUnused: Bool { opening.isEmpty && members.isEmpty && ghosts.isEmpty && holders.isEmpty }

  func isParticipant(_ account: AccountID) -> Bool {
    people?.contains { $0.account == account && $0.isParticipant } ?? false
  }

  /// Whether anybody holds it who takes part: what watchers alone have kept alive must not show in what participants get.
  var hasParticipants: Bool { !members.isEmpty || holders.contains { $0.rights.isParticipant } }

  /// Takes a subscription out, wherever it stands.
  func remove(_ subscription: Subscription) {
    traffic?.opening.removeAll { $0 === subscription }
    members.removeAll { $0 === subscription }
    ghosts.removeAll { $0 === subscription }
    settle()
  }

  /// Begins to remember with these rows, as a topic does that the first participant has just opened.
  func rememberOnly(_ news: [LogNews]) {
    traffic?.forget()
    settle()
    for news in news { remember(news.entry) }
  }

  /// Notes a row that is handed out.
  func remember(_ entry: LogEntry) {
    makeTraffic().remember(entry)
  }

  /// The mark as it is after the rows that came since it was counted; `isCounted` is false when too many came to know what is unread.
  func brought(_ mark: ReadMark) -> (mark: ReadMark, isCounted: Bool) {
    guard let head, head > mark.head else { return (mark, true) }
    var mark = mark
    for message in traffic?.recent ?? [] where message.seq > mark.head {
      if message.author != mark.account {
        mark.unread = min(mark.unread + 1, TopicLog.maximumUnread)
      } else if message.seq == mark.seq + 1 {
        (mark.seq, mark.at) = (message.seq, message.at)
      }
    }
    let isCounted = traffic?.rememberedFrom ?? .max <= mark.head + 1
    mark.head = head
    return (mark, isCounted)
  }

  /// Keeps a row until the log has been read.
  func wait(_ news: LogNews) {
    let traffic = makeTraffic()
    if traffic.waiting.count < Self.waitingLimit {
      traffic.waiting.append(news)
    } else {
      traffic.waiting = []
      needsRefresh = true
    }
  }
}
