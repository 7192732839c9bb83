import Domain
import Foundation
import HTTPTypes
import Storage
import TestSupport
import Testing

@testable import RestAPI

@Suite("Roots, proofs and the daily check over REST") struct IntegrityTests {
  private func send(_ bench: DocumentBench, _ person: Signed, _ action: LogAction) async throws {
    let request = LogRequest(
      topic: bench.topic, account: person.account, session: nil, key: .random(), action: action, at: bench.bench.clock.time,
      salt: [UInt8](repeating: 3, count: 16))
    let result = try await bench.database.app.run { try TopicLog.append([.append(request)], in: $0).results.first }
    guard case .appended = result else { throw DomainError(.conflict, "\(String(describing: result))") }
  }

  /// What a page does: works each row's hash out of the answer, and the tree out of the proof.
  private func recompute(_ rows: JSONValue, topic: TopicID) throws -> (hash: [UInt8], withheld: [Int64]) {
    var (prev, withheld) = (HashChain.origin(of: topic), [Int64]())
    for row in rows.list {
      let hash = try #require(Hex.bytes(row["hash"].string ?? ""))
      let metaHash = row["metaHash"].string.flatMap { Hex.bytes($0) }
      if metaHash != nil {
        withheld.append(row["seq"].number ?? 0)
        #expect(row["meta"] == .null)
      }
      let flags = row["flags"].number ?? 0
      let author = row["author"].number ?? 0
      let bodyHash = row["bodyHash"].string.flatMap { Hex.bytes($0) }
      let kind = try #require(EntryKind(rawValue: Int16(row["kind"].number ?? 0)))
      prev = HashChain.hash(
        HashChain.Row(
          topic: topic, seq: row["seq"].number ?? 0, at: Timestamp(microseconds: row["at"].number ?? 0),
          author: author == 0 ? nil : AccountID(author), kind: kind, staff: flags & 1 != 0, holding: flags & 2 != 0,
          caseNumber: Int32(row["case"].number ?? 0), message: row["message"].number ?? 0,
          version: Int32(row["version"].number ?? 0),
          reply: row["reply"].number ?? 0, stars: Int16(row["stars"].number ?? 0), meta: row["meta"].string ?? "",
          bodyHash: bodyHash),
        metaHash: metaHash ?? HashChain.metaHash(row["meta"].string ?? ""), after: prev)
      #expect(prev == hash, "row \(row["seq"])")
      if let salt = row["salt"].string.flatMap({ Hex.bytes($0) }) {
        #expect(HashChain.bodyHash(salt: salt, body: row["body"].string ?? "") == bodyHash)
      }
    }
    return (prev, withheld)
  }

  @Test("A participant works the own topic's chain out and finds its head in the day's root") func participant() async throws {
    try await DocumentBench.run { bench in
      try await send(bench, bench.client, .send(body: "salom", reply: 0, holding: false))
      try await send(bench, bench.accountant, .send(body: "assalomu alaykum", reply: 1, holding: false))
      try await send(bench, bench.client, .edit(message: 1, body: "salom!"))
      let now = bench.bench.clock.time
      try await bench.database.app.run { _ = try DailyRoots.make(at: now, salt: [UInt8](repeating: 1, count: 16), in: $0) }
      let rows = try await bench.client.send(.get, "/api/v1/integrity/topics/\(bench.topic)/rows").json
      #expect(rows["rows"].list.count == 3 && rows["more"] == .flag(false))
      let chain = try recompute(rows["rows"], topic: bench.topic)
      let proof = try await bench.client.send(.get, "/api/v1/integrity/topics/\(bench.topic)/proof").json
      #expect(proof["seq"].number == 3 && proof["hash"].string == Hex.string(chain.hash) && chain.withheld.isEmpty)
      let path = proof["path"].list.compactMap { $0.string.flatMap { Hex.bytes($0) } }
      let tree = MerkleTree.root(
        leaf: SealedHead(topic: bench.topic, seq: 3, hash: chain.hash).leaf, at: Int(proof["index"].number ?? -1),
        of: Int(proof["root"]["count"].number ?? 0), path: path)
      let said = try #require(tree)
      #expect(Hex.string(said) == proof["root"]["tree"].string)
      let roots = try await bench.client.send(.get, "/api/v1/integrity/roots").json["roots"]
      #expect(roots.list.count == 1 && roots[0]["root"] == proof["root"]["root"])
      #expect(try await bench.client.send(.get, "/api/v1/integrity/roots?after=1").json["roots"].list.isEmpty)
      let second = try await bench.client.send(.get, "/api/v1/integrity/topics/\(bench.topic)/rows?after=2&limit=1").json
      let seqs = second["rows"].list.map { $0["seq"].number }
      #expect(seqs == [3])
    }
  }

