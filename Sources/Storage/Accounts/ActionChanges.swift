import Domain

/// What the action log says of an edit: the whole thing as it was and as it is, so that nobody has to look for what was there before.
extension ActionLog {
  /// `before` and `after` of a row. Nil: there was no such thing yet, or there is none any more.
  public static func change(from before: [String: Value]?, to after: [String: Value]?) -> [String: Value] {
    ["before": .object(before ?? [:]), "after": .object(after ?? [:])]
  }
}

extension Named {
  /// Number and name: a name alone may be given to something else later, and a number alone says nothing to people.
  fileprivate var logged: ActionLog.Value { .text("\(id) \(name)") }
}

extension AccountRecord {
  /// The account for the action log, without its roles, which have rows of their own.
  public var logged: [String: ActionLog.Value] {
    ["login": .text(login), "name": .text(name), "language": .text(language), "disabled": .flag(isDisabled)]
  }
}

extension MembershipRecord {
  /// The role for the action log.
  public var logged: [String: ActionLog.Value] {
    var values: [String: ActionLog.Value] = ["role": .text(role.rawValue)]
    if let organisation { values["organisation"] = organisation.logged }
    if let department { values["department"] = department.logged }
    return values
  }
}

extension Organisations.Record {
  /// The company for the action log.
  public var logged: [String: ActionLog.Value] {
    ["name": .text(name), "stir": .text(stir ?? ""), "department": department.logged]
  }
}

extension Assignments.Record {
  /// The assignment for the action log.
  public var logged: [String: ActionLog.Value] {
    [
      "account": account.logged, "topics": .texts(topics.map(\.slug)), "from": .text(from.description),
      "to": .text(to?.description ?? ""),
    ]
  }

  /// The same in one line, where several stand side by side.
  fileprivate var line: String {
    "\(account.id) \(account.name): \(topics.map(\.slug).joined(separator: ", ")) \(from.description)…\(to?.description ?? "")"
  }
}

extension [Assignments.Record] {
  /// Several assignments for the action log.
  public var logged: [String: ActionLog.Value] { ["assignments": .texts(map(\.line))] }
}
