import Domain
import Foundation
import HTTPTypes
import ServerKit
import Storage
import TestSupport
import Testing

@testable import RestAPI

@Suite struct SessionTests {
  @Test func writesByCookieNeedTheCSRFToken() async throws {
    try await RestBench.run { bench in
      let me = try await bench.signedIn(try await bench.account("aziza"))
      let cookie: HTTPFields = [.cookie: "onefin_session=\(me.token.text)"]
      let body = #"{"language":"en"}"#
      for wrong in [nil, "", "x", SessionToken().csrf, me.token.text] as [String?] {
        var headers = cookie
        if let wrong { headers[.xCSRFToken] = wrong }
        let answer = try await bench.send(.put, "/api/v1/me/language", body, headers: headers)
        #expect(answer.status == 403 && answer.code == "csrf")
      }
      #expect(try await bench.send(.get, "/api/v1/session", headers: cookie).json["account"]["language"].string == "uz")
      #expect(try await me.send(.put, "/api/v1/me/language", body).status == 204)
      // A cookie beside a bearer doesn't help: the bearer counts.
      var both = me.headers
      both[.authorization] = "Bearer \(SessionToken().text)"
      #expect(try await bench.send(.get, "/api/v1/session", headers: both).status == 401)
    }
  }

  @Test func expiredEndedAndInventedSessionsAnswerAlike() async throws {
    try await RestBench.run { bench in
      let account = try await bench.account("aziza")
      let expired = try await bench.signedIn(account)
      let ended = try await bench.signedIn(account)
      let (expiredID, endedID) = (expired.session, ended.session)
      try await bench.database.app.run { session in
        try session.execute("UPDATE session SET expires_at = now() - interval '1 second' WHERE id = \(expiredID)")
        try session.execute("UPDATE session SET ended_at = now() WHERE id = \(endedID)")
      }
      var bodies: Set<String> = []
      for token in [expired.token.text, ended.token.text, SessionToken().text, "x", ""] {
        for headers in [[.cookie: "onefin_session=\(token)"], [.authorization: "Bearer \(token)"]] as [HTTPFields] {
          let answer = try await bench.send(.get, "/api/v1/session", headers: headers)
          #expect(answer.status == 401 && answer.code == "unauthenticated")
          bodies.insert(answer.text)
        }
      }
      #expect(bodies.count == 1)
    }
  }

  @Test func useIsWrittenDownOnceAMinuteAndMovesTheEnd() async throws {
    try await RestBench.run { bench in
      let me = try await bench.signedIn(try await bench.account("aziza"))
      let id = me.session
      @Sendable func expiry() async throws -> Timestamp {
        try await bench.database.app.run { try $0.one("SELECT expires_at FROM session WHERE id = \(id)")["expires_at"] }
      }
      let start = try await expiry()
      let fresh = try await me.send(.get, "/api/v1/session")
      #expect(fresh.cookie("onefin_session") == nil)
      #expect(try await expiry() == start)
      _ = try await bench.database.app.run {
        try $0.execute(
          "UPDATE session SET last_used_at = now() - interval '61 seconds', expires_at = now() + interval '1 hour' WHERE id = \(id)"
        )
      }
      let later = try await me.send(.get, "/api/v1/session")
      #expect(later.cookie("onefin_session")?.hasPrefix("onefin_session=\(me.token.text);") == true)
      #expect(try await expiry() > start)
    }
  }

  @Test func devicesAreListedAndEndedByTheirOwnerAndAnAdminOnly() async throws {
    try await RestBench.run { bench in
      let owner = try await bench.account("aziza")
      let (here, phone) = (try await bench.signedIn(owner), try await bench.signedIn(owner, byCookie: false))
      let organisation = try await bench.database.makeOrganisation(department: try await bench.database.makeDepartment())
      try await bench.database.makeMembership(owner, role: "client", organisation: organisation.id)
      let other = try await bench.signedIn(try await bench.database.makeClient("bobur", of: organisation))
      let adminAccount = try await bench.account("admin")
      try await bench.database.makeMembership(adminAccount, role: "admin")
      let admin = try await bench.signedIn(adminAccount)

      let list = try await here.send(.get, "/api/v1/sessions")
      #expect(Set(list.json["items"].ids) == [here.session.rawValue, phone.session.rawValue])
      #expect(list.json["items"].list.filter { $0["current"] == .flag(true) }.map { $0["id"].number } == [here.session.rawValue])

      let foreign = try await other.send(.delete, "/api/v1/sessions/\(phone.session)")
      let missing = try await other.send(.delete, "/api/v1/sessions/999999")
      #expect(foreign.status == 404 && missing.status == 404 && foreign.text == missing.text)
      #expect(try await other.send(.get, "/api/v1/sessions?account=\(owner)").status == 404)
      #expect(try await other.send(.get, "/api/v1/sessions?account=999999").status == 404)

      let before = try await bench.access(organisation.topic(.bank))
      #expect(try await here.send(.delete, "/api/v1/sessions/\(phone.session)").status == 204)
      #expect(try await phone.send(.get, "/api/v1/session").status == 401)
      #expect(try await bench.access(organisation.topic(.bank)) == before + 1)
      #expect(try await bench.outbox() == [#"session {"sessions": [\#(phone.session)]}"#])
      #expect(try await here.send(.delete, "/api/v1/sessions/\(phone.session)").status == 404)

      #expect(try await admin.send(.get, "/api/v1/sessions?account=\(owner)").json["items"].ids == [here.session.rawValue])
      #expect(try await admin.send(.delete, "/api/v1/sessions/\(here.session)").status == 204)
      #expect(try await here.send(.get, "/api/v1/session").status == 401)
    }
  }

