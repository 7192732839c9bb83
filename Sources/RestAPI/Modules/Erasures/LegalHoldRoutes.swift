import Domain
import HTTPTypes
import Storage

/// `/api/v1/legal-holds`: what is not to be erased.
enum LegalHoldRoutes {
  static func add(to table: inout RouteTable) {
    table.needs(.legalHold, .read, .get, "/api/v1/legal-holds") { call in
      let (cursor, limit) = try call.call.page()
      let organisation = try call.call.query("organisation").map { OrganisationID($0) }
      let viewer = call.viewer
      let page = try await call.services.database.run {
        try LegalHolds.list(
          for: viewer, organisation: organisation, before: cursor > 0 ? LegalHoldID(cursor) : nil, limit: limit, in: $0)
      }
      return try .json(ListAnswer(page.items.map(LegalHoldAnswer.init), next: page.next))
    }
    table.needs(.legalHold, .create, .post, "/api/v1/legal-holds") { call in
      var fields = try await call.call.fields()
      let organisation: OrganisationID = fields.id("organisation")
      let topic: TopicID? = fields.optionalID("topic")
      let reason = fields.text("reason", 3...500)
      try fields.finish()
      let record = try await call.write { call, session in
        guard try Organisations.find(organisation, for: call.viewer, in: session) != nil else {
          throw Problem.invalid(["organisation": "unknown"])
        }
        let id: LegalHoldID
        do {
          id = try LegalHolds.set(organisation: organisation, topic: topic, reason: reason, by: call.account, in: session)
        } catch let error as DomainError where error.code == .notFound {
          throw Problem.invalid(["topic": "unknown"])
        }
        var detail: [String: ActionLog.Value] = ["hold": .number(id.rawValue), "reason": .text(reason)]
        if let topic { detail["topic"] = .number(topic.rawValue) }
        try ActionLog.append(
          "legal_hold.create", by: call.actor, organisation: organisation, detail: detail, written: .legalHold(id), in: session)
        return try find(id, call, session)
      }
      return try .json(LegalHoldAnswer(record), status: .created)
    }
    table.needs(.legalHold, .delete, .post, "/api/v1/legal-holds/{id}/lift") { call in
      let id: LegalHoldID = try call.call.id()
      var fields = try await call.call.fields()
      let reason = fields.text("reason", 3...500)
      try fields.finish()
      let record = try await call.write { call, session in
        let before = try find(id, call, session)
        try LegalHolds.lift(id, reason: reason, by: call.account, in: session)
        try ActionLog.append(
          "legal_hold.delete", by: call.actor, organisation: before.organisation.id,
          detail: ["hold": .number(id.rawValue), "reason": .text(reason)], written: .legalHold(id), in: session)
        return try find(id, call, session)
      }
      return try .json(LegalHoldAnswer(record))
    }
  }

  private static func find(_ id: LegalHoldID, _ call: SignedCall, _ session: Session) throws -> LegalHolds.Record {
    guard let record = try LegalHolds.find(id, for: call.viewer, in: session) else { throw Problem.notFound }
    return record
  }
}
