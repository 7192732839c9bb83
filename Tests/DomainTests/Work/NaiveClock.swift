import Domain

/// The clock's rules, minute by minute and without the calendar's table: every unanswered message counts its own minutes of work.
enum NaiveClock {
  struct Read: Hashable {
    var start: Int64
    var outcome: Wait.Outcome
    var end: Int64?
    var minutes: Int?
    var isHit = false
    var isMiss = false
    var credited: AccountID?
    var blamed: AccountID?
  }

  private struct Pending {
    var seq: Int64
    var target: Int?
    var worked = 0
    var holder: AccountID?
  }

  private struct Stretch {
    var from: Int
    var to: Int
    var endedBy: Int64?
    var isRejected: Bool
  }

  static func minute(_ moment: Timestamp, since start: Timestamp) -> Int {
    Int((moment.microseconds - start.microseconds) / 60_000_000)
  }

  static func waits(of events: [WorkEvent], in topic: TopicWork, from start: Timestamp, minutes: Int) -> [Read] {
    let stretches = pauses(events, topic, start)
    let undone = Set(events.compactMap { if case .delete(let seq) = $0.what { seq } else { nil } })
    var byMinute: [Int: [WorkEvent]] = [:]
    for event in events { byMinute[minute(event.at, since: start), default: []].append(event) }
    var pending: [Pending] = []
    var done: [Read] = []
    var shelved: Read?

    for now in 0..<minutes {
      for event in byMinute[now] ?? [] {
        switch event.what {
        case .clientMessage where event.author != nil:
          let target = topic.targets.filter { $0.at <= event.at }.last?.target
          pending.append(Pending(seq: event.seq, target: target.map { Int($0 / 60_000_000) }))
        case .staffMessage(let holding):
          guard !holding, !undone.contains(event.seq), acts(event, topic), let first = pending.first else { continue }
          var read = Read(start: first.seq, outcome: .answered, end: event.seq, minutes: first.worked)
          let byAccountant = topic.holdings.contains { $0.isAccountant && $0.account == event.author && $0.covers(event.at) }
          read.credited = byAccountant ? event.author : nil
          if let target = first.target {
            read.isMiss = first.worked > target
            read.isHit = !read.isMiss && byAccountant
          }
          read.blamed = read.isMiss ? first.holder : nil
          done.append(read)
          pending = []
        case .delete(let message):
          let isLate = pending.first.map { $0.target.map { target in pending[0].worked > target } ?? false } ?? false
          if pending.first?.seq == message, isLate { continue }
          pending.removeAll { $0.seq == message }
        case .close, .leave:
          guard let first = pending.first else { continue }
          let isSilent = event.author == nil
          var read = Read(start: first.seq, outcome: isSilent ? .silent : .dismissed, end: event.seq, minutes: first.worked)
          if event.what == .leave {
            read.outcome = .left
            read.isMiss = first.target.map { first.worked > $0 } ?? false
            read.blamed = read.isMiss ? first.holder : nil
            shelved = read
            continue
          }
          if isSilent {
            let isLate = first.target.map { first.worked > $0 } ?? false
            let waitsForClient = stretches.contains { $0.endedBy == event.seq && !$0.isRejected }
            read.isMiss = isLate || !waitsForClient
            read.blamed = isLate ? first.holder : read.isMiss ? holder(topic, event.at) : nil
          }
          shelved = read
        case .reopen: shelved = nil
        case .clientMessage, .pause, .resume: continue
        }
      }
      let moment = start.advanced(by: .seconds(now * 60))
      let isPaused = stretches.contains { !$0.isRejected && $0.from <= now && now < $0.to }
      guard !isPaused, !pending.isEmpty, NaiveCalendar.works(topic.calendar, at: moment) else { continue }
      for index in pending.indices {
        pending[index].worked += 1
        guard pending[index].worked == pending[index].target else { continue }
        pending[index].holder = holder(topic, moment.advanced(by: .seconds(60)))
      }
    }
    if let shelved {
      done.append(shelved)
    } else if let first = pending.first {
      done.append(Read(start: first.seq, outcome: .open, end: nil, minutes: nil))
    }
    return done
  }

  private static func acts(_ event: WorkEvent, _ topic: TopicWork) -> Bool {
    topic.holdings.contains { $0.account == event.author && $0.covers(event.at) }
  }

  private static func holder(_ topic: TopicWork, _ moment: Timestamp) -> AccountID? {
    var best: Holding?
    for holding in topic.holdings where holding.isAccountant && holding.covers(moment) {
      guard let current = best else {
        best = holding
        continue
      }
      if holding.from > current.from || (holding.from == current.from && holding.assignment > current.assignment) {
        best = holding
      }
    }
    return best?.account
  }

  /// Looks ahead from each pause to what ends it.
  private static func pauses(_ events: [WorkEvent], _ topic: TopicWork, _ start: Timestamp) -> [Stretch] {
    var stretches: [Stretch] = []
    var index = 0
    while index < events.count {
      guard events[index].what == .pause, acts(events[index], topic) else {
        index += 1
        continue
      }
      let from = minute(events[index].at, since: start)
      var stretch = Stretch(from: from, to: .max, endedBy: nil, isRejected: false)
      index += 1
      ahead: while index < events.count {
        switch events[index].what {
        case .resume(let rejected): stretch.isRejected = rejected
        case .close, .leave: break
        case .clientMessage where events[index].author != nil: break
        default:
          index += 1
          continue ahead
        }
        (stretch.to, stretch.endedBy) = (minute(events[index].at, since: start), events[index].seq)
        break
      }
      stretches.append(stretch)
    }
    return stretches
  }
}
