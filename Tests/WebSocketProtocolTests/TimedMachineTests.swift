import Testing
import WebSocketProtocol

@Suite struct TimedMachineTests {
  @Test func pingsAfterSilenceAndGivesUpAfterTwo() {
    var machine = KeepAlive(now: 1_000)
    #expect(machine.tick(now: 25_999) == .none)
    #expect(machine.tick(now: 26_000) == .ping)
    #expect(machine.tick(now: 27_000) == .none)
    #expect(machine.tick(now: 50_999) == .none)
    #expect(machine.tick(now: 51_000) == .giveUp)
  }

  @Test func anythingHeardStartsAnew() {
    var machine = KeepAlive(now: 0)
    #expect(machine.tick(now: 25_000) == .ping)
    machine.heard(now: 40_000)
    #expect(machine.tick(now: 64_999) == .none)
    #expect(machine.tick(now: 65_000) == .ping)
    #expect(machine.tick(now: 90_000) == .giveUp)
  }

  @Test func ourCloseWaitsForTheirs() {
    var machine = ClosingHandshake()
    #expect(machine.isOpen)
    #expect(machine.close(code: 1012, now: 0) == .send(1012))
    #expect(!machine.isOpen && !machine.isFinishing)
    #expect(machine.close(code: 1001, now: 1) == .none)
    #expect(machine.received(code: 1012, now: 100) == .finish)
    #expect(machine.isFinishing)
    #expect(machine.tick(now: 2_099) == .none)
    #expect(machine.tick(now: 2_100) == .drop)
  }

  @Test func theirCloseIsAnswered() {
    var machine = ClosingHandshake()
    #expect(machine.received(code: 4_000, now: 0) == .sendAndFinish(4_000))
    #expect(machine.received(code: 4_000, now: 0) == .none)
    #expect(machine.close(code: 1000, now: 0) == .none)
    #expect(machine.fail(code: 1002, now: 0) == .none)
    var empty = ClosingHandshake()
    #expect(empty.received(code: nil, now: 0) == .sendAndFinish(nil))
  }

  @Test func aPeerThatNeverAnswersIsDropped() {
    var machine = ClosingHandshake()
    #expect(machine.tick(now: 1_000_000) == .none)
    #expect(machine.close(code: 1000, now: 0) == .send(1000))
    #expect(machine.tick(now: 4_999) == .none)
    #expect(machine.tick(now: 5_000) == .drop)
  }

  @Test func aBrokenProtocolEndsAtOnce() {
    var machine = ClosingHandshake()
    #expect(machine.fail(code: 1002, now: 0) == .sendAndFinish(1002))
    var closing = ClosingHandshake()
    #expect(closing.close(code: 1000, now: 0) == .send(1000))
    #expect(closing.fail(code: 1007, now: 1) == .finish)
  }
}
