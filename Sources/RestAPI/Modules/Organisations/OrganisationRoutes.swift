import Domain
import Hummingbird
import Storage

/// `/api/v1/organisations`.
enum OrganisationRoutes {
  static func add(to table: inout RouteTable) {
    table.needs(.organisation, .read, .get, "/api/v1/organisations") { call in
      let (after, limit) = try call.call.page()
      let page = try await OrganisationActions.list(search: try call.call.search(), after: after, limit: limit, call)
      return try .json(ListAnswer(page.items.map(OrganisationAnswer.init), next: page.next))
    }
    table.needs(.organisation, .create, .post, "/api/v1/organisations") { call in
      var fields = try await call.call.fields()
      let new = try NewOrganisation(&fields)
      return try .json(OrganisationAnswer(try await OrganisationActions.create(new, call)), status: .created)
    }
    table.needs(.organisation, .update, .patch, "/api/v1/organisations/{id}") { call in
      let id: OrganisationID = try call.call.id()
      var fields = try await call.call.fields()
      let change = try OrganisationChange(&fields)
      return try .json(OrganisationAnswer(try await OrganisationActions.update(id, change, call)))
    }
  }
}
