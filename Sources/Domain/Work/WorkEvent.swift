/// A row of a topic's log as far as it moves a clock, a document or a rating. What isn't here moves nothing: edits, reactions, pins, redactions.
public struct WorkEvent: Sendable, Hashable {
  /// The row's number in its topic.
  public var seq: Int64
  /// When it was appended.
  public var at: Timestamp
  /// Who did it; nil is the system: a silent close, a line or a paper that no person wrote.
  public var author: AccountID?
  /// What it says.
  public var what: What

  /// What a row says.
  public enum What: Sendable, Hashable {
    /// A message from the client's side.
    case clientMessage
    /// A message from the firm's side; a holding one answers nothing.
    case staffMessage(holding: Bool)
    /// The author took the message of that number back.
    case delete(Int64)
    /// The case was closed, by nobody when it closed by itself.
    case close
    /// The case was closed by the system because the company has left the firm.
    case leave
    /// The case was opened again.
    case reopen
    /// Staff wait for something from the client.
    case pause
    /// A pause was ended; by the client's rejection it is as if it had never been.
    case resume(rejected: Bool)
  }

  /// A row of the log.
  public init(seq: Int64, at: Timestamp, author: AccountID?, what: What) {
    (self.seq, self.at, self.author, self.what) = (seq, at, author, what)
  }
}

/// The time for which somebody of the firm takes part in a topic by an assignment.
public struct Holding: Sendable, Hashable {
  /// Who.
  public var account: AccountID
  /// As an accountant; otherwise it is an admin or a supervisor who has joined, who answers for nobody and is credited with nothing.
  public var isAccountant: Bool
  /// From this moment on.
  public var from: Timestamp
  /// Until just before this one; nil has no end.
  public var until: Timestamp?
  /// Which assignment, in the order in which they were made; of what is left of one, that one.
  public var assignment: AssignmentID
  /// When the assignment began: what is left of one began with it, and time that somebody was away begins nothing anew.
  public var begun: Timestamp

  /// A time of taking part; `begun` is `from` unless it is said otherwise.
  public init(
    account: AccountID, isAccountant: Bool, from: Timestamp, until: Timestamp?, assignment: AssignmentID, begun: Timestamp? = nil
  ) {
    (self.account, self.isAccountant, self.from, self.until, self.assignment) = (account, isAccountant, from, until, assignment)
    self.begun = begun ?? from
  }

  /// Whether it is under way at a moment.
  public func covers(_ moment: Timestamp) -> Bool {
    guard from <= moment else { return false }
    guard let until else { return true }
    return moment < until
  }
}

/// How soon a client is to be answered, from a moment on.
public struct TargetChange: Sendable, Hashable {
  /// From this moment on.
  public var at: Timestamp
  /// Working time in microseconds; nil: waits aren't measured against a target.
  public var target: Int64?

  /// A change of a target.
  public init(at: Timestamp, target: Int64?) { (self.at, self.target) = (at, target) }
}

/// What must be known of a topic to read its clock.
public struct TopicWork: Sendable {
  /// Who took part when.
  public let holdings: [Holding]
  /// The topic's targets in order of time, the client's own already put before the topic's.
  public let targets: [TargetChange]
  /// When the firm works.
  public let calendar: WorkCalendar

  /// Describes a topic.
  public init(holdings: [Holding], targets: [TargetChange], calendar: WorkCalendar) {
    (self.holdings, self.targets, self.calendar) = (holdings, targets.sorted { $0.at < $1.at }, calendar)
  }

  /// Whether somebody takes part at a moment, as an accountant or otherwise.
  public func takesPart(_ account: AccountID, at moment: Timestamp) -> Bool {
    holdings.contains { $0.account == account && $0.covers(moment) }
  }

  /// Whether somebody takes part at a moment as an accountant.
  public func isAccountant(_ account: AccountID, at moment: Timestamp) -> Bool {
    holdings.contains { $0.account == account && $0.isAccountant && $0.covers(moment) }
  }

  /// Who answers for the topic at a moment: of its accountants the one whose assignment began last, so that cover for holidays comes before
  /// the assignment that it covers. Nil: nobody.
  public func holder(at moment: Timestamp) -> AccountID? {
    holdings.filter { $0.isAccountant && $0.covers(moment) }
      .max { ($0.begun, $0.assignment) < ($1.begun, $1.assignment) }?.account
  }

  /// The target at a moment, in microseconds of working time; nil: none.
  public func target(at moment: Timestamp) -> Int64? { targets.last { $0.at <= moment }?.target }
}
