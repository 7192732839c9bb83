/// What a month is worked out from, apart from the log.
public enum WorkSettings {
  /// Changes whenever something does that a month is worked out from.
  public struct Fingerprint: Sendable, Hashable {
    private let text: String

    fileprivate init(_ text: String) { self.text = text }
  }

  /// What a month would be worked out from now. Throws: `DatabaseError`.
  public static func fingerprint(in session: Session) throws -> Fingerprint {
    Fingerprint(
      try session.one(
        """
        SELECT concat_ws(' ', (SELECT sum(head) FROM topic), (SELECT count(*) FROM organisation), (SELECT count(*) FROM assignment),
                         (SELECT count(ended_at) FROM assignment), (SELECT count(*) FROM membership), (SELECT count(ended_at) FROM membership),
                         (SELECT sum(version) FROM setting_change), (SELECT count(*) FROM month_close),
                         (SELECT max(id) FROM response_target), (SELECT count(disabled_at) FROM account))
        """
      ).decode(at: 0))
  }
}
