private import Crypto

/// The head of a log on the day of a root.
public struct SealedHead: Sendable, Hashable {
  /// The topic; nil: the action log.
  public var topic: TopicID?
  /// The number of its newest row, 0 when there is none.
  public var seq: Int64
  /// That row's hash, or what stands before the first.
  public var hash: [UInt8]

  /// A head.
  public init(topic: TopicID?, seq: Int64, hash: [UInt8]) { (self.topic, self.seq, self.hash) = (topic, seq, hash) }

  /// The leaf's bytes: the tag, the topic (0 for the action log), the number, the hash.
  public var leaf: [UInt8] {
    var bytes = Array("1fin.head.v1".utf8)
    for number in [topic?.rawValue ?? 0, seq] { withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) } }
    return bytes + hash
  }
}

/// The seal of a day as people hold it: everything that its hash covers. The formulas stand in docs/audit.md.
public struct DailyRoot: Sendable, Hashable {
  /// Its number, 1 and up without a gap.
  public var number: Int64
  /// The day in Tashkent.
  public var day: LocalDate
  /// When it was made.
  public var at: Timestamp
  /// How many heads the tree has.
  public var count: Int64
  /// The root of the tree over the heads.
  public var tree: [UInt8]
  /// SHA-256(salt ‖ the root of the ghosts' ledger): it seals the ledger and says nothing about it.
  public var ghostSeal: [UInt8]
  /// The hash of the root before.
  public var prev: [UInt8]

  /// A root of these fields.
  public init(
    number: Int64, day: LocalDate, at: Timestamp, count: Int64, tree: [UInt8], ghostSeal: [UInt8], prev: [UInt8]
  ) {
    (self.number, self.day, self.at, self.count) = (number, day, at, count)
    (self.tree, self.ghostSeal, self.prev) = (tree, ghostSeal, prev)
  }

  /// What stands for the root before the first.
  public static let origin: [UInt8] = HashChain.digest(Array("1fin.roots.v1".utf8))
  /// What stands for the root of the ghosts' ledger before the first day.
  public static let ghostOrigin: [UInt8] = HashChain.digest(Array("1fin.ghosts.v1".utf8))

  /// The root's hash.
  public var hash: [UInt8] {
    var hasher = SHA256()
    hasher.update(text: "1fin.root.v1")
    hasher.update(data: prev)
    hasher.update(number)
    hasher.update(Int64(day.daysSince1970))
    hasher.update(at.microseconds)
    hasher.update(count)
    hasher.update(data: tree)
    hasher.update(data: ghostSeal)
    return Array(hasher.finalize())
  }

  /// The day's root of the ghosts' ledger, chained to the day before's.
  public static func ghostRoot(number: Int64, day: LocalDate, seq: Int64, head: [UInt8], prev: [UInt8]) -> [UInt8] {
    var hasher = SHA256()
    hasher.update(text: "1fin.ghosts.root.v1")
    hasher.update(data: prev)
    hasher.update(number)
    hasher.update(Int64(day.daysSince1970))
    hasher.update(seq)
    hasher.update(data: head)
    return Array(hasher.finalize())
  }
}
