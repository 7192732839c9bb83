import Domain
import Testing

/// Each sentence of "How the clock reads" by name; random cases against the naive clock are in `CaseFoldPropertyTests`.
@Suite struct CaseFoldTests {
  let accountant = AccountID(1)
  let cover = AccountID(2)
  let supervisor = AccountID(3)
  let stranger = AccountID(4)
  let client = AccountID(9)

  /// A Friday of the standard calendar, the target 30 minutes.
  private func topic(_ more: [Holding] = [], targets: [TargetChange] = []) -> TopicWork {
    let whole = [
      Holding(account: accountant, isAccountant: true, from: at("2026-01-01T00:00"), until: nil, assignment: AssignmentID(1)),
      Holding(account: supervisor, isAccountant: false, from: at("2026-01-01T00:00"), until: nil, assignment: AssignmentID(2)),
    ]
    return TopicWork(
      holdings: whole + more, targets: [TargetChange(at: at("2026-01-01T00:00"), target: 30 * 60_000_000)] + targets,
      calendar: .standard)
  }

  private func waits(_ rows: [(String, AccountID?, WorkEvent.What)], in other: TopicWork? = nil) -> [Wait] {
    let events = rows.enumerated().map { index, row in
      WorkEvent(seq: Int64(index + 1), at: at("2026-11-" + row.0), author: row.1, what: row.2)
    }
    return CaseFold.waits(of: events, in: other ?? topic())
  }

  private func minutes(_ count: Int64) -> Int64 { count * 60_000_000 }

  private let answer = WorkEvent.What.staffMessage(holding: false)

  @Test func aWaitRunsFromTheFirstUnansweredMessageToTheAnswer() {
    let waits = waits([
      ("20T10:00", client, .clientMessage), ("20T10:05", client, .clientMessage), ("20T10:20", accountant, answer),
      ("20T10:25", accountant, answer), ("20T11:00", client, .clientMessage), ("20T11:31", accountant, answer),
    ])
    #expect(waits.map(\.startSeq) == [1, 5])
    #expect(waits.map(\.endSeq) == [3, 6])
    #expect(waits.map(\.response) == [minutes(20), minutes(31)])
    #expect(waits.map(\.isHit) == [true, false])
    #expect(waits.map(\.isMiss) == [false, true])
    #expect(waits.map(\.isFirst) == [true, false])
    #expect(waits.map(\.credited) == [accountant, accountant])
    #expect(waits[0].due == at("2026-11-20T10:30"))
    #expect(waits[1].holderAtBreach == accountant)
    #expect(waits[0].rows == [1, 3])
  }

  @Test func exactlyTheTargetIsInTime() {
    let waits = waits([("20T10:00", client, .clientMessage), ("20T10:30", accountant, answer)])
    #expect(waits[0].isHit && !waits[0].isMiss)
  }

  @Test func strangersHoldingRepliesAndTheSystemDoNotAnswer() {
    let waits = waits([
      ("20T10:00", client, .clientMessage), ("20T10:01", stranger, answer), ("20T10:02", nil, answer),
      ("20T10:03", accountant, .staffMessage(holding: true)), ("20T10:10", accountant, answer),
    ])
    #expect(waits.map(\.response) == [minutes(10)])
  }

  @Test func theSystemStartsNoWait() {
    #expect(waits([("20T10:00", nil, .clientMessage)]).isEmpty)
  }

  @Test func whoJoinedEndsItAndNobodyIsCredited() {
    let waits = waits([("20T10:00", client, .clientMessage), ("20T10:10", supervisor, answer)])
    #expect(waits[0].outcome == .answered && waits[0].credited == nil && !waits[0].isHit && !waits[0].isMiss)
  }

  @Test func aLateAnswerByWhoJoinedIsTheHoldersMiss() {
    let waits = waits([("20T10:00", client, .clientMessage), ("20T11:10", supervisor, answer)])
    #expect(waits[0].credited == nil && waits[0].isMiss && waits[0].holderAtBreach == accountant)
  }

