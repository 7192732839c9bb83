private import Crypto

/// The chain that makes a topic's log tamper-evident: each row's hash covers its fields and the hash before it.
///
/// The formula stands in docs/protocol.md ("The chain"); it is computed by the appender, by every verifier and by whoever holds an exported
/// bundle, so it changes only together with the tag.
public enum HashChain {
  /// The fields of a log row that the hash covers.
  public struct Row: Equatable, Sendable {
    /// The topic.
    public var topic: TopicID
    /// The row's number in it, 1 and up without a gap.
    public var seq: Int64
    /// When it was appended.
    public var at: Timestamp
    /// Who did it; nil is the system.
    public var author: AccountID?
    /// What it says.
    public var kind: EntryKind
    /// Which side the author wrote from.
    public var staff: Bool
    /// Marked as holding ("we look into it").
    public var holding: Bool
    /// The case it belongs to.
    public var caseNumber: Int32
    /// The message that it is about, 0 for none.
    public var message: Int64
    /// The version of that message, 0 for none.
    public var version: Int32
    /// The message that it answers, 0 for none.
    public var reply: Int64
    /// The rating, 0 for none.
    public var stars: Int16
    /// Canonical JSON of what the columns don't say (`EntryMeta`), else empty. The hash covers its digest.
    public var meta: String
    /// SHA-256(salt ‖ body); nil when it has no body.
    public var bodyHash: [UInt8]?

    /// A row of these fields.
    public init(
      topic: TopicID, seq: Int64, at: Timestamp, author: AccountID?, kind: EntryKind, staff: Bool, holding: Bool = false,
      caseNumber: Int32,
      message: Int64 = 0, version: Int32 = 0, reply: Int64 = 0, stars: Int16 = 0, meta: String = "", bodyHash: [UInt8]? = nil
    ) {
      (self.topic, self.seq, self.at, self.author, self.kind, self.staff) = (topic, seq, at, author, kind, staff)
      (self.holding, self.caseNumber, self.message, self.version) = (holding, caseNumber, message, version)
      (self.reply, self.stars, self.meta, self.bodyHash) = (reply, stars, meta, bodyHash)
    }
  }

  /// The `prev` of a topic's first row.
  public static func origin(of topic: TopicID) -> [UInt8] {
    var hasher = SHA256()
    hasher.update(text: "1fin.topic.v1")
    hasher.update(topic.rawValue)
    return Array(hasher.finalize())
  }

  /// The hash of `row` after a row whose hash is `prev` (32 bytes).
  public static func hash(_ row: Row, after prev: [UInt8]) -> [UInt8] { hash(row, metaHash: metaHash(row.meta), after: prev) }

  /// The same for a row whose `meta` is known by its digest only, as whoever may not read it knows it.
  public static func hash(_ row: Row, metaHash: [UInt8], after prev: [UInt8]) -> [UInt8] {
    var hasher = SHA256()
    hasher.update(text: "1fin.entry.v1")
    hasher.update(data: prev)
    hasher.update(row.topic.rawValue)
    hasher.update(row.seq)
    hasher.update(row.at.microseconds)
    hasher.update(row.author?.rawValue ?? 0)
    let flags: UInt8 = (row.staff ? 1 : 0) | (row.holding ? 2 : 0) | (row.bodyHash == nil ? 0 : 4)
    hasher.update(data: [UInt8(truncatingIfNeeded: row.kind.rawValue), flags])
    hasher.update(Int64(row.caseNumber))
    hasher.update(row.message)
    hasher.update(Int64(row.version))
    hasher.update(row.reply)
    hasher.update(data: [UInt8(truncatingIfNeeded: row.stars)])
    hasher.update(data: metaHash)
    hasher.update(data: row.bodyHash ?? nothing)
    return Array(hasher.finalize())
  }

  /// What the chain holds in place of an absent `meta` or body.
  private static let nothing = [UInt8](repeating: 0, count: 32)

  /// SHA-256(meta): what the chain holds in its place, so that the row can be worked out by those too who may not read it; 32 zero bytes
  /// for an empty one.
  public static func metaHash(_ meta: String) -> [UInt8] {
    guard !meta.isEmpty else { return nothing }
    var hasher = SHA256()
    hasher.update(text: meta)
    return Array(hasher.finalize())
  }

  /// 16 bytes that keep a row's `meta` from being guessed by its digest. They come from the salt of the request and don't lead back to it:
  /// what an erasure takes away with the body's salt stays away.
  public static func metaSalt(from salt: [UInt8]) -> [UInt8] {
    var hasher = SHA256()
    hasher.update(text: "1fin.meta.salt.v1")
    hasher.update(data: salt)
    return Array(hasher.finalize().prefix(16))
  }

  /// SHA-256(salt ‖ body): what the chain holds in place of the body, so that an erasure of both leaves it whole.
  public static func bodyHash(salt: [UInt8], body: String) -> [UInt8] {
    var hasher = SHA256()
    hasher.update(data: salt)
    hasher.update(text: body)
    return Array(hasher.finalize())
  }

  /// SHA-256 of `bytes`.
  public static func digest(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }
}

extension SHA256 {
  mutating func update(_ value: Int64) {
    withUnsafeBytes(of: value.bigEndian) { update(bufferPointer: $0) }
  }

  mutating func update(text: String) {
    var text = text
    text.withUTF8 { update(bufferPointer: UnsafeRawBufferPointer($0)) }
  }
}
