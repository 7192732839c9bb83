import Domain
import Hummingbird
import ServerKit
import Storage

/// `/api/v1/invitations`, `/api/v1/links`, and `/api/v1/one-time` for whoever holds one. A token comes in bodies only, so that no log of addresses has it.
enum LinkRoutes {
  static func add(to table: inout RouteTable) {
    table.needs(.invitation, .create, .post, "/api/v1/invitations") { call in
      var fields = try await call.call.fields()
      let new = NewMembership(&fields)
      let name = fields.optionalText("name", 0...200) ?? ""
      try fields.finish()
      return try .json(MadeLinkAnswer(try await LinkActions.invite(new, name: name, call)), status: .created)
    }
    table.needs(.resetLink, .create, .post, "/api/v1/users/{id}/reset-links") { call in
      try .json(MadeLinkAnswer(try await LinkActions.reset(of: try call.call.id(), call)), status: .created)
    }
    table.needs(.invitation, .read, .get, "/api/v1/links") { call in
      try .json(ListAnswer(try await LinkActions.list(call).map(OpenLinkAnswer.init)))
    }
    table.needs(.invitation, .delete, .delete, "/api/v1/links/{id}") { call in
      try await LinkActions.revoke(try call.call.id(), call)
      return .noContent
    }
    table.open(.post, "/api/v1/one-time/look") { call in
      var fields = try await call.fields()
      let token = fields.text("token", 1...100)
      try fields.finish()
      return try .json(
        LinkLookAnswer(try await LinkActions.look(token, call), firm: call.services.configuration.shared.firmName))
    }
    table.open(.post, "/api/v1/one-time/password") { call in
      var fields = try await call.fields()
      let token = fields.text("token", 1...100)
      let password = fields.secret("password", maximumBytes: PasswordRules.maximumBytes)
      try fields.finish()
      try await LinkActions.setPassword(password, by: token, call)
      return .noContent
    }
    table.open(.post, "/api/v1/one-time/account") { call in
      var fields = try await call.fields()
      let token = fields.text("token", 1...100)
      let person = try NewPerson(&fields)
      try await LinkActions.join(person, by: token, call)
      return .noContent
    }
    table.signedIn(.post, "/api/v1/me/memberships") { call in
      var fields = try await call.call.fields()
      let token = fields.text("token", 1...100)
      try fields.finish()
      try await LinkActions.join(by: token, call)
      return .noContent
    }
  }
}