  @Test func outOfHoursIsNothing() {
    let waits = waits([("20T19:00", client, .clientMessage), ("22T21:00", accountant, answer)])
    #expect(waits[0].response == 0 && waits[0].isHit)
  }

  @Test func theTargetIsTheOneAtTheStart() {
    let stricter = topic(targets: [TargetChange(at: at("2026-11-20T10:05"), target: minutes(5))])
    let waits = waits(
      [
        ("20T10:00", client, .clientMessage), ("20T10:20", accountant, answer), ("20T11:00", client, .clientMessage),
        ("20T11:20", accountant, answer),
      ], in: stricter)
    #expect(waits.map(\.isHit) == [true, false])
    #expect(waits.map(\.target) == [minutes(30), minutes(5)])
  }

  @Test func theMissBelongsToWhoeverHeldTheTopicAtTheBreach() {
    let covered = topic([
      Holding(
        account: cover, isAccountant: true, from: at("2026-11-20T10:15"), until: at("2026-11-20T10:31"),
        assignment: AssignmentID(3))
    ])
    let waits = waits([("20T10:00", client, .clientMessage), ("20T12:00", accountant, answer)], in: covered)
    #expect(waits[0].holderAtBreach == cover && waits[0].credited == accountant && waits[0].isMiss)
  }

  @Test func closingOverAWaitHasNoResponseTimeAndIsNoMiss() {
    let waits = waits([("20T10:00", client, .clientMessage), ("20T12:00", accountant, .close)])
    #expect(waits[0].outcome == .dismissed && waits[0].response == nil && !waits[0].isMiss && !waits[0].isHit)
    // The supervisor's list says that it was late.
    #expect(waits[0].isLate)
  }

  @Test func reopeningRestoresTheOldClock() {
    let waits = waits([
      ("20T10:00", client, .clientMessage), ("20T10:10", accountant, .close), ("20T10:40", client, .reopen),
      ("20T10:45", accountant, answer),
    ])
    #expect(waits.count == 1)
    #expect(waits[0].response == minutes(45) && waits[0].isMiss)
  }

  @Test func aPauseDoesNotCountUntilTheClientWrites() {
    let waits = waits([
      ("20T10:00", client, .clientMessage), ("20T10:10", accountant, .pause), ("20T12:00", client, .clientMessage),
      ("20T12:15", accountant, answer),
    ])
    #expect(waits.count == 1)
    #expect(waits[0].response == minutes(25) && waits[0].isHit)
    #expect(waits[0].due == at("2026-11-20T12:20"))
    #expect(waits[0].rows == [1, 2, 4])
  }

  @Test func aRejectedPauseCountsInFullAlsoBackwards() {
    let rejectedLater = waits([
      ("20T10:00", client, .clientMessage), ("20T10:10", accountant, .pause), ("20T11:00", accountant, answer),
      ("20T11:30", client, .resume(rejected: true)),
    ])
    #expect(rejectedLater[0].response == minutes(60) && rejectedLater[0].isMiss)
    #expect(rejectedLater[0].due == at("2026-11-20T10:30"))
    let ended = waits([
      ("20T10:00", client, .clientMessage), ("20T10:10", accountant, .pause), ("20T11:00", accountant, .resume(rejected: false)),
      ("20T11:10", accountant, answer),
    ])
    #expect(ended[0].response == minutes(20))
  }

  @Test func aSecondPauseDoesNotSaveTheFirstFromRejection() {
    let waits = waits([
      ("20T10:00", client, .clientMessage), ("20T10:10", accountant, .pause), ("20T10:50", accountant, .pause),
      ("20T11:00", client, .resume(rejected: true)), ("20T11:05", accountant, answer),
    ])
    #expect(waits[0].response == minutes(65))
  }

  @Test func onlyWhoTakesPartPauses() {
    let waits = waits([
      ("20T10:00", client, .clientMessage), ("20T10:10", stranger, .pause), ("20T10:20", accountant, answer),
    ])
    #expect(waits[0].response == minutes(20))
  }

