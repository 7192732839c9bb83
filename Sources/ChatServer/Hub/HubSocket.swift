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

  let id: SocketID
  let identity: SocketIdentity
  var account: AccountID { identity.account }
  var subscriptions = SubscriptionTable()
  var inbox = InboxState.none
  /// Topics in whose `holders` it stands.
  var heldTopics: Set<TopicID> = []
  /// Raised when the account's access changes: answers that were asked for before are asked for again.
  var stamp = 0
  /// Reads of the database under way.
  var reads = 0
  /// Topics whose first look is being read: one at a time for each.
  var looks: Set<TopicID> = []
  /// Whether its list is being read.
  var isReadingInbox = false
  /// Tells the list that was asked for last, by `Hub.serial`.
  var inboxSerial = 0
  /// Own marks that moved while the list was being read.
  var inboxMarks: [TopicID: ReadMark] = [:]
  /// Events held back while the receiver is slow.
  var heldEvents: [HeldEvent: Held] = [:]
  /// Since when it has been past the hard limit, by the monotonic clock.
  var slowSince: Int64?
  /// The last round of presence that it was part of, so that it gets one event for many topics.
  var round = 0
  /// Closing was asked for; nothing more is done for it.
  var isClosing = false

  init(_ id: SocketID, _ identity: SocketIdentity) { (self.id, self.identity) = (id, identity) }
}

/// A socket's interest in one topic.
final class Subscription {
  /// How the subscription came to be; kept, since an answer may have to be asked for again.
  enum Origin {
    case subscribe(epoch: Key?, after: Int64?)
    case observe(reason: String)
  }

  /// How much may happen while a subscription opens before it starts over.
  static let bufferLimit = 2000

  /// What is needed only until the subscription is open. Apart, since most are open and idle, and there are very many.
  private final class Opening {
    let id: Int64?
    let origin: Origin
    /// Rows that came while it opened.
    var news: [LogNews] = []
    /// Marks that moved while it opened.
    var marks: [AccountID: ReadMark] = [:]
    var mustLookAgain = false

    init(_ id: Int64?, _ origin: Origin) { (self.id, self.origin) = (id, origin) }
  }

  /// What is needed only for ghosts.
  private final class Stay {
    let observation: Observation
    var shown: ClosedRange<Int64>?
    var seen: ClosedRange<Int64>?

    init(_ observation: Observation) { self.observation = observation }
  }

  unowned let socket: HubSocket
  let topic: TopicID
  /// Tells it from earlier ones of the same socket and topic.
  let serial: Int
  /// Rows up to here have been sent; -1 while it opens.
  var seq: Int64 = -1
  /// The topic's access number for which `rights` hold.
  var access: Int64 = 0
  var rights = TopicRights(staff: nil, isObserver: false, clearance: .none)
  /// The marks that its receiver knows of.
  var told: [AccountID: Int64] = [:]
  /// Who takes part, as its receiver knows it.
  var people: [TopicPerson] = []
  private var marksMissed = Int.max
  private var peopleMissed = Int.max
  private var opening: Opening?
  private var stay: Stay?

  init(_ socket: HubSocket, topic: TopicID, id: Int64?, origin: Origin, serial: Int) {
    (self.socket, self.topic, self.serial) = (socket, topic, serial)
    opening = Opening(id, origin)
  }

  /// The request that is still to be answered.
  var id: Int64? { opening?.id }
  var origin: Origin { opening?.origin ?? .subscribe(epoch: nil, after: nil) }
  var news: [LogNews] { opening?.news ?? [] }
  var marks: [AccountID: ReadMark] { opening?.marks ?? [:] }
  /// What the look that is under way says will not be the whole.
  var mustLookAgain: Bool {
    get { opening?.mustLookAgain ?? false }
    set { opening?.mustLookAgain = newValue }
  }
  /// Set for ghosts.
  var observation: Observation? { stay?.observation }
  /// Rows shown to a ghost and not yet written down.
  var shown: ClosedRange<Int64>? {
    get { stay?.shown }
    set { stay?.shown = newValue }
  }
  /// All rows pushed to a ghost, written down or not: what ends the stay says it once more, since nothing can be added after.
  var seen: ClosedRange<Int64>? { stay?.seen }

  /// Since when marks may have been missed, by `Hub.serial`; nil: never.
  var marksMissedAt: Int? {
    get { marksMissed == .max ? nil : marksMissed }
    set { marksMissed = newValue ?? .max }
  }
  /// The same for who is there.
  var peopleMissedAt: Int? {
    get { peopleMissed == .max ? nil : peopleMissed }
    set { peopleMissed = newValue ?? .max }
  }

  /// Begins to look anew: what was kept stays.
  func lookBegins() { mustLookAgain = false }

  /// It is open, as what `state` says; what was kept is of no more use. A ghost's stay begins.
  func opened(_ state: TopicState) {
    opening = nil
    stay = state.observation.map(Stay.init)
    (rights, access) = (state.rights, state.summary.access)
    people = state.people.filter(\.isParticipant)
    told = Dictionary(state.reads.map { ($0.account, $0.seq) }, uniquingKeysWith: max)
  }

  var ticket: SubscriptionTicket { SubscriptionTicket(socket: socket.id, topic: topic, serial: serial, stamp: socket.stamp) }

  /// Keeps a row until the subscription is open.
  func keep(_ news: LogNews) {
    guard let opening else { return }
    if opening.news.count < Self.bufferLimit { opening.news.append(news) } else { mustLookAgain = true }
  }

  /// Keeps a mark until the subscription is open.
  func keep(_ mark: ReadMark) {
    guard let opening, mark.seq > opening.marks[mark.account]?.seq ?? 0 else { return }
    opening.marks[mark.account] = mark
  }

  /// Notes that a ghost has been shown a row.
  func note(_ seq: Int64) {
    guard let stay else { return }
    stay.shown = min(stay.shown?.lowerBound ?? seq, seq)...max(stay.shown?.upperBound ?? seq, seq)
    stay.seen = min(stay.seen?.lowerBound ?? seq, seq)...max(stay.seen?.upperBound ?? seq, seq)
  }
}
