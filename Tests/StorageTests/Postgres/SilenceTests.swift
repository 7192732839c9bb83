import Glibc
import Storage
import TestSupport
import Testing

/// A Postgres that is frozen or cut off says nothing at all, so only time tells.
@Suite("Silence")
struct SilenceTests {
  /// Runs `body` on a session that waits so many milliseconds for an answer.
  private func session(_ limit: Int = 200, _ body: @escaping @Sendable (Session) throws -> Void) async throws {
    try await withTestDatabase { database in
      _ = try await database.owner.run { try $0.execute("CREATE TABLE t (body text)") }
      var configuration = database.configuration(role: "onefin_owner")
      (configuration.silenceLimit, configuration.statementTimeout) = (.milliseconds(limit), .zero)
      try body(try Session.open(configuration))
    }
  }

  /// Freezes the process that serves a session until `body` has ended.
  private func frozen(_ session: Session, _ body: () throws -> Void) rethrows {
    kill(session.processID, SIGSTOP)
    defer { kill(session.processID, SIGCONT) }
    try body()
  }

  @Test("A connection on which nothing comes is given up, and stays so")
  func statement() async throws {
    try await session { session throws in
      expectFailure(.connectionLost) { _ = try session.rows("SELECT pg_sleep(60)") }
      #expect(!session.isAlive)
      expectFailure(.connectionLost) { _ = try session.rows("SELECT 1") }
      expectFailure(.connectionLost) { _ = try session.pipeline { $0.add("SELECT 1") } }
    }
  }

  @Test("What comes in time is waited for")
  func patience() async throws {
    try await session(10_000) { session throws in
      #expect(try session.value("SELECT 7 FROM pg_sleep(0.05)", as: Int32.self) == 7)
      let answers = try session.pipeline { pipeline in for _ in 0..<3 { pipeline.add("SELECT 8 FROM pg_sleep(0.05)") } }
      #expect(try answers[2][0].decode(at: 0, as: Int32.self) == 8)
      #expect(session.isAlive)
    }
  }

  @Test("More than the kernel holds is not waited for either, when nobody reads it")
  func sending() async throws {
    try await session { session throws in
      let body = String(repeating: "x", count: 16 << 20)
      frozen(session) { expectFailure(.connectionLost) { try session.execute("INSERT INTO t VALUES (\(body))") } }
      #expect(!session.isAlive)
    }
  }

  @Test("A pipeline on which nothing comes is lost; with COMMIT in it nobody knows")
  func pipelines() async throws {
    for hasCommit in [false, true] {
      try await session { session throws in
        let error = databaseError {
          if hasCommit {
            try session.pipelinedTransaction({ $0.add("SELECT 1") }, then: { $1.add("SELECT pg_sleep(60)") })
          } else {
            _ = try session.pipeline { pipeline in for _ in 0..<5 { pipeline.add("SELECT pg_sleep(60)") } }
          }
        }
        #expect(error?.kind == (hasCommit ? .commitOutcomeUnknown : .connectionLost))
        #expect(!session.isAlive)
      }
    }
  }
}
