import Domain
import HTTPTypes
import Storage

/// `/api/v1/erasures`: what is to go for good, by two people.
enum ErasureRoutes {
  static func add(to table: inout RouteTable) {
    table.needs(.erasure, .read, .get, "/api/v1/erasures") { call in
      let (cursor, limit) = try call.call.page()
      let state = try call.call.word("state", of: Erasures.State.self)
      let viewer = call.viewer
      let page = try await call.services.database.run {
        try Erasures.list(for: viewer, state: state, before: cursor > 0 ? ErasureID(cursor) : nil, limit: limit, in: $0)
      }
      return try .json(ListAnswer(page.items.map(ErasureAnswer.init), next: page.next))
    }
    table.needs(.erasure, .create, .post, "/api/v1/erasures") { call in
      var fields = try await call.call.fields()
      let topic: TopicID = fields.id("topic")
      let message = fields.integer("message", 1...Int64.max)
      let reason = fields.text("reason", 3...500)
      try fields.finish()
      let record = try await call.write { call, session in
        guard let place = try Assignments.place(of: topic, for: call.viewer, in: session) else {
          throw Problem.invalid(["topic": "unknown"])
        }
        let id: ErasureID
        do {
          id = try Erasures.request(message, in: topic, reason: reason, by: call.account, session)
        } catch let error as DomainError where error.code == .notFound {
          throw Problem.invalid(["message": "unknown"])
        }
        try ActionLog.append(
          "erasure.create", by: call.actor, organisation: place.organisation,
          detail: [
            "erasure": .number(id.rawValue), "topic": .number(topic.rawValue), "message": .number(message),
            "reason": .text(reason),
          ], written: .erasure(id), in: session)
        return try find(id, call, session)
      }
      return try .json(ErasureAnswer(record), status: .created)
    }
    table.needs(.erasure, .confirm, .post, "/api/v1/erasures/{id}/confirm") { call in
      let id: ErasureID = try call.call.id()
      let now = call.services.clock()
      return try .json(
        ErasureAnswer(
          try await decide(id, "erasure.confirm", call) { call, session in
            try Erasures.confirm(id, by: call.account, session: call.caller.live.id, at: now, in: session)
          }))
    }
    table.needs(.erasure, .confirm, .post, "/api/v1/erasures/{id}/refuse") { call in
      let id: ErasureID = try call.call.id()
      return try .json(
        ErasureAnswer(
          try await decide(id, "erasure.refuse", call) { call, session in
            try Erasures.refuse(id, by: call.account, in: session)
          }))
    }
  }

  private static func decide(
    _ id: ErasureID, _ action: String, _ call: SignedCall, _ body: @escaping @Sendable (SignedCall, Session) throws -> Void
  ) async throws -> Erasures.Record {
    try await call.write { call, session in
      let before = try find(id, call, session)
      try body(call, session)
      try ActionLog.append(
        action, by: call.actor, organisation: before.organisation.id,
        detail: [
          "erasure": .number(id.rawValue), "topic": .number(before.topic.rawValue), "message": .number(before.message),
          "requestedBy": .number(before.requested.by.id.rawValue),
        ], written: .erasure(id), in: session)
      return try find(id, call, session)
    }
  }

  private static func find(_ id: ErasureID, _ call: SignedCall, _ session: Session) throws -> Erasures.Record {
    guard let record = try Erasures.find(id, for: call.viewer, in: session) else { throw Problem.notFound }
    return record
  }
}
