import Domain
import Storage
import Synchronization

/// What nodes of one process meet in: for tests, and for a single node.
final class MemoryExchange: Sendable {
  private let brokers = Mutex<[MemoryBroker]>([])

  /// An empty exchange.
  init() {}

  fileprivate func add(_ broker: MemoryBroker) { brokers.withLock { $0.append(broker) } }

  fileprivate func remove(_ broker: MemoryBroker) { brokers.withLock { $0.removeAll { $0 === broker } } }

  fileprivate func others(than broker: MemoryBroker) -> [MemoryBroker] { brokers.withLock { $0.filter { $0 !== broker } } }

  /// Tells every node what would come from the outbox.
  func publish(_ news: OutboxNews) {
    for broker in brokers.withLock({ $0 }) { broker.take(.outbox(news)) }
  }
}

/// A broker without Postgres: its node's news go to the other brokers of the same exchange.
final class MemoryBroker: Broker {
  fileprivate enum Letter: Sendable {
    case heads([TopicHead])
    case live(LiveNews, Key)
    case outbox(OutboxNews)
  }

  private struct State {
    var letters: [Letter] = []
    var isStopping = false
    var thread: ServerThread?
  }

  private let exchange: MemoryExchange
  private let node: Key
  private let state = Monitor(State())

  /// The broker of `node`.
  init(_ exchange: MemoryExchange, node: Key) { (self.exchange, self.node) = (exchange, node) }

  func start(_ receiver: any BrokerReceiver) {
    exchange.add(self)
    let thread = ServerThread { [state] in
      while true {
        let letters: [Letter]? =
          state.wait(milliseconds: 250) { state in
            guard !state.letters.isEmpty || state.isStopping else { return nil }
            defer { state.letters = [] }
            return state.isStopping ? .some(nil) : state.letters
          } ?? []
        guard let letters else { return }
        for letter in letters {
          switch letter {
          case .heads(let heads): receiver.heard(heads: heads)
          case .live(let news, let node): receiver.heard(news, from: node)
          case .outbox(.access(let accounts, let topics)): receiver.heardAccess(accounts: accounts, topics: topics)
          case .outbox(.session(let sessions)): receiver.heardEnded(sessions: sessions)
          case .outbox(.documents(let documents)): receiver.heard(documents: documents)
          case .outbox(.notifications(let news)): receiver.heard(notifications: news)
          }
        }
        receiver.heartbeat(age: 0)
      }
    }
    state.withLock { $0.thread = thread }
  }

  func publish(heads: [TopicHead]) {
    for other in exchange.others(than: self) { other.take(.heads(heads)) }
  }

  func publish(_ news: LiveNews) {
    for other in exchange.others(than: self) { other.take(.live(news, node)) }
  }

  func stop() {
    exchange.remove(self)
    let thread = state.withLock { state in
      state.isStopping = true
      defer { state.thread = nil }
      return state.thread
    }
    state.signal()
    thread?.join()
  }

  fileprivate func take(_ letter: Letter) {
    state.withLock { $0.letters.append(letter) }
    state.signal()
  }
}
