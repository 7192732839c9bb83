import Domain
import HTTPTypes
import Storage
import TestSupport
import Testing

@testable import RestAPI

@Suite struct AccessRefusalTests {
  private func rows(_ bench: RestBench) async throws -> [String] {
    try await bench.database.app.run { session in
      try session.rows(
        """
        SELECT account_id || ' ' || (session_id IS NOT NULL) || ' ' || address || ' ' || (detail->>'what') || ' ' || (detail->>'code') || ' '
               || (detail->>'count') AS line
          FROM action_log WHERE action = 'access.refuse' ORDER BY id
        """
      ).map { try $0["line"] }
    }
  }

  @Test("Trying on ids that are not one's own is written down, once a minute with its number")
  func tried() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let client = world.person(.client)
      for id in 1...50 {
        let answer = try await client.send(.delete, "/api/v1/sessions/\(world.foreignClient.session.rawValue + Int64(id))")
        #expect(answer.status == 404)
      }
      #expect(try await client.send(.get, "/api/v1/settings/documents").status == 403)
      let account = client.account
      #expect(
        try await rows(bench) == [
          "\(account) true 10.0.0.1 DELETE /api/v1/sessions/{id} not_found 1",
          "\(account) true 10.0.0.1 GET /api/v1/settings/documents forbidden 1",
        ])
      bench.clock.advance(.seconds(61))
      try await bench.services.writeRefusals()
      let last = try await rows(bench).last
      #expect(last == "\(account) true 10.0.0.1 DELETE /api/v1/sessions/{id} not_found 49")
    }
  }

  @Test("An id of the other side in a query counts as well")
  func queries() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let client = world.person(.client)
      let foreign = world.foreignClient.account
      #expect(try await client.send(.get, "/api/v1/sessions?account=\(foreign)").status == 404)
      #expect(try await client.send(.delete, "/api/v1/sessions?account=\(foreign)").status == 404)
      #expect(try await client.send(.get, "/api/v1/sessions?account=987654").status == 404)
      #expect(
        try await rows(bench) == [
          "\(client.account) true 10.0.0.1 GET /api/v1/sessions not_found 1",
          "\(client.account) true 10.0.0.1 DELETE /api/v1/sessions not_found 1",
        ])
    }
  }

  @Test("An id of the other side in a body counts too; what is only wrong does not")
  func bodies() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let supervisor = world.person(.supervisor)
      let own = world.person(.accountant).account
      let foreign =
        #"{"account":\#(own),"organisation":\#(world.there.id),"topics":["bank"],"from":"2030-01-01"}"#
      #expect(try await supervisor.send(.post, "/api/v1/assignments", foreign).status == 422)
      #expect(try await rows(bench).count == 1)
      let wrong = #"{"account":\#(own),"organisation":\#(world.here.id),"topics":["nothing"],"from":"2030-01-01"}"#
      #expect(try await supervisor.send(.post, "/api/v1/assignments", wrong).status == 422)
      #expect(try await supervisor.send(.get, "/api/v1/nothing").status == 404)
      #expect(try await rows(bench).count == 1)
    }
  }
}
