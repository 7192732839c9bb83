import Domain
import Storage
import TestSupport
import Testing

@testable import ChatServer

/// Sockets of one account open and close on several loops at once: each loop hears of the changes, and in the order in which they were made.
@Suite struct PresenceOrderTests {
  @Test func everyLoopHearsTheSameComingsAndGoings() throws {
    let loops = 4
    let clock = HandClock()
    let node = ChatNode(
      id: Key(high: 0, low: 1), hubs: loops, broker: MemoryBroker(MemoryExchange(), node: Key(high: 0, low: 1)),
      clock: clock.clock)
    let account = AccountID(1)
    let threads = (0..<loops).map { loop in
      ServerThread {
        for round in 0..<2_000 {
          node.opened(account)
          node.closed(account, at: Timestamp(microseconds: Int64(loop * 10_000 + round)))
        }
      }
    }
    for thread in threads {
      let thread = try #require(thread)
      thread.join()
    }
    let heard = node.ports.map { port in
      port.collect().compactMap { mail -> Presence? in if case .presence(let presence) = mail { presence } else { nil } }
    }
    let first = try #require(heard.first)
    let isSame = heard.allSatisfy { $0 == first }
    let alternates = first.enumerated().allSatisfy { $1.isOnline == $0.isMultiple(of: 2) }
    #expect(isSame && alternates && first.count >= 2 && first.count.isMultiple(of: 2))
    #expect(node.presences(of: [account]).map(\.isOnline) == [false])
  }
}
