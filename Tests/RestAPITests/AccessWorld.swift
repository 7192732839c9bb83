import Domain
import Storage
import TestSupport

@testable import RestAPI

/// Two departments, an organisation of each, and one person of every role on the first one's side.
struct AccessWorld: Sendable {
  let bench: RestBench
  let here: TestOrganisation
  let there: TestOrganisation
  let people: [Role: Signed]
  /// The other side's client and accountant.
  let foreignClient: Signed
  let foreignAccountant: Signed

  static let roles: [Role] = [.admin, .supervisor, .accountant, .client, .warehouse, .production, .sales, .agent, .driver]

  static func make(_ bench: RestBench) async throws -> AccessWorld {
    let database = bench.database
    let here = try await database.makeOrganisation("Here", department: try await database.makeDepartment("First"))
    let there = try await database.makeOrganisation("There", department: try await database.makeDepartment("Second"))
    var people: [Role: Signed] = [:]
    for role in roles {
      let account = try await bench.account(role.rawValue)
      try await database.makeMembership(
        account, role: role.rawValue, organisation: role.isFirm ? nil : here.id,
        department: role.needsDepartment ? here.department : nil)
      if role == .accountant { try await database.makeAssignment(account, organisation: here.id) }
      people[role] = try await bench.signedIn(account)
    }
    return AccessWorld(
      bench: bench, here: here, there: there, people: people,
      foreignClient: try await bench.signedIn(try await database.makeClient("foreign-client", of: there)),
      foreignAccountant: try await bench.signedIn(try await database.makeAccountant("foreign-accountant", of: there)))
  }

  func person(_ role: Role) -> Signed {
    guard let person = people[role] else { preconditionFailure("every role has a person") }
    return person
  }

  /// A person of the firm or of an organisation on the own side (a new colleague) or on the other.
  func newAccount(own: Bool, login: String) async throws -> AccountID {
    try await bench.database.makeClient(login, of: own ? here : there)
  }
}
