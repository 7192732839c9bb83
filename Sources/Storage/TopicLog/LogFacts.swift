import Domain

/// What the database knew about a batch while its topics were locked.
struct LogFacts {
  /// A message that something is about.
  struct Message: Hashable {
    var topic: TopicID
    var seq: Int64
  }

  /// A case.
  struct Case: Hashable {
    var topic: TopicID
    var number: Int32
  }

  /// Whose mark.
  struct Reader: Hashable {
    var topic: TopicID
    var account: AccountID
  }

  /// Whose key.
  struct AuthorKey: Hashable {
    var author: AccountID
    var key: Key
  }

  /// The locked row of a topic.
  struct Topic {
    var summary: TopicSummary
    var headHash: [UInt8]?
    var caseOpen: Bool
  }

  /// What somebody may do with a topic now.
  struct Access {
    /// The session is alive and theirs.
    var isAlive: Bool
    /// The side that they take part on: nil for no participant.
    var staff: Bool?
    /// May watch it.
    var isObserver: Bool
    /// What the permission table is asked with.
    var memberships: [Membership] = []
    /// The firm's department that serves the topic.
    var department: DepartmentID?
  }

  /// The newest state of a message.
  struct Target {
    var author: AccountID?
    var caseNumber: Int32
    var version: Int32
    /// Taken back or redacted.
    var isGone: Bool
    var isRedacted = false
    var isErased = false
  }

  /// A document that something is about, as long as its topic is locked.
  struct Document {
    var topic: TopicID
    var uploader: AccountID
    /// Which side it was uploaded from: staff's files are stamped, and a client's are not.
    var staff: Bool
    /// The message that has it, 0 for none.
    var message: Int64
    var state: DocumentState
    var entry: EntryDocument
  }

  /// A row of `topic_case`.
  struct CaseRecord {
    var openedSeq: Int64
    var openedAt: Timestamp
    var closedSeq: Int64?
    var closedAt: Timestamp?
    var closedBy: AccountID?
    var ratedSeq: Int64?
    var ratedAt: Timestamp?
    var ratedBy: AccountID?
    var stars: Int16?
    /// Since when a client waited when it was closed; known only where that was in this batch.
    var waitedSince: Timestamp?

    func summary(number: Int32) -> CaseSummary {
      CaseSummary(number: number, openedAt: openedAt, closedAt: closedAt, closedBy: closedBy, stars: stars)
    }
  }

  /// A request that was answered before.
  struct Answered {
    var entry: LogEntry
    var fingerprint: [UInt8]
  }

  var topics: [TopicID: Topic] = [:]
  /// By the item's place in the batch.
  var access: [Access?]
  /// By the item's place in the batch.
  var answered: [Int: Answered] = [:]
  var targets: [Message: Target] = [:]
  var cases: [Case: CaseRecord] = [:]
  var documents: [DocumentID: Document] = [:]
  /// The clock of the newest case; known only for topics in which something is to be taken back or a case to be opened again.
  var clocks: [TopicID: CaseClock] = [:]
  /// When the last word was said; known only for topics whose case is to end by itself.
  var words: [TopicID: Timestamp] = [:]
  /// Topics whose clock a pause has stopped; known only where one is to begin or to end.
  var paused: Set<TopicID> = []
  var marks: [Reader: Int64] = [:]
  /// By the item's place: messages of others past the mark that a read asks for, as they were before the batch.
  var unread: [Int: Int] = [:]
}
