/// Who may do what, and how far: the whole of it. Both servers decide through this table, docs/permissions.md is printed from it,
/// and tests compare it with an independently written matrix.
///
/// It says how far a role reaches, not more. Rules that hang on the state of a thing (only while the case is open, only as a participant,
/// only inside an observation) stand with the action that they rule.
public enum PermissionTable {
  /// One line of the table.
  public struct Rule: Sendable {
    /// What the line is about.
    public let permission: Permission
    /// How far each role reaches; a role that is absent may not do it at all.
    public let scopes: [Role: Scope]

    init(_ resource: Resource, _ action: Action, _ scopes: [Role: Scope]) {
      self.permission = Permission(resource, action)
      self.scopes = scopes
    }
  }

  /// The table, grouped by resource.
  public static let rules: [Rule] =
    accountRules + firmRules + chatRules + clockRules + oversightRules + peopleRules + figuresRules

  /// How far a role reaches with a permission; nil: not at all, which is also the answer for a pair that isn't in the table.
  public static func scope(of role: Role, for permission: Permission) -> Scope? { index[permission]?[role] }

  /// What people may do with what is their own whatever their role; then also somebody whose last membership has ended: to see the own account
  /// and end the own devices nobody needs a job.
  public static let everybodysOwn: Set<Permission> = Set(
    rules.filter { $0.scopes.count == Role.allCases.count && $0.scopes.values.contains(.own) }.map(\.permission))

  private static let index: [Permission: [Role: Scope]] = Dictionary(
    rules.map { ($0.permission, $0.scopes) }, uniquingKeysWith: { first, _ in first })

  private static func everyone(_ scope: Scope, but others: [Role: Scope] = [:]) -> [Role: Scope] {
    var scopes: [Role: Scope] = [:]
    for role in Role.allCases { scopes[role] = others[role] ?? scope }
    return scopes
  }

  private static let accountRules: [Rule] = [
    // Everybody sees and changes the own account; clients see the people of their organisation because they invite them.
    Rule(
      .account, .read,
      everyone(.own, but: [.admin: .all, .supervisor: .department, .accountant: .assigned, .client: .organisation])),
    Rule(.account, .create, [.admin: .all]),
    Rule(.account, .update, everyone(.own, but: [.admin: .all])),
    Rule(.membership, .create, [.admin: .all]),
    Rule(.membership, .delete, [.admin: .all]),
    Rule(.invitation, .create, [.admin: .all, .client: .organisation]),
    Rule(.session, .read, everyone(.own, but: [.admin: .all])),
    Rule(.session, .delete, everyone(.own, but: [.admin: .all])),
  ]

  private static let firmRules: [Rule] = [
    Rule(.department, .read, [.admin: .all, .supervisor: .department, .accountant: .department]),
    Rule(.department, .create, [.admin: .all]),
    Rule(.department, .update, [.admin: .all]),
    Rule(.department, .delete, [.admin: .all]),
    Rule(
      .organisation, .read,
      everyone(.organisation, but: [.admin: .all, .supervisor: .department, .accountant: .assigned])),
    Rule(.organisation, .create, [.admin: .all]),
    Rule(.organisation, .update, [.admin: .all]),
    Rule(.assignment, .read, [.admin: .all, .supervisor: .department, .accountant: .own]),
    Rule(.assignment, .create, [.admin: .all, .supervisor: .department]),
    Rule(.assignment, .delete, [.admin: .all, .supervisor: .department]),
    Rule(.settings, .read, [.admin: .all]),
    Rule(.settings, .update, [.admin: .all]),
  ]

  private static let chatRules: [Rule] = [
    // `topic.read` is the place in the inbox, without text. Admin and supervisor write and read text as others do: when they have joined
    // visibly, by an assignment; otherwise they watch inside an observation.
    Rule(.topic, .read, [.admin: .all, .supervisor: .department, .accountant: .assigned, .client: .organisation]),
    Rule(.topic, .join, [.admin: .all, .supervisor: .department]),
    Rule(.message, .read, [.admin: .assigned, .supervisor: .assigned, .accountant: .assigned, .client: .organisation]),
    Rule(.message, .write, [.admin: .assigned, .supervisor: .assigned, .accountant: .assigned, .client: .organisation]),
    Rule(.message, .update, [.admin: .own, .supervisor: .own, .accountant: .own, .client: .own]),
    Rule(.message, .delete, [.admin: .own, .supervisor: .own, .accountant: .own, .client: .own]),
    Rule(.message, .redact, [.admin: .all, .supervisor: .department]),
    Rule(.message, .readDeleted, [.admin: .all, .supervisor: .department]),
    Rule(.message, .readRedacted, [.admin: .all]),
    Rule(.topicCase, .close, [.admin: .assigned, .accountant: .assigned]),
    Rule(.topicCase, .reopen, [.admin: .assigned, .accountant: .assigned, .client: .organisation]),
    Rule(.topicCase, .rate, [.client: .organisation]),
    Rule(.document, .process, [.admin: .assigned, .accountant: .assigned]),
    Rule(.document, .sendBack, [.client: .organisation]),
    // As messages are: whoever takes no part reads inside an observation.
    Rule(.document, .read, [.admin: .all, .supervisor: .department, .accountant: .assigned, .client: .organisation]),
    Rule(.document, .readOriginal, [.admin: .all]),
    Rule(.document, .create, [.admin: .assigned, .supervisor: .assigned, .accountant: .assigned, .client: .organisation]),
  ]

  private static let oversightRules: [Rule] = [
    Rule(.observation, .create, [.admin: .all, .supervisor: .department]),
    // The ledger of ghosts. Who acknowledges a stay is never who watched: that hangs on the stay.
    Rule(.observation, .read, [.admin: .all, .supervisor: .department]),
    Rule(.observation, .acknowledge, [.admin: .all, .supervisor: .department]),
    Rule(.erasure, .read, [.admin: .all, .supervisor: .department]),
    Rule(.erasure, .create, [.admin: .all]),
    Rule(.erasure, .confirm, [.admin: .all, .supervisor: .department]),
    Rule(.legalHold, .read, [.admin: .all, .supervisor: .department]),
    Rule(.legalHold, .create, [.admin: .all]),
    Rule(.legalHold, .delete, [.admin: .all]),
    Rule(.actionLog, .read, [.admin: .all]),
    Rule(.actionLog, .export, [.admin: .all]),
    Rule(.actionLog, .verify, [.admin: .all]),
    Rule(.kpi, .read, [.admin: .all, .supervisor: .department, .accountant: .own]),
  ]
}

extension PermissionTable {
  /// The table as Markdown, one line per permission and one column per role.
  public static func markdown() -> String {
    let roles = Role.allCases
    var lines = ["| permission | " + roles.map(\.rawValue).joined(separator: " | ") + " |"]
    lines.append("|---" + String(repeating: "|---", count: roles.count) + "|")
    for rule in rules {
      let cells = roles.map { rule.scopes[$0]?.rawValue ?? "–" }
      lines.append("| `\(rule.permission)` | " + cells.joined(separator: " | ") + " |")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
