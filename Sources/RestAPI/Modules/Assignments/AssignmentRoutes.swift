import Domain
import Hummingbird
import Storage

/// `/api/v1/assignments`.
enum AssignmentRoutes {
  static func add(to table: inout RouteTable) {
    table.needs(.assignment, .read, .get, "/api/v1/assignments") { call in
      let organisation = try call.call.query("organisation").map { OrganisationID($0) }
      let account = try call.call.query("account").map { AccountID($0) }
      let (after, limit) = try call.call.page()
      let page = try await AssignmentActions.list(
        organisation: organisation, account: account, search: try call.call.search(), after: after, limit: limit, call)
      return try .json(ListAnswer(page.items.map(AssignmentAnswer.init), next: page.next))
    }
    table.needs(.assignment, .create, .post, "/api/v1/assignments") { call in
      var fields = try await call.call.fields()
      let new = try NewAssignment(&fields, today: LocalDate(inTashkentAt: call.services.clock()))
      return try .json(AssignmentAnswer(try await AssignmentActions.create(new, call)), status: .created)
    }
    table.needs(.assignment, .create, .post, "/api/v1/assignments/{id}/reassign") { call in
      let id: AssignmentID = try call.call.id()
      var fields = try await call.call.fields()
      let change = try Reassignment(&fields, today: LocalDate(inTashkentAt: call.services.clock()))
      let made = try await AssignmentActions.reassign(id, change, call)
      return try .json(ListAnswer(made.map(AssignmentAnswer.init)), status: .created)
    }
    table.needs(.assignment, .delete, .delete, "/api/v1/assignments/{id}") { call in
      try await AssignmentActions.end(try call.call.id(), call)
      return .noContent
    }
  }
}
