import Domain

/// Everything that a batch writes, column by column: each table gets one `INSERT … SELECT FROM unnest(…)`.
struct LogWrites {
  /// Columns of `topic_entry`.
  struct Entries {
    var topic: [TopicID] = []
    var seq: [Int64] = []
    var kind: [EntryKind] = []
    var at: [Timestamp] = []
    var author: [AccountID?] = []
    var staff: [Bool] = []
    var caseNumber: [Int32] = []
    var message: [Int64] = []
    var version: [Int32] = []
    var reply: [Int64] = []
    var holding: [Bool] = []
    var stars: [Int16] = []
    var bodyHash: [[UInt8]?] = []
    var prevHash: [[UInt8]] = []
    var hash: [[UInt8]] = []
    /// `meta` of the few rows that have any, by their place in the columns.
    var metas: [Int: String] = [:]

    /// The column `meta`, as long as the others.
    var meta: [String] { seq.indices.map { metas[$0] ?? "" } }
  }

  /// Columns of `topic_body`.
  struct Bodies {
    var topic: [TopicID] = []
    var seq: [Int64] = []
    var salt: [[UInt8]] = []
    var body: [String] = []
  }

  /// Columns of `send_key`.
  struct Keys {
    var author: [AccountID] = []
    var key: [Key] = []
    var topic: [TopicID] = []
    var seq: [Int64] = []
    var fingerprint: [[UInt8]] = []
  }

  /// Columns of `read_advance`; the marks follow from them.
  struct Advances {
    var topic: [TopicID] = []
    var account: [AccountID] = []
    var from: [Int64] = []
    var to: [Int64] = []
    var at: [Timestamp] = []
  }

  /// Documents that got their message.
  struct Documents {
    var document: [DocumentID] = []
    var message: [Int64] = []
  }

  /// Columns of `document_mark`.
  struct Marks {
    var topic: [TopicID] = []
    var seq: [Int64] = []
    var document: [DocumentID] = []
    var state: [String] = []
    var author: [AccountID] = []
    var at: [Timestamp] = []
  }

  /// Columns of `topic_pause`.
  struct Pauses {
    var topic: [TopicID] = []
    var seq: [Int64] = []
    var kind: [EntryKind] = []
    var at: [Timestamp] = []
  }

  var entries = Entries()
  var pauses = Pauses()
  var documents = Documents()
  var documentMarks = Marks()
  var bodies = Bodies()
  var keys = Keys()
  var advances = Advances()
  /// Rows that the action log tells of too.
  var actions = Actions()
  /// Topics with new rows.
  var topics: Set<TopicID> = []
  /// Cases that were opened or changed.
  var cases: Set<LogFacts.Case> = []
  /// Marks that moved: the last wins.
  var marks: [LogFacts.Reader: (seq: Int64, at: Timestamp)] = [:]
}
