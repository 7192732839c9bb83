public import Domain

/// What somebody may do with a topic.
public struct TopicRights: Sendable, Hashable {
  /// The side on which they take part; nil when they do not.
  public var staff: Bool?
  /// May watch it inside an observation: admin, or supervisor of its department.
  public var isObserver: Bool
  /// What of hidden bodies they may open.
  public var clearance: Clearance

  /// Takes part: reads, writes, is seen.
  public var isParticipant: Bool { staff != nil }
  /// Whether the topic is there for them at all.
  public var isVisible: Bool { staff != nil || isObserver }
  /// Sees what only staff see, such as clocks.
  public var seesClocks: Bool { staff == true || isObserver }

  /// Rights.
  public init(staff: Bool?, isObserver: Bool, clearance: Clearance) {
    (self.staff, self.isObserver, self.clearance) = (staff, isObserver, clearance)
  }
}

/// Somebody who takes part in a topic or has written in it.
public struct TopicPerson: Sendable, Hashable {
  /// Who.
  public var account: AccountID
  /// The name that pages show.
  public var name: String
  /// As what, by the newest membership that fits.
  public var role: String
  /// Belongs to the firm.
  public var isStaff: Bool
  /// Takes part today.
  public var isParticipant: Bool
}

/// An organisation in somebody's list.
public struct InboxOrganisation: Sendable, Hashable {
  /// Which.
  public var organisation: OrganisationID
  /// Its name.
  public var name: String
  /// The firm's department that serves it.
  public var department: DepartmentID
}

/// A topic in somebody's list.
public struct InboxTopic: Sendable, Hashable {
  /// What is the same for everybody.
  public var summary: TopicSummary
  /// What this person may do.
  public var rights: TopicRights
  /// The person's read mark.
  public var mark: Int64
  /// Messages of others past it, counted to `TopicLog.maximumUnread`; 0 for whoever takes no part.
  public var unread: Int
}

/// Everything that one may see, for a list of topics.
public struct Inbox: Sendable {
  /// New after each restore.
  public var epoch: Key
  /// Whose topics, by name.
  public var organisations: [InboxOrganisation]
  /// The topics, by organisation and kind.
  public var topics: [InboxTopic]
  /// The participants of topics in which this person takes part, and who wrote the newest messages.
  public var people: [TopicPerson]
}

/// A ghost's stay in a topic.
public struct Observation: Sendable, Hashable {
  /// Its row.
  public var id: ObservationID
  /// When it ends by itself.
  public var until: Timestamp
}

/// A topic as somebody sees it who opens it or comes back.
public struct TopicState: Sendable {
  /// New after each restore.
  public var epoch: Key
  /// The topic with its newest row.
  public var summary: TopicSummary
  /// The newest row's hash, nil while the log is empty.
  public var headHash: [UInt8]?
  /// What the reader may do.
  public var rights: TopicRights
  /// The reader's open observation, nil for participants.
  public var observation: Observation?
  /// The reader's mark.
  public var mark: Int64
  /// Messages of others past it; 0 for whoever takes no part.
  public var unread: Int
  /// The rows after the reader's, or the newest page; ascending and contiguous to the head.
  public var entries: [LogEntry]
  /// The same rows as others have got them too; nil when these are the reader's own.
  public var rows: LogRows?
  /// Whether rows exist before the first of `entries`.
  public var hasMore: Bool
  /// Whether `entries` is the newest page although the reader asked for a gap.
  public var isReset: Bool
  /// Everybody's marks.
  public var reads: [ReadMark]
  /// Participants, and who wrote in `entries`.
  public var people: [TopicPerson]
}

/// A page of a log.
public struct LogPage: Sendable {
  /// What the reader may do.
  public var rights: TopicRights
  /// Ascending and contiguous (`history`), or one message's rows (`versions`).
  public var entries: [LogEntry]
  /// Whether rows exist beyond the page, in the direction that was asked for.
  public var hasMore: Bool
  /// Who wrote in `entries`.
  public var people: [TopicPerson]
  /// When the stay ends by which a ghost reads: past that nothing of the page is shown. Nil for participants.
  public var until: Timestamp?
}
