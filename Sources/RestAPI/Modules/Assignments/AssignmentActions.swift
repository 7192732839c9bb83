import Domain
import Storage

/// Who handles which topics of whom.
enum AssignmentActions {
  static func list(
    organisation: OrganisationID?, account: AccountID?, after: Int64, limit: Int, _ call: SignedCall
  ) async throws -> Page<Assignments.Record> {
    let viewer = call.viewer
    return try await call.services.database.run {
      try Assignments.list(for: viewer, organisation: organisation, account: account, after: after, limit: limit, in: $0)
    }
  }

  /// Throws: 422 for an organisation or a member of staff that doesn't exist or is out of reach.
  static func create(_ new: NewAssignment, _ call: SignedCall) async throws -> Assignments.Record {
    try await translating {
      try await call.write(locking: { _ in [new.account] }) { call, session in
        // Both ids come in the body, and are judged like one in the address.
        guard try Organisations.find(new.organisation, for: call.viewer, in: session) != nil else {
          throw Problem.invalid(["organisation": "unknown"])
        }
        let staff = try Accounts.find(new.account, for: call.viewer, in: session)
        guard let staff, !staff.isDisabled, staff.memberships.contains(where: \.role.isFirm) else {
          throw Problem.invalid(["account": "unknown"])
        }
        let id = try Assignments.create(
          account: new.account, organisation: new.organisation, topics: new.topics, from: new.from, to: new.to, by: call.account,
          in: session)
        try ActionLog.append(
          "assignment.create", by: call.actor, organisation: new.organisation,
          detail: [
            "assignment": .number(id.rawValue), "account": .number(new.account.rawValue),
            "topics": .texts(new.topics.map(\.slug)),
            "from": .text(new.from.description), "to": .text(new.to?.description ?? ""),
          ], in: session)
        guard let record = try Assignments.find(id, for: call.viewer, in: session) else { throw Problem.notFound }
        return record
      }
    }
  }

  /// Throws: 404 when there is no live one within reach.
  static func end(_ id: AssignmentID, _ call: SignedCall) async throws {
    try await call.write { call, session in
      guard let record = try Assignments.find(id, for: call.viewer, in: session), try Assignments.end(id, in: session) else {
        throw Problem.notFound
      }
      try ActionLog.append(
        "assignment.delete", by: call.actor, organisation: record.organisation.id,
        detail: ["assignment": .number(id.rawValue), "account": .number(record.account.id.rawValue)], in: session)
    }
  }
}
