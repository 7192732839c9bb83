import Domain
import Storage
import WebSocketServer

/// A socket as the hub knows it.
final class HubSocket {
  /// Something that may be held back while the receiver is slow; a newer one takes the place of an older.
  enum HeldEvent: Hashable {
    case typing(TopicID, AccountID)
    case read(TopicID, AccountID)
    case presence(AccountID)
  }

  /// What is held back. It is brought up to date when it goes out: rows overtake a mark, typing ends, access too.
  enum Held {
    case typing
    case presence(Presence)
    case mark(ReadMark)
  }

  /// Whether the socket holds the list of its topics.
  enum InboxState {
    case none
    /// Asked for; what happens until the answer comes is kept.
    case loading(id: Int64?, news: [LogNews])
    case held
  }

  /// What is needed only while something is under way. Apart, since most sockets are quiet, and there are very many.
  private final class Busy {
    var inbox: (id: Int64?, news: [LogNews])?
    var looks: Set<TopicID> = []
    var isReadingInbox = false
    var inboxMarks: [TopicID: ReadMark] = [:]
    var heldEvents: [HeldEvent: Held] = [:]
    var slowSince: Int64?

    var isIdle: Bool {
      inbox == nil && looks.isEmpty && !isReadingInbox && inboxMarks.isEmpty && heldEvents.isEmpty && slowSince == nil
    }
  }

  let id: SocketID
  let identity: SocketIdentity
  var account: AccountID { identity.account }
  var subscriptions = SubscriptionTable()
  /// Topics in whose `holders` it stands.
  var heldTopics: Set<TopicID> = []
  /// Raised when the account's access changes: answers that were asked for before are asked for again.
  var stamp = 0
  /// Tells the list that was asked for last, by `Hub.serial`.
  var inboxSerial = 0
  /// The last round of presence that it was part of, so that it gets one event for many topics.
  var round = 0
  private var busy: Busy?
  /// Reads of the database under way.
  var reads: Int32 = 0
  private var holdsInbox = false
  /// Closing was asked for; nothing more is done for it.
  var isClosing = false

  init(_ id: SocketID, _ identity: SocketIdentity) { (self.id, self.identity) = (id, identity) }

  var inbox: InboxState {
    get { holdsInbox ? .held : busy?.inbox.map { .loading(id: $0.id, news: $0.news) } ?? .none }
    set {
      if case .held = newValue { holdsInbox = true } else { holdsInbox = false }
      if case .loading(let id, let news) = newValue { change { $0.inbox = (id, news) } } else { change { $0.inbox = nil } }
    }
  }
  /// Topics whose first look is being read: one at a time for each.
  var looks: Set<TopicID> {
    get { busy?.looks ?? [] }
    set { change { $0.looks = newValue } }
  }
  /// Whether its list is being read.
  var isReadingInbox: Bool {
    get { busy?.isReadingInbox ?? false }
    set { change { $0.isReadingInbox = newValue } }
  }
  /// Own marks that moved while the list was being read.
  var inboxMarks: [TopicID: ReadMark] {
    get { busy?.inboxMarks ?? [:] }
    set { change { $0.inboxMarks = newValue } }
  }
  /// Since when it has been past the hard limit, by the monotonic clock.
  var slowSince: Int64? {
    get { busy?.slowSince }
    set { change { $0.slowSince = newValue } }
  }
  /// How many events are held back while the receiver is slow.
  var heldCount: Int { busy?.heldEvents.count ?? 0 }

  /// Whether the same event is held back in an older version.
  func holds(_ event: HeldEvent) -> Bool { busy?.heldEvents[event] != nil }

  /// Holds an event back, in place of an older version.
  func hold(_ event: HeldEvent, _ held: Held) { change { $0.heldEvents[event] = held } }

  /// Takes out what was held back.
  func takeHeld() -> [HeldEvent: Held] {
    guard let busy, !busy.heldEvents.isEmpty else { return [:] }
    defer { change { $0.heldEvents = [:] } }
    return busy.heldEvents
  }

  private func change(_ body: (Busy) -> Void) {
    let busy = busy ?? Busy()
    body(busy)
    self.busy = busy.isIdle ? nil : busy
  }
}
