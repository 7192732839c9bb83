import Domain
import Storage

/// A request of a client, decoded and checked as far as it can be without looking anything up.
enum Command {
  case inbox
  case subscribe(topic: TopicID, epoch: Key?, after: Int64?)
  case unsubscribe(topic: TopicID)
  /// `send`, `edit`, `delete`, `close`, `reopen`, `rate`, `mark`, `redact`, `pause`, `resume`: whatever appends a row.
  case append(topic: TopicID, key: Key, action: LogAction)
  case history(topic: TopicID, before: Int64?, after: Int64?, limit: Int)
  case versions(topic: TopicID, message: Int64)
  case read(topic: TopicID, seq: Int64)
  case typing(topic: TopicID, isOn: Bool)
  case observe(topic: TopicID, reason: String)
  case unobserve(topic: TopicID)
  /// Whether anybody is there.
  case ping
}

/// What a frame of a client turned out to be.
enum Request {
  /// A request that makes sense. `id` is nil when the client gave none.
  case command(id: Int64?, Command)
  /// JSON, but no request: to be answered.
  case refused(id: Int64?, DomainError)
  /// No JSON at all: the socket is closed with 1007.
  case noJSON
}