  @Test func aNewPasswordEndsTheOtherSessions() async throws {
    try await RestBench.run { bench in
      let account = try await bench.account("aziza")
      let (here, phone) = (try await bench.signedIn(account), try await bench.signedIn(account))
      let wrong = try await here.send(.put, "/api/v1/me/password", #"{"current":"not-it-at-all","new":"yangi-parol-5678"}"#)
      #expect(wrong.status == 422 && wrong.fields == ["current": "wrong"])
      let weak = try await here.send(.put, "/api/v1/me/password", #"{"current":"\#(RestBench.password)","new":"short"}"#)
      #expect(weak.status == 422 && weak.fields == ["new": "weak"])
      #expect(
        try await here.send(.put, "/api/v1/me/password", #"{"current":"\#(RestBench.password)","new":"yangi-parol-5678"}"#).status
          == 204)
      #expect(try await here.send(.get, "/api/v1/session").status == 200)
      #expect(try await phone.send(.get, "/api/v1/session").status == 401)
      #expect(try await bench.outbox() == [#"session {"sessions": [\#(phone.session)]}"#])
      #expect(try await bench.signIn("aziza").status == 401)
      #expect(try await bench.signIn("aziza", "yangi-parol-5678").status == 201)
    }
  }

  @Test func aPasswordThatWasSetMeanwhileStays() async throws {
    try await RestBench.run { bench in
      let account = try await bench.account("aziza")
      let me = try await bench.signedIn(account)
      let body = #"{"current":"\#(RestBench.password)","new":"yangi-parol-5678"}"#
      let reset = try Argon2.hash("admin-set-this", cost: .least)
      // The session goes on, but the password that was checked is not the one that would be replaced.
      let late = try await bench.answer(behind: { session in
        _ = try AccessChange.lock(account, in: session)
        _ = try session.execute("UPDATE account SET password_hash = \(reset) WHERE id = \(account)")
      }) { try await me.send(.put, "/api/v1/me/password", body) }
      #expect(late.status == 422 && late.fields == ["current": "wrong"])
      #expect(try await bench.signIn("aziza", "admin-set-this").status == 201)

      // An admin's reset ends the session too.
      let current = #"{"current":"admin-set-this","new":"yangi-parol-5678"}"#
      let again = try Argon2.hash("admin-set-that", cost: .least)
      let ended = try await bench.answer(behind: { session in
        _ = try Accounts.setPassword(account, hash: again, except: nil, in: session)
      }) { try await me.send(.put, "/api/v1/me/password", current) }
      #expect(ended.status == 401)
      #expect(try await bench.signIn("aziza", "yangi-parol-5678").status == 401)
      #expect(try await bench.signIn("aziza", "admin-set-that").status == 201)
    }
  }

  @Test func onesOwnNewPasswordKeepsThisDeviceKnownAndNoOther() async throws {
    try await RestBench.run { bench in
      let account = try await bench.account("aziza")
      let (here, other) = (SessionToken(), SessionToken())
      try await bench.database.app.run { session in
        for device in [here, other] { try Accounts.remember(device: device.hash, of: account, in: session) }
      }
      let me = try await bench.signedIn(account)
      var headers = me.headers
      headers[.cookie] = "onefin_session=\(me.token.text); onefin_device=\(here.text)"
      let body = #"{"current":"\#(RestBench.password)","new":"yangi-parol-5678"}"#
      #expect(try await bench.send(.put, "/api/v1/me/password", body, headers: headers).status == 204)
      let known = try await bench.database.app.run { session in
        try [here, other].map { try Accounts.candidate(login: "aziza", device: $0.hash, in: session)?.knowsDevice }
      }
      #expect(known == [true, false])
    }
  }

  @Test func anOpenPageIsNoPlaceToGuessThePassword() async throws {
    try await RestBench.run { bench in
      let me = try await bench.signedIn(try await bench.account("aziza"))
      let body = #"{"current":"not-it-at-all","new":"yangi-parol-5678"}"#
      for _ in 0..<10 { #expect(try await me.send(.put, "/api/v1/me/password", body).status == 422) }
      #expect(try await me.send(.put, "/api/v1/me/password", body).status == 429)
    }
  }
}
