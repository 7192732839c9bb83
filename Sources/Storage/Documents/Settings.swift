public import Domain

/// What the firm configures for itself: named JSON values, of which every version is kept.
public enum Settings {
  /// Adds the version that comes after `version`. False when somebody else has added it. Throws: `DatabaseError`.
  public static func write(
    _ name: String, json: String, after version: Int32, by account: AccountID, in session: Session
  ) throws -> Bool {
    try session.execute(
      """
      INSERT INTO setting_change (name, version, value, changed_by)
      SELECT \(name), \(version) + 1, \(json: json), \(account)
       WHERE coalesce((SELECT max(version) FROM setting_change WHERE name = \(name)), 0) = \(version)
      ON CONFLICT (name, version) DO NOTHING
      """) > 0
  }
}

/// Random keys that the servers share.
public enum ServerKeys {
  /// The key of this name, 32 bytes: the one that is there, else `candidate`, which is there from now on.
  ///
  /// Throws: `DatabaseError`.
  public static func key(_ name: String, orElse candidate: [UInt8], in session: Session) throws -> [UInt8] {
    try session.execute("INSERT INTO server_key (name, key) VALUES (\(name), \(candidate)) ON CONFLICT (name) DO NOTHING")
    return try session.one("SELECT key FROM server_key WHERE name = \(name)").decode(at: 0)
  }
}
