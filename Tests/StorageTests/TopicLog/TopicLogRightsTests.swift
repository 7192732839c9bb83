import Domain
import Storage
import TestSupport
import Testing

/// Who may do what in a topic, who is still there to ask, and what a closed case remembers.
@Suite struct TopicLogRightsTests {
  @Test func everyRoleDoesWhatTheTableSays() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      // A supervisor, an admin and an accountant who take part by an assignment, and those of each who do not.
      let department = world.organisation.department
      let joinedSupervisor = try await database.makeAccount("joined-supervisor")
      try await database.makeMembership(joinedSupervisor, role: "supervisor", department: department)
      let joinedAdmin = try await database.makeAccount("joined-admin")
      try await database.makeMembership(joinedAdmin, role: "admin")
      for account in [joinedSupervisor, joinedAdmin] {
        try await database.makeAssignment(account, organisation: world.organisation.id)
      }
      let idle = try await database.makeAccount("idle")
      try await database.makeMembership(idle, role: "accountant", department: department)
      let driver = try await database.makeAccount("driver")
      try await database.makeMembership(driver, role: "driver", organisation: world.organisation.id)
      let people: [(name: String, account: AccountID)] = [
        ("client", world.client), ("accountant", world.accountant), ("joined supervisor", joinedSupervisor),
        ("joined admin", joinedAdmin), ("supervisor", world.supervisor), ("admin", world.admin), ("idle", idle),
        ("driver", driver), ("stranger", world.stranger),
      ]
      var found: [String: String] = [:]
      for (name, account) in people {
        var codes: [String] = []
        func attempt(_ action: LogAction) async throws {
          codes.append(try await database.refusal(world.request(account, action))?.rawValue ?? "ok")
        }
        let open = try await database.append(world.request(world.client, .send(body: "x", reply: 0, holding: false)))
        try await attempt(.send(body: "y", reply: 0, holding: false))
        try await attempt(.delete(message: open.seq))
        try await attempt(.redact(message: open.seq, reason: "why"))
        try await attempt(.dismiss)
        if codes.last != "ok" { try await database.append(world.request(world.accountant, .dismiss)) }
        try await attempt(.reopen)
        if codes.last == "ok" { try await database.append(world.request(world.accountant, .dismiss)) }
        try await attempt(.rate(caseNumber: open.caseNumber, stars: 4, comment: nil))
        found[name] = codes.joined(separator: " ")
      }
      let observer = "forbidden forbidden ok forbidden forbidden forbidden"
      let nobody = "not_found not_found not_found not_found not_found not_found"
      #expect(
        found == [
          "client": "ok ok forbidden forbidden ok ok", "accountant": "ok forbidden forbidden ok ok forbidden",
          "joined supervisor": "ok forbidden ok forbidden forbidden forbidden",
          "joined admin": "ok forbidden ok ok ok forbidden", "supervisor": observer, "admin": observer, "idle": nobody,
          "driver": nobody, "stranger": nobody,
        ])
    }
  }

  @Test func nobodyReadsOnASessionThatIsOver() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      let (topic, client, supervisor) = (world.topic, world.client, world.supervisor)
      _ = try await database.append([world.message(client, "1")])
      func codes(_ session: SessionID, _ ghost: SessionID) async throws -> [DomainError.Code?] {
        let reads: [@Sendable (Session) throws -> Void] = [
          { _ = try TopicLog.state(topic: topic, account: client, session: session, epoch: nil, after: nil, at: .now, in: $0) },
          {
            _ = try TopicLog.history(
              topic: topic, account: client, session: session, before: 2, after: nil, limit: 5, at: .now, in: $0)
          },
          { _ = try TopicLog.versions(topic: topic, account: client, session: session, message: 1, at: .now, in: $0) },
          { _ = try TopicLog.inbox(account: client, session: session, in: $0) },
          { _ = try TopicLog.observe(topic: topic, account: supervisor, session: ghost, reason: "why", at: .now, in: $0) },
        ]
        var codes: [DomainError.Code?] = []
        for read in reads {
          do {
            try await database.app.run(read)
            codes.append(nil)
          } catch let error as DomainError {
            codes.append(error.code)
          }
        }
        return codes
      }
      let (session, ghost) = (try await database.makeSession(client), try await database.makeSession(supervisor))
      #expect(try await codes(session, ghost) == [nil, nil, nil, nil, nil])
      // Another account's session is none.
      #expect(try await codes(ghost, session) == [.notFound, .notFound, .notFound, .notFound, .notFound])
      try await database.app.run {
        try $0.execute("UPDATE session SET expires_at = now() - interval '1 second' WHERE id = ANY (\([session, ghost]))")
      }
      #expect(try await codes(session, ghost) == [.notFound, .notFound, .notFound, .notFound, .notFound])
      let (second, third) = (try await database.makeSession(client), try await database.makeSession(supervisor))
      try await database.app.run { try $0.execute("UPDATE session SET ended_at = now() WHERE id = ANY (\([second, third]))") }
      #expect(try await codes(second, third) == [.notFound, .notFound, .notFound, .notFound, .notFound])
    }
  }

  @Test func reopeningRestoresTheClock() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      func send(_ account: AccountID, after seconds: Int64, holding: Bool = false) -> LogItem {
        .append(world.request(account, .send(body: "x", reply: 0, holding: holding), after: seconds))
      }
      func item(_ account: AccountID, _ action: LogAction, after seconds: Int64) -> LogItem {
        .append(world.request(account, action, after: seconds))
      }
      func waiting() async throws -> Int64? {
        try await database.state(world.topic, world.accountant).summary.waitingSince.map {
          $0.since(world.start).components.seconds
        }
      }
      _ = try await database.append([
        send(world.client, after: 1), send(world.accountant, after: 2), send(world.client, after: 3),
        send(world.client, after: 4),
        send(world.accountant, after: 5, holding: true),
      ])
      #expect(try await waiting() == 3)
      _ = try await database.append([item(world.accountant, .dismiss, after: 6)])
      #expect(try await waiting() == nil)
      let batch = try await database.append([item(world.client, .reopen, after: 7)])
      #expect(batch.news.first?.summary.waitingSince == world.start.advanced(by: .seconds(3)))
      #expect(try await waiting() == 3)
      // Within one batch, and over a second close.
      _ = try await database.append([item(world.accountant, .dismiss, after: 8), item(world.client, .reopen, after: 9)])
      #expect(try await waiting() == 3)
      // Answered before it was closed: nobody waited.
      _ = try await database.append([send(world.accountant, after: 10), item(world.accountant, .dismiss, after: 11)])
      _ = try await database.append([item(world.client, .reopen, after: 12)])
      #expect(try await waiting() == nil)
      // The next case has a clock of its own.
      _ = try await database.append([
        send(world.client, after: 13), item(world.accountant, .dismiss, after: 14), send(world.accountant, after: 15),
        item(world.accountant, .dismiss, after: 16),
      ])
      _ = try await database.append([item(world.client, .reopen, after: 17)])
      #expect(try await waiting() == nil)
    }
  }

  /// Somebody who has no part in a topic does not make its writers wait, nor wait for them.
  @Test func aStrangerLocksNothing() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      let topic = world.topic
      // The lock is held by one connection while the stranger, who would wait for it 200 ms and fail, is answered.
      let holder = try Session.open(database.configuration(role: "postgres"))
      let code = try holder.transaction {
        try holder.execute("SELECT FROM topic WHERE id = \(topic) FOR UPDATE")
        let stranger = try Session.open(database.configuration(role: "onefin_app"))
        try stranger.execute("SET lock_timeout = '200ms'")
        let request = world.request(world.stranger, .send(body: "x", reply: 0, holding: false))
        guard case .refused(let error)? = try TopicLog.append([.append(request)], in: stranger).results.first else {
          return "taken"
        }
        return error.code.rawValue
      }
      #expect(code == "not_found")
    }
  }
}
