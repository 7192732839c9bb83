import Domain
import Foundation
import HTTPTypes
import ServerKit
import Storage
import TestSupport
import Testing

@testable import RestAPI

@Suite struct SignInTests {
  @Test func aBrowserSignsInLooksAndSignsOut() async throws {
    try await RestBench.run { bench in
      let department = try await bench.database.makeDepartment("Savdo")
      let organisation = try await bench.database.makeOrganisation("Non", department: department)
      let account = try await bench.account("aziza")
      try await bench.database.makeMembership(account, role: "client", organisation: organisation.id)

      let answer = try await bench.signIn("  AZIZA ")
      #expect(answer.status == 201)
      #expect(answer.json["account"]["login"].string == "aziza")
      #expect(answer.json["memberships"][0]["organisation"]["name"].string == "Non")
      #expect(answer.json["memberships"][0]["role"].string == "client")
      #expect(answer.json["token"] == .null)
      #expect(answer.headers[.cacheControl] == "no-store")
      let cookie = try #require(answer.cookie("onefin_session"))
      for part in ["; HttpOnly", "; SameSite=Lax", "; Path=/;", "; Max-Age=2592000"] {
        #expect(cookie.contains(part), "\(cookie)")
      }
      #expect(!cookie.contains("Secure"))
      let token = try #require(SessionToken(cookie.split(separator: ";")[0].dropFirst("onefin_session=".count)))
      #expect(answer.json["csrf"].string == token.csrf)

      let header: HTTPFields = [.cookie: "a=b; onefin_session=\(token.text)"]
      let looked = try await bench.send(.get, "/api/v1/session", headers: header)
      #expect(looked.status == 200 && looked.json["csrf"].string == token.csrf)

      var writing = header
      writing[.xCSRFToken] = token.csrf
      let out = try await bench.send(.delete, "/api/v1/session", headers: writing)
      #expect(out.status == 204)
      #expect(out.cookie("onefin_session")?.contains("Max-Age=0") == true)
      #expect(try await bench.send(.get, "/api/v1/session", headers: header).status == 401)
      #expect(try await bench.actions() == ["session.start", "session.end"])
    }
  }

  @Test func anAppGetsItsTokenAndNoCookie() async throws {
    try await RestBench.run { bench in
      _ = try await bench.account("driver")
      let answer = try await bench.signIn("driver", kind: "app")
      let token = try #require(answer.json["token"].string)
      #expect(answer.cookie("onefin_session") == nil)
      let headers: HTTPFields = [.authorization: "Bearer \(token)"]
      #expect(try await bench.send(.get, "/api/v1/session", headers: headers).json["account"]["login"].string == "driver")
      // A bearer needs no CSRF token: no browser sends it by itself.
      #expect(try await bench.send(.put, "/api/v1/me/language", #"{"language":"ru"}"#, headers: headers).status == 204)
      #expect(try await bench.send(.get, "/api/v1/session", headers: headers).json["account"]["language"].string == "ru")
    }
  }

  @Test(arguments: [
    ("auto", "https", "10.0.0.1", true), ("auto", "http, https", "10.0.0.1", true), ("auto", "https, http", "10.0.0.1", false),
    ("auto", nil, "10.0.0.1", false), ("auto", "https", "", false), ("auto", "https", "10.0.0.2", false),
    ("always", nil, "", true), ("never", "https", "10.0.0.1", false),
  ])
  func cookiesAreSecureWhereTheyShouldBe(mode: String, proto: String?, trusted: String, expected: Bool) async throws {
    try await RestBench.run(environment: ["ONEFIN_COOKIE_SECURE": mode, "ONEFIN_TRUSTED_PROXIES": trusted]) { bench in
      _ = try await bench.account("aziza")
      var headers: HTTPFields = [:]
      if let proto { headers[.xForwardedProto] = proto }
      let answer = try await bench.signIn("aziza", headers: headers)
      #expect(answer.cookie("onefin_session")?.contains("; Secure") == expected)
      #expect(answer.cookie("onefin_device")?.contains("; Secure") == expected)
    }
  }

  @Test func guessesFillNoLog() async throws {
    try await RestBench.run { bench in
      _ = try await bench.account("aziza")
      for number in 0..<8 {
        _ = try await bench.signIn("aziza", "wrong-password", from: "6.6.6.6")
        _ = try await bench.signIn("nobody\(number)", "wrong-password", from: "2001:db8::\(number)")
      }
      #expect(try await bench.actions().count == 2)
      bench.clock.advance(.seconds(60))
      try await bench.services.writeRefusals()
      let rows = try await bench.database.app.run { session in
        try session.rows("SELECT account_id IS NOT NULL AS known, (detail->'count')::bigint AS count FROM action_log ORDER BY id")
          .map { try [$0["known", as: Bool.self] ? 1 : 0, $0["count", as: Int64.self]] }
      }
      #expect(Set(rows.prefix(2)) == [[1, 1], [0, 1]] && Set(rows.dropFirst(2)) == [[1, 7], [0, 7]])
    }
  }

  @Test func unknownWrongAndDisabledAnswerAlike() async throws {
    try await RestBench.run { bench in
      _ = try await bench.account("aziza")
      let disabled = try await bench.account("gone")
      _ = try await bench.database.app.run { try $0.execute("UPDATE account SET disabled_at = now() WHERE id = \(disabled)") }
      let unknown = try await bench.signIn("nobody")
      let wrong = try await bench.signIn("aziza", "another-password")
      let gone = try await bench.signIn("gone")
      for answer in [unknown, wrong, gone] {
        #expect(answer.status == 401 && answer.code == "invalid_credentials")
        #expect(answer.text == unknown.text)
        #expect(answer.headers[values: .setCookie].isEmpty)
        #expect(answer.headers[.contentType] == "application/problem+json")
      }
      #expect(Set(unknown.headers.map(\.name)) == Set(wrong.headers.map(\.name)))
      #expect(try await bench.actions() == ["session.refuse", "session.refuse", "session.refuse"])
      // Each went through a hash.
      #expect(bench.services.passwords.highestAtOnce == 1)
    }
  }

