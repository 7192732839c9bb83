/// As what somebody belongs to the firm or to an organisation.
public enum Role: String, CaseIterable, Sendable, Hashable, Codable {
  /// The firm's administrator.
  case admin
  /// Oversees one department of the firm.
  case supervisor
  /// Works in one department of the firm, for the organisations assigned.
  case accountant
  /// An owner or manager of a client organisation.
  case client
  /// An organisation's store keeper.
  case warehouse
  /// An organisation's production staff.
  case production
  /// An organisation's sales staff.
  case sales
  /// An organisation's travelling agent.
  case agent
  /// An organisation's driver.
  case driver

  /// Whether this is a role of the firm, which stands without an organisation.
  public var isFirm: Bool { self == .admin || needsDepartment }

  /// Whether this role belongs to one department of the firm.
  public var needsDepartment: Bool { self == .supervisor || self == .accountant }
}
