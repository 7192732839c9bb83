import Storage
import Synchronization
import TestSupport
import Testing

/// Counts from several threads.
private final class Counter: Sendable {
  private let count = Atomic(0)
  var value: Int { count.load(ordering: .relaxed) }
  func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}

@Suite("Conflicting transactions")
struct ConflictTests {
  private func withCounters(_ body: (TestDatabase) async throws -> Void) async throws {
    try await withTestDatabase { database in
      try await database.owner.run { session in
        try session.execute("CREATE TABLE counter (id integer PRIMARY KEY, n integer NOT NULL)")
        try session.execute("INSERT INTO counter VALUES (1, 0), (2, 0)")
      }
      try await body(database)
    }
  }

  @Test("A deadlock is run again and passes")
  func deadlock() async throws {
    try await withCounters { database in
      let runs = Counter()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for first in [1, 2] {
          group.addTask {
            try await database.owner.transaction { session in
              let isFirstRun = runs.next() <= 2
              try session.execute("UPDATE counter SET n = n + 1 WHERE id = \(first)")
              if isFirstRun {
                // Each waits until the other holds its row too, so that one of them must fail.
                try session.execute("SELECT pg_advisory_lock_shared(\(first))")
                let alone: SQL = """
                  SELECT count(*) < 2 FROM pg_locks JOIN pg_database AS d ON d.oid = database
                  WHERE locktype = 'advisory' AND datname = current_database()
                  """
                while try session.value(alone, as: Bool.self) == true {}
              }
              try session.execute("UPDATE counter SET n = n + 1 WHERE id = \(3 - first)")
            }
          }
        }
        try await group.waitForAll()
      }
      // The loser may come back before the winner has woken, and meet it again.
      #expect(runs.value >= 3)
      let sum = try await database.owner.run { try $0.value("SELECT sum(n)::bigint FROM counter", as: Int.self) }
      #expect(sum == 4)
    }
  }

  @Test("A serialization failure is run again and passes")
  func serialization() async throws {
    try await withCounters { database in
      let runs = Counter()
      try await database.owner.transaction(isolation: .serializable) { session in
        let n: Int32 = try session.one("SELECT n FROM counter WHERE id = 1")["n"]
        if runs.next() == 1 {
          try Session.open(database.configuration(role: "onefin_owner")).execute("UPDATE counter SET n = 100 WHERE id = 1")
        }
        try session.execute("UPDATE counter SET n = \(n + 1) WHERE id = 1")
      }
      #expect(runs.value == 2)
      let n = try await database.owner.run { try $0.value("SELECT n FROM counter WHERE id = 1", as: Int32.self) }
      #expect(n == 101)
    }
  }

  @Test("One that never passes is given up, with the error itself")
  func endless() async throws {
    try await withCounters { database in
      let runs = Counter()
      let error = await databaseError {
        try await database.owner.transaction { session in
          _ = runs.next()
          try session.execute("DO 'BEGIN RAISE EXCEPTION SQLSTATE ''40001''; END'")
        }
      }
      #expect(error?.kind == .serializationFailure)
      #expect(error?.isTemporary == true)
      #expect(runs.value == database.owner.configuration.transactionAttempts)
    }
  }
}
