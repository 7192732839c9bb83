import Domain
import Storage

@testable import ChatServer

/// What each deed of a play means, as things are.
extension PlayRoom {
  func perform(_ step: PlayStep, _ number: Int) async throws {
    let seat = seats[step.seat]
    let (first, second) = step.numbers
    let topic = topics[first % topics.count].rawValue
    let key = Key(high: UInt64(number) << 16 | 0x4000, low: 0x8000_0000_0000_0000 | UInt64(first) << 20 | UInt64(second))
    try advance(Int64(second % 15))
    let named = #""topic":\#(topic)"#
    let keyed = #"\#(named),"key":"\#(key)""#
    // Of what the seat knows of the topic, or might guess.
    let row = 1 + Int64(second) % max((seat.topics[topic]?.head ?? 0) + 2, 4)
    switch step.deed {
    case .send:
      let reply = second.isMultiple(of: 5) ? #","reply":\#(row)"# : ""
      seat.send(topic, key, second, reply + (second.isMultiple(of: 7) ? #","holding":true"# : ""))
    case .again:
      guard let last = seat.lastSend else { return }
      seat.send(last.topic, last.key, second.isMultiple(of: 3) ? second : last.body, "")
    case .edit: seat.ask("edit", #"\#(keyed),"message":\#(row),"body":"yangi \#(second)""#)
    case .delete: seat.ask("delete", #"\#(keyed),"message":\#(row)"#)
    case .close, .reopen: seat.ask(step.deed.rawValue, keyed)
    case .rate: seat.ask("rate", #"\#(keyed),"case":\#(1 + second % 4),"stars":\#(1 + second % 5),"comment":"rahmat""#)
    case .read: seat.ask("read", #"\#(named),"seq":\#(row)"#)
    case .typing: seat.type(topic, isOn: !second.isMultiple(of: 3))
    case .history: seat.ask("history", #"\#(named),"before":\#(row),"limit":\#(1 + second % 200)"#)
    case .versions: seat.ask("versions", #"\#(named),"message":\#(row)"#)
    case .ping: seat.ask("ping", "")
    case .subscribe: seat.sync(topic)
    case .unsubscribe: seat.leave(topic, "unsubscribe")
    case .inbox: seat.askInbox()
    case .observe: seat.observe(topic)
    case .unobserve: seat.leave(topic, "unobserve")
    case .connect: try await seat.connect()
    case .disconnect: seat.disconnect()
    case .restore: seat.sync(topic, foreign: true)
    case .slow: seat.setSlow(queued: (second.isMultiple(of: 2) ? seat.hub.limits.softQueue : seat.hub.limits.hardQueue) + 1)
    case .quick: seat.setQuick()
    case .wait: try await wait(for: seat)
    case .pause: try advance(Int64(1_000 + first % 4 * 2_000))
    case .day: try advance(25 * 3_600_000)
    case .deaf: nodes[first % nodes.count].node.isDeaf.toggle()
    case .access: try await changeAccess(first)
    case .endSession: try await endSession(of: seat)
    case .look: break
    }
  }
}
