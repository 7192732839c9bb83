import Domain
import Testing

@testable import ChatServer

@Suite struct PresenceBoardTests {
  private let now = Timestamp(microseconds: 1_000)
  private let other = Key(high: 0, low: 2)
  private let account = AccountID(1)

  @Test func onlyTheFirstAndTheLastSocketCount() {
    var board = PresenceBoard()
    #expect(board.opened(account) == (true, Presence(account: account, isOnline: true, seen: nil)))
    #expect(board.opened(account) == (false, nil))
    #expect(board.closed(account, at: now) == (false, nil))
    #expect(board.closed(account, at: now) == (true, Presence(account: account, isOnline: false, seen: now)))
    #expect(board.closed(account, at: now) == (false, nil))
  }

  @Test func anotherNodesSocketKeepsOneOnline() {
    var board = PresenceBoard()
    #expect(board.heard(.online(account), from: other, now: now, uptime: 0).map(\.isOnline) == [true])
    #expect(board.opened(account) == (true, nil))
    #expect(board.closed(account, at: now) == (true, nil))
    let later = Timestamp(microseconds: 2_000)
    #expect(
      board.heard(.offline(account, seen: later), from: other, now: now, uptime: 0)
        == [Presence(account: account, isOnline: false, seen: later)])
  }

  @Test func aRosterReplacesWhatWasKnownOnceItIsWhole() {
    var board = PresenceBoard()
    _ = board.heard(.online(AccountID(5)), from: other, now: now, uptime: 0)
    #expect(board.heard(.roster([account], isFirst: true, isLast: false), from: other, now: now, uptime: 0).isEmpty)
    let changes = board.heard(.roster([AccountID(2)], isFirst: false, isLast: true), from: other, now: now, uptime: 0)
    #expect(changes.map(\.account) == [AccountID(1), AccountID(2), AccountID(5)])
    #expect(changes.map(\.isOnline) == [true, true, false])
  }

  @Test func aSilentNodesLeaseEnds() {
    var board = PresenceBoard()
    _ = board.heard(.online(account), from: other, now: now, uptime: 0)
    #expect(board.expire(now: now, uptime: PresenceBoard.lease).isEmpty)
    #expect(board.expire(now: now, uptime: PresenceBoard.lease + 1).map(\.isOnline) == [false])
    #expect(board.presence(of: account) == Presence(account: account, isOnline: false, seen: now))
    _ = board.heard(.online(account), from: other, now: now, uptime: 0)
    #expect(board.heard(.goodbye, from: other, now: now, uptime: 0).map(\.isOnline) == [false])
  }
}
