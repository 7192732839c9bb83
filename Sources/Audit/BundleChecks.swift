import Domain
import Foundation

/// Holds the rows of a bundle against each other, in the order in which they come.
struct BundleChecks {
  /// Whether the bundle has everything: then nothing may be missing.
  let isWhole: Bool
  /// Whether it has topics at all.
  let hasLogs: Bool
  var faults: [String] = []
  /// What a bundle of a part can't show, in words.
  var unchecked: [String] {
    guard !isWhole, erasures.count > 0 else { return [] }
    return ["that two people agreed to each erasure (\(erasures.count)): only a bundle of everything has the whole action log"]
  }
  private let decoder = JSONDecoder()

  private var topics: [Int64: BundleRow.Topic] = [:]
  private var documents: [Int64: BundleRow.Document] = [:]
  /// Hashes that roots name, by topic (0: the action log) and row. A quiet log is named by each day's root, so each hash stands once, with the first
  /// root that names it; a second one belongs to a row that was another one at some time.
  private var sealed: [Place: [(hash: String, root: Int64)]] = [:]
  private var lastRoot: (number: Int64, hash: String, ghostRoot: [UInt8])?
  private var rootIsBroken = false
  /// The topic that is being walked: its newest row, and whether it went wrong already.
  private var walk: (topic: Int64, seq: Int64, hash: [UInt8], isBroken: Bool)?
  private var walked: Set<Int64> = []
  private var read: BundleRow.Read?
  private var lastAction: (seq: Int64, hash: String)?
  /// Heads of the ghosts' ledger that roots name, in the same way, and how far it has been walked.
  private var sealedGhosts: [Int64: [(hash: String, root: Int64)]] = [:]
  private var ledger: (seq: Int64, hash: [UInt8], isBroken: Bool) = (0, DailyRoot.ghostOrigin, false)
  private var stays = BundleStays()
  private var erasures = BundleErasures()
  /// Messages of the topic that is being walked whose texts are gone, by their first row that is.
  private var bodiless: [Int64: Int64] = [:]

  private struct Place: Hashable {
    var topic: Int64
    var seq: Int64
  }

  init(isWhole: Bool, hasLogs: Bool) { (self.isWhole, self.hasLogs) = (isWhole, hasLogs) }

  /// Takes the next line. Throws: `DecodingError`.
  mutating func take(_ kind: BundleKind, _ json: Data) throws {
    switch kind {
    case .organisations: _ = try decoder.decode(BundleRow.Organisation.self, from: json)
    case .people: _ = try decoder.decode(BundleRow.Person.self, from: json)
    case .topics:
      let topic = try decoder.decode(BundleRow.Topic.self, from: json)
      topics[topic.topic] = topic
    case .roots: take(try decoder.decode(BundleRow.Root.self, from: json))
    case .documents:
      let document = try decoder.decode(BundleRow.Document.self, from: json)
      documents[document.document] = document
    case .messages: take(try decoder.decode(BundleRow.Message.self, from: json))
    case .reads: take(try decoder.decode(BundleRow.Read.self, from: json))
    case .ghosts:
      let stay = try decoder.decode(BundleRow.Ghost.self, from: json)
      if topics[stay.topic] == nil { faults.append("stay \(stay.observation): it is in no topic of the bundle") }
      stays.take(stay)
    case .ledger: take(try decoder.decode(BundleRow.Ledger.self, from: json))
    case .actions: take(try decoder.decode(BundleRow.Action.self, from: json))
    }
  }

  // MARK: Roots