  @Test func guessingIsThrottledAndTimeHeals() async throws {
    try await RestBench.run { bench in
      _ = try await bench.account("aziza")
      for _ in 0..<8 { #expect(try await bench.signIn("aziza", "wrong-password", from: "6.6.6.6").status == 401) }
      let refused = try await bench.signIn("aziza", from: "6.6.6.6")
      #expect(refused.status == 429 && refused.code == "throttled")
      #expect(refused.headers[.retryAfter] == "30")
      // The owner elsewhere isn't locked out by the stranger.
      #expect(try await bench.signIn("aziza", from: "1.1.1.1").status == 201)
      bench.clock.advance(.seconds(30))
      #expect(try await bench.signIn("aziza", from: "6.6.6.6").status == 201)
    }
  }

  @Test func aKnownDeviceIsNotLockedOut() async throws {
    try await RestBench.run { bench in
      _ = try await bench.account("aziza")
      let first = try await bench.signIn("aziza", from: "1.1.1.1")
      let device = try #require(first.cookie("onefin_device")?.split(separator: ";").first)
      #expect(first.cookie("onefin_device")?.contains("Path=/api/v1;") == true)
      for _ in 0..<8 { #expect(try await bench.signIn("aziza", "wrong-password", from: "1.1.1.1").status == 401) }
      #expect(try await bench.signIn("aziza", from: "1.1.1.1").status == 429)
      #expect(try await bench.signIn("aziza", headers: [.cookie: String(device)], from: "1.1.1.1").status == 201)
      // Somebody else's account doesn't know that device.
      _ = try await bench.account("bobur")
      for _ in 0..<8 {
        _ = try await bench.signIn("bobur", "wrong-password", headers: [.cookie: String(device)], from: "1.1.1.1")
      }
      #expect(try await bench.signIn("bobur", headers: [.cookie: String(device)], from: "1.1.1.1").status == 429)
    }
  }

  @Test func hashesAreBoundedUnderAStorm() async throws {
    let passwords = PasswordHasher(atOnce: 2, queueLimit: 2, cost: Argon2.Cost(passes: 3, memory: 32 << 20))
    try await RestBench.run(passwords: passwords) { bench in
      _ = try await bench.account("aziza")
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for number in 0..<30 { group.addTask { try await bench.signIn("nobody\(number)", from: "7.7.7.\(number)").status } }
        return try await group.reduce(into: [Int]()) { $0.append($1) }
      }
      #expect(Set(statuses) == [401, 503])
      #expect(passwords.highestAtOnce == 2)
      let after = try await bench.signIn("aziza")
      #expect(after.status == 201)
    }
  }

  @Test func oldHashesAreRenewed() async throws {
    let stronger = PasswordHasher(cost: Argon2.Cost(passes: 2, memory: 16 << 10))
    try await RestBench.run(passwords: stronger) { bench in
      let account = try await bench.account("aziza")
      #expect(try await bench.signIn("aziza").status == 201)
      let hash = try await bench.database.app.run { try Accounts.passwordHash(of: account, in: $0) }
      let renewed = try #require(hash)
      #expect(renewed != RestBench.passwordHash && !stronger.needsRehash(renewed))
      #expect(try await bench.signIn("aziza").status == 201)
    }
  }

  @Test(arguments: [
    ("{}", ["login": "required", "password": "required"]),
    (#"{"login":5,"password":true}"#, ["login": "type", "password": "type"]),
    (#"{"login":"a\u0000b","password":"x"}"#, ["login": "invalid"]),
    (#"{"login":"a","password":"x","kind":"tv"}"#, ["kind": "invalid"]),
    (#"{"login":"  ","password":""}"#, ["login": "required", "password": "required"]),
  ])
  func fieldsAreNamed(body: String, fields: [String: String]) async throws {
    try await RestBench.run { bench in
      let answer = try await bench.send(.post, "/api/v1/session", body)
      #expect(answer.status == 422 && answer.code == "invalid")
      #expect(answer.fields == fields)
    }
  }

  @Test func bodiesThatArent() async throws {
    try await RestBench.run { bench in
      for body in ["", "{", "[]", "\"x\"", "{\"login\":\"a\"}}", String(repeating: "[", count: 5000), "\u{FEFF}nonsense"] {
        let answer = try await bench.send(.post, "/api/v1/session", body)
        #expect(answer.status == 400 && answer.code == "malformed", "\(body.prefix(20)): \(answer.status)")
      }
      let text = try await bench.send(
        .post, "/api/v1/session", "login=a", headers: [.contentType: "application/x-www-form-urlencoded"])
      #expect(text.status == 415 && text.code == "unsupported_media_type")
      let huge = "{\"login\":\"" + String(repeating: "a", count: 70_000) + "\"}"
      let large = try await bench.send(.post, "/api/v1/session", huge)
      #expect(large.status == 413 && large.code == "too_large")
    }
  }

  @Test func otherSitesCannotSignAnybodyIn() async throws {
    try await RestBench.run { bench in
      _ = try await bench.account("aziza")
      let answer = try await bench.signIn("aziza", headers: [.secFetchSite: "cross-site"])
      #expect(answer.status == 403 && answer.code == "cross_site")
    }
  }
}
