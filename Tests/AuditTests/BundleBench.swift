import Crypto
import Domain
import Foundation
import Storage
import TestSupport

@testable import Audit

/// A small history, and ways to spoil what is exported of it.
struct BundleBench: Sendable {
  let database: TestDatabase
  let folder: String
  let organisation: TestOrganisation
  let other: TestOrganisation
  let client: AccountID
  let accountant: AccountID
  let admin: AccountID
  let key = Curve25519.Signing.PrivateKey()

  var topic: TopicID { organisation.topic(.bank) }

  static func run(_ body: @escaping @Sendable (BundleBench) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      try await withTestDatabase { database in
        let department = try await database.makeDepartment()
        let organisation = try await database.makeOrganisation("Alfa", department: department)
        let other = try await database.makeOrganisation("Beta", department: department)
        let admin = try await database.makeAccount("admin")
        try await database.makeMembership(admin, role: "admin")
        let bench = BundleBench(
          database: database, folder: folder, organisation: organisation, other: other,
          client: try await database.makeClient("client", of: organisation),
          accountant: try await database.makeAccountant("accountant", of: organisation), admin: admin)
        _ = try await database.makeClient("stranger", of: other)
        try await bench.live()
        try await body(bench)
      }
    }
  }

  /// Five rows, a file, reads, a ghost's stay, two days with their roots.
  private func live() async throws {
    let start = Timestamp(microseconds: 1_790_000_000_000_000)
    let document = try await database.makeUploadedDocument(in: topic, by: client)
    let session = try await database.makeSession(admin)
    let (topic, admin) = (topic, admin)
    func append(_ account: AccountID, _ action: LogAction, after seconds: Int64) async throws {
      let request = LogRequest(
        topic: topic, account: account, session: nil, key: .random(), action: action, at: start.advanced(by: .seconds(seconds)),
        salt: [UInt8](repeating: 7, count: 16))
      try await database.app.run { _ = try TopicLog.append([.append(request)], in: $0) }
    }
    try await append(client, .send(body: "salom", reply: 0, holding: false), after: 0)
    try await append(accountant, .send(body: "assalomu alaykum", reply: 1, holding: false), after: 1)
    try await append(client, .send(body: "", reply: 0, holding: false, documents: [document]), after: 2)
    try await database.app.run {
      _ = try DailyRoots.make(at: start.advanced(by: .seconds(3)), salt: [UInt8](repeating: 5, count: 16), in: $0)
    }
    try await append(client, .edit(message: 1, body: "salom!"), after: 4)
    for account in [client, accountant] {
      let read = ReadRequest(topic: topic, account: account, session: nil, seq: 4, at: start)
      try await database.app.run { _ = try TopicLog.append([.read(read)], in: $0) }
    }
    try await append(accountant, .dismiss, after: 5)
    try await database.app.run { connection in
      _ = try TopicLog.observe(topic: topic, account: admin, session: session, reason: "shikoyat", at: start, in: connection)
      try TopicLog.endObservations(topic: topic, account: admin, session: session, at: start, in: connection)
      _ = try DailyRoots.make(at: start.advanced(by: .seconds(90_000)), salt: [UInt8](repeating: 6, count: 16), in: connection)
    }
  }

  func path() -> String { folder + "/" + UUID().uuidString + ".tar" }

  /// A new file to write to.
  func file(_ path: String) throws -> FileHandle {
    try Data().write(to: URL(filePath: path))
    return try FileHandle(forWritingTo: URL(filePath: path))
  }

  func export(_ organisation: OrganisationID?) async throws -> String {
    let (path, key) = (path(), key)
    try await database.app.run { session in
      let file = try file(path)
      try BundleExport.write(organisation, at: .now, key: key, in: session) { try file.write(contentsOf: Data($0)) }
      try file.close()
    }
    return path
  }

  // MARK: Spoiling

  /// A file of an archive.
  struct Member {
    var name: String
    var bytes: [UInt8]

    /// Replaces the first occurrence of a text.
    mutating func replace(_ old: String, _ new: String) {
      bytes = Array(String(decoding: bytes, as: UTF8.self).replacing(old, with: new, maxReplacements: 1).utf8)
    }
  }

  struct Change: Sendable {
    let said: String
    let body: @Sendable (inout [Member], BundleBench) throws -> Void
  }

  func members(of path: String) throws -> [Member] {
    var (bytes, members) = (Array(try Data(contentsOf: URL(filePath: path)))[...], [Member]())
    while let (name, size) = try Tar.read(Array(bytes.prefix(Tar.block))) {
      bytes = bytes.dropFirst(Tar.block)
      members.append(Member(name: name, bytes: Array(bytes.prefix(size))))
      bytes = bytes.dropFirst(size + Tar.padding(size))
    }
    return members
  }

  func pack(_ members: [Member]) throws -> String {
    var bytes: [UInt8] = []
    for member in members {
      bytes += Tar.header(name: member.name, size: member.bytes.count, seconds: 0)
      bytes += member.bytes + [UInt8](repeating: 0, count: Tar.padding(member.bytes.count))
    }
    let path = path()
    try Data(bytes + Tar.end).write(to: URL(filePath: path))
    return path
  }

  private static func change(_ said: String, _ name: String, _ old: String, _ new: String) -> Change {
    Change(said: said) { members, _ in
      guard let index = members.firstIndex(where: { $0.name == name }) else { throw BundleError("no \(name)") }
      let before = members[index].bytes
      members[index].replace(old, new)
      if members[index].bytes == before { throw BundleError("nothing was changed") }
    }
  }

  /// Writes the lines and the manifest of a bundle anew, so that all of it fits together, and signs it with `key`.
  private static func seal(
    _ members: inout [Member], _ name: String, key: Curve25519.Signing.PrivateKey, _ body: (String) -> String?
  ) throws {
    var manifest = try JSONDecoder().decode(BundleManifest.self, from: Data(members[members.count - 2].bytes))
    guard let index = members.firstIndex(where: { $0.name == name }) else { throw BundleError("no \(name)") }
    var (old, new, bytes, count) = (BundleLines(name: name), BundleLines(name: name), [UInt8](), 0)
    for line in members[index].bytes.split(separator: 10) {
      guard let json = old.check(line) else { throw BundleError("no line") }
      guard let text = body(String(decoding: json, as: UTF8.self)) else { continue }
      bytes += new.line(Array(text.utf8))
      count += 1
    }
    members[index].bytes = bytes
    manifest.members[index] = BundleManifest.Member(
      name: name, size: bytes.count, sha256: Hex.string(HashChain.digest(bytes)), lines: count, chain: Hex.string(new.link))
    manifest.publicKey = Hex.string(key.publicKey.rawRepresentation)
    let text = try manifest.encoded
    members[members.count - 2].bytes = text
    members[members.count - 1].bytes = Array(try key.signature(for: text))
  }

  /// A dishonest exporter, who has the right key: what rows say of each other remains.
  private static func forged(_ said: String, _ name: String, _ body: @escaping @Sendable (String) -> String?) -> Change {
    Change(said: said) { members, bench in try seal(&members, name, key: bench.key, body) }
  }

  static let changes: [Change] = [
    // Every member.
    change("organisations/000001.jsonl, line 2", "organisations/000001.jsonl", "Beta", "Gama"),
    change("people/000001.jsonl, line 3", "people/000001.jsonl", "\"login\":\"accountant\"", "\"login\":\"accountan\""),
    change("topics/000001.jsonl, line 1", "topics/000001.jsonl", "\"head\":5", "\"head\":4"),
    change("roots/000001.jsonl, line 2", "roots/000001.jsonl", "\"number\":2", "\"number\":3"),
    change("documents/000001.jsonl, line 1", "documents/000001.jsonl", "akt.pdf", "boshqa.pdf"),
    change("messages/000001.jsonl, line 2", "messages/000001.jsonl", "assalomu", "Assalomu"),
    change("reads/000001.jsonl, line 2", "reads/000001.jsonl", "\"from\":1,", "\"from\":2,"),
    change("ghosts/000001.jsonl, line 1", "ghosts/000001.jsonl", "shikoyat", "tekshiruv"),
    change("actions/000001.jsonl, line 3", "actions/000001.jsonl", "observation.start", "observation.stop"),
    change("one of the two was changed", "manifest.json", "\"lines\" : 5", "\"lines\" : 6"),
    Change(said: "one of the two was changed") { members, _ in members[members.count - 1].bytes[0] ^= 1 },
    // Put together anew.
    Change(said: "stands elsewhere, messages/000001.jsonl in its place") { members, _ in members.swapAt(4, 5) },
    Change(said: "messages/000001.jsonl is missing") { members, _ in members.removeAll { $0.name.hasPrefix("messages/") } },
    Change(said: "messages/000002.jsonl is not in the manifest") { members, _ in
      members.insert(Member(name: "messages/000002.jsonl", bytes: []), at: members.count - 2)
    },
    Change(said: "people/000001.jsonl is in the archive twice") { members, _ in members.insert(members[1], at: 2) },
    Change(said: "something follows the signature") { members, _ in members.append(Member(name: "x", bytes: [1])) },
    Change(said: "has no manifest.json") { members, _ in members.removeLast(2) },
    // Lines taken out, added and swapped.
    Change(said: "messages/000001.jsonl, line 3: it isn't the line") { members, _ in edit(&members) { $0.remove(at: 2) } },
    Change(said: "messages/000001.jsonl, line 3: it isn't the line") { members, _ in edit(&members) { $0.swapAt(2, 3) } },
    Change(said: "messages/000001.jsonl: it has 4 lines and had 5") { members, _ in edit(&members) { $0.removeLast() } },
    Change(said: "messages/000001.jsonl, line 6: it isn't the line") { members, _ in edit(&members) { $0.append($0[0]) } },
    // Signed again.
    Change(said: "it was signed by another key") { members, _ in
      try seal(&members, "messages/000001.jsonl", key: Curve25519.Signing.PrivateKey()) { $0.replacing("salom", with: "xayr") }
    },
    // By whoever has the key: the chains remain.
    forged("topic $topic, row 2: its body is another one", "messages/000001.jsonl") { $0.replacing("assalomu", with: "xayr") },
    forged("topic $topic, row 2: its hash is another one", "messages/000001.jsonl") {
      $0.contains("\"seq\":2,") ? $0.replacing("\"author\":3", with: "\"author\":2") : $0
    },
    forged("topic $topic, row 4: it is missing, the next one is 5", "messages/000001.jsonl") {
      $0.contains("\"seq\":4,") ? nil : $0
    },
    forged("topic $topic, row 5: the topic's head is another one", "messages/000001.jsonl") {
      $0.contains("\"seq\":5,") ? nil : $0
    },
    forged("row 3 of topic $topic carries another file", "documents/000001.jsonl") {
      $0.replacing("\"size\":1000", with: "\"size\":1001")
    },
    forged("carries it, and it is gone", "documents/000001.jsonl") { _ in nil },
    forged("read mark of account 2: the step from", "reads/000001.jsonl") { $0.replacing("\"from\":0", with: "\"from\":1") },
    forged("action log, link 3: its hash is another one", "actions/000001.jsonl") {
      $0.replacing("observation.start", with: "observation.end")
    },
    forged("action log, link 2: it is missing, the next one is 3", "actions/000001.jsonl") {
      $0.contains("\"seq\":2}") ? nil : $0
    },
    forged("root 1: its hash is another one", "roots/000001.jsonl") { $0.replacing("\"at\":179000", with: "\"at\":179001") },
    forged("root 1: it is missing, the next one is 2", "roots/000001.jsonl") { $0.contains("\"number\":1,") ? nil : $0 },
    forged("root 1: its heads don't make its tree", "roots/000001.jsonl") {
      $0.replacing("\"seq\":3,\"topic\":1", with: "\"seq\":2,\"topic\":1")
    },
    forged("root 1: its root of the ghosts' ledger is another one", "roots/000001.jsonl") {
      $0.replacing(#/"ghostSeq":\d+/#, with: "\"ghostSeq\":987")
    },
    forged("ghost ledger, row 1: its hash is another one", "ledger/000001.jsonl") { $0.replacing("shikoyat", with: "tekshiruv") },
    forged("ghost ledger, row 1: it is missing, the next one is 2", "ledger/000001.jsonl") {
      $0.contains("\"seq\":1,") ? nil : $0
    },
    forged("it is gone, and root 2 sealed it", "ledger/000001.jsonl") { _ in nil },
    forged("topic $topic, row 1: its body is missing, and no erasure explains it", "messages/000001.jsonl") {
      $0.contains("\"salom\"") ? $0.replacing(#/"body":"salom",|,"salt":"[0-9a-f]+"/#, with: "") : $0
    },
    forged("stay 1: its own row gives another reason or time", "ghosts/000001.jsonl") {
      $0.replacing("shikoyat", with: "tekshiruv")
    },
    forged("stay 1: its end is not the one in the ledger", "ghosts/000001.jsonl") { $0.replacing(#/"endedAt":\d+,/#, with: "") },
    forged("stay 1: its range is not the one in the ledger", "ghosts/000001.jsonl") {
      $0.replacing(#/"to":\d+/#, with: "\"to\":4")
    },
    forged("stay 1: its own row is gone", "ghosts/000001.jsonl") { _ in nil },
    forged("topic 10: it is gone, and root 1 sealed it", "topics/000001.jsonl") { $0.contains("\"topic\":10}") ? nil : $0 },
  ]

  /// Changes the lines of the messages.
  private static func edit(_ members: inout [Member], _ body: (inout [[UInt8]]) -> Void) {
    guard let index = members.firstIndex(where: { $0.name == "messages/000001.jsonl" }) else { return }
    var lines = members[index].bytes.split(separator: 10).map { Array($0) + [10] }
    body(&lines)
    members[index].bytes = Array(lines.joined())
  }
}

extension BundleBench.Change: CustomStringConvertible {
  var description: String { said }
}
