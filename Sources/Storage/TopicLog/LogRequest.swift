public import Domain

/// A request to append one row.
public struct LogRequest: Sendable {
  /// The topic.
  public var topic: TopicID
  /// Who asks.
  public var account: AccountID
  /// The session that must be alive; nil for the seeder and the system, which have none.
  public var session: SessionID?
  /// The client's key: (account, key) is unique for ever.
  public var key: Key
  /// What to append.
  public var action: LogAction
  /// When; the row carries it.
  public var at: Timestamp
  /// 16 random bytes, the salt of the body's hash; that of `meta` comes from it.
  public var salt: [UInt8]

  /// A request. `salt` must be 16 bytes.
  public init(
    topic: TopicID, account: AccountID, session: SessionID?, key: Key, action: LogAction, at: Timestamp, salt: [UInt8]
  ) {
    (self.topic, self.account, self.session, self.key) = (topic, account, session, key)
    (self.action, self.at, self.salt) = (action, at, salt)
  }

  /// SHA-256 of what was asked, time and salt left out: the same key with another hash is another request.
  var fingerprint: [UInt8] {
    var bytes: [UInt8] = [UInt8(truncatingIfNeeded: action.kind.rawValue)]
    bytes.reserveCapacity(64 + (action.body?.utf8.count ?? 0))
    func append(_ value: Int64) { withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) } }
    append(topic.rawValue)
    append(action.target)
    switch action {
    case .send(_, let reply, let holding, let documents):
      append(reply)
      append(holding ? 1 : 0)
      if !documents.isEmpty {
        // A byte that no body begins with, so that a message without documents keeps the hash that it always had.
        bytes.append(2)
        append(Int64(documents.count))
        for document in documents { append(document.rawValue) }
      }
    case .mark(let document, let state, _):
      append(document.rawValue)
      bytes.append(contentsOf: state.rawValue.utf8)
      bytes.append(0)
    case .rate(let number, let stars, _):
      append(Int64(number))
      append(Int64(stars))
    // The same kind of row as `close`, and another request.
    case .dismiss: bytes.append(2)
    case .edit, .delete, .redact, .erase, .close, .pause, .resume, .reopen: break
    }
    if let body = action.body {
      bytes.append(1)
      bytes.append(contentsOf: body.utf8)
    }
    return HashChain.digest(bytes)
  }
}

/// A request to move a read mark; it needs no key, since the mark only grows.
public struct ReadRequest: Sendable {
  /// The topic.
  public var topic: TopicID
  /// Whose mark.
  public var account: AccountID
  /// The session that must be alive; nil for the seeder.
  public var session: SessionID?
  /// Up to which row; past the head it means the head.
  public var seq: Int64
  /// When.
  public var at: Timestamp

  /// A request.
  public init(topic: TopicID, account: AccountID, session: SessionID?, seq: Int64, at: Timestamp) {
    (self.topic, self.account, self.session, self.seq, self.at) = (topic, account, session, seq, at)
  }
}

/// The system closes a case that nobody closed: one in which nobody has said a word for long, or one of a company that has left.
public struct ExpiryRequest: Sendable {
  /// Why it ends.
  public enum Cause: Sendable, Hashable {
    /// The silent close: only if the last word is no later than this.
    case silence(since: Timestamp)
    /// The company has left the firm, whoever spoke when.
    case companyLeft
  }

  /// The topic.
  public var topic: TopicID
  /// When; the row carries it.
  public var at: Timestamp
  /// Why.
  public var cause: Cause

  /// A request.
  public init(topic: TopicID, at: Timestamp, cause: Cause) {
    (self.topic, self.at, self.cause) = (topic, at, cause)
  }
}

/// One thing that the appender commits.
public enum LogItem: Sendable {
  /// A row of the log.
  case append(LogRequest)
  /// A read mark.
  case read(ReadRequest)
  /// The end of a case that nobody ended; for servers only, since nobody's permission is asked.
  case expire(ExpiryRequest)

  /// The topic that it is about.
  public var topic: TopicID {
    switch self {
    case .append(let request): request.topic
    case .read(let request): request.topic
    case .expire(let request): request.topic
    }
  }

  var account: AccountID {
    switch self {
    case .append(let request): request.account
    case .read(let request): request.account
    case .expire: AccountID(0)
    }
  }

  var session: SessionID? {
    switch self {
    case .append(let request): request.session
    case .read(let request): request.session
    case .expire: nil
    }
  }

  /// Whether the system asks, whom nobody has to let in.
  var isSystem: Bool { if case .expire = self { true } else { false } }
}
