import Domain
import Logging
import Storage
import Synchronization

/// The broker that needs nothing but Postgres: LISTEN/NOTIFY wakes, tables tell.
///
/// One thread and connection listens, one publishes (NOTIFY takes a lock of the whole cluster at commit, so it goes nowhere near the appender's
/// transactions), one reads the outbox, which it also does unasked every 400 ms, and the heads every 5 s.
final class PostgresBroker: Broker {
  static let topicsChannel = TopicLog.headsChannel
  static let liveChannel = "onefin_live"
  static let pollInterval: Int64 = 400
  static let headsInterval: Int64 = 5_000
  static let sweepInterval: Int64 = 600_000
  /// How long `stop` waits for threads that wait for Postgres, in milliseconds.
  static let stopPatience: Int64 = 2_000
  /// NOTIFY takes less than 8000 bytes.
  static let payloadLimit = 7_900
  /// The most live news that wait to be published; more are lost, which is allowed.
  static let liveLimit = 10_000

  private struct Outgoing {
    var heads: [TopicID: Int64] = [:]
    var live: [LiveNews] = []
    var isStopping = false
  }

  private struct Incoming {
    var isWoken = true
    var wantsHeads = false
    var isStopping = false
  }

  private struct Running {
    var threads: [ServerThread] = []
    var listener: NotificationListener?
    var didListen = false
  }

  private let configuration: PostgresConfiguration
  private let node: Key
  private let logger: Logger
  private let clock: ChatClock
  private let outgoing = Monitor(Outgoing())
  private let incoming = Monitor(Incoming())
  private let running = Mutex(Running())
  /// How many threads of ours have come to their end.
  private let ended = Monitor(0)
  /// Receivers hear one call at a time, from two threads; none once this is true.
  private let isOver = Mutex(false)

  /// The broker of `node`.
  init(_ configuration: PostgresConfiguration, node: Key, logger: Logger, clock: ChatClock = .system) {
    (self.configuration, self.node, self.logger, self.clock) = (configuration, node, logger, clock)
  }

  func start(_ receiver: any BrokerReceiver) {
    let callbacks = NotificationListener.Callbacks(
      onConnected: { [incoming] in
        // Whatever was said before this moment may have been missed.
        incoming.withLock { ($0.isWoken, $0.wantsHeads) = (true, true) }
        incoming.signal()
        let isFirst = self.running.withLock { running in
          defer { running.didListen = true }
          return !running.didListen
        }
        self.hear {
          if !isFirst { receiver.heardAgain() }
          receiver.heard(.hello, from: self.node)
        }
        // The others tell whom they have.
        self.publish(.hello)
      },
      onDisconnected: { [logger] in logger.warning("the broker does not listen", metadata: ["error": "\($0)"]) },
      onNotification: { [self] in heard($0, receiver) })
    var listener: NotificationListener?
    do {
      listener = try NotificationListener(
        configuration, channels: [Self.topicsChannel, Self.liveChannel, Outbox.wakeChannel], callbacks: callbacks)
    } catch {
      // The polls go on without it.
      logger.error("the broker cannot listen", metadata: ["error": "\(error)"])
    }
    let threads = [makeThread { $0.publish() }, makeThread { $0.poll(receiver) }].compactMap(\.self)
    running.withLock { [listener] in ($0.threads, $0.listener) = (threads, listener) }
  }

  func publish(heads: [TopicHead]) {
    outgoing.withLock { outgoing in
      for news in heads { outgoing.heads[news.topic] = max(outgoing.heads[news.topic] ?? 0, news.head) }
    }
    outgoing.signal()
  }

  func publish(_ news: LiveNews) {
    outgoing.withLock { if $0.live.count < Self.liveLimit { $0.live.append(news) } }
    outgoing.signal()
  }

  func stop() {
    outgoing.withLock { $0.isStopping = true }
    outgoing.signal()
    incoming.withLock { $0.isStopping = true }
    incoming.signal()
    let (threads, listener) = running.withLock { running in
      defer { running = Running() }
      return (running.threads, running.listener)
    }
    listener?.stop()
    // When the network is gone, a thread may wait for Postgres for half a minute more: then it ends by itself, or with the process, unheard.
    let haveEnded = ended.wait(milliseconds: Self.stopPatience) { $0 == threads.count ? true : nil }
    isOver.withLock { $0 = true }
    if haveEnded == true { for thread in threads { thread.join() } }
  }

  private func makeThread(_ body: @escaping @Sendable (PostgresBroker) -> Void) -> ServerThread? {
    ServerThread { [self] in
      body(self)
      ended.withLock { $0 += 1 }
      ended.signal()
    }
  }

  private func hear(_ body: () -> Void) {
    isOver.withLock { isOver in
      if !isOver { body() }
    }
  }

  // MARK: Listening

