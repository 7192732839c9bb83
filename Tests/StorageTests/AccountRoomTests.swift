import Domain
import Storage
import Synchronization
import TestSupport
import Testing

/// The shared SQL of accounts: what RestAPI's own tests cannot see from outside.
struct AccountRoomTests {
  /// Runs `work` beside an open transaction that did `first`, and says whether it had to wait for that transaction's end.
  private static func waits(
    in database: TestDatabase, behind first: @escaping @Sendable (Session) throws -> Void,
    _ work: @escaping @Sendable (Session) throws -> Void
  ) async throws -> Bool {
    let holder = try Session.open(database.configuration())
    _ = try holder.execute("BEGIN")
    try first(holder)
    let worker = Postgres(database.configuration())
    let (pids, pid) = AsyncStream.makeStream(of: Int32.self)
    let done = Done()
    let task = Task {
      defer { done.set() }
      try await worker.run { session in
        pid.yield(session.processID)
        try session.transaction { try work(session) }
      }
    }
    var iterator = pids.makeAsyncIterator()
    let process = try #require(await iterator.next())
    // Either it ends, or Postgres says that it waits for a lock: one of the two comes.
    var hadToWait = false
    let watcher = try Session.open(database.configuration())
    while !done.isSet {
      if let blocked: Bool = try watcher.value("SELECT cardinality(pg_blocking_pids(\(process))) > 0"), blocked {
        hadToWait = true
        break
      }
      await Task.yield()
    }
    _ = try holder.execute("COMMIT")
    try await task.value
    await worker.close()
    return hadToWait
  }

  @Test("A grant and a revocation of one account wait for each other")
  func grantsAreOrdered() async throws {
    try await withTestDatabase { database in
      let organisation = try await database.makeOrganisation(department: try await database.makeDepartment())
      let account = try await database.makeAccount("aziza")
      let waited = try await Self.waits(in: database, behind: { try Accounts.setDisabled(account, true, in: $0) }) {
        _ = try Accounts.addMembership(account, role: .client, organisation: organisation.id, department: nil, in: $0)
      }
      #expect(waited)
    }
  }

  @Test("A revocation does not wait for the foreign keys that an append is checking")
  func revocationsPassKeyChecks() async throws {
    try await withTestDatabase { database in
      let organisation = try await database.makeOrganisation(department: try await database.makeDepartment())
      let account = try await database.makeClient("aziza", of: organisation)
      let topic = organisation.topic(.bank)
      let waited = try await Self.waits(
        in: database,
        behind: { session in
          _ = try session.execute(
            """
            INSERT INTO topic_case (topic_id, number, opened_seq, opened_at, closed_by) VALUES (\(topic), 1, 1, now(), \(account))
            """)
        }, { _ = try AccessChange.lock(account, in: $0) })
      #expect(!waited)
    }
  }

