import Crypto
import Domain
import Foundation
import Storage
import TestSupport
import Testing

@testable import Audit

@Suite("Bundles")
struct BundleTests {
  @Test("A bundle of everything, and one of an organisation, verify without the database")
  func whole() async throws {
    try await BundleBench.run { bench in
      let all = try await bench.export(nil)
      let report = try BundleVerifier.verify(path: all, key: bench.key.publicKey)
      #expect(report.faults == [] && report.scope == "all")
      var counts = report.counts
      let ledger = counts.removeValue(forKey: "ledger") ?? 0
      #expect(ledger >= 2)
      #expect(
        counts == [
          "organisations": 2, "people": 4, "topics": 10, "roots": 2, "documents": 1, "messages": 5, "reads": 3, "ghosts": 1,
          "actions": 4,
        ])
      let own = try BundleVerifier.verify(path: try await bench.export(bench.organisation.id), key: bench.key.publicKey)
      #expect(own.faults == [] && own.scope == "organisation")
      #expect(own.counts["topics"] == 5 && own.counts["messages"] == 5 && own.counts["roots"] == 2 && own.counts["ledger"] == nil)
      let other = try BundleVerifier.verify(path: try await bench.export(bench.other.id), key: bench.key.publicKey)
      #expect(other.faults == [] && other.counts["messages"] == nil && other.counts["topics"] == 5)
      let text = String(decoding: try Data(contentsOf: URL(filePath: try await bench.export(bench.other.id))), as: UTF8.self)
      #expect(!text.contains("salom") && !text.contains("Alfa") && !text.contains("shikoyat"))
      let missing = await failure { try await bench.export(OrganisationID(99)) }
      #expect((missing as? BundleError)?.description == "there is no organisation 99")
    }
  }

  @Test("Rows of the action log are a bundle too")
  func actions() async throws {
    try await BundleBench.run { bench in
      let path = bench.path()
      let (key, actor) = (bench.key, bench.admin)
      try await bench.database.app.run { session in
        let file = try bench.file(path)
        try BundleExport.writeActions(ActionFilter(account: actor), at: .now, key: key, in: session) {
          try file.write(contentsOf: Data($0))
        }
      }
      let report = try BundleVerifier.verify(path: path, key: key.publicKey)
      #expect(report.faults == [] && report.scope == "actions" && report.counts == ["actions": 2])
    }
  }

  @Test("A large bundle is written in parts, with one part in memory")
  func parts() throws {
    var (sizes, total) = ([Int](), 0)
    var writer = BundleWriter(.all, at: .now, key: Curve25519.Signing.PrivateKey()) { bytes in
      total += bytes.count
      sizes.append(bytes.count)
    }
    try writer.begin(.people)
    let name = String(repeating: "x", count: 1000)
    for number in 0..<9000 { try writer.add(BundleRow.Person(account: Int64(number), name: name, login: "a")) }
    try writer.finish()
    #expect(total > 9_000_000 && (sizes.max() ?? 0) < BundleWriter.partSize + 4096)
  }

  @Test("A bundle that was changed is refused with the reason, or the changed row is named", arguments: BundleBench.changes)
  func changed(change: BundleBench.Change) async throws {
    try await BundleBench.run { bench in
      var members = try bench.members(of: try await bench.export(nil))
      try change.body(&members, bench)
      let path = try bench.pack(members)
      var said: [String]
      do {
        said = try BundleVerifier.verify(path: path, key: bench.key.publicKey).faults
      } catch let error as BundleError {
        said = [error.description]
      }
      let expected = change.said.replacing("$topic", with: "\(bench.topic)")
      #expect(said.contains { $0.contains(expected) }, "\(said)")
    }
  }

  @Test("A quiet topic that was written anew between two roots is found by the older one")
  func quiet() async throws {
    try await BundleBench.run { bench in
      let topic = bench.topic
      try await bench.database.superuser.run { session in
        try session.execute("SET session_replication_role = replica")
        // Whoever owns the database says that somebody else closed the case, and chains that anew.
        let row = try session.one(
          """
          SELECT at, kind, staff, holding, case_number, message, version, reply, stars, meta, body_hash, prev_hash FROM topic_entry
           WHERE topic_id = \(topic) AND seq = 5
          """)
        let forged = HashChain.Row(
          topic: topic, seq: 5, at: try row["at"], author: bench.admin, kind: try row["kind"], staff: try row["staff"],
          holding: try row["holding"], caseNumber: try row["case_number"], message: try row["message"],
          version: try row["version"], reply: try row["reply"], stars: try row["stars"], meta: try row["meta"],
          bodyHash: try row["body_hash"])
        let hash = HashChain.hash(forged, after: try row["prev_hash"])
        try session.execute(
          "UPDATE topic_entry SET author_id = \(bench.admin), hash = \(hash) WHERE topic_id = \(topic) AND seq = 5")
        try session.execute("UPDATE topic SET head_hash = \(hash) WHERE id = \(topic)")
        try session.execute("RESET session_replication_role")
      }
      // The next day's root seals what is there by then.
      let later = Timestamp(microseconds: 1_790_000_000_000_000).advanced(by: .seconds(180_000))
      let made = try await bench.database.app.run {
        try DailyRoots.make(at: later, salt: [UInt8](repeating: 7, count: 16), in: $0)
      }
      #expect(made?.root.number == 3)
      let found = "topic \(topic), row 5: it was another one when root 2 sealed it"
      for scope in [nil, bench.organisation.id] {
        let path = try await bench.export(scope)
        #expect(try BundleVerifier.verify(path: path, key: bench.key.publicKey).faults == [found])
      }
    }
  }

  @Test("An erasure is believed when the action log says that two people agreed to it, where all of the log is there")
  func erased() async throws {
    try await BundleBench.run { bench in
      let (topic, admin) = (bench.topic, bench.admin)
      let second = try await bench.database.makeAccount("second")
      try await bench.database.makeMembership(second, role: "admin")
      let session = try await bench.database.makeSession(second)
      let id = try await bench.database.app.run { connection -> ErasureID in
        let id = try Erasures.request(1, in: topic, reason: "sud qarori", by: admin, connection)
        try AccessChange.run(in: connection) { try Erasures.confirm(id, by: second, session: session, at: .now, in: connection) }
        return id
      }
      func say(_ action: String, by account: AccountID, of message: Int64 = 1) async throws {
        let detail: [String: ActionLog.Value] = [
          "erasure": .number(id.rawValue), "topic": .number(topic.rawValue), "message": .number(message),
        ]
        let actor = ActionLog.Actor(account: account, session: nil, address: "::1")
        try await bench.database.app.run { try ActionLog.append(action, by: actor, detail: detail, in: $0) }
      }
      func faults() async throws -> [String] {
        let report = try BundleVerifier.verify(path: try await bench.export(nil), key: bench.key.publicKey)
        #expect(report.unchecked == [])
        return report.faults
      }
      let said = "topic \(topic), row 6: it says that a message was erased, and the action log doesn't say that"
      #expect(try await faults() == ["\(said) its author confirmed that"])
      try await say("erasure.confirm", by: admin)
      try await say("erasure.confirm", by: second, of: 2)
      #expect(try await faults() == ["\(said) its author confirmed that"])
      try await say("erasure.confirm", by: second)
      try await say("erasure.create", by: second)
      #expect(try await faults() == ["\(said) somebody else asked for it"])
      try await say("erasure.create", by: admin)
      #expect(try await faults() == [])
      // One company's has no more than its own rows of the log, and says what that can't show.
      let own = try BundleVerifier.verify(path: try await bench.export(bench.organisation.id), key: bench.key.publicKey)
      #expect(own.faults == [] && own.unchecked.count == 1 && own.unchecked.first?.contains("each erasure (1)") == true)
    }
  }

  @Test("A bundle that is cut off says where", arguments: [0, 511, 700, 2000, -1, -600, -1100, -2000])
  func cut(length: Int) async throws {
    try await BundleBench.run { bench in
      let path = try await bench.export(nil)
      let bytes = try Data(contentsOf: URL(filePath: path))
      try bytes.prefix(length < 0 ? bytes.count + length : length).write(to: URL(filePath: path))
      let error = failure { try BundleVerifier.verify(path: path, key: bench.key.publicKey) } as? BundleError
      #expect(error?.description.contains("cut off") == true, "\(String(describing: error))")
    }
  }

  @Test("Keys are what openssl makes")
  func keys() throws {
    let pem = """
      -----BEGIN PRIVATE KEY-----
      MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
      -----END PRIVATE KEY-----

      """
    let key = try SigningKey.privateKey(pem: pem)
    #expect(SigningKey.pem(key) == pem)
    // RFC 8032, test 1.
    #expect(Hex.string(key.publicKey.rawRepresentation) == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    let text = SigningKey.pem(key.publicKey)
    #expect(try SigningKey.publicKey(pem: text).rawRepresentation == key.publicKey.rawRepresentation)
    for wrong in ["", text, pem.replacing("MC4C", with: "MC5C"), "-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----"] {
      #expect(throws: BundleError.self) { try SigningKey.privateKey(pem: wrong) }
    }
  }
}
