extension PermissionTable {
  /// Links, second factors, and companies that leave.
  static let peopleRules: [Rule] = [
    Rule(.invitation, .read, [.admin: .all, .client: .organisation]),
    Rule(.invitation, .delete, [.admin: .all, .client: .organisation]),
    Rule(.resetLink, .create, [.admin: .all]),
    Rule(.secondFactor, .delete, [.admin: .all]),
    Rule(.organisation, .close, [.admin: .all]),
    Rule(.organisation, .export, [.admin: .all]),
    // What was hidden and who watched is in it.
    Rule(.auditBundle, .export, [.admin: .all]),
    Rule(.account, .export, [.admin: .all]),
  ]
}