  private func heard(_ notification: DatabaseNotification, _ receiver: any BrokerReceiver) {
    switch notification.channel {
    case Outbox.wakeChannel:
      incoming.withLock { $0.isWoken = true }
      incoming.signal()
    case Self.topicsChannel:
      let heads = notification.payload.split(separator: " ").compactMap { word -> TopicHead? in
        let parts = word.split(separator: ":")
        guard parts.count == 2, let topic = Int64(parts[0]), let head = Int64(parts[1]) else { return nil }
        return TopicHead(topic: TopicID(topic), head: head)
      }
      hear { receiver.heard(heads: heads) }
    default:
      guard let (sender, news) = LiveNewsCodec.decode(notification.payload), sender != node else { return }
      hear { receiver.heard(news, from: sender) }
    }
  }

  // MARK: Publishing

  private func publish() {
    var session: Session?
    var number: Int64 = 0
    var failures = 0
    while let batch = takeOutgoing() {
      do {
        let open: Session
        if let session, session.isAlive { open = session } else { open = try Session.open(configuration) }
        session = open
        failures = 0
        let live = batch.live.map { news in
          number += 1
          return LiveNewsCodec.encode(news, node: node, number: number)
        }
        let heads = Self.payloads(batch.heads)
        _ = try open.result(
          """
          SELECT pg_notify(u.channel, u.payload)
            FROM unnest(\(heads.map { _ in Self.topicsChannel } + live.map { _ in Self.liveChannel }), \(heads + live)) WITH ORDINALITY AS u (channel, payload, n) ORDER BY u.n
          """)
      } catch {
        // Heads are polled and rosters come again, but nobody repeats a mark.
        failures += 1
        keepMarks(batch.live)
        logger.warning("news were not published", metadata: ["error": "\(error)"])
        let pause = configuration.backoff.delay(after: failures, random: .random(in: 0...1)).wholeMilliseconds
        _ = outgoing.wait(milliseconds: max(10, pause)) { $0.isStopping ? true : nil }
      }
    }
  }

  private func keepMarks(_ news: [LiveNews]) {
    let marks = news.filter { if case .read = $0 { true } else { false } }
    outgoing.withLock { outgoing in
      guard !outgoing.isStopping, outgoing.live.count + marks.count <= Self.liveLimit else { return }
      outgoing.live = marks + outgoing.live
    }
  }

  private func takeOutgoing() -> Outgoing? {
    outgoing.wait { (outgoing) -> Outgoing?? in
      guard !outgoing.heads.isEmpty || !outgoing.live.isEmpty else { return outgoing.isStopping ? .some(nil) : nil }
      defer { (outgoing.heads, outgoing.live) = ([:], []) }
      return outgoing
    } ?? nil
  }

  private static func payloads(_ heads: [TopicID: Int64]) -> [String] {
    var payloads: [String] = []
    var payload = ""
    for (topic, head) in heads {
      let word = "\(topic):\(head)"
      if payload.utf8.count + word.utf8.count + 1 > payloadLimit {
        payloads.append(payload)
        payload = ""
      }
      payload += payload.isEmpty ? word : " " + word
    }
    return payload.isEmpty ? payloads : payloads + [payload]
  }

  // MARK: Reading

  private func poll(_ receiver: any BrokerReceiver) {
    var session: Session?
    var feed = OutboxFeed()
    var (headsAt, sweptAt) = (Int64.min / 2, clock.uptime())
    while true {
      let wantsHeads = incoming.wait(milliseconds: Self.pollInterval) { (incoming) -> Bool? in
        guard incoming.isWoken || incoming.isStopping else { return nil }
        incoming.isWoken = false
        defer { incoming.wantsHeads = false }
        return incoming.wantsHeads
      }
      if incoming.withLock(\.isStopping) { return }
      do {
        let open: Session
        if let session, session.isAlive { open = session } else { open = try Session.open(configuration) }
        session = open
        let askedAt = clock.uptime()
        let news = try feed.next(in: open)
        hear {
          for news in news {
            switch news {
            case .access(let accounts, let topics): receiver.heardAccess(accounts: accounts, topics: topics)
            case .session(let sessions): receiver.heardEnded(sessions: sessions)
            case .documents(let documents): receiver.heard(documents: documents)
            case .notifications(let news): receiver.heard(notifications: news)
            }
          }
          receiver.heartbeat(age: clock.uptime() - askedAt)
        }
        let now = clock.uptime()
        if wantsHeads == true || now - headsAt >= Self.headsInterval {
          headsAt = now
          let heads = try TopicLog.heads(in: open).map { TopicHead(topic: $0.topic, head: $0.head) }
          hear { receiver.heard(heads: heads) }
        }
        if now - sweptAt >= Self.sweepInterval {
          sweptAt = now
          try OutboxFeed.sweep(in: open)
          try TopicLog.endExpired(at: .now, in: open)
        }
      } catch {
        logger.warning("the outbox was not read", metadata: ["error": "\(error)"])
      }
    }
  }
}
