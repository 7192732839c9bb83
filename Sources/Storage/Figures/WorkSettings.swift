/// What a month is worked out from, apart from the log.
public enum WorkSettings {
  /// Changes whenever something does that a month is worked out from.
  public struct Fingerprint: Sendable, Hashable {
    private let text: String

    fileprivate init(_ text: String) { self.text = text }
  }

  /// What a month would be worked out from now. Rows that can change are hashed one by one, so that two changes at once don't look like none.
  /// Throws: `DatabaseError`.
  public static func fingerprint(in session: Session) throws -> Fingerprint {
    Fingerprint(
      try session.one(
        """
        SELECT concat_ws(' ', (SELECT sum(head) FROM topic), (SELECT sum(version) FROM setting_change), (SELECT count(*) FROM month_close),
                         (SELECT max(id) FROM response_target), (SELECT count(*) FROM account_gap),
                         (SELECT sum(hashtextextended(concat_ws(' ', 'o', id, department_id), 0)) FROM organisation),
                         (SELECT sum(hashtextextended(concat_ws(' ', 's', id, starts_on, ends_on, ended_at), 0)) FROM assignment),
                         (SELECT sum(hashtextextended(concat_ws(' ', 'm', id, ended_at), 0)) FROM membership),
                         (SELECT sum(hashtextextended(concat_ws(' ', 'a', id, disabled_at), 0)) FROM account WHERE disabled_at IS NOT NULL))
        """
      ).decode(at: 0))
  }
}
