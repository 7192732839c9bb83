import Domain
import Testing

/// The expected hashes were worked out by another program, from docs/audit.md.
@Suite("Hashes of the audit") struct AuditHashTests {
  private static let row = ActionChain.Row(
    seq: 1, id: 7, at: Timestamp(microseconds: 1_790_000_000_000_001), account: AccountID(5), session: nil,
    organisation: OrganisationID(3), action: "session.start", address: "10.0.0.1", detail: #"{"device": "Oʻzbek"}"#)

  @Test("A link of the action log") func action() {
    #expect(
      Hex.string(ActionChain.hash(Self.row, after: ActionChain.origin))
        == "89e080b45f7ed141dcb886ce58b5ce997fb804954702c829da437f57eadd6e3b")
  }

  @Test("Every field of a row changes its link, and no text slides into the next") func fields() {
    var others = [Self.row]
    func change(_ body: (inout ActionChain.Row) -> Void) {
      var row = Self.row
      body(&row)
      others.append(row)
    }
    change { $0.seq = 2 }
    change { $0.id = 8 }
    change { $0.at.microseconds += 1 }
    change { $0.account = nil }
    change { $0.session = SessionID(5) }
    change { $0.organisation = nil }
    change { $0.action = "session.end" }
    change { $0.address = "10.0.0.2" }
    change { $0.detail = "{}" }
    change { ($0.action, $0.address) = ("session.start1", "0.0.0.1") }
    let hashes = others.map { ActionChain.hash($0, after: ActionChain.origin) }
    #expect(Set(hashes).count == others.count)
    #expect(ActionChain.hash(Self.row, after: hashes[0]) != hashes[0])
  }

  @Test("A day's root, and that of the ghosts' ledger") func roots() throws {
    let day = try #require(LocalDate("2026-11-21"))
    let root = DailyRoot(
      number: 1, day: day, at: Timestamp(microseconds: 1_790_000_000_000_000), count: 6, tree: [UInt8](repeating: 1, count: 32),
      ghostSeal: [UInt8](repeating: 2, count: 32), prev: DailyRoot.origin)
    #expect(Hex.string(root.hash) == "0e3db824292c3707fd9d7752d3a8969f5a8a140a70b51fa600ba41337da8a8ea")
    let ghosts = DailyRoot.ghostRoot(
      number: 1, day: day, seq: 4, head: [UInt8](repeating: 3, count: 32), prev: DailyRoot.ghostOrigin)
    #expect(Hex.string(ghosts) == "4e43cad52f51b26bd40cf52db5c76f22442bfaa4a60350a72595d5181873505d")
  }

  @Test("A leaf is the tag, the topic, the number and the hash") func leaf() {
    let head = SealedHead(topic: TopicID(258), seq: 3, hash: [UInt8](repeating: 9, count: 32))
    #expect(
      head.leaf == Array("1fin.head.v1".utf8) + [0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 3]
        + [UInt8](repeating: 9, count: 32))
    #expect(SealedHead(topic: nil, seq: 3, hash: head.hash).leaf != head.leaf)
  }
}
