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
  /// Whose first look is under way.
  var opening: [Subscription] = []
  /// Participants who look at it.
  var members: [Subscription] = []
  /// Watchers. Served after everybody else, and never counted.
  var ghosts: [Subscription] = []
  /// Who has it in a list.
  var holders: [Holder] = []
  /// Rows that came while the log was being read.
  var waiting: [LogNews] = []
  /// Marks that were made when the log was longer than what has been handed out here.
  var waitingMarks: [WaitingMark] = []
  /// The newest messages that were handed out, oldest first.
  private var recent: [(seq: Int64, author: AccountID?, at: Timestamp)] = []
  private var rememberedFrom: Int64 = .max
  var isRefreshing = false
  /// Which read is under way, by `Hub.serial`: one of an earlier life of this topic must not be taken for it.
  var refreshSerial = 0
  /// Read the log again once the running read is back.
  var needsRefresh = false

  init(_ id: TopicID) { self.id = id }

  var isUnused: Bool { opening.isEmpty && members.isEmpty && ghosts.isEmpty && holders.isEmpty }

  func isParticipant(_ account: AccountID) -> Bool {
    people?.contains { $0.account == account && $0.isParticipant } ?? false
  }

  /// Whether anybody holds it who takes part: what watchers alone have kept alive must not show in what participants get.
  var hasParticipants: Bool { !members.isEmpty || holders.contains { $0.rights.isParticipant } }

  /// Takes a subscription out, wherever it stands.
  func remove(_ subscription: Subscription) {
    opening.removeAll { $0 === subscription }
    // Not even its memory stays: most topics are quiet, and there are very many.
    if opening.isEmpty { opening = [] }
    members.removeAll { $0 === subscription }
    ghosts.removeAll { $0 === subscription }
  }

  /// Begins to remember with these rows, as a topic does that the first participant has just opened.
  func rememberOnly(_ news: [LogNews]) {
    (recent, rememberedFrom) = ([], .max)
    for news in news { remember(news.entry) }
  }

  /// Notes a row that is handed out.
  func remember(_ entry: LogEntry) {
    if rememberedFrom == .max { rememberedFrom = entry.seq }
    guard entry.kind == .message else { return }
    if recent.count == Self.recentLimit { rememberedFrom = recent.removeFirst().seq + 1 }
    recent.append((entry.seq, entry.author, entry.at))
  }

  /// The mark as it is after the rows that came since it was counted; `isCounted` is false when too many came to know what is unread.
  func brought(_ mark: ReadMark) -> (mark: ReadMark, isCounted: Bool) {
    guard let head, head > mark.head else { return (mark, true) }
    var mark = mark
    for message in recent where message.seq > mark.head {
      if message.author != mark.account {
        mark.unread = min(mark.unread + 1, TopicLog.maximumUnread)
      } else if message.seq == mark.seq + 1 {
        (mark.seq, mark.at) = (message.seq, message.at)
      }
    }
    let isCounted = rememberedFrom <= mark.head + 1
    mark.head = head
    return (mark, isCounted)
  }

  /// Keeps a row until the log has been read.
  func wait(_ news: LogNews) {
    if waiting.count < Self.waitingLimit {
      waiting.append(news)
    } else {
      waiting = []
      needsRefresh = true
    }
  }
}
