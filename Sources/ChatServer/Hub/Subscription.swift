import Domain
import Storage
import WebSocketServer

/// A socket's interest in one topic.
final class Subscription {
  /// How the subscription came to be; kept, since an answer may have to be asked for again.
  enum Origin {
    case subscribe(epoch: Key?, after: Int64?)
    case observe(reason: String)
  }

  /// How much may happen while a subscription opens before it starts over.
  static let bufferLimit = 2000

  /// What is needed only until the subscription is open, for ghosts, and while something may have been missed. Apart, since most subscriptions are
  /// open and idle, and there are very many.
  ///
  /// It and `Opening` are of a size that nothing has which stays (65 to 80 bytes, one class of the allocator): when everybody comes back at once
  /// there are very many, and the pages that they leave hold nothing else and can be given back.
  private final class Aside {
    /// The request that is still to be answered, while `opening` is set.
    var id: Int64?
    /// Set until it is open.
    var opening: Opening?
    /// Set for ghosts.
    var stay: Stay?
    var marksMissedAt: Int?
    var peopleMissedAt: Int?
  }

  private final class Opening {
    let origin: Origin
    var mustLookAgain = false
    /// Rows that came while it opened.
    var news: [LogNews] = []
    /// Marks that moved while it opened.
    var marks: [AccountID: ReadMark] = [:]

    init(_ origin: Origin) { self.origin = origin }
  }

  private final class Stay {
    let observation: Observation
    var shown: ClosedRange<Int64>?
    var seen: ClosedRange<Int64>?

    init(observation: Observation) { self.observation = observation }
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
  private var aside: Aside?

  init(_ socket: HubSocket, topic: TopicID, id: Int64?, origin: Origin, serial: Int) {
    (self.socket, self.topic, self.serial) = (socket, topic, serial)
    let aside = Aside()
    (aside.id, aside.opening) = (id, Opening(origin))
    self.aside = aside
  }

  private var opening: Opening? { aside?.opening }
  /// The request that is still to be answered.
  var id: Int64? { aside?.id }
  var origin: Origin { opening?.origin ?? .subscribe(epoch: nil, after: nil) }
  var news: [LogNews] { opening?.news ?? [] }
  var marks: [AccountID: ReadMark] { opening?.marks ?? [:] }
  /// What the look that is under way says will not be the whole.
  var mustLookAgain: Bool {
    get { opening?.mustLookAgain ?? false }
    set { aside?.opening?.mustLookAgain = newValue }
  }
  /// Set for ghosts.
  var observation: Observation? { aside?.stay?.observation }
  /// Rows shown to a ghost and not yet written down.
  var shown: ClosedRange<Int64>? {
    get { aside?.stay?.shown }
    set { aside?.stay?.shown = newValue }
  }
  /// All rows pushed to a ghost, written down or not: what ends the stay says it once more, since nothing can be added after.
  var seen: ClosedRange<Int64>? { aside?.stay?.seen }

  /// Since when marks may have been missed, by `Hub.serial`; nil: never.
  var marksMissedAt: Int? {
    get { aside?.marksMissedAt }
    set { change { $0.marksMissedAt = newValue } }
  }
  /// The same for who is there.
  var peopleMissedAt: Int? {
    get { aside?.peopleMissedAt }
    set { change { $0.peopleMissedAt = newValue } }
  }

  /// The objects that are there for a moment, for the test that holds their size apart from the sizes of what stays.
  var moment: [AnyObject] { (aside.map { [$0] } ?? []) + (opening.map { [$0] } ?? []) }

  private func change(_ body: (Aside) -> Void) {
    let aside = aside ?? Aside()
    body(aside)
    let isEmpty = aside.opening == nil && aside.stay == nil && aside.marksMissedAt == nil && aside.peopleMissedAt == nil
    self.aside = isEmpty ? nil : aside
  }

  /// Begins to look anew: what was kept stays.
  func lookBegins() { mustLookAgain = false }

  /// It is open, as what `state` says; what was kept is of no more use. A ghost's stay begins.
  func opened(_ state: TopicState) {
    change {
      ($0.id, $0.opening) = (nil, nil)
      $0.stay = state.observation.map { Stay(observation: $0) }
    }
    (rights, access) = (state.rights, state.summary.access)
    people = state.people.filter(\.isParticipant)
    told = Dictionary(state.reads.map { ($0.account, $0.seq) }, uniquingKeysWith: max)
  }

  var ticket: SubscriptionTicket { SubscriptionTicket(socket: socket.id, topic: topic, serial: serial, stamp: socket.stamp) }

  /// Keeps a row until the subscription is open.
  func keep(_ news: LogNews) {
    guard let count = opening?.news.count else { return }
    if count < Self.bufferLimit { aside?.opening?.news.append(news) } else { mustLookAgain = true }
  }

  /// Keeps a mark until the subscription is open.
  func keep(_ mark: ReadMark) {
    guard mark.seq > opening?.marks[mark.account]?.seq ?? 0 else { return }
    aside?.opening?.marks[mark.account] = mark
  }

  /// Notes that a ghost has been shown a row.
  func note(_ seq: Int64) {
    guard let stay = aside?.stay else { return }
    aside?.stay?.shown = min(stay.shown?.lowerBound ?? seq, seq)...max(stay.shown?.upperBound ?? seq, seq)
    aside?.stay?.seen = min(stay.seen?.lowerBound ?? seq, seq)...max(stay.seen?.upperBound ?? seq, seq)
  }
}
