import Domain

extension WorkRandom {
  /// A topic with accountants 1 and 2, a supervisor who has joined (3), all for some time only; 4 is a stranger. Targets change.
  mutating func topic(from start: Timestamp, minutes: Int, calendar: WorkCalendar) -> TopicWork {
    var holdings: [Holding] = []
    for (index, account) in ([1, 1, 2, 2, 3] as [Int64]).enumerated() {
      let from = chance(50) ? 0 : number(minutes)
      let until = chance(40) ? nil : (from + 1 + number(minutes)) / 15 * 15 + 15
      holdings.append(
        Holding(
          account: AccountID(account), isAccountant: account != 3, from: start.advanced(by: .seconds(from * 60)),
          until: until.map { start.advanced(by: .seconds($0 * 60)) }, assignment: AssignmentID(Int64(index) + 1)))
    }
    var targets = [TargetChange(at: start, target: (chance(60) ? 30 : Int64(1 + number(90))) * 60_000_000)]
    for _ in 0..<number(3) {
      let target = chance(20) ? nil : Int64(1 + number(240)) * 60_000_000
      targets.append(TargetChange(at: start.advanced(by: .seconds(number(minutes) * 60)), target: target))
    }
    return TopicWork(holdings: holdings, targets: targets, calendar: calendar)
  }

  /// The rows of one case, in the order in which they could happen, at whole minutes; several may share one.
  mutating func events(from start: Timestamp, minutes: Int) -> [WorkEvent] {
    let count = 1 + number(24)
    // Mostly close together and at quarters of an hour, so that things meet at the very minute of a breach, a shift's end or a reassignment.
    let (from, span) = chance(70) ? (number(minutes - 600) / 15 * 15, 600) : (0, minutes)
    let times = (0..<count).map { _ in from + (chance(70) ? number(span / 15) * 15 : number(span)) }.sorted()
    var events: [WorkEvent] = []
    var standing: [Int64] = []
    var isOpen = true
    for (index, minute) in times.enumerated() {
      let seq = Int64(index + 1)
      var event = WorkEvent(seq: seq, at: start.advanced(by: .seconds(minute * 60)), author: AccountID(9), what: .clientMessage)
      if !isOpen {
        guard chance(60) else { break }
        event.what = .reopen
        isOpen = true
        events.append(event)
        continue
      }
      switch index == 0 ? 0 : number(100) {
      case 0..<34: if chance(4) { event.author = nil }
      case 34..<64:
        (event.author, event.what) = (AccountID(Int64(1 + number(4))), .staffMessage(holding: chance(20)))
      case 64..<76:
        guard let message = standing.randomElement(using: &self) else { continue }
        event.what = .delete(message)
        standing.removeAll { $0 == message }
      case 76..<84: (event.author, event.what) = (AccountID(Int64(1 + number(4))), .pause)
      case 84..<92: event.what = .resume(rejected: chance(50))
      default:
        (event.author, event.what) = chance(20) ? (nil, .leave) : (chance(40) ? nil : AccountID(1), .close)
        isOpen = false
      }
      switch event.what {
      case .clientMessage, .staffMessage: standing.append(seq)
      default: break
      }
      events.append(event)
    }
    return events
  }
}
