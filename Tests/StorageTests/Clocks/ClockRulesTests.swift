import Domain
import TestSupport
import Testing

@testable import Storage

/// The rules of waits and pauses are in the fold, by which people are paid. The appender keeps `topic.waiting_since` and knows pauses without it, a row
/// at a time, since plain messages must stay cheap; so here both are held against the fold over the whole case, after every row of random logs.
@Suite("The appender's clock and the fold's")
struct ClockRulesTests {
  @Test("They say the same after every row", arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
  func agree(seed: UInt64) async throws {
    try await withTestDatabase { database in
      let world = try await ClockWorld.make(database)
      var random = SeededRandom(seed)
      var (minutes, appended, story) = (Int64(0), 0, [String]())
      for _ in 0..<80 {
        minutes += Int64.random(in: 1...40, using: &random)
        let (account, action) = try await next(world, &random)
        do {
          try await world.append(account, action, minutes)
          appended += 1
          story.append("\(minutes): \(account) \(action)")
        } catch is DomainError {
          continue
        }
        let (kept, folded) = try await (Self.kept(world), Self.folded(world))
        #expect(kept.since == folded?.start, "\(story)")
        if let folded { #expect(kept.isPaused == folded.isPaused, "\(story)") }
        guard kept.since == folded?.start else { return }
      }
      #expect(appended > 30)
    }
  }

  /// Something that clients and staff might do.
  private func next(_ world: ClockWorld, _ random: inout SeededRandom) async throws -> (AccountID, LogAction) {
    let (client, accountant, topic) = (world.log.client, world.log.accountant, world.log.topic)
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<30: return (client, .send(body: "?", reply: 0, holding: false))
    case 30..<48: return (accountant, .send(body: "!", reply: 0, holding: Bool.random(using: &random)))
    case 48..<70:
      let messages = try await world.database.app.run { session in
        try session.rows(
          "SELECT seq, author_id FROM topic_entry WHERE topic_id = \(topic) AND kind = 1 ORDER BY seq DESC LIMIT 6"
        )
        .map { (try $0.decode(at: 0, as: Int64.self), try $0.decode(at: 1, as: AccountID.self)) }
      }
      guard let (message, author) = messages.randomElement(using: &random) else { return (client, .reopen) }
      return (author, .delete(message: message))
    case 70..<80: return (accountant, .pause(wanted: "act"))
    case 80..<86: return (client, .resume(reason: "no"))
    case 86..<90: return (accountant, .resume(reason: nil))
    case 90..<94: return (accountant, .dismiss)
    case 94..<96: return (accountant, .close)
    default: return (client, .reopen)
    }
  }

  private static func kept(_ world: ClockWorld) async throws -> (since: Timestamp?, isPaused: Bool) {
    let topic = world.log.topic
    return try await world.database.app.run { session in
      let since = try session.one("SELECT waiting_since FROM topic WHERE id = \(topic)").decode(at: 0, as: Timestamp?.self)
      return (since, try !session.rows(TopicLog.paused([topic])).isEmpty)
    }
  }

  /// The open wait by the fold over all rows of the newest case, read as the months' figures read them.
  private static func folded(_ world: ClockWorld) async throws -> Wait? {
    let topic = world.log.topic
    return try await world.database.app.run { session in
      let calendar = try FirmCalendar.read(in: session).calendar
      guard let work = try TopicWorks.read([topic], calendar: calendar, in: session)[topic] else { return nil }
      let events = try session.rows(
        """
        SELECT e.seq, e.at, e.author_id, e.kind, e.staff, e.holding, e.message, e.meta FROM topic_entry e JOIN topic t ON t.id = e.topic_id
         WHERE t.id = \(topic) AND e.case_number = t.case_number ORDER BY e.seq
        """
      ).compactMap { row -> WorkEvent? in
        let what = WorkEvent.What(
          try row.decode(at: 3), isStaff: try row.decode(at: 4), isHolding: try row.decode(at: 5), message: try row.decode(at: 6),
          meta: try row.decode(at: 7))
        return try what.map {
          WorkEvent(seq: try row.decode(at: 0), at: try row.decode(at: 1), author: try row.decode(at: 2), what: $0)
        }
      }
      return CaseFold.waits(of: events, in: work).last { $0.outcome == .open }
    }
  }
}
