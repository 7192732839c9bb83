import Domain
import Hummingbird
import ServerKit
import Storage

/// Whether somebody has a second factor, as answers carry it. Its secret is in no answer but the one that begins an enrolment.
struct SecondFactorAnswer: Encodable {
  let enabled: Bool
  /// Since when; null without one.
  let since: String?
  /// How many codes on paper are left.
  let recoveryCodes: Int
  /// Whether the caller has to enrol before anything else.
  let owed: Bool

  init(_ factor: SecondFactors.Record?, owes: Bool) {
    enabled = factor?.confirmedAt != nil
    since = factor?.confirmedAt?.rfc3339
    recoveryCodes = enabled ? factor?.recoveryCodes ?? 0 : 0
    owed = owes
  }
}

/// What an authenticator is told, once.
struct EnrolmentAnswer: Encodable {
  /// Base32.
  let secret: String
  /// The same as an `otpauth` address, for a QR code.
  let address: String
}

/// Codes on paper, told once.
struct RecoveryAnswer: Encodable {
  let codes: [String]

  init(_ codes: [RecoveryCode]) { self.codes = codes.map(\.text) }
}

/// `/api/v1/me/second-factor` and `/api/v1/users/{id}/second-factor`.
enum SecondFactorRoutes {
  static func add(to table: inout RouteTable) {
    table.signedIn(.get, "/api/v1/me/second-factor", enrolling: true) { call in
      try .json(try await SecondFactorActions.state(call))
    }
    table.signedIn(.post, "/api/v1/me/second-factor", enrolling: true) { call in
      var fields = try await call.call.fields()
      let password = fields.secret("password", maximumBytes: PasswordRules.maximumBytes)
      try fields.finish()
      return try .json(try await SecondFactorActions.begin(password: password, call), status: .created)
    }
    table.signedIn(.put, "/api/v1/me/second-factor", enrolling: true) { call in
      var fields = try await call.call.fields()
      let code = fields.text("code", 6...40)
      try fields.finish()
      return try .json(RecoveryAnswer(try await SecondFactorActions.confirm(code: code, call)))
    }
    table.signedIn(.post, "/api/v1/me/second-factor/recovery") { call in
      let (password, code) = try await proof(call)
      return try .json(RecoveryAnswer(try await SecondFactorActions.renewRecovery(password: password, code: code, call)))
    }
    table.signedIn(.post, "/api/v1/me/second-factor/end") { call in
      let (password, code) = try await proof(call)
      try await SecondFactorActions.disable(password: password, code: code, call)
      return .noContent
    }
    table.needs(.secondFactor, .delete, .delete, "/api/v1/users/{id}/second-factor") { call in
      try await SecondFactorActions.remove(of: try call.call.id(), call)
      return .noContent
    }
  }

  private static func proof(_ call: SignedCall) async throws -> (password: String, code: String) {
    var fields = try await call.call.fields()
    let password = fields.secret("password", maximumBytes: PasswordRules.maximumBytes)
    let code = fields.text("code", 6...40)
    try fields.finish()
    return (password, code)
  }
}
