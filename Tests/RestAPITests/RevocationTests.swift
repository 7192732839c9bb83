import Domain
import HTTPTypes
import ServerKit
import Storage
import TestSupport
import Testing

@testable import RestAPI

/// Nothing that a revoked session or membership asked for is committed after the revocation.
@Suite struct RevocationTests {
  /// Not those of strangers; not the logo, whose file is looked at before anything is written: `SettingsTests` has it; not a doubt, which an admin has
  /// none of, nor what rules would come to, which writes nothing.
  private static let writes = AccessCase.cases.filter {
    !$0.method.isSafe && $0.template != "/api/v1/session" && !$0.template.hasPrefix("/api/v1/verify")
      && !$0.template.hasPrefix("/api/v1/one-time")
      && $0.template != "/api/v1/contests" && $0.template != "/api/v1/bonus/preview"
      && !($0.method == .put && $0.template.hasSuffix("/logo"))
  }

  /// Sends `matrix` as the admin behind a transaction that does `first`.
  private static func answer(
    to matrix: AccessCase, in bench: RestBench, behind first: @escaping @Sendable (Signed, Session) throws -> Void
  ) async throws -> (answer: Answer, changes: [String]) {
    let world = try await AccessWorld.make(bench)
    let admin = world.person(.admin)
    let (path, body) = try await matrix.make(world, admin, true)
    let before = try await bench.actions().count
    let answer = try await bench.answer(behind: { try first(admin, $0) }) {
      try await admin.send(matrix.method, path, body, headers: matrix.headers)
    }
    return (answer, try await bench.actions().dropFirst(before).filter { $0 != "session.start" })
  }

  @Test(arguments: RevocationTests.writes)
  func nothingIsWrittenAfterTheSessionEnded(_ matrix: AccessCase) async throws {
    try await RestBench.run { bench in
      let (answer, changes) = try await Self.answer(to: matrix, in: bench) { admin, session in
        let isEnded = try Sessions.end(admin.session, reason: "stolen", in: session)
        #expect(isEnded)
      }
      #expect(answer.status == 401 && answer.code == "unauthenticated", "\(answer.status) \(answer.text)")
      #expect(changes.isEmpty)
    }
  }

  @Test(arguments: RevocationTests.writes)
  func nothingIsWrittenWithARoleThatEnded(_ matrix: AccessCase) async throws {
    // Everybody's own things stay one's own.
    let isOwn = [200, 201, 204].contains { matrix.own == AccessCase.all($0) }
    try await RestBench.run { bench in
      let (answer, changes) = try await Self.answer(to: matrix, in: bench) { admin, session in
        let account = admin.account
        let id: MembershipID = try session.one("SELECT id FROM membership WHERE account_id = \(account)")["id"]
        _ = try Accounts.endMembership(id, in: session)
      }
      #expect(isOwn ? answer.status < 300 : answer.status == 403, "\(answer.status) \(answer.text)")
      // That it was tried is written down.
      if !isOwn { #expect(Set(changes).subtracting(["access.refuse"]).isEmpty) }
    }
  }

  @Test func theSessionIsJudgedAfterTheLastByteOfTheBody() async throws {
    try await withTestDatabase { database in
      let account = try await database.makeAccount("admin")
      try await database.makeMembership(account, role: "admin")
      let token = SessionToken()
      let session = try await database.makeSession(account, tokenHash: token.hash)
      let services = try RestBench.services(database.app, environment: ["REST_PROXY_PROTOCOL": "false"])
      try await LiveServer.run(services) { server in
        let bearer = "Authorization: Bearer \(token.text)"
        let post = request(
          "POST /api/v1/users HTTP/1.1", ["Content-Type: application/json", bearer],
          body: #"{"name":"Backdoor","login":"backdoor","password":"parol-1234-uzun","role":"admin"}"#)
        let answer = try await server.exchange(
          [Array(post.dropLast())],
          last: {
            // Everything that the server does with the request so far, it has had time to do.
            let look = try await server.exchange([request("GET /api/v1/session HTTP/1.1", [bearer])])
            #expect(look.hasPrefix("HTTP/1.1 200 "))
            try await database.app.run { connection in
              try AccessChange.run(in: connection) { _ = try Sessions.end(session, reason: "stolen", in: connection) }
            }
            return Array(post.suffix(1))
          })
        #expect(answer.hasPrefix("HTTP/1.1 401 "), "\(answer)")
      }
      let count: Int64? = try await database.app.run { try $0.value("SELECT count(*) FROM account") }
      #expect(count == 1)
    }
  }
}