  @Test func aMessageTakenBackBeforeTheBreachVoidsItsWait() {
    #expect(waits([("20T10:00", client, .clientMessage), ("20T10:30", client, .delete(1))]).isEmpty)
    let next = waits([
      ("20T10:00", client, .clientMessage), ("20T10:20", client, .clientMessage), ("20T10:25", client, .delete(1)),
      ("20T10:40", accountant, answer),
    ])
    #expect(next.map(\.startSeq) == [2])
    #expect(next[0].response == minutes(20))
    let late = waits([("20T10:00", client, .clientMessage), ("20T10:31", client, .delete(1)), ("20T10:40", accountant, answer)])
    #expect(late[0].response == minutes(40) && late[0].isMiss)
  }

  @Test func anAnswerThatWasTakenBackWasNone() {
    let waits = waits([
      ("20T10:00", client, .clientMessage), ("20T10:05", accountant, answer), ("20T10:50", accountant, .delete(2)),
      ("20T11:00", accountant, answer),
    ])
    #expect(waits.count == 1)
    #expect(waits[0].response == minutes(60) && waits[0].isMiss)
  }

  @Test func theSilentCloseIsAMiss() {
    let waits = waits([("13T10:00", client, .clientMessage), ("20T10:00", nil, .close)])
    #expect(waits[0].outcome == .silent && waits[0].isMiss && waits[0].holderAtBreach == accountant && waits[0].response == nil)
    let within = self.waits([("13T19:00", client, .clientMessage), ("15T19:00", nil, .close)])
    #expect(within[0].isMiss && within[0].holderAtBreach == accountant)
  }

  @Test func theSilentCloseWhileStaffWaitForTheClientIsNone() {
    let waits = waits([
      ("13T10:00", client, .clientMessage), ("13T10:10", accountant, .pause), ("20T10:10", nil, .close),
    ])
    #expect(waits[0].outcome == .silent && !waits[0].isMiss)
  }

  @Test func aCompanyThatLeavesIsNobodysMissUnlessTheTargetHadPassed() {
    let late = waits([("13T10:00", client, .clientMessage), ("20T10:00", nil, .leave)])
    #expect(late[0].outcome == .left && late[0].isMiss && late[0].holderAtBreach == accountant && late[0].response == nil)
    let within = self.waits([("13T10:00", client, .clientMessage), ("13T10:05", nil, .leave)])
    #expect(within[0].outcome == .left && !within[0].isMiss && !within[0].isHit && within[0].holderAtBreach == nil)
    #expect(within[0].counts.isEmpty)
  }

  @Test func anOpenWaitSaysWhenItIsDue() {
    let waits = waits([("20T17:45", client, .clientMessage)])
    #expect(waits[0].outcome == .open && waits[0].due == at("2026-11-23T09:15") && !waits[0].isMiss)
    let paused = self.waits([("20T17:45", client, .clientMessage), ("20T17:50", accountant, .pause)])
    #expect(paused[0].due == nil && paused[0].isPaused)
  }
}

/// Random calendars, assignments, targets and rows: the fold says what the naive clock says.
@Suite struct CaseFoldPropertyTests {
  @Test(arguments: 0..<40) func agreesWithTheNaiveClock(seed: UInt64) throws {
    var random = WorkRandom(seed)
    let start = at("2026-02-24T00:00")
    let minutes = 6 * 1440
    for _ in 0..<10 {
      let calendar = random.calendar(around: try #require(LocalDate("2026-02-27")), days: 8)
      let topic = random.topic(from: start, minutes: minutes, calendar: calendar)
      let events = random.events(from: start, minutes: minutes)
      let read = CaseFold.waits(of: events, in: topic).map { wait in
        NaiveClock.Read(
          start: wait.startSeq, outcome: wait.outcome, end: wait.endSeq, minutes: wait.elapsed.map { Int($0 / 60_000_000) },
          isHit: wait.isHit, isMiss: wait.isMiss, credited: wait.credited, blamed: wait.isMiss ? wait.holderAtBreach : nil)
      }
      let expected = NaiveClock.waits(of: events, in: topic, from: start, minutes: minutes)
      #expect(read == expected, "\(events)")
    }
  }
}