  private mutating func take(_ row: BundleRow.Root) {
    guard !rootIsBroken else { return }
    if let reason = fault(row) {
      faults.append("root \((lastRoot?.number ?? 0) + 1): \(reason)")
      rootIsBroken = true
      return
    }
    let ghostRoot = row.ghostRoot.flatMap { Hex.bytes($0) } ?? DailyRoot.ghostOrigin
    lastRoot = (row.number, row.root, ghostRoot)
    if let seq = row.ghostSeq, seq > 0, let head = row.ghostHead {
      Self.add(head, row.number, to: &sealedGhosts[seq, default: []])
    }
    for head in row.heads where head.seq > 0 {
      Self.add(head.hash, row.number, to: &sealed[Place(topic: head.topic, seq: head.seq), default: []])
    }
    for head in row.heads where head.topic != 0 && topics[head.topic] == nil {
      faults.append("topic \(head.topic): it is gone, and root \(row.number) sealed it")
    }
  }

  private static func add(_ hash: String, _ root: Int64, to said: inout [(hash: String, root: Int64)]) {
    if !said.contains(where: { $0.hash == hash }) { said.append((hash, root)) }
  }

  /// Whatever roots say of a row that has come and isn't so.
  private mutating func compare(_ hash: String, with said: [(hash: String, root: Int64)]?, at place: String) {
    for said in said ?? [] where said.hash != hash {
      faults.append("\(place): it was another one when root \(said.root) sealed it")
    }
  }

  private func fault(_ row: BundleRow.Root) -> String? {
    let number = (lastRoot?.number ?? 0) + 1
    guard row.number == number else { return "it is missing, the next one is \(row.number)" }
    guard let day = LocalDate(row.day), let tree = Hex.bytes(row.tree), let seal = Hex.bytes(row.ghosts),
      let prev = Hex.bytes(row.prev)
    else {
      return "it can't be read"
    }
    if row.prev != lastRoot?.hash ?? Hex.string(DailyRoot.origin) { return "it doesn't name the root before" }
    let root = DailyRoot(
      number: number, day: day, at: Timestamp(microseconds: row.at), count: row.count, tree: tree, ghostSeal: seal, prev: prev)
    if Hex.string(root.hash) != row.root { return "its hash is another one" }
    let leaves = row.heads.map { head in
      SealedHead(topic: head.topic == 0 ? nil : TopicID(head.topic), seq: head.seq, hash: Hex.bytes(head.hash) ?? []).leaf
    }
    guard isWhole else {
      for (head, leaf) in zip(row.heads, leaves) {
        let path = (head.path ?? []).compactMap { Hex.bytes($0) }
        guard MerkleTree.root(leaf: leaf, at: head.index ?? -1, of: Int(row.count), path: path) == tree else {
          return "the head of topic \(head.topic) doesn't lead to its tree"
        }
      }
      return nil
    }
    if row.count != Int64(leaves.count) || tree != MerkleTree(leaves: leaves).root { return "its heads don't make its tree" }
    guard let ghostRoot = row.ghostRoot.flatMap({ Hex.bytes($0) }), let salt = row.ghostSalt.flatMap({ Hex.bytes($0) }),
      let head = row.ghostHead.flatMap({ Hex.bytes($0) }), let seq = row.ghostSeq,
      ghostRoot
        == DailyRoot.ghostRoot(number: number, day: day, seq: seq, head: head, prev: lastRoot?.ghostRoot ?? DailyRoot.ghostOrigin),
      seal == HashChain.digest(salt + ghostRoot)
    else { return "its root of the ghosts' ledger is another one" }
    return nil
  }

  // MARK: Topics

