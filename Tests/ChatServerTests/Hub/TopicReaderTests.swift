import Domain
import Foundation
import Storage
import Synchronization
import TestSupport
import Testing

@testable import ChatServer

/// How looks wait for each other.
@Suite struct TopicReaderTests {
  /// A clock that counts how often it is asked: once for each statement.
  private final class Asked: Sendable {
    let count = Mutex(0)
    var clock: ChatClock {
      ChatClock(
        now: { [self] in
          count.withLock { $0 += 1 }
          return .now
        }, uptime: { 0 })
    }
  }

  @Test(.timeLimit(.minutes(10))) func whatWaitsIsReadTogether() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      var configuration = database.configuration()
      configuration.poolSize = 2
      let pool = Postgres(configuration)
      let asked = Asked()
      let reader = TopicReader(pool, clock: asked.clock, memory: PageMemory())
      // Both connections are busy until all looks have come.
      let (busy, gate) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
      for _ in 0..<2 {
        pool.submit { _ in
          busy.signal()
          gate.wait()
        } completion: { _ in
        }
      }
      busy.wait()
      busy.wait()
      let accounts = (0..<TopicReader.mostLooks + 5).map { $0 % 2 == 0 ? world.client : AccountID(1 << 40) }
      let (answers, sink) = AsyncStream<(Int, Bool)>.makeStream()
      for (number, account) in accounts.enumerated() {
        reader.read(TopicLook(topic: world.topic, account: account, session: nil)) { result in
          let isOpen = if case .success = result { true } else { false }
          sink.yield((number, isOpen))
        }
      }
      gate.signal()
      gate.signal()
      var seen: [Int: Bool] = [:]
      for await (number, isOpen) in answers {
        seen[number] = isOpen
        if seen.count == accounts.count { break }
      }
      let right = accounts.enumerated().allSatisfy { seen[$0] == ($1 == world.client) }
      #expect(right)
      let statements = asked.count.withLock { $0 }
      #expect(statements == 2)
      await pool.close()
    }
  }

  @Test(.timeLimit(.minutes(10))) func withoutPostgresEachIsRefusedOnceAndTheNextIsTriedAgain() async throws {
    try await withTestDatabase { database in
      var configuration = database.configuration()
      configuration.conninfo = "host=/nowhere"
      let reader = TopicReader(Postgres(configuration), clock: .system, memory: PageMemory(), queueLimit: 3)
      for _ in 0..<2 {
        let refused = await withTaskGroup(of: Bool.self) { group in
          for _ in 0..<10 {
            group.addTask {
              await withCheckedContinuation { continuation in
                reader.read(TopicLook(topic: TopicID(1), account: AccountID(1), session: nil)) { result in
                  let isRefused = if case .failure = result { true } else { false }
                  continuation.resume(returning: isRefused)
                }
              }
            }
          }
          return await group.reduce(true) { $0 && $1 }
        }
        #expect(refused)
      }
    }
  }
}
