public import Domain

extension Role: SQLScalar {}

/// A name with its id, as lists show it.
public struct Named<ID: Hashable & Sendable>: Sendable, Hashable {
  /// The id.
  public let id: ID
  /// The name.
  public let name: String

  /// Pairs them.
  public init(id: ID, name: String) {
    self.id = id
    self.name = name
  }
}

/// A membership with the names that people know it by.
public struct MembershipRecord: Sendable, Hashable {
  /// The membership's id.
  public let id: MembershipID
  /// As what.
  public let role: Role
  /// The organisation, for roles of organisations.
  public let organisation: Named<OrganisationID>?
  /// The department, for supervisors and accountants.
  public let department: Named<DepartmentID>?

  /// What permissions ask of it.
  public var membership: Membership { Membership(id: id, role: role, organisation: organisation?.id, department: department?.id) }

  /// Reads `membership_id, role, organisation_id, organisation_name, department_id, department_name`; nil when the id is NULL.
  init?(_ row: Row) throws {
    guard let id: MembershipID = try row.decode("membership_id", as: MembershipID?.self) else { return nil }
    self.id = id
    role = try row["role"]
    organisation = try Self.named(row, "organisation_id", "organisation_name")
    department = try Self.named(row, "department_id", "department_name")
  }

  static func named<Table>(_ row: Row, _ id: String, _ name: String) throws -> Named<Identifier<Table>>? {
    guard let id = try row.decode(id, as: Identifier<Table>?.self) else { return nil }
    return Named(id: id, name: try row[name])
  }
}

/// An account, as an administrator or the person sees it.
public struct AccountRecord: Sendable, Hashable {
  /// The account's id.
  public let id: AccountID
  /// The login, lower case.
  public let login: String
  /// The person's name.
  public let name: String
  /// `uz`, `ru` or `en`.
  public let language: String
  /// Whether it may not sign in.
  public let isDisabled: Bool
  /// The live memberships, as far as the asker may know them.
  public internal(set) var memberships: [MembershipRecord]

  /// Reads `id, login, name, language, disabled`.
  init(_ row: Row, memberships: [MembershipRecord] = []) throws {
    id = try row["id"]
    login = try row["login"]
    name = try row["name"]
    language = try row["language"]
    isDisabled = try row["disabled"]
    self.memberships = memberships
  }
}
