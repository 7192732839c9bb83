import Domain
import HTTPTypes
import Hummingbird
import ServerKit
import Storage

/// `/api/v1/actions`: the action log.
enum ActionLogRoutes {
  static func add(to table: inout RouteTable) {
    table.needs(.actionLog, .read, .get, "/api/v1/actions") { call in
      let (filter, cursor, limit) = (try ActionFilter(call.call), try call.call.actionCursor(), try call.call.actionLimit())
      return try await ActionLogActions.page(filter, before: cursor, limit: limit, call)
    }
    table.needs(.actionLog, .read, .get, "/api/v1/actions/names") { call in
      try .json(ActionNamesAnswer(names: ActionName.all, signs: !call.services.configuration.auditKey.isEmpty))
    }
    table.needs(.actionLog, .export, .get, "/api/v1/actions/export") { call in
      try await ActionLogExport.response(try ActionFilter(call.call), try ActionLogExport.Format(call.call), call)
    }
  }
}
