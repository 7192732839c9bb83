import Domain
import HTTPTypes
import Storage

/// `/api/v1/ghosts`: the ledger of ghosts, for those who oversee them.
enum GhostRoutes {
  /// Which stays a list shows.
  private enum Show: String { case unacknowledged }

  /// How many rows of the ledger an answer holds: more than a stay of half an hour makes.
  private static let maximumRows = 2_000

  static func add(to table: inout RouteTable) {
    table.needs(.observation, .read, .get, "/api/v1/ghosts") { call in
      let (cursor, limit) = try call.call.page()
      let filter = GhostStays.Filter(
        account: try call.call.query("account").map { AccountID($0) },
        organisation: try call.call.query("organisation").map { OrganisationID($0) },
        from: try call.call.date("from")?.startInTashkent,
        to: try call.call.date("to")?.advanced(by: 1).startInTashkent,
        isUnacknowledged: try call.call.word("show", of: Show.self) == .unacknowledged,
        before: cursor > 0 ? ObservationID(cursor) : nil,
        limit: limit)
      let viewer = call.viewer
      let page = try await call.services.database.run { try GhostStays.list(filter, for: viewer, in: $0) }
      return try .json(ListAnswer(page.items.map(StayAnswer.init), next: page.next))
    }
    table.needs(.observation, .read, .get, "/api/v1/ghosts/report") { call in
      let today = LocalDate(inTashkentAt: call.services.clock())
      let from = try call.call.date("from") ?? today.advanced(by: -366)
      let to = try call.call.date("to") ?? today
      guard from <= to, to.daysSince1970 - from.daysSince1970 <= 3_700 else { throw Problem.invalid(["from": "invalid"]) }
      let viewer = call.viewer
      let lines = try await call.services.database.run {
        try GhostStays.report(from: from.startInTashkent, to: to.advanced(by: 1).startInTashkent, for: viewer, in: $0)
      }
      return try .json(ListAnswer(lines.map(ReportAnswer.init)))
    }
    table.needs(.observation, .read, .get, "/api/v1/ghosts/roots") { call in
      let roots = try await call.services.database.run { try GhostLedger.roots(from: nil, in: $0) }
      return try .json(ListAnswer(roots.reversed().map(GhostRootAnswer.init)))
    }
    table.needs(.observation, .read, .get, "/api/v1/ghosts/{id}") { call in
      let id: ObservationID = try call.call.id()
      let viewer = call.viewer
      let found = try await call.services.database.run { session -> (GhostStays.Record, [GhostLedger.Row])? in
        guard let stay = try GhostStays.find(id, for: viewer, in: session) else { return nil }
        return (stay, try GhostLedger.rows(of: id, limit: maximumRows, in: session))
      }
      guard let (stay, rows) = found else { throw Problem.notFound }
      return try .json(StayDetailAnswer(stay: StayAnswer(stay), ledger: try rows.map(LedgerAnswer.init)))
    }
    table.needs(.observation, .acknowledge, .post, "/api/v1/ghosts/{id}/acknowledge") { call in
      let id: ObservationID = try call.call.id()
      var fields = try await call.call.fields()
      let remark = fields.optionalText("remark", 0...500) ?? ""
      try fields.finish()
      let record = try await call.write { call, session in
        guard let stay = try GhostStays.find(id, for: call.viewer, in: session) else { throw Problem.notFound }
        try GhostStays.acknowledge(id, by: call.account, session: call.caller.live.id, remark: remark, in: session)
        try ActionLog.append(
          "observation.acknowledge", by: call.actor, organisation: stay.organisation.id,
          detail: ["observation": .number(id.rawValue), "watcher": .number(stay.watcher.id.rawValue)], in: session)
        guard let record = try GhostStays.find(id, for: call.viewer, in: session) else { throw Problem.notFound }
        return record
      }
      return try .json(StayAnswer(record))
    }
  }
}
