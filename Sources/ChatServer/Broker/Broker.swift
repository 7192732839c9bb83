import Domain
import Storage

/// A topic and its newest row.
struct TopicHead: Sendable, Hashable {
  var topic: TopicID
  var head: Int64
}

/// What lives only for a moment and is never stored.
enum LiveNews: Sendable, Equatable {
  /// Somebody types, or stopped.
  case typing(TopicID, AccountID, isOn: Bool)
  /// A read mark moved. The mark itself is stored; only the word of it may be lost.
  case read(ReadMark)
  /// The node has its first socket of an account.
  case online(AccountID)
  /// The node has no socket of the account any more.
  case offline(AccountID, seen: Timestamp)
  /// Part of all accounts that the node has sockets of; what is in no part is gone once the last part has come.
  case roster([AccountID], isFirst: Bool, isLast: Bool)
  /// A node has come and asks for everybody's roster.
  case hello
  /// The node ends.
  case goodbye
}

/// News between nodes. What each implementation guarantees, and one contract test checks:
///
/// 1. **Heads**: after `publish(heads:)` every other node hears of each topic's head or a higher one, at least once, also when a message between
///    nodes was lost. Not in order, and possibly more than once; a node may hear of its own.
/// 2. **Access and sessions**: what was committed to the outbox after `start` is heard by every node at least once, within a second, and
///    never before its commit.
///    The same holds for documents of which something has become, and for notifications.
/// 3. **Live** news reach the other nodes at most once, in the order in which a node published them; any may be lost. Never heard by their own node. A mark may come
///    twice. When a node could not hear for a while, it is told so by `heardAgain`.
/// 4. **Heartbeat**: while the node is sure to hear of revocations, `heartbeat` comes at least every 500 ms, and each one comes after all access and
///    session news that were committed `age` milliseconds before it, however long it was on its way. When it stays away, or is old, the node may
///    have missed a revocation.
/// 5. Publishing never blocks and never fails; the receiver is called on threads of the broker, one call at a time, and must not block.
protocol Broker: AnyObject, Sendable {
  /// Begins to hear. Once.
  func start(_ receiver: any BrokerReceiver)
  /// Tells the others how far topics have come. After the commit.
  func publish(heads: [TopicHead])
  /// Tells the others something that is not stored.
  func publish(_ news: LiveNews)
  /// Ends. Nothing is heard after it has returned.
  func stop()
}

/// Who hears the news.
protocol BrokerReceiver: AnyObject, Sendable {
  /// Topics have come so far, at least.
  func heard(heads: [TopicHead])
  /// Another node says something.
  func heard(_ news: LiveNews, from node: Key)
  /// What these accounts may do has changed in these topics.
  func heardAccess(accounts: [AccountID], topics: [TopicID])
  /// These sessions have ended.
  func heardEnded(sessions: [SessionID])
  /// Something has become of these documents.
  func heard(documents: [DocumentRecord])
  /// These accounts were told something, or have read what they were told.
  func heard(notifications: [NotificationNews])
  /// Live news of others may have been missed from some moment until now.
  func heardAgain()
  /// The feed is alive: it was asked `age` milliseconds ago.
  func heartbeat(age: Int64)
}
