import Domain
import Storage
import TestSupport
import Testing

@Suite struct TopicLogAppendTests {
  @Test func messagesAreNumberedAndChained() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      let batch = try await database.append(
        (1...5).map { world.message($0.isMultiple(of: 2) ? world.accountant : world.client, "n\($0)") })
      #expect(batch.news.map(\.entry.seq) == [1, 2, 3, 4, 5])
      #expect(batch.news.map(\.entry.staff) == [false, true, false, true, false])
      let more = try await database.append([world.message(world.client, "six")])
      #expect(more.news.first?.entry.seq == 6)
      let state = try await database.state(world.topic, world.client)
      #expect(state.entries.map(\.body) == ["n1", "n2", "n3", "n4", "n5", "six"])
      #expect(state.headHash == state.entries.last?.hash)
      #expect(state.summary == more.news.last?.summary)
      let topic = world.topic
      let fault = try await database.app.run { try TopicLog.verifyChain(topic: topic, in: $0) }
      #expect(fault == nil)
    }
  }

  @Test func aKeyAnswersOnceAndForEver() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      let request = world.request(world.client, .send(body: "a", reply: 0, holding: false))
      let first = try await database.append(request)
      var again = request
      (again.at, again.salt) = (world.start.advanced(by: .seconds(9)), [UInt8](repeating: 1, count: 16))
      guard case .appended(let entry, let isReplay)? = try await database.append([.append(again)]).results.first else {
        Issue.record("no answer")
        return
      }
      #expect(isReplay)
      #expect(entry.seq == first.seq && entry.hash == first.hash && entry.at == first.at)
      #expect(
        try await database.refusal(world.request(world.client, .send(body: "b", reply: 0, holding: false), key: request.key))
          == .conflict)
      #expect(try await database.refusal(world.request(world.client, .close, key: request.key)) == .conflict)
      // Another author's key is another key, and no number was burnt.
      #expect(try await database.append(world.request(world.accountant, request.action, key: request.key)).seq == 2)
      // Twice in one batch.
      let twice = world.request(world.client, .send(body: "c", reply: 0, holding: false))
      let batch = try await database.append([.append(twice), .append(twice)])
      #expect(batch.news.count == 1)
      guard case .appended(_, isReplay: true)? = batch.results.last else {
        Issue.record("the second is no replay")
        return
      }
    }
  }

  @Test func theSameKeyAtTheSameTimeIsOneRow() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      let key = Key.random()
      let other = world.organisation.topic(.ttn)
      let outcomes = try await withThrowingTaskGroup(of: String.self) { group in
        for number in 0..<16 {
          group.addTask {
            let topic = number.isMultiple(of: 2) ? world.topic : other
            let request = world.request(world.client, .send(body: "x", reply: 0, holding: false), topic: topic, key: key)
            switch try await database.append([.append(request)]).results.first {
            case .appended(let entry, _): return "\(entry.topic) \(entry.seq)"
            case .refused(let error): return error.code.rawValue
            default: return "?"
            }
          }
        }
        return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
      }
      #expect(outcomes.count == 2)
      #expect(outcomes["conflict"] == 8)
    }
  }

  @Test func refusalsCostNobodyElseAnything() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      let foreign = LogItem.append(world.request(world.stranger, .send(body: "x", reply: 0, holding: false)))
      let ghost = LogItem.append(world.request(world.supervisor, .send(body: "x", reply: 0, holding: false)))
      let nowhere = LogItem.append(world.request(world.client, .close, topic: TopicID(999_999)))
      let lostReply = LogItem.append(world.request(world.client, .send(body: "x", reply: 77, holding: false)))
      let batch = try await database.append([
        foreign, world.message(world.client, "1"), ghost, nowhere, lostReply, world.message(world.accountant, "2"),
      ])
      let codes = batch.results.map { result -> String in
        if case .refused(let error) = result { error.code.rawValue } else { "ok" }
      }
      #expect(codes == ["not_found", "ok", "forbidden", "not_found", "not_found", "ok"])
      #expect(batch.news.map(\.entry.seq) == [1, 2])
    }
  }

  @Test func whatPostgresRefusesCostsOnlyItself() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      // U+0000 never comes this far from a client; here it stands for a row that Postgres will not take.
      let batch = try await database.append([
        world.message(world.client, "1"), world.message(world.client, "bad\0"), world.message(world.client, "2"),
      ])
      guard case .refused(let error) = batch.results[1] else {
        Issue.record("the bad row was taken")
        return
      }
      #expect(error.code == .unavailable)
      #expect(batch.news.map(\.entry.seq) == [1, 2])
      let topic = world.topic
      #expect(try await database.app.run { try TopicLog.verifyChain(topic: topic, in: $0) } == nil)
    }
  }

  @Test func whatWasCommittedBeforeTheConnectionBrokeIsTold() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      let owner = try Session.open(database.configuration(role: "postgres"))
      try owner.execute(
        """
        CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$
        """)
      try owner.execute(
        "CREATE TRIGGER die BEFORE INSERT ON topic_body FOR EACH ROW WHEN (NEW.body = 'die') EXECUTE FUNCTION die()")
      let items = [
        world.message(world.client, "1"), world.message(world.client, "bad\0"), world.message(world.client, "2"),
        world.message(world.client, "die"), world.message(world.client, "3"),
      ]
      let app = try Session.open(database.configuration(role: "onefin_app"))
      let batch = try TopicLog.append(items, in: app)
      let codes = batch.results.map { result -> String in
        if case .refused(let error) = result { error.code.rawValue } else { "ok" }
      }
      #expect(codes == ["ok", "unavailable", "ok", "unavailable", "unavailable"])
      #expect(batch.news.map(\.entry.body) == ["1", "2"] && !app.isAlive)
      #expect(batch.failures.map(\.index) == [1, 3])
      #expect((batch.failures.last?.error as? DatabaseError)?.kind == .commitOutcomeUnknown)
      #expect(try await database.state(world.topic, world.client).entries.map(\.body) == ["1", "2"])
    }
  }

  @Test func commitsAreOnTheDiskWhateverTheDatabasesDefault() async throws {
    try await withTestDatabase { database in
      let owner = try Session.open(database.configuration(role: "postgres"))
      let name: String = try owner.one("SELECT current_database()::text").decode(at: 0)
      try owner.execute("ALTER ROLE onefin_app IN DATABASE \(identifier: name) SET synchronous_commit = off")
      let app = try Session.open(database.configuration(role: "onefin_app"))
      #expect(try app.one("SHOW synchronous_commit").decode(at: 0, as: String.self) == "on")
      var configuration = database.configuration(role: "onefin_app")
      configuration.conninfo += " options='-c synchronous_commit=off'"
      let stubborn = try Session.open(configuration)
      #expect(try stubborn.one("SHOW synchronous_commit").decode(at: 0, as: String.self) == "on")
    }
  }

  @Test func aDeadSessionAppendsNothing() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      let session = try await database.makeSession(world.client)
      let stolen = try await database.makeSession(world.accountant)
      #expect(
        try await database.refusal(world.request(world.client, .send(body: "1", reply: 0, holding: false), session: session))
          == nil)
      #expect(
        try await database.refusal(world.request(world.client, .send(body: "1", reply: 0, holding: false), session: stolen))
          == .notFound)
      try await database.app.run {
        try AccessChange.run(in: $0) { [database = $0] in _ = try Sessions.end(session, reason: "test", in: database) }
      }
      #expect(
        try await database.refusal(world.request(world.client, .send(body: "2", reply: 0, holding: false), session: session))
          == .notFound)
    }
  }

  @Test func parallelWritersLeaveNoGap() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for writer in 0..<8 {
          group.addTask {
            for number in 0..<10 {
              let account = writer.isMultiple(of: 2) ? world.client : world.accountant
              let items = world.organisation.topics.values.map {
                LogItem.append(world.request(account, .send(body: "\(writer)-\(number)", reply: 0, holding: false), topic: $0))
              }
              let batch = try await database.append(items)
              #expect(batch.news.count == 5)
            }
          }
        }
        try await group.waitForAll()
      }
      for topic in world.organisation.topics.values {
        let fault = try await database.app.run { try TopicLog.verifyChain(topic: topic, in: $0) }
        #expect(fault == nil)
        let state = try await database.state(topic, world.client)
        #expect(state.summary.head == 80)
      }
    }
  }

  @Test func aChangedRowIsFound() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      _ = try await database.append((1...3).map { world.message(world.client, "n\($0)") })
      let topic = world.topic
      let session = try Session.open(database.configuration(role: "postgres"))
      try session.execute("SET session_replication_role = replica")
      try session.execute("UPDATE topic_body SET body = 'forged' WHERE topic_id = \(topic) AND seq = 2")
      let fault = try await database.app.run { try TopicLog.verifyChain(topic: topic, in: $0) }
      #expect(fault?.seq == 2)
      try session.execute("DELETE FROM topic_entry WHERE topic_id = \(topic) AND seq = 3")
      try session.execute("UPDATE topic_body SET body = 'n2' WHERE topic_id = \(topic) AND seq = 2")
      let gap = try await database.app.run { try TopicLog.verifyChain(topic: topic, in: $0) }
      #expect(gap?.seq == 3)
    }
  }
}
