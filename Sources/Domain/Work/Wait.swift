/// A client's waiting for an answer, from the first message that nobody had answered to whatever ended it.
public struct Wait: Sendable, Hashable {
  /// How it ended.
  public enum Outcome: String, Sendable, Hashable, CaseIterable {
    /// It hasn't: the client still waits.
    case open
    /// Staff answered.
    case answered
    /// Staff closed the case because no answer was needed: no response time, neither a hit nor a miss, and the supervisor gets it in a list.
    case dismissed
    /// The case closed by itself.
    case silent
    /// The company has left the firm while it waited: a miss if the target had passed by then, and nothing otherwise.
    case left
  }

  /// A time in which staff waited for the client.
  public struct Pause: Sendable, Hashable {
    /// The row with which it began.
    public var seq: Int64
    /// When it began.
    public var from: Timestamp
    /// When it ended; nil: it hasn't.
    public var to: Timestamp?
    /// The client rejected it: it counts in full.
    public var isRejected: Bool

    /// A pause.
    public init(seq: Int64, from: Timestamp, to: Timestamp?, isRejected: Bool) {
      (self.seq, self.from, self.to, self.isRejected) = (seq, from, to, isRejected)
    }
  }

  /// The row of the message that it began with.
  public var startSeq: Int64
  /// When it began.
  public var start: Timestamp
  /// Whether it is the first of its case.
  public var isFirst: Bool
  /// The target at its start, in microseconds of working time; nil: none.
  public var target: Int64?
  /// The moment at which the target was or will be used up, without the pauses that count; nil without a target, while a pause is under way that
  /// began before, or when no work lies ahead. An answer at this very moment, or later before the next work, is still in time.
  public var due: Timestamp?
  /// How it ended.
  public var outcome: Outcome
  /// The row that ended it; nil while it is open.
  public var endSeq: Int64?
  /// When it ended.
  public var end: Timestamp?
  /// Who wrote the row that ended it; nil is the system, or nobody yet.
  public var endedBy: AccountID?
  /// Working time from start to end without the pauses that count, in microseconds; for a wait that is open nil.
  public var elapsed: Int64?
  /// The accountant whose answer ended it; nil when it was somebody else's, or none.
  public var credited: AccountID?
  /// Who held the topic when the target was used up; nil: nobody, or it wasn't.
  public var holderAtBreach: AccountID?
  /// The pauses that touch it.
  public var pauses: [Pause]
  /// Whether staff waited for the client when it ended; for an open one whether they do now.
  public var isPaused: Bool

  /// A wait, as it was read before.
  public init(
    startSeq: Int64, start: Timestamp, isFirst: Bool, target: Int64?, due: Timestamp?, outcome: Outcome, endSeq: Int64?,
    end: Timestamp?, endedBy: AccountID?, elapsed: Int64?, credited: AccountID?, holderAtBreach: AccountID?, pauses: [Pause],
    isPaused: Bool
  ) {
    (self.startSeq, self.start, self.isFirst, self.target, self.due) = (startSeq, start, isFirst, target, due)
    (self.outcome, self.endSeq, self.end, self.endedBy, self.elapsed) = (outcome, endSeq, end, endedBy, elapsed)
    (self.credited, self.holderAtBreach, self.pauses, self.isPaused) = (credited, holderAtBreach, pauses, isPaused)
  }

  /// Whether more than the target has passed by its end. An open one is late only once it ends: ask for `due`.
  public var isLate: Bool {
    guard let target, let elapsed else { return false }
    return elapsed > target
  }

  /// The response time in microseconds: only an answer has one.
  public var response: Int64? { outcome == .answered ? elapsed : nil }

  /// Answered by an accountant within the target.
  public var isHit: Bool { outcome == .answered && target != nil && !isLate && credited != nil }

  /// Answered too late by whomever, or never: a case that closed by itself over a waiting client is a miss even within the target, unless staff were
  /// waiting for the client themselves.
  public var isMiss: Bool {
    switch outcome {
    case .answered, .left: isLate
    case .silent: isLate || !isPaused
    case .open, .dismissed: false
    }
  }

  /// The rows it is made of: first, last, and its pauses.
  public var rows: [Int64] { [startSeq] + pauses.map(\.seq).filter { $0 > startSeq } + (endSeq.map { [$0] } ?? []) }
}
