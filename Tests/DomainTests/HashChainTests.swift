import Domain
import Testing

@Suite struct HashChainTests {
  static let row = HashChain.Row(
    topic: TopicID(3), seq: 17, at: Timestamp(microseconds: 1_763_629_953_123_456), author: AccountID(5), kind: .message,
    staff: true,
    holding: true, caseNumber: 4, message: 17, version: 1, reply: 12, stars: 0, meta: "{}",
    bodyHash: HashChain.bodyHash(salt: [UInt8](0..<16), body: "Salom"))

  /// Computed once by an independent program (Python's hashlib and struct) from the formula in docs/protocol.md.
  @Test func agreesWithTheWrittenFormula() {
    #expect(Hex.string(HashChain.origin(of: TopicID(3))) == "c248cc96f6a52b194488cbff3932415b7bb62daadf69d225526077cdc49e2747")
    #expect(
      Hex.string(HashChain.hash(Self.row, after: HashChain.origin(of: TopicID(3))))
        == "35de6ce264a0a51cdf598a10726d3f0790cf3a190bfab141d9f3f071ea9c960e")
  }

  @Test func whoeverMayNotReadTheMetaWorksTheRowOutByItsDigest() {
    let prev = HashChain.origin(of: TopicID(3))
    var known = Self.row
    known.meta = ""
    #expect(
      HashChain.hash(known, metaHash: HashChain.metaHash(Self.row.meta), after: prev) == HashChain.hash(Self.row, after: prev))
    #expect(
      Hex.string(HashChain.hash(known, after: prev)) == "e1074190a65a2ac3975317e56bbd403c00c19c6a018543a2ab2b9cd557cce8ed")
    #expect(HashChain.metaHash("") == [UInt8](repeating: 0, count: 32))
    let salt = [UInt8](0..<16)
    #expect(HashChain.metaSalt(from: salt).count == 16 && HashChain.metaSalt(from: salt) != salt)
  }

  @Test func everyFieldCounts() {
    let prev = HashChain.origin(of: TopicID(3))
    var seen: Set<[UInt8]> = [
      HashChain.hash(Self.row, after: prev), HashChain.hash(Self.row, after: HashChain.origin(of: TopicID(4))),
    ]
    let changes: [(inout HashChain.Row) -> Void] = [
      { $0.topic = TopicID(4) }, { $0.seq += 1 }, { $0.at.microseconds += 1 }, { $0.author = nil }, { $0.kind = .edit },
      { $0.staff = false },
      { $0.holding = false }, { $0.caseNumber += 1 }, { $0.message += 1 }, { $0.version += 1 }, { $0.reply += 1 },
      { $0.stars = 5 },
      { $0.meta = "" }, { $0.bodyHash = nil }, { $0.bodyHash = [UInt8](repeating: 0, count: 32) },
    ]
    for change in changes {
      var row = Self.row
      change(&row)
      seen.insert(HashChain.hash(row, after: prev))
    }
    #expect(seen.count == changes.count + 2)
  }
}
