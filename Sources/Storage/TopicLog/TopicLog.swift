import Domain

/// The log of a topic: the only code that writes `topic_entry` and the tables beside it, and the only that reads bodies.
///
/// Everything takes a `Session` and blocks; servers call it on the threads of their connections. Appending is for one `LogBatch` at a time
/// and connection; many connections may append at once, the topics' row locks order them.
public enum TopicLog {
  /// Unread messages are counted up to here.
  public static let maximumUnread = 1000
  /// The longest gap that resuming fills, in rows.
  public static let maximumGap = 500
  /// How many rows a first look shows.
  public static let firstPage = 50
  /// The most rows of one page of history.
  public static let maximumPage = 200
  /// How long an observation lasts.
  public static let observationTime = Duration.seconds(30 * 60)
}

extension EntryKind {
  /// Kinds that carry a version of a message.
  static let ofMessages: [EntryKind] = [.message, .edit, .delete, .redact]
}

extension Hiding: SQLScalar {}
