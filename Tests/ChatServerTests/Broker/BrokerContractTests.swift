import Domain
import Logging
import Storage
import Synchronization
import TestSupport
import Testing

@testable import ChatServer

/// Writes down what it hears, and wakes whoever waits.
final class BrokerEar: BrokerReceiver {
  struct Heard {
    var heads: [TopicID: Int64] = [:]
    var live: [LiveNews] = []
    var accounts: [AccountID] = []
    var sessions: [SessionID] = []
    var documents: [DocumentRecord] = []
    var notifications: [NotificationNews] = []
    var beats = 0
  }

  let heard = Mutex(Heard())
  /// Calls that came while another one had not returned.
  let overlaps = Atomic(0)
  private let isBusy = Atomic(false)
  private let changes: AsyncStream<Void>
  private let change: AsyncStream<Void>.Continuation

  init() { (changes, change) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1)) }

  private func note(_ body: (inout Heard) -> Void) {
    if isBusy.exchange(true, ordering: .acquiringAndReleasing) { overlaps.add(1, ordering: .relaxed) }
    heard.withLock { body(&$0) }
    isBusy.store(false, ordering: .releasing)
    change.yield()
  }

  func heard(heads: [TopicHead]) {
    note { for head in heads { $0.heads[head.topic] = max($0.heads[head.topic] ?? 0, head.head) } }
  }

  func heard(_ news: LiveNews, from node: Key) {
    switch news {
    case .hello, .roster: break
    default: note { $0.live.append(news) }
    }
  }

  func heardAccess(accounts: [AccountID], topics: [TopicID]) { note { $0.accounts += accounts } }
  func heardEnded(sessions: [SessionID]) { note { $0.sessions += sessions } }
  func heard(documents: [DocumentRecord]) { note { $0.documents += documents } }
  func heard(notifications: [NotificationNews]) { note { $0.notifications += notifications } }
  func heardAgain() { note { _ in } }
  func heartbeat(age: Int64) { note { $0.beats += 1 } }

  /// Waits until it has heard something; the broker's heartbeats make sure that this ends.
  func until(_ condition: (Heard) -> Bool, sourceLocation: SourceLocation = #_sourceLocation) async {
    let start = ContinuousClock.now
    for await _ in changes {
      if heard.withLock({ condition($0) }) { return }
      guard ContinuousClock.now - start < .seconds(20) else {
        Issue.record("not heard in 20 s", sourceLocation: sourceLocation)
        return
      }
    }
  }
}

/// The guarantees of `Broker`, one by one, for every implementation.
@Suite struct BrokerContractTests {
  enum Kind: String, CaseIterable, Sendable { case memory, postgres }

