import Domain
import Hummingbird
import Storage

/// Reading the action log.
enum ActionLogActions {
  /// One page, from the newest row backwards.
  static func page(_ filter: ActionFilter, before cursor: ActionCursor?, limit: Int, _ call: SignedCall) async throws -> Response
  {
    // One more than is shown tells whether there are others.
    let rows = try await call.services.database.run {
      try ActionLog.page(filter, before: cursor, limit: limit, more: 1, in: $0)
    }
    let shown = rows.prefix(limit)
    let next = rows.count > limit ? shown.last.map { "\"\($0.cursor.text)\"" } : nil
    return .json(text: "{\"actions\":[\(shown.map(\.json).joined(separator: ","))],\"next\":\(next ?? "null")}")
  }
}
