/// A live membership of an account: of the firm (admin, and supervisors and accountants with their department) or of an organisation.
public struct Membership: Sendable, Hashable {
  /// The membership's id.
  public let id: MembershipID
  /// As what.
  public let role: Role
  /// The organisation; nil for roles of the firm.
  public let organisation: OrganisationID?
  /// The department of the firm; nil for the admin and for roles of organisations.
  public let department: DepartmentID?

  /// Makes a membership from what the database says.
  public init(id: MembershipID, role: Role, organisation: OrganisationID?, department: DepartmentID?) {
    self.id = id
    self.role = role
    self.organisation = organisation
    self.department = department
  }
}

/// How far an account reaches with one permission: the union of what its memberships give. SQL scopes are made from it, so that a list
/// and a single object are judged by the same value.
public struct Reach: Sendable, Hashable {
  /// Everything.
  public var all = false
  /// Organisations and staff of these departments.
  public var departments: Set<DepartmentID> = []
  /// Whatever is assigned to the account today.
  public var assigned = false
  /// These organisations.
  public var organisations: Set<OrganisationID> = []
  /// The account itself and its own things.
  public var own = false

  /// Reaches nothing.
  public init() {}

  /// The union of what the memberships give for a permission.
  public init(_ memberships: [Membership], for permission: Permission) {
    own = PermissionTable.everybodysOwn.contains(permission)
    for membership in memberships {
      guard let scope = PermissionTable.scope(of: membership.role, for: permission) else { continue }
      switch scope {
      case .all: all = true
      case .department: if let department = membership.department { departments.insert(department) }
      case .assigned: assigned = true
      case .organisation: if let organisation = membership.organisation { organisations.insert(organisation) }
      case .own: own = true
      }
    }
  }

  /// True when there is nothing that this reaches: the action is refused before any object is looked at.
  public var isEmpty: Bool { !all && departments.isEmpty && !assigned && organisations.isEmpty && !own }

  /// Whether an object is within reach.
  public func allows(_ object: ObjectPlace) -> Bool {
    if all || (own && object.own) || (assigned && object.assigned) { return true }
    if let department = object.department, departments.contains(department) { return true }
    if let organisation = object.organisation, organisations.contains(organisation) { return true }
    return false
  }
}

/// Where an object stands, as far as permissions ask.
public struct ObjectPlace: Sendable, Hashable {
  /// The organisation that it belongs to.
  public var organisation: OrganisationID?
  /// The department that it belongs to, an organisation's objects through the organisation.
  public var department: DepartmentID?
  /// Whether it is assigned to the asking account today.
  public var assigned: Bool
  /// Whether it is the asking account's own.
  public var own: Bool

  /// Describes an object; what isn't said counts as foreign.
  public init(organisation: OrganisationID? = nil, department: DepartmentID? = nil, assigned: Bool = false, own: Bool = false) {
    self.organisation = organisation
    self.department = department
    self.assigned = assigned
    self.own = own
  }
}

/// Whether an account with these memberships may do something with an object.
public func allows(_ memberships: [Membership], _ resource: Resource, _ action: Action, on object: ObjectPlace) -> Bool {
  Reach(memberships, for: Permission(resource, action)).allows(object)
}
