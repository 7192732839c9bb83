import Domain
import Logging
import Storage

/// What all hubs of a process share.
struct HubServices: Sendable {
  /// For reads.
  let database: Postgres
  /// For opening topics.
  let reader: TopicReader
  /// What `reader` remembers.
  let memory: PageMemory
  /// For writes.
  let appender: Appender
  /// The other loops and nodes.
  let node: ChatNode
  let clock: ChatClock
  let limits: ChatLimits
  /// Makes the 16 bytes that go into a body's hash.
  let salt: @Sendable () -> [UInt8]
  let logger: Logger
  let metrics: ChatMetrics

  /// What a client is told of an error; what nobody expected goes to the log.
  func refusal(of error: any Error) -> DomainError {
    if let error = error as? DomainError { return error }
    if let error = error as? DatabaseError, let refusal = error.domainError { return refusal }
    logger.error("a read failed", metadata: ["error": "\(error)"])
    return .unavailable
  }

  /// Random salts.
  static let randomSalt: @Sendable () -> [UInt8] = {
    let source = SaltSource()
    return { source.next() }
  }()
}
