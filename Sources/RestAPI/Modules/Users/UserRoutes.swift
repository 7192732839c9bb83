import Domain
import Hummingbird
import Storage

/// `/api/v1/users` and `/api/v1/memberships`.
enum UserRoutes {
  static func add(to table: inout RouteTable) {
    table.needs(.account, .read, .get, "/api/v1/users") { call in
      let (after, limit) = try call.call.page()
      let page = try await UserActions.list(search: try call.call.search(), after: after, limit: limit, call)
      return try .json(ListAnswer(page.items.map(UserAnswer.init), next: page.next))
    }
    table.needs(.account, .create, .post, "/api/v1/users") { call in
      var fields = try await call.call.fields()
      let new = try NewUser(&fields)
      return try .json(UserAnswer(try await UserActions.create(new, call)), status: .created)
    }
    table.needs(.account, .update, .patch, "/api/v1/users/{id}") { call in
      let id: AccountID = try call.call.id()
      var fields = try await call.call.fields()
      let change = try UserChange(&fields)
      return try .json(UserAnswer(try await UserActions.update(id, change, call)))
    }
    table.needs(.membership, .create, .post, "/api/v1/users/{id}/memberships") { call in
      let id: AccountID = try call.call.id()
      var fields = try await call.call.fields()
      let new = NewMembership(&fields)
      try fields.finish()
      return try .json(MembershipAnswer(try await UserActions.addMembership(new, to: id, call)), status: .created)
    }
    table.needs(.membership, .delete, .delete, "/api/v1/memberships/{id}") { call in
      try await UserActions.endMembership(try call.call.id(), call)
      return .noContent
    }
  }
}