  @Test("Topics are raised in one order, so raisers never deadlock")
  func raisesDoNotDeadlock() async throws {
    try await withTestDatabase { database in
      let organisation = try await database.makeOrganisation(department: try await database.makeDepartment())
      let topics = TopicKind.allCases.map { organisation.topic($0) }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<60 {
          let order = topics.shuffled()
          // Not retried: a deadlock would be an error.
          group.addTask {
            try await database.app.run { session in try session.transaction { try AccessChange.raise(order, in: session) } }
          }
        }
        try await group.waitForAll()
      }
      let values = try await database.app.run { session in
        try session.rows("SELECT access FROM topic ORDER BY id").map { try $0["access", as: Int64.self] }
      }
      #expect(values == [60, 60, 60, 60, 60])
    }
  }

  @Test("What is rolled back was never told")
  func rollbacksLeaveNothing() async throws {
    struct Refusal: Error {}
    try await withTestDatabase { database in
      let organisation = try await database.makeOrganisation(department: try await database.makeDepartment())
      let account = try await database.makeClient("aziza", of: organisation)
      let session = try await database.makeSession(account)
      let error = await failure {
        try await database.app.run { connection in
          try AccessChange.run(in: connection) {
            #expect(try Sessions.end(session, reason: "test", in: connection))
            throw Refusal()
          }
        }
      }
      #expect(error is Refusal)
      let (outbox, access, live) = try await database.app.run { connection in
        (
          try connection.value("SELECT count(*) FROM outbox", as: Int64.self),
          try connection.value("SELECT sum(access)::bigint FROM topic", as: Int64.self),
          try Sessions.owner(of: session, in: connection)
        )
      }
      #expect(outbox == 0 && access == 0 && live == account)
    }
  }

  @Test("A session comes with its account and memberships, and with nothing that ended")
  func sessionsComeWhole() async throws {
    try await withTestDatabase { database in
      let department = try await database.makeDepartment("Savdo")
      let organisation = try await database.makeOrganisation("Non", department: department)
      let account = try await database.makeClient("aziza", of: organisation)
      try await database.makeMembership(account, role: "supervisor", department: department)
      let ended = try await database.makeMembership(account, role: "sales", organisation: organisation.id)
      _ = try await database.app.run { session in
        try AccessChange.run(in: session) { try Accounts.endMembership(ended, in: session)?.account }
      }
      let hash = [UInt8](repeating: 7, count: 32)
      let id = try await database.makeSession(account, tokenHash: hash)
      let found = try await database.app.run { try Sessions.find(tokenHash: hash, in: $0) }
      let live = try #require(found)
      #expect(live.id == id && live.account.login == "aziza" && live.kind == "app")
      #expect(live.account.memberships.map(\.role) == [.client, .supervisor])
      #expect(live.account.memberships[0].organisation?.name == "Non" && live.account.memberships[1].department?.name == "Savdo")
      let unknown = try await database.app.run { try Sessions.find(tokenHash: [UInt8](repeating: 8, count: 32), in: $0) }
      #expect(unknown == nil)

      let bare = try await database.makeAccount("nobody")
      let other = [UInt8](repeating: 9, count: 32)
      _ = try await database.makeSession(bare, tokenHash: other)
      let alone = try await database.app.run { try Sessions.find(tokenHash: other, in: $0) }
      #expect(alone?.account.memberships.isEmpty == true)
      _ = try await database.app.run { try $0.execute("UPDATE account SET disabled_at = now() WHERE id = \(bare)") }
      let disabled = try await database.app.run { try Sessions.find(tokenHash: other, in: $0) }
      #expect(disabled == nil)
    }
  }

  @Test("Many come in at once: each by its own token, and those who were last seen a minute ago are seen now")
  func manyAreAdmittedAtOnce() async throws {
    try await withTestDatabase { database in
      let (one, two, gone) = (
        try await database.makeAccount("aziza"), try await database.makeAccount("bobur"), try await database.makeAccount("malika")
      )
      @Sendable func hash(_ number: UInt8) -> [UInt8] { [UInt8](repeating: number, count: 32) }
      let sessions = [
        try await database.makeSession(one, tokenHash: hash(1)), try await database.makeSession(two, tokenHash: hash(2)),
        try await database.makeSession(gone, tokenHash: hash(3)), try await database.makeSession(one, tokenHash: hash(4)),
        try await database.makeSession(two, tokenHash: hash(5)),
      ]
      let long = Timestamp.now.advanced(by: .seconds(-90))
      let answers = try await database.app.run { session in
        try session.execute("UPDATE session SET last_used_at = \(long), address = 'before' WHERE id <> \(sessions[1])")
        try session.execute("UPDATE session SET ended_at = now(), end_reason = 'signed out' WHERE id = \(sessions[3])")
        try session.execute("UPDATE session SET expires_at = now() WHERE id = \(sessions[4])")
        try session.execute("UPDATE account SET disabled_at = now() WHERE id = \(gone)")
        // The first one comes twice: with two tabs.
        let arrivals = [4, 1, 9, 2, 3, 1, 5].map { Sessions.Arrival(tokenHash: hash($0), address: "192.0.2.\($0)") }
        return try Sessions.admit(arrivals, at: .now, in: session)
      }
      let admitted: [[Int64]] = answers.map { answer in
        switch answer {
        case .success(let admission): [admission.session.rawValue, admission.account.rawValue]
        case .failure(let error): error == .notFound ? [] : [-1]
        }
      }
      let (first, second) = ([sessions[0].rawValue, one.rawValue], [sessions[1].rawValue, two.rawValue])
      #expect(admitted == [[], first, [], second, [], first, []])
      let addresses: [String] = try await database.app.run { session in
        try session.rows("SELECT address FROM session WHERE last_used_at > now() - interval '1 minute' ORDER BY id").map {
          try $0["address"]
        }
      }
      #expect(addresses.count == 2 && addresses[0] == "192.0.2.1" && addresses[1] != "192.0.2.2")
    }
  }

  @Test("Whoever is just being written is let in, and is not waited for")
  func lockedSessionsAreNotWaitedFor() async throws {
    try await withTestDatabase { database in
      let account = try await database.makeAccount("aziza")
      let hash = [UInt8](repeating: 1, count: 32)
      let id = try await database.makeSession(account, tokenHash: hash)
      let long = Timestamp.now.advanced(by: .seconds(-90))
      _ = try await database.app.run { try $0.execute("UPDATE session SET last_used_at = \(long)") }
      let holder = try Session.open(database.configuration(role: "postgres"))
      let answers = try holder.transaction {
        try holder.execute("SELECT FROM session FOR UPDATE")
        let other = try Session.open(database.configuration(role: "onefin_app"))
        try other.execute("SET lock_timeout = '200ms'")
        return try Sessions.admit([Sessions.Arrival(tokenHash: hash, address: "192.0.2.1")], at: .now, in: other)
      }
      let admitted = try answers.map { try $0.get().session }
      #expect(admitted == [id])
    }
  }

  @Test("Fifty devices of an account are remembered, the last used ones")
  func devicesAreBounded() async throws {
    try await withTestDatabase { database in
      let account = try await database.makeAccount("aziza")
      let other = try await database.makeAccount("bobur")
      let known = try await database.app.run { session in
        func device(_ number: UInt8) -> [UInt8] { [UInt8](repeating: number, count: 32) }
        for number in UInt8(1)...60 { try Accounts.remember(device: device(number), of: account, in: session) }
        return try [1, 10, 11, 60].map { number in
          try Accounts.candidate(login: "aziza", device: device(number), in: session)?.knowsDevice
        } + [try Accounts.candidate(login: "bobur", device: device(60), in: session)?.knowsDevice]
      }
      #expect(known == [false, false, true, true, false])
      #expect(other != account)
    }
  }

  @Test("Details of the action log survive any text")
  func detailsAreJSON() async throws {
    try await withTestDatabase { database in
      let text = "\"\\\n\t\u{1}\u{7f}ў🙂"
      let read = try await database.app.run { session in
        try ActionLog.append(
          "test.try", by: ActionLog.Actor(account: nil, session: nil, address: "::1"),
          detail: ["text": .text(text), "nul": .text("a\u{0}b"), "n": 5, "yes": true, "list": .texts(["a", "\""])], in: session)
        return try session.one(
          """
          SELECT detail->>'text' AS text, detail->>'nul' AS nul, (detail->'n')::bigint AS n, (detail->'yes')::boolean AS yes,
                 detail->'list'->>1 AS item FROM action_log
          """
        )
      }
      #expect(try read["text", as: String.self] == text && read["nul", as: String.self] == "a\u{FFFD}b")
      #expect(try read["n", as: Int64.self] == 5 && read["yes", as: Bool.self] && read["item", as: String.self] == "\"")
    }
  }
}

/// A flag that one task sets and another reads.
private final class Done: Sendable {
  private let flag = Atomic(false)
  var isSet: Bool { flag.load(ordering: .acquiring) }
  func set() { flag.store(true, ordering: .releasing) }
}
