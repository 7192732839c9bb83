import Domain
import HTTPTypes
import Storage

/// The departments of the firm.
enum DepartmentActions {
  static func list(_ call: SignedCall) async throws -> [Named<DepartmentID>] {
    let viewer = call.viewer
    return try await call.services.database.run { try Organisations.departments(for: viewer, in: $0) }
  }

  /// Throws: 409 for a name that is taken.
  static func create(name: String, _ call: SignedCall) async throws -> Named<DepartmentID> {
    try await translating {
      try await call.write { call, session in
        let id = try Organisations.createDepartment(name: name, in: session)
        try ActionLog.append(
          "department.create", by: call.actor, detail: detail(of: id, from: nil, to: name), written: .department(id), in: session)
        return Named(id: id, name: name)
      }
    }
  }

  /// Throws: 404; 409 for a name that is taken.
  static func rename(_ id: DepartmentID, to name: String, _ call: SignedCall) async throws -> Named<DepartmentID> {
    try await translating {
      try await call.write { call, session in
        guard call.reach.allows(ObjectPlace(department: id)),
          let before = try Organisations.renameDepartment(id, to: name, in: session)
        else { throw Problem.notFound }
        try ActionLog.append(
          "department.update", by: call.actor, detail: detail(of: id, from: before, to: name), written: .department(id),
          in: session)
        return Named(id: id, name: name)
      }
    }
  }

  /// Takes a department out of use. Throws: 404; 409 while a company, somebody's role or an open invitation belongs to it.
  static func retire(_ id: DepartmentID, _ call: SignedCall) async throws {
    try await call.write { call, session in
      guard call.reach.allows(ObjectPlace(department: id)) else { throw Problem.notFound }
      switch try Organisations.retireDepartment(id, in: session) {
      case .missing: throw Problem.notFound
      case .inUse:
        throw Problem(.conflict, "department_in_use", "Companies, people or open invitations belong to this department.")
      case .retired(let name):
        try ActionLog.append(
          "department.delete", by: call.actor, detail: detail(of: id, from: name, to: nil), written: .department(id), in: session)
      }
    }
  }

  /// The departments out of use.
  static func retired(_ call: SignedCall) async throws -> [Named<DepartmentID>] {
    guard call.reach.all else { return [] }
    return try await call.services.database.run { try Organisations.retiredDepartments(in: $0) }
  }

  /// Takes a department back into use. Throws: 404; 409 when its name is another one's by now.
  static func restore(_ id: DepartmentID, _ call: SignedCall) async throws -> Named<DepartmentID> {
    try await translating {
      try await call.write { call, session in
        guard call.reach.allows(ObjectPlace(department: id)), let name = try Organisations.restoreDepartment(id, in: session)
        else {
          throw Problem.notFound
        }
        try ActionLog.append(
          "department.restore", by: call.actor, detail: detail(of: id, from: nil, to: name), written: .department(id), in: session
        )
        return Named(id: id, name: name)
      }
    }
  }

  private static func detail(of id: DepartmentID, from before: String?, to after: String?) -> [String: ActionLog.Value] {
    var detail = ActionLog.change(from: before.map { ["name": .text($0)] }, to: after.map { ["name": .text($0)] })
    detail["department"] = .number(id.rawValue)
    return detail
  }
}

/// Runs an action and says in terms of its fields what a constraint of the database refused.
func translating<Value>(_ body: () async throws -> Value) async throws -> Value {
  do {
    return try await body()
  } catch let error as DatabaseError {
    switch error.constraint {
    case "account_login_key": throw Problem.taken("login")
    case "department_name_key", "organisation_name_key": throw Problem.taken("name")
    case "organisation_stir_key": throw Problem.taken("stir")
    case "membership_once": throw Problem.taken("role")
    case "organisation_department_id_fkey", "membership_department_id_fkey", "department_live":
      throw Problem.invalid(["department": "unknown"])
    case "membership_organisation_id_fkey", "assignment_organisation_id_fkey": throw Problem.invalid(["organisation": "unknown"])
    case "membership_account_id_fkey", "assignment_account_id_fkey": throw Problem.invalid(["account": "unknown"])
    case "organisation_open": throw Problem(.conflict, "organisation_closed", "The organisation is closed.")
    default: throw error
    }
  }
}
