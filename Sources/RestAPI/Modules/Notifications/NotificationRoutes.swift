import Domain
import Hummingbird
import Storage

/// `/api/v1/notifications`: one's own bell.
enum NotificationRoutes {
  static func add(to table: inout RouteTable) {
    table.signedIn(.get, "/api/v1/notifications") { call in
      let (before, limit) = try call.call.page()
      let (page, unread) = try await NotificationActions.list(
        before: before == 0 ? nil : NotificationID(before), limit: limit, call)
      let items = page.items.map(\.json).joined(separator: ",")
      return .json(text: #"{"items":[\#(items)],"next":\#(page.next.map { "\"\($0)\"" } ?? "null"),"unread":\#(unread)}"#)
    }
    table.signedIn(.post, "/api/v1/notifications/read") { call in
      var fields = try await call.call.fields()
      let last: NotificationID? = fields.optionalID("upTo")
      let ids: [NotificationID] = fields.has("ids") ? fields.ids("ids", atMost: 500) : []
      if last == nil && !fields.has("ids") { fields.refuse("upTo", "required") }
      try fields.finish()
      return .json(text: #"{"unread":\#(try await NotificationActions.read(upTo: last, ids: ids, call))}"#)
    }
  }
}

/// What the bell's routes do.
enum NotificationActions {
  static func list(
    before: NotificationID?, limit: Int, _ call: SignedCall
  ) async throws -> (Page<NotificationRecord>, unread: Int) {
    let account = call.account
    return try await call.services.database.run { session in
      try session.transaction(isolation: .repeatableRead, readOnly: true) {
        (
          try Notifications.list(of: account, before: before, limit: limit, in: session),
          unread: try Notifications.unread(of: account, in: session)
        )
      }
    }
  }

  /// Returns how many are unread then. Ids of others' lines do nothing, like ids of none.
  static func read(upTo last: NotificationID?, ids: [NotificationID], _ call: SignedCall) async throws -> Int {
    try await call.write { call, session in
      let count = try Notifications.read(of: call.account, upTo: last, ids: ids, in: session)
      if count > 0 {
        try ActionLog.append("notification.read", by: call.actor, detail: ["count": .number(Int64(count))], in: session)
      }
      return try Notifications.unread(of: call.account, in: session)
    }
  }
}