  @Test(arguments: Kind.allCases) func guarantees(kind: Kind) async throws {
    try await withTestDatabase { database in
      let exchange = MemoryExchange()
      let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
      let brokers: [any Broker] = (1...2).map { number in
        let node = Key(high: 0, low: UInt64(number))
        return kind == .memory
          ? MemoryBroker(exchange, node: node) : PostgresBroker(database.configuration(), node: node, logger: logger)
      }
      let ears = [BrokerEar(), BrokerEar()]
      for (broker, ear) in zip(brokers, ears) { broker.start(ear) }
      defer { for broker in brokers { broker.stop() } }
      // Live news may be lost while a listener is still connecting: ask until one is heard.
      let start = ContinuousClock.now
      while ears[1].heard.withLock({ $0.live.isEmpty }) {
        guard ContinuousClock.now - start < .seconds(20) else {
          Issue.record("no live news in 20 s")
          return
        }
        brokers[0].publish(.goodbye)
        let beats = ears[1].heard.withLock(\.beats)
        await ears[1].until { !$0.live.isEmpty || $0.beats > beats }
      }
      brokers[0].publish(heads: (1...2_000).map { TopicHead(topic: TopicID($0), head: $0 * 3) })
      await ears[1].until { $0.heads.count == 2_000 && $0.heads[TopicID(2_000)] == 6_000 }
      let news = (1...300).flatMap {
        [LiveNews.typing(TopicID(1), AccountID($0), isOn: true), .typing(TopicID(1), AccountID($0), isOn: false)]
      }
      for item in news { brokers[0].publish(item) }
      let mark = ReadMark(
        topic: TopicID(1), account: AccountID(2), seq: 3, at: Timestamp(microseconds: 4), unread: 5, head: 6, didMove: true)
      brokers[0].publish(.read(mark))
      await ears[1].until { $0.live.last == .read(mark) }
      let (own, foreign) = (ears[0].heard.withLock(\.live), ears[1].heard.withLock(\.live))
      let heard = foreign.filter { $0 != .goodbye }
      #expect(heard == news + [.read(mark)])
      #expect(own.isEmpty)
      try await publish(.access(accounts: [AccountID(7)], topics: [TopicID(8)]), kind, exchange, database)
      try await publish(.session([SessionID(9)]), kind, exchange, database)
      let documents = try await sentDocument(database)
      try await publish(.documents(documents), kind, exchange, database)
      let told = try await notification(database)
      try await publish(.notifications(told), kind, exchange, database)
      for ear in ears {
        await ear.until {
          $0.accounts == [AccountID(7)] && $0.sessions == [SessionID(9)] && $0.documents == documents && $0.notifications == told
        }
      }
      for ear in ears { #expect(ear.overlaps.load(ordering: .relaxed) == 0) }
    }
  }

  private func sentDocument(_ database: TestDatabase) async throws -> [DocumentRecord] {
    let world = try await ChatWorld.make(database)
    let document = try await database.makeUploadedDocument(in: world.topic, by: world.client)
    let request = LogRequest(
      topic: world.topic, account: world.client, session: nil, key: .random(),
      action: .send(body: "", reply: 0, holding: false, documents: [document]), at: .now, salt: [UInt8](repeating: 7, count: 16))
    return try await database.app.run { session in
      _ = try TopicLog.append([.append(request)], in: session)
      return try DocumentNews.read([document], in: session)
    }
  }

  private func notification(_ database: TestDatabase) async throws -> [NotificationNews] {
    let account = try await database.makeAccount("told")
    return try await database.app.transaction { session in
      let id = try Notifications.add(to: account, kind: .caseSilent, detail: ["count": 1], in: session)
      return try Notifications.news([id], readers: [], in: session)
    }
  }

  private func publish(_ news: OutboxNews, _ kind: Kind, _ exchange: MemoryExchange, _ database: TestDatabase) async throws {
    guard kind == .postgres else { return exchange.publish(news) }
    try await database.app.run { session in
      // Without the wake-up: the poll finds it.
      try session.transaction {
        switch news {
        case .access(let accounts, let topics): try AccessChange.publish(accounts: accounts, topics: topics, in: session)
        case .session(let sessions): try AccessChange.publish(ended: sessions, in: session)
        case .documents(let documents): try DocumentNews.publish(documents.map(\.id), in: session)
        // `Notifications.add` has written its own row.
        case .notifications: break
        }
      }
    }
  }

  /// A row with a lower id that is committed after one with a higher id is heard all the same, and each once.
  @Test func commitsOutOfOrderAreHeard() async throws {
    try await withTestDatabase { database in
      let reader = try Session.open(database.configuration())
      var feed = OutboxFeed()
      #expect(try feed.next(in: reader).isEmpty)
      let late = try Session.open(database.configuration())
      let early = try Session.open(database.configuration())
      try late.execute("BEGIN")
      try AccessChange.publish(accounts: [AccountID(1)], topics: [], in: late)
      try AccessChange.publish(accounts: [AccountID(2)], topics: [], in: early)
      #expect(try feed.next(in: reader) == [.access(accounts: [AccountID(2)], topics: [])])
      #expect(try feed.next(in: reader).isEmpty)
      try late.execute("COMMIT")
      #expect(try feed.next(in: reader) == [.access(accounts: [AccountID(1)], topics: [])])
      #expect(try feed.next(in: reader).isEmpty)
    }
  }

  @Test func everyLiveNewsSurvivesItsText() {
    let node = Key.random()
    let all: [LiveNews] = [
      .typing(TopicID(1), AccountID(2), isOn: true), .online(AccountID(3)),
      .offline(AccountID(4), seen: Timestamp(microseconds: 5)),
      .roster([AccountID(1), AccountID(.max)], isFirst: true, isLast: false), .roster([], isFirst: false, isLast: true), .hello,
      .goodbye,
      .read(
        ReadMark(
          topic: TopicID(1), account: AccountID(2), seq: 3, at: Timestamp(microseconds: -4), unread: 5, head: 6, didMove: true)),
    ]
    for news in all {
      let decoded = LiveNewsCodec.decode(LiveNewsCodec.encode(news, node: node, number: 1))
      #expect(decoded?.node == node && decoded?.news == news)
    }
    #expect(LiveNewsCodec.decode("{}") == nil && LiveNewsCodec.decode("nonsense") == nil)
    let most = (0..<LiveNewsCodec.rosterPart).map { _ in AccountID(999_999_999_999) }
    #expect(LiveNewsCodec.encode(.roster(most, isFirst: true, isLast: true), node: node, number: .max).utf8.count < 8_000)
  }
}
