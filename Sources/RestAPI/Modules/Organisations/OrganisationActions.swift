import Domain
import Storage

/// Client companies.
enum OrganisationActions {
  static func list(search: String, after: Int64, limit: Int, _ call: SignedCall) async throws -> Page<Organisations.Record> {
    let viewer = call.viewer
    return try await call.services.database.run {
      try Organisations.list(for: viewer, search: search, after: after, limit: limit, in: $0)
    }
  }

  /// Throws: 409 for a name or STIR that is taken; 422 for an unknown department.
  static func create(_ new: NewOrganisation, _ call: SignedCall) async throws -> Organisations.Record {
    try await translating {
      try await call.write { call, session in
        let id = try Organisations.create(name: new.name, stir: new.stir, department: new.department, in: session)
        guard let record = try Organisations.find(id, for: call.viewer, in: session) else { throw Problem.notFound }
        try ActionLog.append(
          "organisation.create", by: call.actor, organisation: id, detail: ActionLog.change(from: nil, to: record.logged),
          written: .organisation(id), in: session)
        return record
      }
    }
  }

  /// Throws: 404; 409 for a name or STIR that is taken; 422 for an unknown department.
  static func update(_ id: OrganisationID, _ change: OrganisationChange, _ call: SignedCall) async throws -> Organisations.Record
  {
    try await translating {
      try await call.write { call, session in
        guard let before = try Organisations.find(id, for: call.viewer, in: session) else { throw Problem.notFound }
        try Organisations.update(id, name: change.name, stir: change.stir, department: change.department, in: session)
        guard let record = try Organisations.find(id, for: call.viewer, in: session) else { throw Problem.notFound }
        try ActionLog.append(
          "organisation.update", by: call.actor, organisation: id,
          detail: ActionLog.change(from: before.logged, to: record.logged), written: .organisation(id), in: session)
        return record
      }
    }
  }
}
