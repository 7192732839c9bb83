import Domain
import Foundation
import HTTPTypes
import Hummingbird
import ServerKit
import ServiceLifecycle
import Storage
import Synchronization
import TestSupport
import Testing

@testable import RestAPI

@Suite struct LiveTests {
  private static let signIn = #"{"login":"aziza","password":"parol-1234-uzun"}"#

  private static func addresses(_ database: TestDatabase) async throws -> [String] {
    try await database.app.run { session in try session.rows("SELECT address FROM session ORDER BY id").map { try $0["address"] }
    }
  }

  @Test func thePROXYHeaderSaysWhoTheClientIs() async throws {
    try await withTestDatabase { database in
      _ = try await database.makeAccount("aziza", passwordHash: RestBench.passwordHash)
      let services = try RestBench.services(database.app)
      try await LiveServer.run(services) { server in
        let header = proxyHeader(family: 0x11, proxyBodyIPv4)
        let post = request(
          "POST /api/v1/session HTTP/1.1", ["Content-Type: application/json", "X-Forwarded-For: 6.6.6.6"], body: Self.signIn)
        // In one piece, byte by byte through the header, and cut in the middle of it.
        for pieces in [
          [header + post], header.map { [$0] } + [post], [Array(header.prefix(13)), Array(header.dropFirst(13)) + post],
        ] {
          let answer = try await server.exchange(pieces)
          #expect(answer.hasPrefix("HTTP/1.1 201 "), "\(answer)")
          #expect(answer.contains("onefin_session="))
        }
      }
      // The client's own header counts for nothing.
      #expect(try await Self.addresses(database) == ["203.0.113.7", "203.0.113.7", "203.0.113.7"])
    }
  }

  @Test func cookiesAreSecureWhenThePROXYHeaderTellsOfTLS() async throws {
    try await withTestDatabase { database in
      _ = try await database.makeAccount("aziza", passwordHash: RestBench.passwordHash)
      let services = try RestBench.services(database.app)
      // PP2_TYPE_SSL, once with the bit that says so and once without.
      for (bits, isSecure) in [(1, true), (0, false)] as [(UInt8, Bool)] {
        let header = proxyHeader(family: 0x11, proxyBodyIPv4 + [0x20, 0, 5, bits, 0, 0, 0, 1])
        try await LiveServer.run(services) { server in
          let post = request("POST /api/v1/session HTTP/1.1", ["Content-Type: application/json"], body: Self.signIn)
          let answer = try await server.exchange([header + post])
          #expect(answer.hasPrefix("HTTP/1.1 201 ") && answer.contains("; Secure") == isSecure, "\(answer)")
        }
      }
    }
  }

  @Test func withoutThePROXYHeaderNothingIsAnswered() async throws {
    try await withTestDatabase { database in
      try await LiveServer.run(try RestBench.services(database.app)) { server in
        let bare = try await server.exchange([request("GET /healthz HTTP/1.1")])
        #expect(bare == "")
        let broken = proxyHeader(family: 0x11, [1, 2, 3, 4]) + request("GET /healthz HTTP/1.1")
        #expect(try await server.exchange([broken]) == "")
        // Others notice nothing.
        let good = proxyHeader(family: 0x11, proxyBodyIPv4) + request("GET /healthz HTTP/1.1")
        #expect(try await server.exchange([good]).hasPrefix("HTTP/1.1 200 "))
      }
    }
  }

  @Test func behindAnotherProxyItsWordCountsWhenListed() async throws {
    try await withTestDatabase { database in
      _ = try await database.makeAccount("aziza", passwordHash: RestBench.passwordHash)
      for (trusted, expected) in [("", "127.0.0.1"), ("127.0.0.1", "198.51.100.9")] {
        let services = try RestBench.services(
          database.app, environment: ["REST_PROXY_PROTOCOL": "false", "ONEFIN_TRUSTED_PROXIES": trusted])
        try await LiveServer.run(services) { server in
          let answer = try await server.exchange([
            request(
              "POST /api/v1/session HTTP/1.1",
              ["Content-Type: application/json", "X-Forwarded-For: 6.6.6.6, 198.51.100.9", "X-Forwarded-Proto: https"],
              body: Self.signIn)
          ])
          #expect(answer.hasPrefix("HTTP/1.1 201 ") && answer.contains("; Secure") == !trusted.isEmpty)
        }
        #expect(try await Self.addresses(database).last == expected)
      }
    }
  }

  @Test(.timeLimit(.minutes(10))) func whoeverSendsNoHeadIsClosedAlsoWhenItDribbles() async throws {
    try await withTestDatabase { database in
      let services = try RestBench.services(database.app, environment: ["REST_PROXY_PROTOCOL": "false"])
      try await LiveServer.run(services, headTime: .milliseconds(100)) { server in
        #expect(try await server.exchange([]) == "")
        #expect(try await server.exchange([Array("GET /healthz HTTP/1.1\r\nHost: ".utf8)]) == "")
        // A request in time is answered, and its connection lives on past that time.
        let kept = try await server.exchange([Array("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".utf8)]) {
          _ = try await server.exchange([])
          return request("GET /readyz HTTP/1.1")
        }
        #expect(kept.components(separatedBy: "HTTP/1.1 200 ").count == 3, "\(kept)")
      }
    }
  }

