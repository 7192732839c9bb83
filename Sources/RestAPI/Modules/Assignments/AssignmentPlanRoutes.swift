import Crypto
import Domain
import HTTPTypes
import Hummingbird
import Storage

/// What a plan of assignments does, as answers carry it.
struct PlanAnswer: Encodable {
  struct Step: Encodable {
    let organisation: NamedAnswer
    /// `new`; `replaces`: others lose it; `beside`: others keep it too; `same`: the accountant has it already.
    let effect: String
    /// Who has these topics on these days.
    let others: [NamedAnswer]
    /// Whether an assignment that the accountant has is made larger or cut.
    let extends: Bool
  }

  let steps: [Step]
  /// What the plan's execution has to name, so that nobody carries out what they were not shown.
  let digest: String

  init(_ plan: AssignmentPlan, _ steps: [AssignmentPlan.Step]) {
    self.steps = steps.map { step in
      var seen: Set<AccountID> = []
      return Step(
        organisation: NamedAnswer(step.organisation),
        effect: step.isSame ? "same" : step.others.isEmpty ? "new" : plan.replaces ? "replaces" : "beside",
        others: step.others.map(\.account).filter { seen.insert($0.id).inserted }.map { NamedAnswer($0) },
        extends: !step.own.isEmpty)
    }
    digest = Self.digest(plan, steps)
  }

  /// SHA-256 of the plan and of every assignment that it meets.
  static func digest(_ plan: AssignmentPlan, _ steps: [AssignmentPlan.Step]) -> String {
    var text = "\(plan.account) \(plan.topics.map(\.slug)) \(plan.from) \(plan.to?.description ?? "") \(plan.replaces)"
    for step in steps {
      text += "\n\(step.organisation.id) \(step.isSame)"
      for record in step.others + step.own {
        text += " \(record.id) \(record.topics.map(\.slug)) \(record.from) \(record.to?.description ?? "")"
      }
    }
    return Hex.string(Array(SHA256.hash(data: Array(text.utf8))))
  }
}

/// How many assignments a plan made.
struct CarriedOutAnswer: Encodable {
  let made: Int
}

extension AssignmentPlan {
  /// Reads a plan as sent.
  init(_ fields: inout Fields, today: LocalDate) throws(Problem) {
    let from = fields.optionalDate("from")
    let to = fields.optionalDate("to")
    if from == nil { fields.refuse("from", "required") }
    if let from, from < today { fields.refuse("from", "past") }
    if let from, let to, to < from { fields.refuse("to", "invalid") }
    self.init(
      account: fields.id("account"),
      organisations: Array(Set(fields.ids("organisations", atMost: Self.mostOrganisations) as [OrganisationID])).sorted(),
      topics: fields.topics("topics").sorted { $0.rawValue < $1.rawValue }, from: from ?? today, to: to,
      replaces: fields.optionalFlag("replace") ?? false)
  }
}

/// `/api/v1/assignments/plans`: many at once, with what will happen, and then it happens.
enum AssignmentPlanRoutes {
  static func add(to table: inout RouteTable) {
    table.needs(.assignment, .create, .post, "/api/v1/assignments/plans") { call in
      var fields = try await call.call.fields()
      let plan = try AssignmentPlan(&fields, today: LocalDate(inTashkentAt: call.services.clock()))
      try fields.finish()
      let steps = try await call.judge { call, session in try Self.steps(of: plan, call, session) }
      return try .json(PlanAnswer(plan, steps))
    }
    table.needs(.assignment, .create, .post, "/api/v1/assignments/plans/execution") { call in
      var fields = try await call.call.fields()
      let today = LocalDate(inTashkentAt: call.services.clock())
      let plan = try AssignmentPlan(&fields, today: today)
      let digest = fields.text("digest", 64...64)
      try fields.finish()
      return try .json(CarriedOutAnswer(made: try await carryOut(plan, shown: digest, today: today, call)), status: .created)
    }
  }

  /// Throws: 422 for an organisation or a member of staff that doesn't exist or is out of reach.
  private static func steps(of plan: AssignmentPlan, _ call: SignedCall, _ session: Session) throws -> [AssignmentPlan.Step] {
    let staff = try Accounts.find(plan.account, for: call.viewer, in: session)
    guard let staff, !staff.isDisabled, staff.memberships.contains(where: \.role.isFirm) else {
      throw Problem.invalid(["account": "unknown"])
    }
    let steps = try Assignments.steps(of: plan, for: call.viewer, in: session)
    guard steps.count == plan.organisations.count else { throw Problem.invalid(["organisations": "unknown"]) }
    return steps
  }

  /// Throws: 409 when something has changed since the plan was shown; 422.
  private static func carryOut(_ plan: AssignmentPlan, shown digest: String, today: LocalDate, _ call: SignedCall) async throws
    -> Int
  {
    let viewer = call.viewer
    return try await translating {
      try await call.write(
        locking: { session in
          let steps = try Assignments.steps(of: plan, for: viewer, in: session)
          return Set([plan.account] + steps.flatMap { ($0.others + $0.own).map(\.account.id) }).sorted()
        }
      ) { call, session -> Int in
        let steps = try Self.steps(of: plan, call, session)
        guard PlanAnswer.digest(plan, steps) == digest else { throw SettingsActions.changed }
        let before = try Assignments.standing(in: plan.organisations, for: call.viewer, in: session)
        let made = try Assignments.carryOut(plan, steps, today: today, by: call.account, in: session)
        let after = try Assignments.standing(in: plan.organisations, for: call.viewer, in: session)
        for step in steps where !step.isSame {
          let id = step.organisation.id
          var detail = ActionLog.change(from: before[id, default: []].logged, to: after[id, default: []].logged)
          (detail["account"], detail["replaces"]) = (.number(plan.account.rawValue), .flag(plan.replaces))
          try ActionLog.append(
            "assignment.plan", by: call.actor, organisation: id, detail: detail, written: .assignments(of: id), in: session)
        }
        return made.count
      }
    }
  }
}
