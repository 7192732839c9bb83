import Storage
import TestSupport
import Testing

@Suite("Postgres, the pool")
struct PoolTests {
  private static func kind(_ error: (any Error)?) -> DatabaseError.Kind? { (error as? DatabaseError)?.kind }

  /// Waits until the database shows what `sql` asks for; each look is a round trip.
  private static func wait(_ database: TestDatabase, until sql: SQL) async throws {
    while try await database.superuser.run({ try $0.value(sql, as: Bool.self) }) != true {}
  }

  private static func sleeping(_ mark: String) -> SQL {
    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND wait_event = 'PgSleep' AND query LIKE '%' || \(mark) || '%')"
  }

  @Test("Many tasks share few connections, each gets its own answer")
  func sharing() async throws {
    try await withTestDatabase { database async throws in
      try await withThrowingTaskGroup(of: (Int, Int?).self) { group in
        for number in 0..<200 {
          group.addTask { (number, try await database.app.run { try $0.value("SELECT \(number) * 2", as: Int.self) }) }
        }
        for try await (number, answer) in group { #expect(answer == number * 2) }
      }
      #expect(database.app.status.connections <= 4)
      #expect(database.app.status.inUse == 0)
      #expect(database.app.status.waiting == 0)
    }
  }

  @Test("Callbacks are called once, on success, failure and refusal")
  func callbacks() async throws {
    try await withTestDatabase { database async throws in
      let pool = Postgres(database.configuration())
      let good = await withCheckedContinuation { continuation in
        pool.submit({ try $0.value("SELECT 5", as: Int32.self) }, completion: { continuation.resume(returning: $0) })
      }
      #expect(try good.get() == 5)
      let bad = await withCheckedContinuation { continuation in
        pool.submit({ try $0.execute("SELECT 1/0") }, completion: { continuation.resume(returning: $0) })
      }
      expectFailure(.invalidValue) { try bad.get() }
      await pool.close()
      let late = await withCheckedContinuation { continuation in
        pool.submit({ try $0.execute("SELECT 1") }, completion: { continuation.resume(returning: $0) })
      }
      let error = databaseError { try late.get() }
      #expect(error?.kind == .closed)
      await pool.close()
    }
  }

  @Test("With every connection in use a full queue refuses, a short one waits no longer than it may")
  func exhaustion() async throws {
    try await withTestDatabase { database async throws in
      var configuration = database.configuration()
      (configuration.poolSize, configuration.queueLimit, configuration.acquireTimeout) = (1, 1, .milliseconds(50))
      let pool = Postgres(configuration)
      let lock = try Session.open(database.configuration())
      try lock.execute("SELECT pg_advisory_lock(1)")
      async let holder = pool.run { try $0.execute("SELECT pg_advisory_lock(1), 'holder'") }
      try await Self.wait(
        database,
        until:
          "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
      )
      async let second = pool.run { try $0.execute("SELECT 1") }
      while pool.status.waiting == 0 { await Task.yield() }
      let full = await databaseError { try await pool.run { try $0.execute("SELECT 1") } }
      #expect(full?.kind == .poolExhausted)
      #expect(full?.isTemporary == true)
      do {
        _ = try await second
        Issue.record("it should have waited too long")
      } catch {
        #expect(Self.kind(error) == .poolExhausted)
      }
      try lock.execute("SELECT pg_advisory_unlock(1)")
      _ = try await holder
      try await expect(1, on: pool) { try $0.value("SELECT 1", as: Int32.self) }
    }
  }

  @Test("Cancelling the task cancels the statement, and the connection serves the next one")
  func cancellation() async throws {
    try await withTestDatabase { database async throws in
      var configuration = database.configuration()
      configuration.poolSize = 1
      let pool = Postgres(configuration)
      let pid = try await pool.run { $0.processID }
      for round in 0..<5 {
        let task = Task { try await pool.run { try $0.execute("SELECT pg_sleep(60), 'mark-cancel'") } }
        try await Self.wait(database, until: Self.sleeping("mark-cancel"))
        let queued = Task { try await pool.run { try $0.execute("SELECT 1") } }
        while pool.status.waiting == 0 { await Task.yield() }
        queued.cancel()
        let queuedEnd = await failure { _ = try await queued.value }
        #expect(queuedEnd is CancellationError)
        task.cancel()
        let taskEnd = await failure { _ = try await task.value }
        #expect(taskEnd is CancellationError)
        try await expect(round, on: pool) { try $0.value("SELECT \(round)", as: Int.self) }
      }
      try await expect(pid, on: pool) { $0.processID }
      let early = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        return try await pool.run { try $0.execute("SELECT 1") }
      }
      let earlyEnd = await failure { _ = try await early.value }
      #expect(earlyEnd is CancellationError)
    }
  }

  @Test("A cancellation that comes between two statements ends the work at the next one")
  func cancellationBetween() async throws {
    try await withTestDatabase { database in
      let task = Task {
        try await database.app.run { session in
          while true { try session.execute("SELECT 1") }
        }
      }
      while database.app.status.inUse == 0 { await Task.yield() }
      task.cancel()
      let error = await failure { try await task.value }
      #expect(error is CancellationError)
      try await expect(1, on: database.app) { try $0.value("SELECT 1", as: Int32.self) }
    }
  }

  @Test("Cancelled at any moment, every task ends and no other is hit")
  func cancellationStorm() async throws {
    try await withTestDatabase { database async throws in
      await withTaskGroup(of: Void.self) { group in
        for number in 0..<300 {
          group.addTask {
            let task = Task { try await database.app.run { try $0.value("SELECT \(number)", as: Int.self) } }
            for _ in 0..<Int.random(in: 0...20) { await Task.yield() }
            if number.isMultiple(of: 2) { task.cancel() }
            do {
              #expect(try await task.value == number)
            } catch {
              #expect(error is CancellationError && number.isMultiple(of: 2), "\(error)")
            }
          }
        }
      }
      #expect(database.app.status.inUse == 0)
    }
  }

  @Test("A backend that is killed in the middle is a temporary error; idle ones are replaced unnoticed")
  func killed() async throws {
    try await withTestDatabase { database async throws in
      let task = Task { try await database.app.run { try $0.execute("SELECT pg_sleep(60), 'mark-kill'") } }
      try await Self.wait(database, until: Self.sleeping("mark-kill"))
      try await database.superuser.run {
        try $0.execute(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%mark-kill%' AND pid <> pg_backend_pid()"
        )
      }
      let error = await databaseError { _ = try await task.value }
      #expect(error?.kind == .connectionLost)
      #expect(error?.sqlState == "57P01")
      #expect(error?.isTemporary == true)
      for _ in 0..<5 {
        let pid = try await database.app.run { $0.processID }
        try await database.superuser.run { try $0.execute("SELECT pg_terminate_backend(\(pid), 10000)") }
        try await expect(1, on: database.app) { try $0.value("SELECT 1", as: Int32.self) }
      }
    }
  }

  @Test("While the database is away requests fail at once; the pool comes back by itself")
  func outage() async throws {
    try await withTestDatabase { database async throws in
      let (events, continuation) = AsyncStream.makeStream(of: PoolEvent.self)
      var configuration = database.configuration()
      configuration.backoff = Backoff(first: .milliseconds(5), limit: .milliseconds(20))
      let pool = Postgres(configuration) { continuation.yield($0) }
      _ = try await pool.run { $0.processID }
      let admin = try Session.open(
        PostgresConfiguration(conninfo: database.conninfo(role: "postgres") + " dbname=postgres", applicationName: "test"))
      try admin.execute("ALTER DATABASE \(identifier: database.name) ALLOW_CONNECTIONS false")
      try admin.execute("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = \(database.name)")
      for _ in 0..<3 {
        let error = await databaseError { try await pool.run { try $0.execute("SELECT 1") } }
        #expect(error?.kind == .connectionLost)
      }
      #expect(pool.status.isAway)
      var failures = 0
      for await event in events {
        if case .connectFailed = event { failures += 1 }
        if failures == 3 { try admin.execute("ALTER DATABASE \(identifier: database.name) ALLOW_CONNECTIONS true") }
        if case .connected = event, failures >= 3 { break }
      }
      #expect(!pool.status.isAway)
      try await expect(1, on: pool) { try $0.value("SELECT 1", as: Int32.self) }
    }
  }

  @Test("Where nobody listens the error is temporary and names the reason, not the password")
  func unreachable() async throws {
    let pool = Postgres(
      PostgresConfiguration(conninfo: "host=127.0.0.1 port=1 user=u password=geheim dbname=d", applicationName: "test"))
    for _ in 0..<3 {
      let error = await databaseError { try await pool.run { $0.processID } }
      #expect(error?.kind == .connectionLost)
      #expect(error?.message.contains("refused") == true)
      let text = error.map { "\($0)\($0.detail)" } ?? "geheim"
      #expect(!text.contains("geheim"))
    }
    await pool.close()
  }

  @Test("A transaction that was left open is rolled back and reported")
  func leftOpen() async throws {
    try await withTestDatabase { database async throws in
      var configuration = database.configuration()
      configuration.poolSize = 1
      let pool = Postgres(configuration)
      let error = await databaseError {
        try await pool.run { session in
          try session.execute("BEGIN")
          try session.execute("INSERT INTO department (name) VALUES ('x')")
        }
      }
      #expect(error?.kind == .misuse)
      try await expect(0, on: pool) { try $0.value("SELECT count(*) FROM department", as: Int.self) }
    }
  }

  @Test("Closing lets what runs come to its end and ends the connections")
  func closing() async throws {
    try await withTestDatabase { database async throws in
      var configuration = database.configuration()
      configuration.applicationName = "closing-test"
      let pool = Postgres(configuration)
      let running = Task { try await pool.run { try $0.value("SELECT 3 FROM pg_sleep(0.05)", as: Int32.self) } }
      while pool.status.inUse == 0 { await Task.yield() }
      await pool.close()
      #expect(try await running.value == 3)
      try await Self.wait(
        database,
        until:
          "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'closing-test')"
      )
    }
  }

  @Test("A dropped pool ends its connections")
  func dropped() async throws {
    try await withTestDatabase { database async throws in
      var configuration = database.configuration()
      configuration.applicationName = "dropped-test"
      do {
        let pool = Postgres(configuration)
        _ = try await pool.run { $0.processID }
      }
      try await Self.wait(
        database,
        until:
          "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'dropped-test')"
      )
    }
  }
}
