public import Domain

/// When the firm works and how soon clients are to be answered, as the firm has set it.
public enum WorkSettings {
  /// What working time is counted by.
  public struct Current: Sendable {
    /// When the firm works.
    public var calendar: WorkCalendar
    /// How soon clients are to be answered, with everything that was ever set.
    public var targets: TargetBook
  }

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
                         (SELECT sum(version) FROM setting_change), (SELECT count(*) FROM month_close))
        """
      ).decode(at: 0))
  }

  /// The calendar and the targets. Throws: `DatabaseError`.
  public static func read(in session: Session) throws -> Current {
    Current(
      calendar: .standard,
      targets: TargetBook([
        TargetBook.Entry(at: Timestamp(microseconds: 0), organisation: nil, kind: nil, target: 30 * 60_000_000)
      ]))
  }
}
