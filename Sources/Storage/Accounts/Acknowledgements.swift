public import Domain

/// What people were told once and have confirmed to have read.
public enum Acknowledgements {
  /// That supervisors and admins may watch what is written.
  public static let oversight = "oversight"

  /// Whether the account `a` of a query has confirmed the notice about oversight.
  static let hasReadOversight: SQL =
    "EXISTS (SELECT FROM acknowledgement k WHERE k.account_id = a.id AND k.notice = 'oversight')"

  /// Notes that an account has read a notice. False when that stood there already. Throws: `DatabaseError`.
  public static func add(_ notice: String, account: AccountID, session id: SessionID, in session: Session) throws -> Bool {
    try session.execute(
      """
      INSERT INTO acknowledgement (account_id, notice, session_id) VALUES (\(account), \(notice), \(id))
      ON CONFLICT (account_id, notice) DO NOTHING
      """) > 0
  }
}
