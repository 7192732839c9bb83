import Domain
import HTTPTypes
import ServerKit
import Storage
import TestSupport
import Testing

@testable import RestAPI

/// Authenticators from the other side: whoever has the password, looks over a shoulder, or finds a page open.
@Suite struct SecondFactorTests {
  private static let password = RestBench.password

  private static func signIn(_ bench: RestBench, _ login: String, code: String?, from address: String = "10.0.0.1") async throws
    -> Answer
  {
    let code = code.map { #","code":"\#($0)""# } ?? ""
    return try await bench.send(
      .post, "/api/v1/session", #"{"login":"\#(login)","password":"\#(password)","device":"Test"\#(code)}"#, from: address)
  }

  @Test func theCodeIsAskedAfterThePasswordAndCountsOnce() async throws {
    try await RestBench.run { bench in
      let me = try await bench.signedIn(try await bench.account("aziza"))
      let totp = try await me.enrol().totp
      // A wrong password hears nothing of it.
      let wrong = try await bench.signIn("aziza", "wrong-password")
      #expect(wrong.status == 401 && wrong.code == "invalid_credentials")
      let asked = try await Self.signIn(bench, "aziza", code: nil)
      #expect(asked.status == 401 && asked.code == "second_factor_required" && asked.headers[values: .setCookie].isEmpty)
      // The code that confirmed the enrolment was seen, too.
      let seen = totp.code(of: TOTP.step(at: bench.clock.time))
      #expect(try await Self.signIn(bench, "aziza", code: seen).code == "second_factor_wrong")
      bench.clock.advance(.seconds(30))
      let code = totp.code(of: TOTP.step(at: bench.clock.time))
      #expect(try await Self.signIn(bench, "aziza", code: code).status == 201)
      let replayed = try await Self.signIn(bench, "aziza", code: code)
      #expect(replayed.status == 401 && replayed.code == "second_factor_wrong")
      // Nor does a code that an earlier half minute had.
      let earlier = totp.code(of: TOTP.step(at: bench.clock.time) - 1)
      #expect(try await Self.signIn(bench, "aziza", code: earlier).code == "second_factor_wrong")
    }
  }

  @Test func twoWhoShowTheSameCodeAtOnceAreLetInOnce() async throws {
    try await RestBench.run { bench in
      let me = try await bench.signedIn(try await bench.account("aziza"))
      let totp = try await me.enrol().totp
      bench.clock.advance(.seconds(60))
      let code = totp.code(of: TOTP.step(at: bench.clock.time))
      async let first = Self.signIn(bench, "aziza", code: code)
      async let second = Self.signIn(bench, "aziza", code: code, from: "10.0.0.2")
      let statuses = try await [first.status, second.status].sorted()
      #expect(statuses == [201, 401])
    }
  }

  @Test func codesOnPaperCountOnceAndAreKeptAsHashes() async throws {
    try await RestBench.run { bench in
      let me = try await bench.signedIn(try await bench.account("aziza"))
      let codes = try await me.enrol().codes
      #expect(Set(codes).count == 10)
      #expect(try await Self.signIn(bench, "aziza", code: codes[3].lowercased()).status == 201)
      #expect(try await Self.signIn(bench, "aziza", code: codes[3]).code == "second_factor_wrong")
      let state = try await me.send(.get, "/api/v1/me/second-factor")
      #expect(state.json["recoveryCodes"].number == 9 && state.json["enabled"] == .flag(true) && state.json["secret"] == .null)
      let renewed = try await me.send(
        .post, "/api/v1/me/second-factor/recovery", #"{"password":"\#(Self.password)","code":"\#(codes[4])"}"#)
      #expect(renewed.json["codes"].list.count == 10)
      #expect(try await Self.signIn(bench, "aziza", code: codes[5]).code == "second_factor_wrong")
      // Whoever used them, the account is told, and the log says so.
      let told = try await me.send(.get, "/api/v1/notifications").json["items"].list.filter {
        $0["kind"].string == "recovery.use"
      }
      let left = told.map { $0["detail"]["left"].number }
      #expect(left == [8, 9])
      let factors = try await bench.database.app.run { session in
        try session.rows("SELECT action || ' ' || (detail->>'factor') AS f FROM action_log WHERE detail ? 'factor' ORDER BY id")
          .map { try $0["f", as: String.self] }
      }
      #expect(factors == ["session.start recovery", "second_factor.recovery recovery"])
    }
  }

  @Test func noTableHoldsACodeOnPaper() async throws {
    try await RestBench.run { bench in
      let me = try await bench.signedIn(try await bench.account("aziza"))
      let codes = try await me.enrol().codes
      let (rows, log) = try await bench.database.superuser.run { session in
        (
          try session.rows("SELECT hash FROM recovery_code").map { try $0["hash", as: [UInt8].self] },
          try session.one(
            "SELECT coalesce(string_agg(l::text, ' '), '') || (SELECT coalesce(string_agg(o::text, ' '), '') FROM outbox o) FROM action_log l"
          ).decode(at: 0, as: String.self)
        )
      }
      // They are the hashes of these ten, and neither the letters nor their bytes stand anywhere.
      let hashes = try codes.map { try #require(RecoveryCode($0)).hash }
      #expect(Set(rows) == Set(hashes))
      for code in codes {
        let letters = code.filter { $0 != "-" }
        let stands = rows.contains { $0.starts(with: Array(letters.utf8)) || $0.firstRange(of: Array(code.utf8)) != nil }
        #expect(!stands && !log.contains(code) && !log.contains(letters))
      }
    }
  }

  @Test func theSecretInTheTableIsSealedAndBoundToItsAccount() async throws {
    try await RestBench.run { bench in
      let me = try await bench.signedIn(try await bench.account("aziza"))
      let other = try await bench.signedIn(try await bench.account("bobur"))
      let totp = try await me.enrol().totp
      _ = try await other.enrol()
      let (mine, theirs) = (me.account, other.account)
      let sealed: [UInt8] = try await bench.database.app.run {
        try $0.one("SELECT secret FROM second_factor WHERE account_id = \(mine)")["secret"]
      }
      #expect(sealed.firstRange(of: totp.secret) == nil)
      // Somebody with the database puts an own secret into another's row.
      try await bench.database.superuser.run {
        try $0.execute("ALTER TABLE second_factor DISABLE TRIGGER guard")
        try $0.execute("UPDATE second_factor SET secret = \(sealed), last_step = 0 WHERE account_id = \(theirs)")
        try $0.execute("ALTER TABLE second_factor ENABLE TRIGGER guard")
      }
      bench.clock.advance(.seconds(60))
      let code = totp.code(of: TOTP.step(at: bench.clock.time))
      #expect(try await Self.signIn(bench, "bobur", code: code).status == 500)
      // The application itself can neither exchange a confirmed secret nor turn a step back.
      for change: SQL in ["last_step = 0", "secret = secret || 'x'", "confirmed_at = NULL", "account_id = \(theirs)"] {
        let refusal = await databaseError {
          try await bench.database.app.run { try $0.execute("UPDATE second_factor SET \(change) WHERE account_id = \(mine)") }
        }
        #expect(refusal?.kind == .insufficientPrivilege, "\(change)")
      }
    }
  }

  @Test func guessingCodesIsSlowFromOnePlaceAndFromMany() async throws {
    try await RestBench.run { bench in
      let me = try await bench.signedIn(try await bench.account("aziza"))
      let totp = try await me.enrol().totp
      bench.clock.advance(.seconds(60))
      var statuses: [Int] = []
      for _ in 0..<6 { statuses.append(try await Self.signIn(bench, "aziza", code: "000000", from: "6.6.6.6").status) }
      #expect(statuses == [401, 401, 401, 401, 401, 429])
      var tries = 5
      for place in 0..<40 {
        for _ in 0..<3 where try await Self.signIn(bench, "aziza", code: "000000", from: "7.7.7.\(place)").status == 401 {
          tries += 1
        }
      }
      // Twenty of the account and no more, however many addresses come, those of an IPv6 network of 65,536 places among them.
      #expect(tries == 20)
      for place in 0..<20 {
        #expect(
          try await Self.signIn(bench, "aziza", code: "000000", from: "2001:db8:7:\(String(place, radix: 16))::1").status == 429)
      }
      bench.clock.advance(.seconds(86_400))
      var later = 0
      for place in 0..<30 where try await Self.signIn(bench, "aziza", code: "000000", from: "8.8.8.\(place)").status == 401 {
        later += 1
      }
      #expect(later == 20)
      // The owner's known device has a lane of its own.
      let device = SessionToken()
      let account = me.account
      try await bench.database.app.run { try Accounts.remember(device: device.hash, of: account, in: $0) }
      let code = totp.code(of: TOTP.step(at: bench.clock.time))
      let owner = try await bench.send(
        .post, "/api/v1/session", #"{"login":"aziza","password":"\#(Self.password)","code":"\#(code)"}"#,
        headers: [.cookie: "onefin_device=\(device.text)"], from: "6.6.6.6")
      #expect(owner.status == 201, "\(owner.text)")
      #expect(try await bench.actions().contains("session.refuse"))
    }
  }

  @Test func whoeverFindsAnOpenPageTiesNoPhoneAndUntiesNone() async throws {
    try await RestBench.run { bench in
      let me = try await bench.signedIn(try await bench.account("aziza"))
      #expect(
        try await me.send(.post, "/api/v1/me/second-factor", #"{"password":"wrong-password"}"#).fields == ["password": "wrong"])
      let early = try await me.send(.put, "/api/v1/me/second-factor", #"{"code":"123456"}"#)
      #expect(early.status == 409)
      // Begun is not confirmed: nobody is asked for it.
      _ = try await me.begin()
      #expect(try await Self.signIn(bench, "aziza", code: nil).status == 201)
      let codes = try await me.enrol().codes
      for (password, code, fields) in [
        ("wrong-password", codes[0], ["password": "wrong"]), (Self.password, "000000", ["code": "wrong"]),
      ] {
        let answer = try await me.send(.post, "/api/v1/me/second-factor/end", #"{"password":"\#(password)","code":"\#(code)"}"#)
        #expect(answer.status == 422 && answer.fields == fields, "\(answer.text)")
      }
      #expect(try await me.send(.post, "/api/v1/me/second-factor", #"{"password":"\#(Self.password)"}"#).status == 409)
      let ended = try await me.send(
        .post, "/api/v1/me/second-factor/end", #"{"password":"\#(Self.password)","code":"\#(codes[0])"}"#)
      #expect(ended.status == 204)
      #expect(try await Self.signIn(bench, "aziza", code: nil).status == 201)
      #expect(try await bench.actions().filter { $0.hasPrefix("second_factor") }.last == "second_factor.disable")
    }
  }

  @Test func anAdminWithoutOneMayOnlyEnrolWhenTheFirmDemandsIt() async throws {
    try await RestBench.run { bench in
      let world = try await AccessWorld.make(bench)
      let admin = world.person(.admin)
      let second = try await bench.account("second")
      try await bench.database.makeMembership(second, role: "admin")
      let other = try await bench.signedIn(second)
      let demand = #"{"version":0,"devices":{},"replace":[],"adminSecondFactor":true}"#
      // Nobody locks the firm out by a click.
      #expect(try await admin.send(.put, "/api/v1/settings/sessions", demand).fields == ["adminSecondFactor": "enrol_first"])
      let codes = try await admin.enrol().codes
      #expect(try await admin.send(.put, "/api/v1/settings/sessions", demand).status == 200)
      // The other admin's devices were signed out, sockets and all; the clients' were not.
      #expect(try await other.send(.get, "/api/v1/session").status == 401)
      #expect(try await world.person(.client).send(.get, "/api/v1/session").status == 200)
      let again = try await bench.signedIn(second)
      #expect(try await again.send(.get, "/api/v1/session").json["owesSecondFactor"] == .flag(true))
      for (method, path) in [
        (HTTPRequest.Method.get, "/api/v1/users"), (.get, "/api/v1/sessions"), (.post, "/api/v1/departments"),
        (.put, "/api/v1/me/password"), (.get, "/api/v1/settings/sessions"),
      ] {
        let answer = try await again.send(method, path, method == .get ? nil : "{}")
        #expect(answer.status == 403 && answer.code == "second_factor_owed", "\(path) \(answer.text)")
      }
      // Nor is there a socket for it.
      let hash = again.token.hash
      let admitted = try await bench.database.app.run {
        try Sessions.admit([.init(tokenHash: hash, address: "")], at: .now, in: $0)
      }
      guard case .failure(let refusal)? = admitted.first else { throw UnexpectedAnswer(text: "\(admitted)") }
      #expect(refusal.code == .forbidden)
      // Whoever is just about to enrol isn't signed out by what is set or taken from others.
      let keep = demand.replacing(#""version":0"#, with: #""version":1"#)
      #expect(try await admin.send(.put, "/api/v1/settings/sessions", keep).status == 200)
      let third = try await bench.account("third")
      try await bench.database.makeMembership(third, role: "admin")
      let enrolling = try await bench.signedIn(third)
      _ = try await again.enrol()
      #expect(try await again.send(.get, "/api/v1/users").status == 200)
      // Who needs one keeps it, unless another admin takes it away; and then may only enrol.
      let kept = try await admin.send(
        .post, "/api/v1/me/second-factor/end", #"{"password":"\#(Self.password)","code":"\#(codes[0])"}"#)
      #expect(kept.status == 409 && kept.code == "second_factor_owed")
      #expect(try await admin.send(.delete, "/api/v1/users/\(admin.account)/second-factor").status == 403)
      #expect(try await admin.send(.delete, "/api/v1/users/\(second)/second-factor").status == 204)
      #expect(try await again.send(.get, "/api/v1/users").status == 401)
      #expect(try await enrolling.send(.get, "/api/v1/session").status == 200)
      // Whoever becomes an admin owes it from that moment.
      let promoted = world.person(.sales)
      #expect(try await admin.send(.post, "/api/v1/users/\(promoted.account)/memberships", #"{"role":"admin"}"#).status == 201)
      #expect(try await promoted.send(.get, "/api/v1/session").status == 401)
      let details = try await bench.database.app.run { session in
        try session.rows("SELECT detail::text AS d FROM action_log WHERE action = 'settings.update' ORDER BY id").map { row in
          try row["d", as: String.self]
        }
      }
      #expect(details.count == 2 && details[0].contains(#""before": []"#) && details[0].contains("admin second factor"))
    }
  }
}
