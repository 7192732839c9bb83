import Domain
import HTTPTypes
import Hummingbird
import Storage

/// `/api/v1/integrity`: the daily roots, what it takes to check one's own topics against them, and what the firm's own checks found.
enum IntegrityRoutes {
  static func add(to table: inout RouteTable) {
    table.signedIn(.get, "/api/v1/integrity/roots") { call in
      try .json(RootsAnswer(roots: try await IntegrityActions.roots(after: try call.call.place("after"), call)))
    }
    table.needs(.topic, .read, .get, "/api/v1/integrity/topics/{id}/proof") { call in
      try .json(try await IntegrityActions.proof(of: try call.call.id(), in: try call.call.query("root"), call))
    }
    table.needs(.topic, .read, .get, "/api/v1/integrity/topics/{id}/rows") { call in
      let limit = try call.call.query("limit") ?? Int64(ProofRows.maximumPage)
      guard limit <= ProofRows.maximumPage else { throw Problem.invalid(["limit": "invalid"]) }
      let rows = try await IntegrityActions.rows(
        of: try call.call.id(), after: try call.call.place("after") ?? 0, limit: Int(limit), call)
      return .json(text: "{\"rows\":[\(rows.map(\.json).joined(separator: ","))],\"more\":\(rows.count == limit)}")
    }
    table.needs(.actionLog, .verify, .post, "/api/v1/integrity/checks") { call in
      try .json(try await IntegrityActions.check(call), status: .accepted)
    }
    table.needs(.actionLog, .read, .get, "/api/v1/integrity") { call in try .json(try await IntegrityActions.state(call)) }
  }
}

extension Call {
  /// A number of the query after which a list begins, 0 for its beginning. Throws: 422 when it is there and isn't such a number.
  fileprivate func place(_ name: String) throws(Problem) -> Int64? {
    guard let text = request.uri.queryParameters[Substring(name)], !text.isEmpty else { return nil }
    guard let number = Int64(text), number >= 0 else { throw .invalid([name: "invalid"]) }
    return number
  }
}
