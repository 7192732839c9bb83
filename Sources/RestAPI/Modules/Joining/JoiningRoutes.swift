import Domain
import HTTPTypes
import Storage

/// `/api/v1/topics/{id}/join`: whoever oversees a topic and wants to write takes part in it, where everybody sees it.
enum JoiningRoutes {
  static func add(to table: inout RouteTable) {
    table.needs(.topic, .join, .post, "/api/v1/topics/{id}/join") { call in
      let topic: TopicID = try call.call.id()
      let now = call.services.clock()
      try await call.write { call, session in
        guard let place = try Assignments.place(of: topic, for: call.viewer, in: session) else { throw Problem.notFound }
        let id = try Assignments.join(
          topic, of: place.organisation, kind: place.kind, by: call.account, today: LocalDate(inTashkentAt: now), at: now,
          in: session)
        try ActionLog.append(
          "topic.join", by: call.actor, organisation: place.organisation,
          detail: ["topic": .number(topic.rawValue), "assignment": .number(id.rawValue)], written: .assignment(id), in: session)
      }
      return .noContent
    }
    table.needs(.topic, .join, .delete, "/api/v1/topics/{id}/join") { call in
      let topic: TopicID = try call.call.id()
      let today = LocalDate(inTashkentAt: call.services.clock())
      try await call.write { call, session in
        guard let place = try Assignments.place(of: topic, for: call.viewer, in: session) else { throw Problem.notFound }
        guard try Assignments.leave(of: place.organisation, kind: place.kind, by: call.account, today: today, in: session) else {
          throw DomainError(.conflict, "You don't take part in this topic.")
        }
        try ActionLog.append(
          "topic.leave", by: call.actor, organisation: place.organisation, detail: ["topic": .number(topic.rawValue)],
          written: .assignments(of: place.organisation), in: session)
      }
      return .noContent
    }
  }
}