  private mutating func take(_ row: BundleRow.Message) {
    if walk?.topic != row.topic {
      endTopic()
      walked.insert(row.topic)
      walk = (row.topic, 0, HashChain.origin(of: TopicID(row.topic)), false)
      if topics[row.topic] == nil { faults.append("topic \(row.topic): it has rows and isn't in the bundle") }
    }
    guard var walk, !walk.isBroken else { return }
    let seq = walk.seq + 1
    let place = "topic \(row.topic), row \(seq)"
    let reason = fault(row, seq: seq, prev: walk.hash)
    if let reason { faults.append("\(place): \(reason)") }
    (walk.seq, walk.hash, walk.isBroken) = (seq, Hex.bytes(row.hash) ?? [], reason != nil)
    self.walk = walk
    guard reason == nil else { return }
    compare(row.hash, with: sealed.removeValue(forKey: Place(topic: row.topic, seq: seq)), at: place)
    if row.bodyHash != nil, row.body == nil {
      // An erasure takes the versions of a message; reasons and what was wanted stay.
      if row.kind == EntryKind.message.rawValue || row.kind == EntryKind.edit.rawValue {
        bodiless[row.message] = min(bodiless[row.message] ?? .max, seq)
      } else {
        faults.append("\(place): its body is missing, and no erasure takes it")
      }
    }
    if row.kind == EntryKind.erase.rawValue { bodiless[row.message] = nil }
    erasures.take(row)
    if case .documents(let sent) = EntryMeta(decoding: row.meta) { for document in sent { check(document, of: row) } }
  }

  private func fault(_ row: BundleRow.Message, seq: Int64, prev: [UInt8]) -> String? {
    guard row.seq == seq else { return "it is missing, the next one is \(row.seq)" }
    guard let kind = EntryKind(rawValue: row.kind) else { return "it is of no known kind" }
    let bodyHash = row.bodyHash.map { Hex.bytes($0) ?? [] }
    let hash = HashChain.hash(
      HashChain.Row(
        topic: TopicID(row.topic), seq: seq, at: Timestamp(microseconds: row.at),
        author: row.author == 0 ? nil : AccountID(row.author),
        kind: kind, staff: row.staff, holding: row.holding, caseNumber: row.case, message: row.message, version: row.version,
        reply: row.reply, stars: row.stars, meta: row.meta, bodyHash: bodyHash), after: prev)
    guard Hex.string(hash) == row.hash else { return "its hash is another one" }
    if let body = row.body, let salt = row.salt.flatMap({ Hex.bytes($0) }) {
      guard HashChain.bodyHash(salt: salt, body: body) == bodyHash else { return "its body is another one" }
    } else if row.body != nil || row.salt != nil {
      return "its body has no salt, or its salt no body"
    }
    return nil
  }

  private mutating func check(_ said: EntryDocument, of row: BundleRow.Message) {
    guard let found = documents.removeValue(forKey: said.document.rawValue) else {
      faults.append("document \(said.document): row \(row.seq) of topic \(row.topic) carries it, and it is gone")
      return
    }
    let isSame =
      (found.topic, found.message, found.name, found.type) == (row.topic, row.seq, said.name, said.type)
      && (found.size, found.sha256) == (said.size, said.sha256)
    if !isSame { faults.append("document \(said.document): row \(row.seq) of topic \(row.topic) carries another file") }
  }

  private mutating func endTopic() {
    defer { bodiless = [:] }
    guard let walk, !walk.isBroken, let topic = topics[walk.topic] else { return }
    for seq in bodiless.values.sorted() {
      faults.append("topic \(walk.topic), row \(seq): its body is missing, and no erasure explains it")
    }
    if topic.head != walk.seq || topic.hash != Hex.string(walk.hash) {
      faults.append("topic \(walk.topic), row \(walk.seq + 1): the topic's head is another one")
    }
  }

  // MARK: Ghosts, reads and actions

  private mutating func take(_ row: BundleRow.Ledger) {
    guard !ledger.isBroken else { return }
    let seq = ledger.seq + 1
    if let reason = fault(row, seq: seq) {
      faults.append("ghost ledger, row \(seq): \(reason)")
      ledger.isBroken = true
      return
    }
    ledger = (seq, Hex.bytes(row.hash) ?? [], false)
    stays.take(row)
    compare(row.hash, with: sealedGhosts.removeValue(forKey: seq), at: "ghost ledger, row \(seq)")
  }

