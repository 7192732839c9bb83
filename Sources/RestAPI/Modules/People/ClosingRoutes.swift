import Domain
import Hummingbird
import Storage

/// What closing a company ends, as answers carry it.
struct ClosingAnswer: Encodable {
  let memberships: Int
  let assignments: Int
  let invitations: Int
  let openCases: Int

  init(_ closing: Organisations.Closing) {
    (memberships, assignments) = (closing.memberships, closing.assignments)
    (invitations, openCases) = (closing.invitations, closing.openCases)
  }
}

/// `/api/v1/organisations/{id}/closing`: what closing would end, and the closing.
enum ClosingRoutes {
  static func add(to table: inout RouteTable) {
    table.needs(.organisation, .close, .get, "/api/v1/organisations/{id}/closing") { call in
      let (id, viewer): (OrganisationID, Viewer) = (try call.call.id(), call.viewer)
      let closing = try await call.services.database.run { session in
        guard let record = try Organisations.find(id, for: viewer, in: session), record.closedAt == nil else {
          throw Problem.notFound
        }
        return try Organisations.closing(of: id, in: session)
      }
      return try .json(ClosingAnswer(closing))
    }
    table.needs(.organisation, .close, .post, "/api/v1/organisations/{id}/closing") { call in
      let id: OrganisationID = try call.call.id()
      var fields = try await call.call.fields()
      let reason = fields.text("reason", 3...500)
      try fields.finish()
      let now = call.services.clock()
      let closing = try await call.write(locking: { try Organisations.people(of: id, in: $0) }) { call, session in
        guard try Organisations.find(id, for: call.viewer, in: session) != nil,
          let closing = try Organisations.close(id, at: now, in: session)
        else { throw Problem.notFound }
        try ActionLog.append(
          "organisation.close", by: call.actor, organisation: id,
          detail: [
            "reason": .text(reason), "memberships": .number(Int64(closing.memberships)),
            "assignments": .number(Int64(closing.assignments)), "open_cases": .number(Int64(closing.openCases)),
          ], written: .closing(of: id), in: session)
        return closing
      }
      return try .json(ClosingAnswer(closing))
    }
  }
}
