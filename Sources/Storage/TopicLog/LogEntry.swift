public import Domain

/// Who may not open a body any more. Ordered: each level shuts out more people than the one before.
public enum Hiding: Int16, Sendable, Comparable {
  /// Nobody.
  case none = 0
  /// Everybody but admin and supervisor: a client deleted the message.
  case deleted = 1
  /// Everybody but admin: the message was redacted.
  case redacted = 2
  /// Everybody: the message was erased, and nobody's clearance reaches as far.
  case erased = 3

  /// Fewer people shut out is less.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// What of hidden bodies a reader may open: everything hidden at this level or below.
public typealias Clearance = Hiding

/// A row of a topic's log as it is read. Immutable and shared between threads.
public final class LogEntry: Sendable {
  /// The topic.
  public let topic: TopicID
  /// The row's number, 1 and up without a gap.
  public let seq: Int64
  /// What it says.
  public let kind: EntryKind
  /// When it was appended.
  public let at: Timestamp
  /// Who did it; nil is the system.
  public let author: AccountID?
  /// Which side the author wrote from.
  public let staff: Bool
  /// The case it belongs to.
  public let caseNumber: Int32
  /// The message that it is about (itself for a message), 0 for none.
  public let message: Int64
  /// The version of that message, 0 for none.
  public let version: Int32
  /// The message that it answers, 0 for none.
  public let reply: Int64
  /// Marked as holding.
  public let holding: Bool
  /// The rating, 0 for none.
  public let stars: Int16
  /// What the row says beyond its columns, canonical JSON; empty for most. It is part of the chain: `EntryMeta` reads it.
  public let meta: String
  /// The body, reason or comment; nil when it has none or when it was erased.
  public let body: String?
  /// Who may not open the body.
  public let hiding: Hiding
  /// Its link of the chain, 32 bytes.
  public let hash: [UInt8]

  init(
    topic: TopicID, seq: Int64, kind: EntryKind, at: Timestamp, author: AccountID?, staff: Bool, caseNumber: Int32,
    message: Int64,
    version: Int32, reply: Int64, holding: Bool, stars: Int16, meta: String = "", body: String?, hiding: Hiding, hash: [UInt8]
  ) {
    (self.topic, self.seq, self.kind, self.at, self.author, self.staff) = (topic, seq, kind, at, author, staff)
    (self.caseNumber, self.message, self.version, self.reply) = (caseNumber, message, version, reply)
    (self.holding, self.stars, self.meta, self.body, self.hiding, self.hash) = (holding, stars, meta, body, hiding, hash)
  }

  /// Whether the row says something that only staff see.
  public var hasStaffPart: Bool { kind == .close && !meta.isEmpty }

  /// Whether this row had a body that a reader of `clearance` may not open.
  public func isHidden(from clearance: Clearance) -> Bool { hiding > clearance }
}
