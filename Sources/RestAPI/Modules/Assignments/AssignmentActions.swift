import Domain
import Storage

/// Who handles which topics of whom.
enum AssignmentActions {
  static func list(
    organisation: OrganisationID?, account: AccountID?, search: String, after: Int64, limit: Int, _ call: SignedCall
  ) async throws -> Page<Assignments.Record> {
    let viewer = call.viewer
    return try await call.services.database.run {
      try Assignments.list(
        for: viewer, organisation: organisation, account: account, search: search, after: after, limit: limit, in: $0)
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
        guard let record = try Assignments.find(id, for: call.viewer, in: session) else { throw Problem.notFound }
        try ActionLog.append(
          "assignment.create", by: call.actor, organisation: new.organisation, detail: detail(of: id, from: nil, to: record),
          written: .assignment(id), in: session)
        return record
      }
    }
  }

  /// Gives an assignment, or some of its topics, to somebody else: the old one ends and the new one is made in one transaction, so that nobody
  /// finds the topics without a person. With a last day it is a cover: the old one stays, and whose assignment began last answers for the topics.
  ///
  /// Returns what is there now of both. Throws: 404 when there is no live one within reach; 422 for somebody who doesn't exist or is out of reach,
  /// who has it already, or for topics that it hasn't.
  static func reassign(_ id: AssignmentID, _ change: Reassignment, _ call: SignedCall) async throws -> [Assignments.Record] {
    let today = LocalDate(inTashkentAt: call.services.clock())
    return try await translating {
      try await call.write(locking: { session in
        [change.account] + (try Assignments.account(of: id, in: session).map { [$0] } ?? [])
      }) { call, session in
        guard let old = try Assignments.find(id, for: call.viewer, in: session) else { throw Problem.notFound }
        let staff = try Accounts.find(change.account, for: call.viewer, in: session)
        guard let staff, !staff.isDisabled, staff.memberships.contains(where: \.role.isFirm) else {
          throw Problem.invalid(["account": "unknown"])
        }
        guard change.account != old.account.id else { throw Problem.invalid(["account": "invalid"]) }
        let topics = change.topics ?? old.topics
        guard topics.allSatisfy(old.topics.contains) else { throw Problem.invalid(["topics": "invalid"]) }
        if let to = old.to, change.from > to { throw Problem.invalid(["from": "invalid"]) }
        var ids: [AssignmentID] = []
        if change.to == nil {
          let rest = old.topics.filter { !topics.contains($0) }
          ids += try Assignments.hand(over: old, keeping: rest, from: change.from, today: today, by: call.account, in: session)
        } else {
          ids.append(old.id)
        }
        ids.append(
          try Assignments.create(
            account: change.account, organisation: old.organisation.id, topics: topics, from: change.from,
            to: change.to ?? old.to,
            by: call.account, in: session))
        let made = try ids.compactMap { try Assignments.find($0, for: call.viewer, in: session) }
        var detail = ActionLog.change(from: [old].logged, to: made.logged)
        (detail["assignment"], detail["account"]) = (.number(id.rawValue), .number(change.account.rawValue))
        try ActionLog.append(
          "assignment.move", by: call.actor, organisation: old.organisation.id, detail: detail, written: .assignment(id),
          .assignments(of: old.organisation.id), in: session)
        for kind in topics {
          guard let topic = try Assignments.topics(of: old.organisation.id, kinds: [kind], in: session).first else { continue }
          try Notifications.add(
            to: change.account, kind: .assignmentNew, detail: ["from": .text(change.from.description)], topic: topic,
            in: session)
        }
        return made
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
        detail: detail(of: id, from: record, to: nil), written: .assignment(id), in: session)
    }
  }

  private static func detail(
    of id: AssignmentID, from before: Assignments.Record?, to after: Assignments.Record?
  ) -> [String: ActionLog.Value] {
    var detail = ActionLog.change(from: before?.logged, to: after?.logged)
    detail["assignment"] = .number(id.rawValue)
    if let account = (after ?? before)?.account { detail["account"] = .number(account.id.rawValue) }
    return detail
  }
}
