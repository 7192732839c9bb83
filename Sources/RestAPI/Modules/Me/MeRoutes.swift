import Hummingbird
import ServerKit

/// `/api/v1/me`.
enum MeRoutes {
  static func add(to table: inout RouteTable) {
    table.signedIn(.put, "/api/v1/me/password") { call in
      var fields = try await call.call.fields()
      let current = fields.secret("current", maximumBytes: PasswordRules.maximumBytes)
      let new = fields.secret("new", maximumBytes: PasswordRules.maximumBytes)
      try fields.finish()
      try await MeActions.setPassword(current: current, new: new, device: SessionRoutes.device(call.call), in: call)
      return .noContent
    }
    table.signedIn(.put, "/api/v1/me/language", enrolling: true) { call in
      var fields = try await call.call.fields()
      let language = fields.choice("language", of: Language.self, or: .uz)
      try fields.finish()
      try await MeActions.setLanguage(language, in: call)
      return .noContent
    }
  }
}