  @Test("Hidden bodies, their salts and their files stay hidden; the chain still goes on") func hidden() async throws {
    try await DocumentBench.run { bench in
      let document = try await bench.database.makeUploadedDocument("maxfiy.pdf", in: bench.topic, by: bench.client.account)
      try await send(bench, bench.client, .send(body: "maxfiy gap", reply: 0, holding: false, documents: [document]))
      try await send(bench, bench.client, .send(body: "ochiq gap", reply: 0, holding: false))
      try await send(bench, bench.client, .delete(message: 1))
      let answer = try await bench.accountant.send(.get, "/api/v1/integrity/topics/\(bench.topic)/rows")
      #expect(!answer.text.contains("maxfiy") && answer.text.contains("ochiq"))
      #expect(answer.json["rows"][0]["salt"] == .null && answer.json["rows"][0]["bodyHash"].string != nil)
      #expect(try recompute(answer.json["rows"], topic: bench.topic).withheld == [1])
    }
  }

  @Test("Whether a case was closed without an answer is for staff: for clients all closes are alike, and still worked out")
  func closes() async throws {
    try await DocumentBench.run { bench in
      try await send(bench, bench.client, .send(body: "salom", reply: 0, holding: false))
      try await send(bench, bench.accountant, .dismiss)
      try await send(bench, bench.client, .send(body: "rahmat", reply: 0, holding: false))
      try await send(bench, bench.accountant, .send(body: "arzimaydi", reply: 0, holding: false))
      try await send(bench, bench.accountant, .close)
      let path = "/api/v1/integrity/topics/\(bench.topic)/rows"
      let clients = try await bench.client.send(.get, path)
      #expect(try recompute(clients.json["rows"], topic: bench.topic).withheld == [2, 5])
      for text in ["answer", "none", "withheld"] { #expect(!clients.text.contains("\"\(text)\"")) }
      // No text without the salt gives either digest.
      let guesses = [#"{"answer":"none"}"#, "{}"].map { Hex.string(HashChain.metaHash($0)) }
      for guess in guesses + [Hex.string(HashChain.metaHash(""))] { #expect(!clients.text.contains(guess)) }
      let staff = try await bench.accountant.send(.get, path).json["rows"]
      #expect(try recompute(staff, topic: bench.topic).withheld == [])
      let said = [1, 4].map { EntryMeta(decoding: staff[$0]["meta"].string ?? "") }
      #expect(said == [.close(noAnswer: true), .close(noAnswer: false)])
    }
  }

  @Test("Whoever takes no part reads rows inside an observation only, and it notes them") func observed() async throws {
    try await DocumentBench.run { bench in
      try await send(bench, bench.client, .send(body: "salom", reply: 0, holding: false))
      let path = "/api/v1/integrity/topics/\(bench.topic)/rows"
      for person in [bench.admin, bench.supervisor, bench.stranger] { #expect(try await person.send(.get, path).status == 404) }
      let (topic, supervisor, now) = (bench.topic, bench.supervisor, bench.bench.clock.time)
      try await bench.database.app.run {
        _ = try TopicLog.observe(
          topic: topic, account: supervisor.account, session: supervisor.session, reason: "shikoyat", at: now, in: $0)
      }
      #expect(try await bench.supervisor.send(.get, path).status == 200)
      let shown = try await bench.database.app.run { try $0.one("SELECT from_seq, to_seq FROM observation") }
      #expect(try shown.decode(at: 0, as: Int64?.self) == 1 && shown.decode(at: 1, as: Int64?.self) == 1)
    }
  }

  @Test("An admin has everything checked now, once at a time, and it is logged") func asked() async throws {
    try await RestBench.run { rest in
      let bench = try await DocumentBench.make(rest)
      try await send(bench, bench.client, .send(body: "salom", reply: 0, holding: false))
      try await bench.database.writeDown()
      let path = "/api/v1/integrity/checks"
      #expect(try await bench.supervisor.send(.post, path, "{}").status == 403)
      let asked = try await bench.admin.send(.post, path, "{}")
      #expect(asked.status == 202 && asked.json["isRunning"] == .flag(true) && asked.json["runs"].list.isEmpty)
      #expect(try await bench.admin.send(.post, path, "{}").status == 409)
      await AuditJob(services: rest.services).verifyAsAsked()
      let state = try await bench.admin.send(.get, "/api/v1/integrity").json
      #expect(state["isRunning"] == .flag(false) && state["runs"].list.count == 1)
      let run = state["runs"][0]
      #expect(run["isDaily"] == .flag(false) && run["askedBy"]["id"].number == bench.admin.account.rawValue)
      #expect(run["months"].number == 0 && run["entries"].number == 1 && run["faultCount"].number == 0)
      let logged = try await rest.actions().filter { $0 == "audit.verify" }
      #expect(logged.count == 1)
      // Another process is at it.
      let other = try Session.open(bench.database.app.configuration)
      _ = try other.row("SELECT pg_advisory_lock(\(Int64(0x3166_696e_0000_0006)))")
      #expect(try await bench.admin.send(.get, "/api/v1/integrity").json["isRunning"] == .flag(true))
      #expect(try await bench.admin.send(.post, path, "{}").status == 409)
      withExtendedLifetime(other) {}
    }
  }

  @Test("The daily job makes the root and its file, checks everything once, and alarms") func job() async throws {
    try await withTemporaryFolder { folder in
      try await RestBench.run(environment: ["REST_ROOT_FOLDER": folder + "/roots"]) { rest in
        let bench = try await DocumentBench.make(rest)
        try await send(bench, bench.client, .send(body: "salom", reply: 0, holding: false))
        try await bench.database.writeDown()
        let job = AuditJob(services: rest.services)
        await job.round()
        await job.round()
        let day = LocalDate(inTashkentAt: rest.clock.time)
        let file = try String(contentsOfFile: folder + "/roots/root-\(day).json", encoding: .utf8)
        let state = try await bench.admin.send(.get, "/api/v1/integrity").json
        let root = try #require(state["root"]["root"].string)
        #expect(file.contains(root) && file.contains("ghostSalt"))
        #expect(state["runs"].list.count == 1 && state["runs"][0]["faultCount"].number == 0)
        #expect(state["verifiedUntil"].string != nil && state["actionsWaiting"].number == 0)

        try await bench.database.superuser.run { session in
          try session.execute("SET session_replication_role = replica")
          try session.execute("UPDATE topic_body SET body = 'boshqa'")
          try session.execute("RESET session_replication_role")
        }
        rest.clock.advance(.seconds(24 * 3600))
        // The admins can't be told: then the day has had no check, and it is done again.
        try await bench.database.superuser.run { session in
          try session.execute(
            "CREATE FUNCTION refuse_all() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'disk full'; END $$")
          try session.execute(
            "CREATE TRIGGER refuse_all BEFORE INSERT ON notification FOR EACH ROW EXECUTE FUNCTION refuse_all()")
        }
        await job.round()
        #expect(try await bench.admin.send(.get, "/api/v1/integrity").json["runs"].list.count == 1)
        try await bench.database.superuser.run { try $0.execute("DROP TRIGGER refuse_all ON notification") }
        await job.round()
        let after = try await bench.admin.send(.get, "/api/v1/integrity").json
        #expect(after["verifiedUntil"] == .null && after["root"]["number"].number == 2)
        #expect(after["runs"][0]["faults"][0]["place"].string == "topic \(bench.topic), row 1")
        #expect(rest.services.exposition().contains("audit_faults 1"))
        // Another process, or this one after a restart, measures the same, and nobody is told twice.
        let (database, clock) = (rest.database.app, rest.clock)
        let restarted = try RestBench.services(database, clock: clock)
        await AuditJob(services: restarted).round()
        #expect(restarted.exposition().contains("audit_faults 1"))
        let told = try await bench.admin.send(.get, "/api/v1/notifications")
        #expect(told.text.contains("audit.alarm") && told.text.contains("topic \(bench.topic), row 1"))
        let others = try await bench.supervisor.send(.get, "/api/v1/notifications")
        #expect(!others.text.contains("audit.alarm"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/roots").count == 2)
        // A root that left the house isn't the database's any more: the day's check says so, and whoever brings the copies.
        try file.replacing(root, with: String(repeating: "0", count: 64)).write(
          toFile: folder + "/roots/root-\(day).json", atomically: true, encoding: .utf8)
        try "{}".write(toFile: folder + "/roots/root-2001-01-01.json", atomically: true, encoding: .utf8)
        rest.clock.advance(.seconds(24 * 3600))
        await job.round()
        let third = try await bench.admin.send(.get, "/api/v1/integrity").json["runs"][0]["faults"].list
        let outside = third.compactMap { $0["place"].string }.filter { $0.hasPrefix("root file") }
        #expect(outside == ["root file root-2001-01-01.json", "root file root-\(day).json"])
      }
    }
  }

  @Test("A root file that can't be read is told beside whatever else was found, and asking for a check doesn't end that alarm")
  func unreadable() async throws {
    try await withTemporaryFolder { folder in
      try await RestBench.run(environment: ["REST_ROOT_FOLDER": folder]) { rest in
        let bench = try await DocumentBench.make(rest)
        try await send(bench, bench.client, .send(body: "salom", reply: 0, holding: false))
        try await bench.database.writeDown()
        // What can't be read as a file, whoever tries.
        try FileManager.default.createDirectory(atPath: folder + "/root-2001-01-01.json", withIntermediateDirectories: true)
        let job = AuditJob(services: rest.services)
        func newest() async throws -> [String] {
          let run = try await bench.admin.send(.get, "/api/v1/integrity").json["runs"][0]
          return run["faults"].list.map { "\($0["place"].string ?? ""): \($0["reason"].string ?? "")" }
        }
        let unread = "root file root-2001-01-01.json: it can't be read"
        await job.round()
        #expect(try await newest() == [unread])
        #expect(rest.services.exposition().contains("audit_faults 1"))
        try await bench.database.superuser.run { session in
          try session.execute("SET session_replication_role = replica")
          try session.execute("UPDATE topic_body SET body = 'boshqa'")
          try session.execute("RESET session_replication_role")
        }
        rest.clock.advance(.seconds(24 * 3600))
        await job.round()
        #expect(try await newest() == ["topic \(bench.topic), row 1: its body is another one", unread])
        #expect(try await bench.admin.send(.post, "/api/v1/integrity/checks", "{}").status == 202)
        await job.verifyAsAsked()
        #expect(try await bench.admin.send(.get, "/api/v1/integrity").json["runs"].list.count == 3)
        #expect(try await newest() == ["topic \(bench.topic), row 1: its body is another one", unread])
        await job.round()
        #expect(rest.services.exposition().contains("audit_faults 2"))
      }
    }
  }

  @Test("A day whose check never ended is noted by the next day's first round, but not while a check is under way")
  func missed() async throws {
    try await RestBench.run { rest in
      let bench = try await DocumentBench.make(rest)
      try await send(bench, bench.client, .send(body: "salom", reply: 0, holding: false))
      try await bench.database.writeDown()
      let (now, day) = (rest.clock.time, LocalDate(inTashkentAt: rest.clock.time))
      try await bench.database.app.run { _ = try DailyRoots.make(at: now, salt: [UInt8](repeating: 1, count: 16), in: $0) }
      rest.clock.advance(.seconds(24 * 3600))
      let job = AuditJob(services: rest.services)
      let lock = Int64(0x3166_696e_0000_0006)
      // Another process is still at it.
      let other = try Session.open(bench.database.app.configuration)
      _ = try other.row("SELECT pg_advisory_lock(\(lock))")
      await job.round()
      let path = "/api/v1/integrity"
      #expect(try await bench.admin.send(.get, path).json["runs"].list.isEmpty)
      _ = try other.row("SELECT pg_advisory_unlock(\(lock))")
      await job.round()
      await job.round()
      let runs = try await bench.admin.send(.get, path).json["runs"]
      #expect(runs.list.count == 2 && runs[0]["faultCount"].number == 0)
      #expect(runs[1]["faults"][0]["place"].string == "verification of \(day)")
      let told = try await bench.admin.send(.get, "/api/v1/notifications")
      #expect(told.text.contains("audit.alarm") && told.text.contains("verification of \(day)"))
    }
  }
}
