/// Reads the clock of one case off its rows. Pure: the same rows, people, targets and calendar give the same waits, whenever it is asked.
///
/// A wait never leaves its case, so a case is what is read again when a row comes; rows of other cases change nothing.
/// Two things are known before the walk, since they count backwards: which answers were taken back, and which pauses the client rejected.
public struct CaseFold {
  private let topic: TopicWork
  /// Answers that were taken back: they were none.
  private var takenBack: Set<Int64> = []
  /// Rows with which a rejected pause began.
  private var rejected: Set<Int64> = []

  /// Client messages without an answer, in order; those that were taken back in time are gone.
  private var unanswered: [(seq: Int64, at: Timestamp)] = []
  /// The pauses since the first of them.
  private var pauses: [Wait.Pause] = []
  /// The wait over which the case was closed, while it can still be opened again.
  private var shelved: Wait?
  private var waits: [Wait] = []

  private init(_ events: [WorkEvent], of topic: TopicWork) {
    self.topic = topic
    var pause: Int64?
    for event in events {
      switch event.what {
      case .delete(let message): takenBack.insert(message)
      case .pause: if pause == nil, acts(event) { pause = event.seq }
      case .resume(let wasRejected):
        if wasRejected, let pause { rejected.insert(pause) }
        pause = nil
      case .clientMessage: if event.author != nil { pause = nil }
      case .close, .leave: pause = nil
      case .staffMessage, .reopen: break
      }
    }
  }

  /// The waits of a case in the order in which they began, the last one perhaps open.
  /// - Parameters:
  ///   - events: all rows of the case by number, or those after the row that ended a wait for good.
  ///   - isContinued: whether there were waits before these rows.
  public static func waits(of events: [WorkEvent], in topic: TopicWork, isContinued: Bool = false) -> [Wait] {
    var fold = CaseFold(events, of: topic)
    for event in events { fold.take(event) }
    if let wait = fold.shelved ?? fold.current(.open, endedBy: nil) { fold.waits.append(wait) }
    for index in fold.waits.indices { fold.waits[index].isFirst = index == 0 && !isContinued }
    return fold.waits
  }

  private mutating func take(_ event: WorkEvent) {
    switch event.what {
    case .clientMessage:
      guard event.author != nil else { return }
      endPause(at: event.at)
      if unanswered.isEmpty { pauses = [] }
      unanswered.append((event.seq, event.at))
    case .staffMessage(let holding):
      guard !holding, !takenBack.contains(event.seq), acts(event) else { return }
      end(.answered, by: event)
    case .delete(let message): void(message, at: event.at)
    case .close, .leave:
      let outcome: Wait.Outcome = event.what == .leave ? .left : event.author == nil ? .silent : .dismissed
      shelved = current(outcome, endedBy: event)
      // The clock runs on beneath: if the case is opened again, this close was none. A pause has ended with it.
      endPause(at: event.at)
    case .reopen: shelved = nil
    case .pause:
      guard acts(event), pauses.last.map({ $0.to != nil }) ?? true else { return }
      pauses.append(Wait.Pause(seq: event.seq, from: event.at, to: nil, isRejected: rejected.contains(event.seq)))
    case .resume: endPause(at: event.at)
    }
  }

  /// Whether what somebody of the firm does counts in this topic: it is by a person who takes part then.
  private func acts(_ event: WorkEvent) -> Bool { event.author.map { topic.takesPart($0, at: event.at) } ?? false }

  private mutating func endPause(at moment: Timestamp) {
    guard let last = pauses.last, last.to == nil else { return }
    pauses[pauses.count - 1].to = moment
  }

  /// A client took a message back. Before the breach that voids the wait that began with it: if others wait for an answer too, their wait begins
  /// with the first of them. After the breach the miss has happened.
  private mutating func void(_ message: Int64, at moment: Timestamp) {
    guard let index = unanswered.firstIndex(where: { $0.seq == message }) else { return }
    if index == 0, let target = topic.target(at: unanswered[0].at) {
      guard elapsed(from: unanswered[0].at, to: moment) <= target else { return }
    }
    unanswered.remove(at: index)
  }

  private mutating func end(_ outcome: Wait.Outcome, by event: WorkEvent) {
    guard let wait = current(outcome, endedBy: event) else { return }
    waits.append(wait)
    unanswered = []
    // A pause that is still under way may touch the next wait, if this answer's question was not the last.
    pauses = pauses.filter { $0.to == nil }
  }

  /// The wait that is under way, ended by `event` or still open.
  private func current(_ outcome: Wait.Outcome, endedBy event: WorkEvent?) -> Wait? {
    guard let first = unanswered.first else { return nil }
    var pauses = pauses.filter { ($0.to ?? $0.from) >= first.at || $0.to == nil }
    let isPaused = pauses.last.map { $0.to == nil } ?? false
    if let event, isPaused { pauses[pauses.count - 1].to = event.at }
    let target = topic.target(at: first.at)
    let due = target.flatMap { self.due(after: first.at, working: $0, pauses: pauses) }
    var wait = Wait(
      startSeq: first.seq, start: first.at, isFirst: false, target: target, due: due, outcome: outcome, endSeq: event?.seq,
      end: event?.at, endedBy: event?.author, elapsed: nil, credited: nil, holderAtBreach: nil, pauses: pauses, isPaused: isPaused
    )
    guard let event else { return wait }
    wait.elapsed = elapsed(from: first.at, to: event.at)
    if outcome == .answered, let author = event.author, topic.isAccountant(author, at: event.at) { wait.credited = author }
    if wait.isLate, let due {
      wait.holderAtBreach = topic.holder(at: due)
    } else if wait.isMiss {
      wait.holderAtBreach = topic.holder(at: event.at)
    }
    return wait
  }

  /// Working time from a moment to another without the pauses that count.
  private func elapsed(from start: Timestamp, to end: Timestamp) -> Int64 {
    var total = topic.calendar.workingMicroseconds(from: start, to: end)
    for pause in pauses where !pause.isRejected {
      total -= topic.calendar.workingMicroseconds(from: max(pause.from, start), to: min(pause.to ?? end, end))
    }
    return total
  }

  /// When so much working time has passed without the pauses that count; nil while one is under way that began before.
  private func due(after start: Timestamp, working target: Int64, pauses: [Wait.Pause]) -> Timestamp? {
    var (rest, from) = (target, start)
    for pause in pauses where !pause.isRejected && (pause.to ?? pause.from) >= from {
      let work = topic.calendar.workingMicroseconds(from: from, to: pause.from)
      if work >= rest { break }
      guard let to = pause.to else { return nil }
      rest -= work
      from = max(from, to)
    }
    return topic.calendar.instant(workingMicroseconds: rest, after: from)
  }
}
