public import Domain

/// How early staff are warned of a wait: when so much of its target is left. The firm's setting `warning`; every version is kept, and the newest
/// counts, since a warning is about what is still to be done.
public struct WarningShare: Sendable, Hashable {
  /// The setting's name in the database.
  public static let name = "warning"
  /// What may be set, in percent of the target.
  public static let range: ClosedRange<Int32> = 5...90
  /// What counts until somebody sets something else: a quarter.
  public static let initial = WarningShare(version: 0, percent: 25)

  /// Which version of the setting this is; 0: it was never set.
  public var version: Int32
  /// Percent of the target.
  public var percent: Int32

  /// A share.
  public init(version: Int32, percent: Int32) { (self.version, self.percent) = (version, percent) }

  /// Of a target in microseconds, what is left when staff are warned.
  public func left(of target: Int64) -> Int64 { target / 100 * Int64(percent) }

  /// The newest version. Throws: `DatabaseError`.
  public static func read(in session: Session) throws -> WarningShare {
    let row = try session.row("SELECT version, CAST(value->>'percent' AS integer) FROM setting WHERE name = \(name)")
    guard let row else { return initial }
    return WarningShare(version: try row.decode(at: 0), percent: try row.decode(at: 1))
  }

  /// Adds this percentage as the version after `version`. False when somebody else has added one. Throws: `DatabaseError`.
  public func write(by account: AccountID, in session: Session) throws -> Bool {
    try Settings.write(Self.name, json: "{\"percent\":\(percent)}", after: version, by: account, in: session)
  }
}
