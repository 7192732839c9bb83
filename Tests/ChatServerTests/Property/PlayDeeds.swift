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
      // Mostly where something has been uploaded to.
      let topic = second.isMultiple(of: 4) ? topic : seat.uploadTopic ?? topic
      let reply = second.isMultiple(of: 5) ? #","reply":\#(row)"# : ""
      seat.send(
        topic, key, second, reply + (second.isMultiple(of: 7) ? #","holding":true"# : "") + documents(seat, topic, second))
    case .again:
      guard let last = seat.lastSend else { return }
      seat.send(last.topic, last.key, second.isMultiple(of: 3) ? second : last.body, second.isMultiple(of: 2) ? last.more : "")
    case .upload: try await upload(seat, to: topics[first % topics.count], key: key, second)
    case .mark:
      let shown = seat.topics[topic]?.documents ?? []
      let document = shown.isEmpty ? 1 + Int64(second % 4) : shown[second % shown.count]
      let state = ["inWork", "processed", "returned"][first / 3 % 3]
      seat.ask("mark", #"\#(keyed),"document":\#(document),"state":"\#(state)""#)
    case .work: try await work(second)
    case .ask: try await readPapers(seat)
    case .answer: seat.deliverPapers()
    case .edit: seat.ask("edit", #"\#(keyed),"message":\#(row),"body":"yangi \#(second)""#)
    case .delete: seat.ask("delete", #"\#(keyed),"message":\#(row)"#)
    case .close, .reopen: seat.ask(step.deed.rawValue, keyed)
    case .dismiss: seat.ask("close", #"\#(keyed),"answer":"none""#)
    case .hold: seat.ask("pause", #"\#(keyed),"body":"akt \#(second)""#)
    case .resume: seat.ask("resume", keyed + (second.isMultiple(of: 2) ? #","reason":"bor""# : ""))
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
  /// Uploads of one's own that go with a message, and now and then one that doesn't.
  private func documents(_ seat: PlaySeat, _ topic: Int64, _ number: Int) -> String {
    guard !number.isMultiple(of: 5) else { return "" }
    var ids = seat.takeUploads(of: topic, 1 + number % 3)
    if number.isMultiple(of: 11) { ids.append(1 + Int64(number % 9)) }
    return ids.isEmpty ? "" : #","documents":[\#(Set(ids).sorted().map(String.init).joined(separator: ","))]"#
  }
}
