import Domain
import ServerKit
import Storage
import TestSupport
import Testing

@testable import ChatServer

/// Postgres loses connections while people write: whatever was acknowledged is there, and there once.
@Suite struct LiveFaultTests {
  @Test func noAcknowledgedRowIsLostAndNoneIsTwice() async throws {
    try await withTestDatabase { database in
      let world = try await ChatWorld.make(database)
      let server = try LiveServer.start(database)
      let topic = #""topic":\#(world.topic)"#
      let writers = 6
      let perWriter = 60
      let acknowledged = try await withThrowingTaskGroup(of: [String: Int64].self) { group in
        for writer in 0..<writers {
          let token = try await database.makeToken(writer.isMultiple(of: 2) ? world.client : world.accountant).token
          let client = try await LiveClient.open(port: server.port, token: token)
          group.addTask {
            var rows: [String: Int64] = [:]
            for number in 0..<perWriter {
              let body = "\(writer)-\(number)"
              let key = Key.random()
              // As a page does it: the same key until there is an answer that is not temporary.
              while rows[body] == nil {
                let answer = try await client.answer("send", #"\#(topic),"key":"\#(key)","body":"\#(body)""#)
                rows[body] = answer["ok"]?["seq"]?.number
                guard answer["error"]?["temporary"]?.flag != false else { throw LiveClient.Ended() }
                // While Postgres is away the answer comes at once: let others run.
                if rows[body] == nil { await Task.yield() }
              }
            }
            return rows
          }
        }
        group.addTask {
          for _ in 0..<12 {
            try await database.superuser.run { session in
              // Takes as long as a few batches; part of the query, so that nothing waits by the clock of the test.
              try session.execute("SELECT pg_sleep(0.02)")
              try session.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'onefin-chat'"
              )
            }
          }
          return [:]
        }
        return try await group.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
      }
      #expect(acknowledged.count == writers * perWriter)
      let id = world.topic
      let stored = try await database.app.run { session in
        try session.rows("SELECT b.body, b.seq FROM topic_body b WHERE b.topic_id = \(id)").map {
          (try $0.decode(at: 0, as: String.self), try $0.decode(at: 1, as: Int64.self))
        }
      }
      #expect(stored.count == acknowledged.count)
      let rows = Dictionary(stored, uniquingKeysWith: { first, _ in first })
      #expect(rows == acknowledged)
      let fault = try await database.app.run { try TopicLog.verifyChain(topic: id, in: $0) }
      #expect(fault == nil)
      // And the server goes on as if nothing had been.
      let last = try await LiveClient.open(port: server.port, token: try await database.makeToken(world.client).token)
      #expect(try await last.answer("subscribe", topic)["ok"]?["head"]?.number == Int64(writers * perWriter))
      await server.application.stop()
    }
  }
}
