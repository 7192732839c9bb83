import Domain
import HTTPTypes
import Storage
import TestSupport
import Testing

@testable import RestAPI

@Suite struct SiteTests {
  @Test func metricsGoByTheClientsOwnAddress() async throws {
    let trusting = ["ONEFIN_TRUSTED_PROXIES": "127.0.0.1", "ONEFIN_METRICS_READERS": "127.0.0.1,10.9.9.9"]
    try await RestBench.run(environment: trusting) { bench in
      let cases: [(forwarded: String?, address: String, status: Int)] = [
        (nil, "127.0.0.1", 200), ("10.9.9.9", "127.0.0.1", 200), ("6.6.6.6", "127.0.0.1", 404),
        ("127.0.0.1, 6.6.6.6", "127.0.0.1", 404), ("nonsense", "127.0.0.1", 404), (nil, "6.6.6.6", 404),
        ("127.0.0.1", "6.6.6.6", 404),
      ]
      for (forwarded, address, status) in cases {
        var headers: HTTPFields = [:]
        if let forwarded { headers[.xForwardedFor] = forwarded }
        let answer = try await bench.send(.get, "/metrics", headers: headers, from: address)
        #expect(answer.status == status, "\(forwarded ?? "-") from \(address)")
      }
    }
    // A proxy that nobody listed: its loopback address lets nobody in.
    try await RestBench.run { bench in
      let own = try await bench.send(.get, "/metrics", from: "127.0.0.1")
      let passedOn = try await bench.send(.get, "/metrics", headers: [.xForwardedFor: "6.6.6.6"], from: "127.0.0.1")
      #expect(own.status == 200 && passedOn.status == 404)
    }
  }

  @Test func otherMethodsOfAKnownAddressAre405() async throws {
    try await RestBench.run { bench in
      for (method, path, allow) in [
        (HTTPRequest.Method.put, "/api/v1/users", "GET, HEAD, POST"), (.get, "/api/v1/users/1", "PATCH"),
        (.post, "/healthz", "GET, HEAD"), (.patch, "/api/v1/session", "GET, HEAD, POST, DELETE"),
      ] {
        let answer = try await bench.send(method, path)
        #expect(answer.status == 405 && answer.headers[.allow] == allow, "\(method) \(path): \(answer.status)")
        #expect(answer.code == "method_not_allowed")
      }
      #expect(try await bench.send(.put, "/api/v1/nowhere").status == 404)
      #expect(try await bench.send(.head, "/healthz").status == 200)
    }
  }

  @Test func sessionsThatExpiredLongAgoAreEnded() async throws {
    try await RestBench.run { bench in
      let account = try await bench.account("aziza")
      let (live, old) = (try await bench.signedIn(account), try await bench.signedIn(account))
      let id = old.session
      _ = try await bench.database.app.run {
        try $0.execute("UPDATE session SET expires_at = now() - interval '25 hours' WHERE id = \(id)")
      }
      await Housekeeping(services: bench.services).tidy(hourly: true)
      let open: [SessionID] = try await bench.database.app.run { session in
        try session.rows("SELECT id FROM session WHERE ended_at IS NULL").map { try $0["id"] }
      }
      #expect(open == [live.session])
    }
  }
}
