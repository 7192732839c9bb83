import Domain
import Storage

/// Client companies.
enum OrganisationActions {
  static func list(after: Int64, limit: Int, _ call: SignedCall) async throws -> Page<Organisations.Record> {
    let viewer = call.viewer
    return try await call.services.database.run { try Organisations.list(for: viewer, after: after, limit: limit, in: $0) }
  }

  /// Throws: 409 for a name or STIR that is taken; 422 for an unknown department.
  static func create(_ new: NewOrganisation, _ call: SignedCall) async throws -> Organisations.Record {
    try await translating {
      try await call.write { call, session in
        let id = try Organisations.create(name: new.name, stir: new.stir, department: new.department, in: session)
        try ActionLog.append(
          "organisation.create", by: call.actor, organisation: id,
          detail: ["name": .text(new.name), "department": .number(new.department.rawValue)], in: session)
        guard let record = try Organisations.find(id, for: call.viewer, in: session) else { throw Problem.notFound }
        return record
      }
    }
  }

  /// Throws: 404; 409 for a name or STIR that is taken; 422 for an unknown department.
  static func update(_ id: OrganisationID, _ change: OrganisationChange, _ call: SignedCall) async throws -> Organisations.Record
  {
    try await translating {
      try await call.write { call, session in
        guard try Organisations.find(id, for: call.viewer, in: session) != nil else { throw Problem.notFound }
        try Organisations.update(id, name: change.name, stir: change.stir, department: change.department, in: session)
        var detail: [String: ActionLog.Value] = [:]
        if let name = change.name { detail["name"] = .text(name) }
        if let stir = change.stir { detail["stir"] = .text(stir) }
        if let department = change.department { detail["department"] = .number(department.rawValue) }
        try ActionLog.append("organisation.update", by: call.actor, organisation: id, detail: detail, in: session)
        guard let record = try Organisations.find(id, for: call.viewer, in: session) else { throw Problem.notFound }
        return record
      }
    }
  }
}
