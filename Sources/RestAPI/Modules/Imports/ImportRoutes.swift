import Domain
import HTTPTypes
import Hummingbird
import Reports
import ServerKit
import Storage

/// A judged table, as answers carry it.
struct ImportAnswer: Encodable {
  struct Line: Encodable {
    let line: Int
    let effect: String
    let title: String
    let problems: [String: String]
    let changes: [String]
  }
  struct Welcome: Encodable {
    let name: String
    let login: String
    let token: String
  }

  let lines: [Line]
  /// What the request that does it has to name.
  let digest: String
  /// Whether it was done.
  let done: Bool
  /// New people with the links by which they set their passwords, told once.
  let welcomes: [Welcome]

  init(_ lines: [JudgedLine], isDone: Bool, welcomes: [UserImport.Welcome] = []) {
    self.lines = lines.map {
      Line(line: $0.number, effect: $0.effect.rawValue, title: $0.title, problems: $0.problems, changes: $0.changes)
    }
    digest = ImportActions.digest(lines)
    done = isDone
    self.welcomes = welcomes.map { Welcome(name: $0.name, login: $0.login, token: $0.token.text) }
  }
}

/// `/api/v1/imports` and `/api/v1/exports`.
enum ImportRoutes {
  static func add(to table: inout RouteTable) {
    table.streams(.organisation, .create, .post, "/api/v1/imports/organisations") { call in
      let rows = try await ImportActions.table(
        columns: OrganisationImport.columns, required: OrganisationImport.required, call)
      return try .json(try await ImportActions.organisations(rows, shown: shown(call), call))
    }
    table.streams(.account, .create, .post, "/api/v1/imports/users") { call in
      let rows = try await ImportActions.table(columns: UserImport.columns, required: UserImport.required, call)
      return try .json(try await ImportActions.users(rows, shown: shown(call), call))
    }
    table.needs(.organisation, .export, .get, "/api/v1/exports/organisations") { call in
      let isExcel = try isExcel(call)
      return try await ImportActions.file(
        try await ImportActions.organisationRows(call), name: "organisations", isExcel: isExcel, call)
    }
    table.needs(.account, .export, .get, "/api/v1/exports/users") { call in
      let isExcel = try isExcel(call)
      return try await ImportActions.file(try await ImportActions.userRows(call), name: "users", isExcel: isExcel, call)
    }
  }

  private static func shown(_ call: SignedCall) -> String? { call.call.request.uri.queryParameters["digest"].map(String.init) }

  /// Throws: 422 for another format.
  private static func isExcel(_ call: SignedCall) throws(Problem) -> Bool {
    switch call.call.request.uri.queryParameters["format"] {
    case nil, "xlsx"?: return true
    case "csv"?: return false
    default: throw .invalid(["format": "invalid"])
    }
  }
}
