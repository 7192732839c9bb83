import Storage
import TestSupport
import Testing

@Suite("Pipeline")
struct PipelineTests {
  private func session(_ body: @escaping @Sendable (Session) throws -> Void) async throws {
    try await withTestDatabase { database async throws in
      try await database.owner.run { session in
        try session.execute("CREATE TABLE t (n bigint UNIQUE)")
        try body(session)
      }
    }
  }

  private static func numbers(_ session: Session) throws -> [Int] {
    try session.rows("SELECT n FROM t ORDER BY n").map { try $0["n", as: Int.self] }
  }

  @Test("Each statement's rows come back in order, prepared or not")
  func results() async throws {
    try await session { session throws in
      for round in 0..<3 {
        let results = try session.pipeline { pipeline in
          for number in 0..<10 { #expect(pipeline.add("SELECT \(number) * 10 AS n, \(round) AS r") == number) }
          pipeline.add("INSERT INTO t SELECT generate_series(1, 3) + \(round * 3)")
        }
        #expect(results.count == 11)
        for number in 0..<10 { #expect(try results[number][0]["n", as: Int.self] == number * 10) }
        #expect(results[10].affected == 3)
      }
      #expect(try Self.numbers(session) == Array(1...9))
      #expect(try session.value("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%AS r'", as: Int.self) == 1)
      let empty = try session.pipeline { _ in }
      #expect(empty.count == 0)
    }
  }

  @Test("An error undoes the whole pipeline, is the one that is thrown, and the session goes on")
  func errors() async throws {
    try await session { session throws in
      for _ in 0..<2 {
        let error = databaseError {
          _ = try session.pipeline { pipeline in
            pipeline.add("INSERT INTO t VALUES (\(1))")
            pipeline.add("INSERT INTO t VALUES (\(1))")
            pipeline.add("INSERT INTO t VALUES (\(2))")
            pipeline.add("SELECT 'not yet prepared'")
          }
        }
        #expect(error?.kind == .uniqueViolation(constraint: "t_n_key"))
        #expect(!session.isInTransaction)
        #expect(try Self.numbers(session) == [])
      }
      let error = databaseError { _ = try session.pipeline { $0.add("SELECT no_such_column") } }
      #expect(error?.sqlState == "42703")
      let good = try session.pipeline { $0.add("SELECT 'not yet prepared'") }
      #expect(good[0].count == 1)
    }
  }

  @Test("Inside a transaction an error leaves the rolling back to its scope")
  func insideTransaction() async throws {
    try await session { session throws in
      expectFailure(.invalidValue) {
        try session.transaction {
          _ = try session.pipeline { $0.add("INSERT INTO t VALUES (\(1))") }
          _ = try session.pipeline { $0.add("SELECT 1/0") }
        }
      }
      #expect(try Self.numbers(session) == [])
      try session.transaction { _ = try session.pipeline { $0.add("INSERT INTO t VALUES (\(2))") } }
      #expect(try Self.numbers(session) == [2])
    }
  }

  @Test("A transaction in two round trips commits both, or nothing")
  func transaction() async throws {
    struct Oops: Error {}
    try await session { session throws in
      func append(_ fail: Bool, _ last: Int) throws -> Int {
        try session.pipelinedTransaction({ $0.add("INSERT INTO t VALUES (\(last - 1)) RETURNING n") }) { results, closing in
          #expect(session.isInTransaction)
          closing.add("INSERT INTO t VALUES (\(last))")
          if fail { throw Oops() }
          return try results[0][0].decode(at: 0)
        }
      }
      #expect(try append(false, 2) == 1)
      #expect(try Self.numbers(session) == [1, 2])
      let oops = failure { try append(true, 4) }
      #expect(oops is Oops)
      expectFailure(.uniqueViolation(constraint: "t_n_key")) { try append(false, 2) }
      try session.execute("INSERT INTO t VALUES (10)")
      // The second trip fails.
      expectFailure(.uniqueViolation(constraint: "t_n_key")) { try append(false, 10) }
      #expect(!session.isInTransaction)
      #expect(try Self.numbers(session) == [1, 2, 10])
    }
  }

  @Test("Large parameters and large results at once do not block each other")
  func large() async throws {
    try await session { session throws in
      let text = String(repeating: "x", count: 4_000_000)
      let results = try session.pipeline { pipeline in
        for _ in 0..<4 { pipeline.add("SELECT \(text) AS text") }
      }
      for index in 0..<4 { #expect(try results[index][0]["text", as: String.self].utf8.count == 4_000_000) }
    }
  }

  @Test("A connection that breaks in a pipeline is a temporary error")
  func broken() async throws {
    try await withTestDatabase { database async throws in
      let error = await databaseError {
        try await database.app.run { session in
          _ = try session.pipeline { pipeline in
            pipeline.add("SELECT 1")
            pipeline.add("SELECT pg_terminate_backend(pg_backend_pid())")
            pipeline.add("SELECT 2")
          }
        }
      }
      #expect(error?.kind == .connectionLost)
      try await expect(7, on: database.app) { try $0.value("SELECT 7", as: Int32.self) }
    }
  }
}
