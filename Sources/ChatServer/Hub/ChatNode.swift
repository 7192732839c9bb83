import Domain
import Storage
import Synchronization

/// A process of chat loops: passes on what one loop, the appender or the broker says to all loops that should hear it.
final class ChatNode: AppendListener, BrokerReceiver {
  /// How often a node says whom it has, in milliseconds; well below `PresenceBoard.lease`.
  static let rosterInterval: Int64 = 10_000

  /// The node's name among the others.
  let id: Key
  /// The way into each loop's hub.
  let ports: [HubPort]
  private let broker: any Broker
  private let clock: ChatClock
  private let board: Mutex<PresenceBoard>
  private let rosterAt: Mutex<Int64>
  private let deafness = Atomic(false)

  /// Whether heartbeats go unheard: only tests set it, to try what a node does that has lost the feed.
  var isDeaf: Bool {
    get { deafness.load(ordering: .relaxed) }
    set { deafness.store(newValue, ordering: .relaxed) }
  }

  /// A node of `hubs` loops.
  init(id: Key, hubs: Int, broker: any Broker, clock: ChatClock) {
    (self.id, self.broker, self.clock) = (id, broker, clock)
    ports = (0..<hubs).map { _ in HubPort() }
    board = Mutex(PresenceBoard())
    rosterAt = Mutex(clock.uptime())
  }

  /// Begins to hear other nodes, once the loops are there.
  func start() {
    broker.start(self)
    broker.publish(.hello)
  }

  /// Says goodbye and ends the broker.
  func stop() {
    broker.publish(.goodbye)
    broker.stop()
  }

  private func post(_ mail: HubMail) {
    for port in ports { port.post(mail) }
  }

  // MARK: The appender

  func committed(_ batch: CommittedBatch) {
    post(.committed(batch))
    var heads: [TopicID: Int64] = [:]
    for event in batch.events {
      switch event {
      case .row(let news): heads[news.entry.topic] = news.entry.seq
      case .mark(let mark): broker.publish(.read(mark))
      }
    }
    if !heads.isEmpty { broker.publish(heads: heads.map { TopicHead(topic: $0.key, head: $0.value) }) }
  }

  func doubtful(_ topics: [TopicID]) { post(.doubtful(topics)) }

  // MARK: The loops

  /// A participant on loop `index` types or stopped: the other loops and nodes hear of it.
  func typing(_ topic: TopicID, _ account: AccountID, isOn: Bool, from index: Int) {
    for (place, port) in ports.enumerated() where place != index { port.post(.typing(topic, account, isOn: isOn)) }
    broker.publish(.typing(topic, account, isOn: isOn))
  }

  /// A socket of an account opened.
  func opened(_ account: AccountID) {
    // Told inside the lock: otherwise two loops could tell of two changes the wrong way round.
    board.withLock { board in
      let (isFirst, change) = board.opened(account)
      if let change { post(.presence(change)) }
      if isFirst { broker.publish(.online(account)) }
    }
  }

  /// A socket of an account closed.
  func closed(_ account: AccountID, at now: Timestamp) {
    board.withLock { board in
      let (isLast, change) = board.closed(account, at: now)
      if let change { post(.presence(change)) }
      if isLast { broker.publish(.offline(account, seen: now)) }
    }
  }

  /// Who of these is there.
  func presences(of accounts: [AccountID]) -> [Presence] {
    board.withLock { board in accounts.map { board.presence(of: $0) } }
  }

  // MARK: The broker

  func heard(heads: [TopicHead]) { post(.heads(heads)) }

  func heard(_ news: LiveNews, from node: Key) {
    switch news {
    case .typing(let topic, let account, let isOn): post(.typing(topic, account, isOn: isOn))
    case .read(let mark): post(.read(mark))
    case .hello: publishRoster()
    case .online, .offline, .roster, .goodbye: break
    }
    guard node != id else { return }
    board.withLock { board in
      for change in board.heard(news, from: node, now: clock.now(), uptime: clock.uptime()) { post(.presence(change)) }
    }
  }

  func heardAgain() { post(.heardAgain) }

  func heardAccess(accounts: [AccountID], topics: [TopicID]) { post(.access(accounts: accounts, topics: topics)) }

  func heardEnded(sessions: [SessionID]) { post(.ended(sessions)) }

  func heard(documents: [DocumentRecord]) { post(.documents(documents)) }

  func heard(notifications: [NotificationNews]) { post(.notifications(notifications)) }

  func heartbeat(age: Int64) {
    let uptime = clock.uptime()
    if !isDeaf { post(.heartbeat(askedAt: uptime - age)) }
    let isDue = rosterAt.withLock { last in
      guard uptime - last >= Self.rosterInterval else { return false }
      last = uptime
      return true
    }
    if isDue { publishRoster() }
    board.withLock { board in
      for change in board.expire(now: clock.now(), uptime: uptime) { post(.presence(change)) }
    }
  }

  private func publishRoster() {
    board.withLock { board in
      let accounts = board.own
      var start = 0
      repeat {
        let end = min(start + LiveNewsCodec.rosterPart, accounts.count)
        broker.publish(.roster(Array(accounts[start..<end]), isFirst: start == 0, isLast: end == accounts.count))
        start = end
      } while start < accounts.count
    }
  }
}
