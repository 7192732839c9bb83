import Domain

/// Who may write where, as the appender has lately read it under the topics' row locks: looking that up costs more than writing the row.
///
/// It never outlives a revocation: each one raises `topic.access` under the same lock (`AccessChange`), so that what was read under another number is
/// asked again. Besides it ends with the day in Tashkent, with which assignments begin and end, with the session's own time, and soon in any case.
public struct AccessMemory: Sendable {
  /// Who asks, and where.
  struct Place: Hashable {
    var topic: TopicID
    var account: AccountID
    var session: SessionID?

    init(_ item: LogItem) { (topic, account, session) = (item.topic, item.account, item.session) }
  }

  /// What was found.
  struct Entry {
    var access: LogFacts.Access
    /// `topic.access` at that time.
    var number: Int64
    /// When the session ends by itself; nil without one.
    var sessionEnd: Timestamp?
    /// When it was read.
    var readAt: Timestamp
  }

  /// How long an entry is believed.
  private let life: Duration
  /// The most entries.
  private let limit: Int
  private var entries: [Place: Entry] = [:]

  /// An empty memory of at most `limit` entries, 65,536 by default, each of which is believed for `life`, 5 seconds by default: that is also how
  /// long a change goes unnoticed that somebody makes by hand and without raising `access`.
  public init(limit: Int = 65_536, life: Duration = .seconds(5)) { (self.limit, self.life) = (limit, life) }

  /// What is known about who wants to do `item`; nil when that has to be asked.
  func entry(for item: LogItem, at now: Timestamp) -> Entry? {
    // Whether somebody may watch is not known here, and a redaction or erasure needs it.
    guard !item.isRedaction, let entry = entries[Place(item)] else { return nil }
    guard entry.readAt <= now, now < entry.readAt.advanced(by: life) else { return nil }
    guard LocalDate(inTashkentAt: entry.readAt) == LocalDate(inTashkentAt: now) else { return nil }
    // Postgres' clock says when a session is over, and may be a little ahead of ours.
    if let end = entry.sessionEnd, end <= now.advanced(by: .seconds(5)) { return nil }
    return entry
  }

  /// Keeps what was found for `item`, if it is somebody who takes part: others hardly come again.
  mutating func remember(_ entry: Entry, for item: LogItem) {
    guard entry.access.isAlive, entry.access.staff != nil, !item.isRedaction else { return }
    if entries.count >= limit { entries = [:] }
    entries[Place(item)] = entry
  }

  /// Somebody's access to the item's topic has changed.
  mutating func forget(_ item: LogItem) { entries[Place(item)] = nil }
}

extension LogItem {
  /// A redaction or an erasure, for which one needs not take part.
  var isRedaction: Bool {
    guard case .append(let request) = self else { return false }
    return request.action.kind == .redact || request.action.kind == .erase
  }
}
