import Domain
import Storage
import TestSupport
import Testing

/// Leases of jobs on a real Postgres.
@Suite
struct JobTests {
  private static func add(_ count: Int, to database: TestDatabase) async throws {
    try await database.app.run { session in
      try session.execute("INSERT INTO job (kind, input) SELECT 'sample', '{}' FROM generate_series(1, \(count))")
    }
  }

  private static func lease(_ database: TestDatabase, by worker: String = "a", for time: Duration = .seconds(60)) async throws
    -> Job?
  {
    try await database.app.transaction { try Jobs.lease(by: worker, for: time, in: $0) }
  }

  /// Lets all leases run out, and all pauses be over: tests do not wait.
  private static func pass(_ database: TestDatabase) async throws {
    try await database.app.run { session in
      try session.execute(
        "UPDATE job SET leased_until = leased_until - interval '1 day', run_at = run_at - interval '1 day' WHERE state <> 'done'")
    }
  }

  private static func state(of job: Job, _ database: TestDatabase) async throws -> String? {
    try await database.app.run { try $0.value("SELECT state FROM job WHERE id = \(job.id)") }
  }

  @Test("Workers side by side never get the same job, and together get all of them")
  func parallel() async throws {
    try await withTestDatabase { database in
      try await Self.add(200, to: database)
      let leased = try await withThrowingTaskGroup(of: [JobID].self) { group in
        for worker in 0..<8 {
          group.addTask {
            var mine: [JobID] = []
            while let job = try await Self.lease(database, by: "worker \(worker)") {
              mine.append(job.id)
              let isDone = try await database.app.transaction { try Jobs.finish(job, in: $0) }
              #expect(isDone)
            }
            return mine
          }
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      #expect(leased.count == 200)
      #expect(Set(leased).count == 200)
    }
  }

  @Test("A lease that was given back is not the worker's next one, though its attempt has the same number")
  func again() async throws {
    try await withTestDatabase { database in
      try await Self.add(1, to: database)
      let first = try #require(try await Self.lease(database))
      _ = try await database.app.run { try Jobs.giveBack(first, for: .zero, in: $0) }
      let second = try #require(try await Self.lease(database))
      #expect((first.id, first.attempt) == (second.id, second.attempt))
      let isExtended = try await database.app.run { try Jobs.extend(first, for: .seconds(60), in: $0) }
      let isFinished = try await database.app.transaction { try Jobs.finish(first, in: $0) }
      #expect(!isExtended && !isFinished)
      let isHeld = try await database.app.transaction { try Jobs.finish(second, in: $0) }
      #expect(isHeld)
    }
  }

  @Test("What has waited longest comes first, and what is for later does not come")
  func order() async throws {
    try await withTestDatabase { database in
      let ids: [JobID] = try await database.app.run { session in
        try [60, 5, 30, -60].map { seconds in
          try session.one(
            "INSERT INTO job (kind, input, run_at) VALUES ('sample', '{}', now() - \(seconds) * interval '1 second') RETURNING id"
          ).decode(at: 0)
        }
      }
      var leased: [JobID] = []
      while let job = try await Self.lease(database) { leased.append(job.id) }
      #expect(leased == [ids[0], ids[2], ids[1]])
    }
  }

  @Test("A lease that ran out is somebody else's, and its first holder writes nothing any more")
  func lost() async throws {
    try await withTestDatabase { database in
      try await Self.add(1, to: database)
      let first = try #require(try await Self.lease(database, by: "slow"))
      let none = try await Self.lease(database, by: "quick")
      #expect(none == nil)
      try await Self.pass(database)
      let second = try #require(try await Self.lease(database, by: "quick"))
      #expect(second.id == first.id)
      #expect((first.attempt, second.attempt) == (1, 2))
      let answers = try await database.app.transaction { session in
        [
          try Jobs.extend(first, for: .seconds(60), in: session), try Jobs.finish(first, in: session),
          try Jobs.giveBack(first, for: .zero, in: session), try Jobs.fail(first, error: "x", in: session) != .lost,
        ]
      }
      #expect(answers == [false, false, false, false])
      let isDone = try await database.app.transaction { try Jobs.finish(second, in: $0) }
      #expect(isDone)
      let state = try await Self.state(of: first, database)
      #expect(state == "done")
    }
  }

  @Test("Two leases of one worker are two leases")
  func ownLost() async throws {
    try await withTestDatabase { database in
      try await Self.add(1, to: database)
      let first = try #require(try await Self.lease(database))
      try await Self.pass(database)
      let second = try #require(try await Self.lease(database))
      let answers = try await database.app.transaction { session in
        [try Jobs.extend(first, for: .seconds(60), in: session), try Jobs.extend(second, for: .seconds(60), in: session)]
      }
      #expect(answers == [false, true])
    }
  }

  @Test("A lease that is extended does not run out")
  func extended() async throws {
    try await withTestDatabase { database in
      try await Self.add(1, to: database)
      let job = try #require(try await Self.lease(database))
      try await Self.pass(database)
      let isExtended = try await database.app.run { try Jobs.extend(job, for: .seconds(60), in: $0) }
      #expect(isExtended)
      let other = try await Self.lease(database, by: "b")
      #expect(other == nil)
    }
  }

  @Test("A job that fails is tried again after a pause, and then it has failed")
  func failing() async throws {
    try await withTestDatabase { database in
      try await Self.add(1, to: database)
      for attempt in 1...Jobs.attempts {
        let job = try #require(try await Self.lease(database))
        #expect(job.attempt == attempt)
        let failure = try await database.app.transaction { try Jobs.fail(job, error: "no \0 luck", in: $0) }
        #expect(failure == (attempt == Jobs.attempts ? .final : .again))
        let early = try await Self.lease(database)
        #expect(early == nil)
        let state = try await Self.state(of: job, database)
        #expect(state == (attempt == Jobs.attempts ? "failed" : "waiting"))
        try await Self.pass(database)
      }
      let last = try await Self.lease(database)
      #expect(last == nil)
      let error: String? = try await database.app.run { try $0.value("SELECT error FROM job") }
      #expect(error == "no  luck")
    }
  }

  @Test("A job that is given back has lost nothing")
  func givenBack() async throws {
    try await withTestDatabase { database in
      try await Self.add(1, to: database)
      for _ in 0..<5 {
        let job = try #require(try await Self.lease(database))
        #expect(job.attempt == 1)
        try await database.app.run { _ = try Jobs.giveBack(job, for: .zero, in: $0) }
      }
    }
  }

  @Test("A job that takes every worker with it ends, and nobody leases it again")
  func abandoned() async throws {
    try await withTestDatabase { database in
      try await Self.add(1, to: database)
      for _ in 0..<Jobs.attempts {
        let job = try await Self.lease(database)
        #expect(job != nil)
        let early = try await database.app.transaction { try Jobs.abandon(in: $0) }
        #expect(early == nil)
        try await Self.pass(database)
      }
      let none = try await Self.lease(database)
      #expect(none == nil)
      let lost = try await database.app.transaction { try Jobs.abandon(in: $0) }
      #expect(lost?.attempt == Jobs.attempts)
      let again = try await database.app.transaction { try Jobs.abandon(in: $0) }
      #expect(again == nil)
    }
  }
}
