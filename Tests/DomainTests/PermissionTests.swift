import Domain
import Testing

/// Written from product.md's table of people and not from the code. One line per permission, one column per role:
/// admin, supervisor, accountant, client, warehouse, production, sales, agent, driver. L all, D department, A assigned, O organisation,
/// o own, · not at all.
private let expectation = """
  account.read          L D A O o o o o o
  account.create        L · · · · · · · ·
  account.update        L o o o o o o o o
  membership.create     L · · · · · · · ·
  membership.delete     L · · · · · · · ·
  invitation.create     L · · O · · · · ·
  invitation.read       L · · O · · · · ·
  invitation.delete     L · · O · · · · ·
  reset_link.create     L · · · · · · · ·
  second_factor.delete  L · · · · · · · ·
  organisation.close    L · · · · · · · ·
  organisation.export   L · · · · · · · ·
  audit_bundle.export   L · · · · · · · ·
  account.export        L · · · · · · · ·
  session.read          L o o o o o o o o
  session.delete        L o o o o o o o o
  department.read       L D D · · · · · ·
  department.create     L · · · · · · · ·
  department.delete     L · · · · · · · ·
  department.update     L · · · · · · · ·
  organisation.read     L D A O O O O O O
  organisation.create   L · · · · · · · ·
  organisation.update   L · · · · · · · ·
  assignment.read       L D o · · · · · ·
  assignment.create     L D · · · · · · ·
  assignment.delete     L D · · · · · · ·
  settings.read         L · · · · · · · ·
  settings.update       L · · · · · · · ·
  topic.read            L D A O · · · · ·
  topic.join            L D · · · · · · ·
  message.read          A A A O · · · · ·
  message.write         A A A O · · · · ·
  message.update        o o o o · · · · ·
  message.delete        o o o o · · · · ·
  message.redact        L D · · · · · · ·
  message.read_deleted  L D · · · · · · ·
  message.read_redacted L · · · · · · · ·
  case.close            A · A · · · · · ·
  case.pause            A · A · · · · · ·
  case.reject           · · · O · · · · ·
  clock.read            L D A · · · · · ·
  case.reopen           A · A O · · · · ·
  case.rate             · · · O · · · · ·
  document.process      A · A · · · · · ·
  document.send_back    · · · O · · · · ·
  document.read         L D A O · · · · ·
  document.read_original L · · · · · · · ·
  document.create       A A A O · · · · ·
  observation.create    L D · · · · · · ·
  observation.read      L D · · · · · · ·
  observation.acknowledge L D · · · · · · ·
  erasure.read          L D · · · · · · ·
  erasure.create        L · · · · · · · ·
  erasure.confirm       L D · · · · · · ·
  legal_hold.read       L D · · · · · · ·
  legal_hold.create     L · · · · · · · ·
  legal_hold.delete     L · · · · · · · ·
  action_log.read       L · · · · · · · ·
  action_log.export     L · · · · · · · ·
  action_log.verify     L · · · · · · · ·
  kpi.read              L D o · · · · · ·
  kpi.export            L D o · · · · · ·
  bonus.read            L · o · · · · · ·
  bonus_rule.read       L · · · · · · · ·
  bonus_rule.create     L · · · · · · · ·
  salary.read           L · · · · · · · ·
  salary.update         L · · · · · · · ·
  month.read            L · · · · · · · ·
  month.close           L · · · · · · · ·
  month.export          L · · · · · · · ·
  contest.create        · · o · · · · · ·
  contest.answer        L · · · · · · · ·
  """

private let columns: [Role] = [.admin, .supervisor, .accountant, .client, .warehouse, .production, .sales, .agent, .driver]
private let letters: [Substring: Scope] = ["L": .all, "D": .department, "A": .assigned, "O": .organisation, "o": .own]

private func expectedScopes() throws -> [String: [Role: Scope]] {
  var result: [String: [Role: Scope]] = [:]
  for line in expectation.split(separator: "\n") {
    let cells = line.split(separator: " ")
    try #require(cells.count == columns.count + 1, "a crooked line: \(line)")
    var scopes: [Role: Scope] = [:]
    for (role, cell) in zip(columns, cells.dropFirst()) where cell != "·" {
      let scope = try #require(letters[cell] as Scope?, "an unknown letter: \(cell)")
      scopes[role] = scope
    }
    result[String(cells[0])] = scopes
  }
  return result
}

