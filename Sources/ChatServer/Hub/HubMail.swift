import Domain
import Storage
import Synchronization
import WebSocketServer

/// What reaches a hub from other threads.
enum HubMail: Sendable {
  case committed(CommittedBatch)
  case doubtful([TopicID])
  case heads([TopicHead])
  case typing(TopicID, AccountID, isOn: Bool)
  case read(ReadMark)
  case presence(Presence)
  case access(accounts: [AccountID], topics: [TopicID])
  case ended([SessionID])
  case documents([DocumentRecord])
  case notifications([NotificationNews])
  case heartbeat(askedAt: Int64)
  case heardAgain
  case state(SubscriptionTicket, Result<TopicState, DomainError>)
  case inbox(SocketTicket, Result<Inbox, DomainError>)
  case page(SocketTicket, PageRequest, Result<LogPage, DomainError>)
  case unobserved(SocketTicket, TopicID, ObservedRange?, DomainError?)
  case refreshed(TopicID, serial: Int, Result<TopicRefresh?, DomainError>)
  case checked([SessionID], Result<Set<SessionID>, DomainError>)
  case widened([ObservedRange], Result<[ObservationID], DomainError>)
}

/// Whom an answer is for. `stamp` tells whether the account's access has changed since it was asked.
struct SocketTicket: Sendable {
  var socket: SocketID
  var id: Int64?
  var stamp: Int
  var serial = 0
}

/// Which subscription a state is for; `serial` tells whether it is still the same one, `stamp` whether access has changed since.
struct SubscriptionTicket: Sendable {
  var socket: SocketID
  var topic: TopicID
  var serial: Int
  var stamp: Int
}

/// What page of a log was asked for.
enum PageRequest: Sendable {
  case history(TopicID, before: Int64?, after: Int64?, limit: Int)
  case versions(TopicID, message: Int64)
}

/// The way into a hub from other threads: mail behind a lock, and one wake-up for any number of letters.
final class HubPort: Sendable {
  private struct State {
    var mail: [HubMail] = []
    var wake: (@Sendable () -> Void)?
  }

  private let state = Mutex(State())

  /// Sets how the hub's loop is woken; once, before anything is posted.
  func connect(_ wake: @escaping @Sendable () -> Void) { state.withLock { $0.wake = wake } }

  /// Puts a letter in.
  func post(_ mail: HubMail) {
    let wake = state.withLock { state in
      state.mail.append(mail)
      return state.mail.count == 1 ? state.wake : nil
    }
    wake?()
  }

  /// Takes everything out, in order.
  func collect() -> [HubMail] {
    state.withLock { state in
      defer { state.mail = [] }
      return state.mail
    }
  }
}
