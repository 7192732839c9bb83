extension PermissionTable {
  /// Figures, bonuses and what is paid. Supervisors see how fast and how well the staff of their department works, but nobody's money.
  static let figuresRules: [Rule] = [
    Rule(.kpi, .export, [.admin: .all, .supervisor: .department, .accountant: .own]),
    Rule(.bonus, .read, [.admin: .all, .accountant: .own]),
    Rule(.bonusRule, .read, [.admin: .all]),
    Rule(.bonusRule, .create, [.admin: .all]),
    Rule(.salary, .read, [.admin: .all]),
    Rule(.salary, .update, [.admin: .all]),
    Rule(.month, .read, [.admin: .all]),
    Rule(.month, .close, [.admin: .all]),
    Rule(.month, .export, [.admin: .all]),
    Rule(.contest, .create, [.accountant: .own]),
    Rule(.contest, .answer, [.admin: .all]),
  ]
}
