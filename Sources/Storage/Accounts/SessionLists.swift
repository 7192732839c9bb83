public import Domain

/// Everybody's devices, for admins.
extension Sessions {
  /// A device with its owner.
  public struct Owned: Sendable {
    /// The device.
    public let device: Device
    /// Its owner's name.
    public let name: String
    /// Its owner's login.
    public let login: String
    /// Its owner's roles, each once.
    public let roles: [Role]
  }

  /// The live sessions of everybody, the newest first.
  ///
  /// - Parameters:
  ///   - search: a part of the owner's name or login, of the device or of the address; empty: all.
  ///   - before: the id before which the page begins; nil: from the newest.
  ///   - limit: how many at most.
  /// - Throws: `DatabaseError`.
  public static func everybody(
    search: String, before: SessionID?, limit: Int, in session: Session
  ) throws -> (items: [Owned], next: SessionID?) {
    let rows = try session.rows(
      """
      SELECT s.id, s.account_id, s.kind, s.device, s.address, s.created_at, s.last_used_at, a.name, a.login,
             ARRAY(SELECT DISTINCT m.role FROM membership m WHERE m.account_id = a.id AND m.ended_at IS NULL ORDER BY m.role) AS roles
        FROM session s JOIN account a ON a.id = s.account_id AND a.disabled_at IS NULL
       WHERE s.ended_at IS NULL AND s.expires_at > now() AND (\(before) IS NULL OR s.id < \(before))
         AND (\(search) = '' OR \(SearchText.contains(search, in: ["a.name", "a.login", "s.device", "s.address"])))
       ORDER BY s.id DESC LIMIT \(limit + 1)
      """)
    let items = try rows.prefix(limit).map { row in
      Owned(
        device: Device(
          id: try row["id"], account: try row["account_id"], kind: try row["kind"], device: try row["device"],
          address: try row["address"], createdAt: try row["created_at"], lastUsedAt: try row["last_used_at"]),
        name: try row["name"], login: try row["login"],
        roles: try row["roles", as: [String].self].compactMap(Role.init(rawValue:)))
    }
    return (items, rows.count > limit ? items.last?.device.id : nil)
  }
}

/// Looking for a part of a text, whatever its case and its apostrophes.
enum SearchText {
  /// A condition: one of the columns contains the text.
  static func contains(_ text: String, in columns: [SQL]) -> SQL {
    let pattern: SQL = """
      ('%' || replace(replace(replace(\(folded("\(text)")), '\\', '\\\\'), '%', '\\%'), '_', '\\_') || '%')
      """
    return "(" + columns.map { column in "\(folded(column)) LIKE \(pattern)" }.joined(separator: " OR ") + ")"
  }

  /// Lower case, without the apostrophes of which keyboards have five, and ё as е, as most people write it.
  private static func folded(_ text: SQL) -> SQL { "translate(lower(\(text)), 'ёʻʼ’‘`''', 'е')" }
}