  @Test func hostileBytesGetARefusalAndHurtNobody() async throws {
    try await withTestDatabase { database in
      try await LiveServer.run(try RestBench.services(database.app, environment: ["REST_PROXY_PROTOCOL": "false"])) { server in
        let refused = try await server.exchange([Array("NONSENSE\r\n\r\n".utf8)])
        #expect(refused.hasPrefix("HTTP/1.1 400 "), "\(refused)")
        let long = try await server.exchange([request("GET / HTTP/1.1", ["X-Long: " + String(repeating: "a", count: 40_000)])])
        #expect(long.isEmpty || long.hasPrefix("HTTP/1.1 4"), "\(long.prefix(80))")
        // A body that lies about its length is refused before it is read.
        let huge = try await server.exchange(
          [
            Array(
              "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n{"
                .utf8)
          ], until: { $0.contains("too_large") })
        #expect(huge.hasPrefix("HTTP/1.1 413 "), "\(huge)")
        #expect(try await server.exchange([request("GET /healthz HTTP/1.1")]).hasPrefix("HTTP/1.1 200 "))
      }
    }
  }

  @Test func aStopLetsTheRunningRequestEnd() async throws {
    try await withTestDatabase { database in
      _ = try await database.makeAccount("aziza", passwordHash: RestBench.passwordHash)
      // A hash that takes long enough for the stop to come first.
      let passwords = PasswordHasher(cost: Argon2.Cost(passes: 3, memory: 64 << 20))
      let services = try RestBench.services(database.app, environment: ["REST_PROXY_PROTOCOL": "false"], passwords: passwords)
      let answer = try await LiveServer.run(services) { server in
        async let answer = server.exchange([
          request("POST /api/v1/session HTTP/1.1", ["Content-Type: application/json"], body: Self.signIn)
        ])
        while passwords.highestAtOnce == 0 { await Task.yield() }
        await server.group.triggerGracefulShutdown()
        return try await answer
      }
      #expect(answer.hasPrefix("HTTP/1.1 201 "), "\(answer)")
    }
  }

  /// The value of a keyword in a conninfo, in quotes or not; the last one counts.
  private static func value(_ keyword: String, in conninfo: String) -> String? {
    conninfo.split(separator: " ").last { $0.hasPrefix(keyword + "=") }
      .map { $0.dropFirst(keyword.count + 1).trimmingCharacters(in: CharacterSet(charactersIn: "'")) }
  }

  @Test(.timeLimit(.minutes(10))) func postgresAwayIs503AtOnceAndHealsByItself() async throws {
    try await withTestDatabase { database in
      _ = try await database.makeAccount("aziza", passwordHash: RestBench.passwordHash)
      // A socket folder without a server in it answers as a server that has gone away does; a link to the real socket is its return.
      let conninfo = database.conninfo(role: "onefin_app")
      let port = Self.value("port", in: conninfo) ?? "5432"
      let real = try #require(Self.value("host", in: conninfo)) + "/.s.PGSQL.\(port)"
      let folder = FileManager.default.temporaryDirectory.appending(path: "onefin-away-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer {
        do { try FileManager.default.removeItem(at: folder) } catch { Issue.record("\(error)") }
      }
      let postgres = Postgres(
        PostgresConfiguration(conninfo: conninfo + " host=\(folder.path)", applicationName: "onefin-tests"))
      let services = try RestBench.services(postgres, environment: ["REST_PROXY_PROTOCOL": "false"])
      try await LiveServer.run(services) { server in
        let token = SessionToken()
        let signIn = request("POST /api/v1/session HTTP/1.1", ["Content-Type: application/json"], body: Self.signIn)
        let look = request("GET /api/v1/session HTTP/1.1", ["Cookie: onefin_session=\(token.text)"])
        for bytes in [signIn, look] {
          let answer = try await server.exchange([bytes])
          #expect(answer.hasPrefix("HTTP/1.1 503 ") && answer.contains(#""code":"unavailable""#), "\(answer)")
          #expect(answer.lowercased().contains("retry-after: 1"))
        }
        let ready = try await server.exchange([request("GET /readyz HTTP/1.1")])
        #expect(ready.hasPrefix("HTTP/1.1 503 ") && ready.contains(#""postgres":"away""#))
        #expect(try await server.exchange([request("GET /healthz HTTP/1.1")]).hasPrefix("HTTP/1.1 200 "))

        try FileManager.default.createSymbolicLink(
          atPath: folder.appending(path: ".s.PGSQL.\(port)").path, withDestinationPath: real)
        var answer = ""
        let start = ContinuousClock.now
        while !answer.hasPrefix("HTTP/1.1 200 "), start.duration(to: .now) < .seconds(30) {
          answer = try await server.exchange([request("GET /readyz HTTP/1.1")])
        }
        #expect(answer.hasPrefix("HTTP/1.1 200 "), "\(answer) \(postgres.status)")
        #expect(try await server.exchange([signIn]).hasPrefix("HTTP/1.1 201 "))
      }
      await postgres.close()
    }
  }
}
