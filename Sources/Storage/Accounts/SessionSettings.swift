public import Domain

/// How many devices may be signed in at once, and who needs a second factor.
public struct SessionSettings: Sendable, Hashable {
  /// The setting's name in the database.
  public static let name = "sessions"
  /// The most devices that a limit may allow.
  public static let largestLimit: Int64 = 100

  /// What happens to the device that would be one too many.
  public enum Excess: String, Sendable, Hashable, CaseIterable {
    /// It isn't let in: somebody ends another one first.
    case refuse
    /// It is let in when its user agrees that the one that was used longest ago ends.
    case replace
  }

  /// The limit of a role.
  public struct Limit: Sendable, Hashable {
    /// How many devices at once, 1 to 100.
    public var devices: Int64
    /// What becomes of the next one.
    public var excess: Excess

    /// A limit.
    public init(devices: Int64, excess: Excess) { (self.devices, self.excess) = (devices, excess) }
  }

  /// Which version of the setting this is; 0: it was never set.
  public var version: Int32
  /// The limits; a role that is absent has none.
  public var limits: [Role: Limit]
  /// Whether admins need a second factor: without one they may only enrol. Off by default.
  public var adminSecondFactor: Bool

  /// Settings.
  public init(version: Int32, limits: [Role: Limit], adminSecondFactor: Bool) {
    (self.version, self.limits, self.adminSecondFactor) = (version, limits, adminSecondFactor)
  }

  /// What counts until somebody sets something else.
  public static let initial = SessionSettings(version: 0, limits: [:], adminSecondFactor: false)

  /// The limit of somebody with these roles: the lowest of theirs, and of two that are equal the one that refuses. Nil: none.
  public func limit(of roles: some Sequence<Role>) -> Limit? {
    roles.compactMap { limits[$0] }.min {
      ($0.devices, $0.excess == .refuse ? 0 : 1) < ($1.devices, $1.excess == .refuse ? 0 : 1)
    }
  }

  /// The settings in words, for the action log.
  public var words: [String] {
    Role.allCases.compactMap { role in limits[role].map { "\(role.rawValue) \($0.devices) \($0.excess.rawValue)" } }
      + (adminSecondFactor ? ["admin second factor"] : [])
  }

  /// The newest version. Throws: `DatabaseError`.
  public static func read(in session: Session) throws -> SessionSettings {
    let row = try session.row(
      """
      SELECT version, coalesce(CAST(value->>'adminSecondFactor' AS boolean), false),
             ARRAY(SELECT e.key FROM jsonb_each(coalesce(value->'limits', '{}')) e ORDER BY e.key),
             ARRAY(SELECT CAST(e.value->>'devices' AS bigint) FROM jsonb_each(coalesce(value->'limits', '{}')) e ORDER BY e.key),
             ARRAY(SELECT e.value->>'excess' FROM jsonb_each(coalesce(value->'limits', '{}')) e ORDER BY e.key)
        FROM setting WHERE name = \(name)
      """)
    guard let row else { return initial }
    let (roles, devices, excesses): ([String], [Int64], [String]) = (
      try row.decode(at: 2), try row.decode(at: 3), try row.decode(at: 4)
    )
    var limits: [Role: Limit] = [:]
    for (index, word) in roles.enumerated() {
      guard let role = Role(rawValue: word), let excess = Excess(rawValue: excesses[index]) else { continue }
      limits[role] = Limit(devices: devices[index], excess: excess)
    }
    return SessionSettings(version: try row.decode(at: 0), limits: limits, adminSecondFactor: try row.decode(at: 1))
  }

  /// Adds these values as the version after `version`. False when somebody else has added one. Throws: `DatabaseError`.
  public func write(by account: AccountID, in session: Session) throws -> Bool {
    let limits = limits.sorted { $0.key.rawValue < $1.key.rawValue }.map { role, limit in
      "\(JSONText.quoted(role.rawValue)):{\"devices\":\(limit.devices),\"excess\":\(JSONText.quoted(limit.excess.rawValue))}"
    }
    return try Settings.write(
      Self.name, json: "{\"limits\":{\(limits.joined(separator: ","))},\"adminSecondFactor\":\(adminSecondFactor)}",
      after: version, by: account, in: session)
  }
}
