import Domain
import Hummingbird
import Storage

/// `/api/v1/figures`: how fast and how well was worked, and the rows behind each figure.
enum FiguresRoutes {
  static func add(to table: inout RouteTable) {
    table.needs(.kpi, .read, .get, "/api/v1/figures") { call in
      let filter = try FiguresFilter(call.call)
      return try .json(try await FiguresActions.figures(try call.call.month(), by: try grouping(call.call), filter, call))
    }
    table.needs(.kpi, .read, .get, "/api/v1/figures/rows") { call in
      guard let kind = call.call.text("figure").flatMap({ FigureKind(rawValue: $0) }) else {
        throw Problem.invalid(["figure": "invalid"])
      }
      let (after, limit) = try call.call.page()
      let filter = try FiguresFilter(call.call)
      return try .json(
        try await FiguresActions.rows(
          try call.call.month(), of: kind, filter, after: Int(clamping: min(after, 1 << 40)), limit: limit, call))
    }
    table.needs(.kpi, .export, .get, "/api/v1/figures/export") { call in
      let filter = try FiguresFilter(call.call)
      return try await FiguresExport.figures(
        try call.call.month(), by: try grouping(call.call), filter, format: try .init(call.call), call)
    }
  }

  private static func grouping(_ call: Call) throws(Problem) -> FiguresGrouping {
    guard let text = call.text("by") else { return .person }
    guard let grouping = FiguresGrouping(rawValue: text) else { throw .invalid(["by": "invalid"]) }
    return grouping
  }
}
