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
  /// About the most bytes of one page, gap or first look: bodies, and `entryBytes` for the rest of each row.
  public static let maximumPageBytes = 1 << 20
  /// What a row weighs without its body.
  static let entryBytes = 300
  /// The most versions of a message that edits make; a deletion and a redaction may come on top.
  public static let maximumVersions: Int32 = 1000
  /// A case in which nobody says a word for so long closes by itself.
  public static let silence = Duration.seconds(7 * 24 * 3600)
  /// The NOTIFY channel on which chat servers hear how far topics have come: `topic:head` words with spaces between them.
  public static let headsChannel = "onefin_topics"
  /// How long an observation lasts.
  public static let observationTime = Duration.seconds(30 * 60)
}

extension EntryKind {
  /// Kinds that carry a version of a message.
  static let ofMessages: [EntryKind] = [.message, .edit, .delete, .redact, .erase]
}