  /// The formula is that of docs/oversight-ledger.md.
  private func fault(_ row: BundleRow.Ledger, seq: Int64) -> String? {
    guard row.seq == seq else { return "it is missing, the next one is \(row.seq)" }
    var bytes = Array("1fin.ghost.v1".utf8) + ledger.hash
    let detail = Array(row.detail.utf8)
    let numbers = [
      row.seq, row.at, Int64(row.kind), row.observation, row.topic, row.account, row.session, row.lowest, row.highest,
      row.document,
      Int64(detail.count),
    ]
    for number in numbers { withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) } }
    return Hex.string(HashChain.digest(bytes + detail)) == row.hash ? nil : "its hash is another one"
  }

  private mutating func take(_ row: BundleRow.Read) {
    var before: Int64 = 0
    if let read, (read.topic, read.account) == (row.topic, row.account) { before = read.to }
    if row.from != before || row.to <= row.from || row.to > topics[row.topic]?.head ?? 0 {
      faults.append("topic \(row.topic), read mark of account \(row.account): the step from \(row.from) to \(row.to) doesn't fit")
    }
    read = row
  }

  private mutating func take(_ row: BundleRow.Action) {
    let place = "action log, link \(row.seq)"
    if let last = lastAction, row.seq <= last.seq { faults.append("\(place): it isn't in order") }
    if isWhole {
      let expected = (lastAction?.seq ?? 0) + 1
      if row.seq != expected {
        faults.append("action log, link \(expected): it is missing, the next one is \(row.seq)")
      } else if row.prev != lastAction?.hash ?? Hex.string(ActionChain.origin) {
        faults.append("\(place): it doesn't name the link before")
      }
    }
    let link = ActionChain.Row(
      seq: row.seq, id: row.id, at: Timestamp(microseconds: row.at), account: row.account.map { AccountID($0) },
      session: row.session.map { SessionID($0) }, organisation: row.organisation.map { OrganisationID($0) }, action: row.action,
      address: row.address, detail: row.detail)
    if Hex.string(ActionChain.hash(link, after: Hex.bytes(row.prev) ?? [])) == row.hash {
      erasures.take(row)
    } else {
      faults.append("\(place): its hash is another one, or row \(row.id) was changed")
    }
    compare(row.hash, with: sealed.removeValue(forKey: Place(topic: 0, seq: row.seq)), at: place)
    lastAction = (row.seq, row.hash)
  }

  /// After the last line: what should have come and didn't.
  mutating func finish() {
    endTopic()
    guard hasLogs else { return }
    for topic in topics.values.sorted(by: { $0.topic < $1.topic }) where topic.head > 0 && !walked.contains(topic.topic) {
      faults.append("topic \(topic.topic): its \(topic.head) rows are gone")
    }
    for (place, said) in sealed.sorted(by: { ($0.key.topic, $0.key.seq) < ($1.key.topic, $1.key.seq) }) {
      // A topic whose chain is broken has been told of already.
      if walk?.topic == place.topic, walk?.isBroken == true { continue }
      let name = place.topic == 0 ? "action log, link \(place.seq)" : "topic \(place.topic), row \(place.seq)"
      faults.append("\(name): it is gone, and root \(said.first?.root ?? 0) sealed it")
    }
    for (seq, said) in sealedGhosts.sorted(by: { $0.key < $1.key }) where !ledger.isBroken {
      faults.append("ghost ledger, row \(seq): it is gone, and root \(said.first?.root ?? 0) sealed it")
    }
    if isWhole { faults += erasures.faults() }
    // Of a ledger that is broken somewhere that has been told, and the rest of it says nothing of stays.
    if isWhole, !ledger.isBroken { faults += stays.faults() }
    for document in documents.values.sorted(by: { $0.document < $1.document }) {
      faults.append(
        "document \(document.document): row \(document.message) of topic \(document.topic), which it names, doesn't carry it")
    }
  }
}