@Suite struct PermissionTests {
  @Test func everyRoleReachesAsFarAsTheProductSays() throws {
    let expected = try expectedScopes()
    for resource in Resource.allCases {
      for action in Action.allCases {
        let permission = Permission(resource, action)
        for role in Role.allCases {
          #expect(
            PermissionTable.scope(of: role, for: permission) == expected[permission.description]?[role],
            "\(role.rawValue) \(permission)")
        }
      }
    }
  }

  @Test func everyLineStandsOnce() throws {
    let names = PermissionTable.rules.map(\.permission.description)
    #expect(Set(names).count == names.count)
    #expect(Set(names) == Set(try expectedScopes().keys))
    #expect(Set(columns) == Set(Role.allCases))
  }

  @Test func everyResourceHasALine() {
    let resources = Set(PermissionTable.rules.map(\.permission.resource))
    #expect(resources == Set(Resource.allCases))
  }

  @Test func scopesMeetObjectsOnlyWhereTheySay() {
    let mine = OrganisationID(1)
    let foreign = OrganisationID(2)
    let department = DepartmentID(7)
    let otherDepartment = DepartmentID(8)
    let admin = [Membership(id: MembershipID(1), role: .admin, organisation: nil, department: nil)]
    let supervisor = [Membership(id: MembershipID(2), role: .supervisor, organisation: nil, department: department)]
    let accountant = [Membership(id: MembershipID(3), role: .accountant, organisation: nil, department: department)]
    let client = [Membership(id: MembershipID(4), role: .client, organisation: mine, department: nil)]

    let here = ObjectPlace(organisation: mine, department: department)
    let elsewhere = ObjectPlace(organisation: foreign, department: otherDepartment)
    let given = ObjectPlace(organisation: foreign, department: otherDepartment, assigned: true)
    let nowhere = ObjectPlace()

    #expect(allows(admin, .topic, .read, on: elsewhere) && allows(admin, .topic, .read, on: nowhere))
    #expect(allows(supervisor, .topic, .read, on: here))
    #expect(!allows(supervisor, .topic, .read, on: elsewhere) && !allows(supervisor, .topic, .read, on: given))
    #expect(!allows(supervisor, .topic, .read, on: nowhere))
    // An accountant's department alone opens nothing.
    #expect(!allows(accountant, .topic, .read, on: here) && allows(accountant, .topic, .read, on: given))
    #expect(allows(client, .topic, .read, on: here))
    #expect(!allows(client, .topic, .read, on: elsewhere) && !allows(client, .topic, .read, on: given))
    #expect(!allows(client, .assignment, .read, on: here))
    #expect(!allows([], .assignment, .read, on: ObjectPlace(own: true)))
  }

  @Test func whoHasNoRoleLeftStillOwnsTheAccount() {
    #expect(
      Set(PermissionTable.everybodysOwn.map(\.description)) == [
        "account.read", "account.update", "session.read", "session.delete",
      ])
    #expect(allows([], .session, .delete, on: ObjectPlace(own: true)))
    #expect(!allows([], .session, .delete, on: ObjectPlace()))
  }

  @Test func membershipsAddUp() {
    let first = OrganisationID(1)
    let second = OrganisationID(2)
    let owner = [
      Membership(id: MembershipID(1), role: .client, organisation: first, department: nil),
      Membership(id: MembershipID(2), role: .driver, organisation: second, department: nil),
    ]
    #expect(Reach(owner, for: Permission(.organisation, .read)).organisations == [first, second])
    // The driver's membership brings no chat of the second organisation.
    #expect(Reach(owner, for: Permission(.topic, .read)).organisations == [first])
    #expect(Reach(owner, for: Permission(.organisation, .create)).isEmpty)
    // A pair that isn't in the table is nobody's.
    #expect(Reach(owner, for: Permission(.kpi, .delete)).isEmpty)
  }

  @Test func theTablePrintsAsMarkdown() {
    let lines = PermissionTable.markdown().split(separator: "\n")
    #expect(lines.count == PermissionTable.rules.count + 2)
    #expect(
      lines[0] == "| permission | admin | supervisor | accountant | client | warehouse | production | sales | agent | driver |")
    #expect(lines.contains("| `case.rate` | – | – | – | organisation | – | – | – | – | – |"))
  }
}
