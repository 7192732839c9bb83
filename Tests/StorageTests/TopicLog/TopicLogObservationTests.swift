import Domain
import Storage
import TestSupport
import Testing

/// The ledger of ghosts: each stay stands for itself, from its beginning to its end.
@Suite struct TopicLogObservationTests {
  private struct Stay: Equatable {
    var started: Timestamp
    var ends: Timestamp
    var ended: Timestamp?
    var range: String
  }

  private func stay(_ id: ObservationID, _ database: TestDatabase) async throws -> Stay {
    try await database.app.run {
      let row = try $0.one("SELECT started_at, ends_at, ended_at, from_seq, to_seq FROM observation WHERE id = \(id)")
      let range = (try row.decode(at: 3, as: Int64?.self), try row.decode(at: 4, as: Int64?.self))
      return Stay(
        started: try row.decode(at: 0), ends: try row.decode(at: 1), ended: try row.decode(at: 2),
        range: range.0.flatMap { low in range.1.map { "\(low)-\($0)" } } ?? "none")
    }
  }

  @Test func eachStayEndsByItself() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      let (topic, ghost) = (world.topic, world.supervisor)
      _ = try await database.append((1...9).map { world.message(world.client, "\($0)") })
      let session = try await database.makeSession(ghost)
      let start = world.start
      func observe(after seconds: Int64) async throws -> ObservationID {
        let state = try await database.app.run {
          try TopicLog.observe(
            topic: topic, account: ghost, session: session, reason: "why", at: start.advanced(by: .seconds(seconds)), in: $0)
        }
        return try #require(state.observation).id
      }
      let (first, second) = (try await observe(after: 0), try await observe(after: 60))
      let later = start.advanced(by: .seconds(90))
      try await database.app.run {
        try TopicLog.endObservation(
          first, shown: ObservedRange(observation: first, lowest: 8, highest: 12), at: later, in: $0)
      }
      let time = TopicLog.observationTime
      #expect(
        try await stay(first, database)
          == Stay(started: start, ends: start.advanced(by: time), ended: later, range: "1-12"))
      let begun = start.advanced(by: .seconds(60))
      let open = Stay(started: begun, ends: begun.advanced(by: time), ended: nil, range: "1-9")
      #expect(try await stay(second, database) == open)
      // An end is an end: it moves no more, and takes no rows.
      let refused = try await database.app.run {
        try TopicLog.endObservation(first, at: start.advanced(by: .seconds(120)), in: $0)
        return try TopicLog.widen(
          [
            ObservedRange(observation: first, lowest: 1, highest: 50), ObservedRange(observation: second, lowest: 3, highest: 10),
          ],
          in: $0)
      }
      #expect(refused == [first])
      #expect(try await stay(first, database).range == "1-12")
      #expect(try await stay(first, database).ended == later)
      #expect(try await stay(second, database).range == "1-10")
      // Past its time it ends at its time.
      try await database.app.run { try TopicLog.endObservation(second, at: begun.advanced(by: time + time), in: $0) }
      #expect(try await stay(second, database).ended == begun.advanced(by: time))
    }
  }

  @Test func whatNobodyEndedIsSwept() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      let (topic, ghost) = (world.topic, world.supervisor)
      let (session, ending) = (try await database.makeSession(ghost), try await database.makeSession(ghost))
      let start = Timestamp.now
      func observe(_ session: SessionID) async throws -> ObservationID {
        let state = try await database.app.run {
          try TopicLog.observe(topic: topic, account: ghost, session: session, reason: "why", at: start, in: $0)
        }
        return try #require(state.observation).id
      }
      let (plain, cut) = (try await observe(session), try await observe(ending))
      let ended = start.advanced(by: .seconds(30))
      try await database.app.run { try $0.execute("UPDATE session SET ended_at = \(ended) WHERE id = \(ending)") }
      func sweep(after seconds: Int64) async throws -> Int {
        try await database.app.run { try TopicLog.endExpired(at: start.advanced(by: .seconds(seconds)), in: $0) }
      }
      #expect(try await sweep(after: 89) == 0)
      #expect(try await sweep(after: 90) == 1)
      #expect(try await stay(cut, database).ended == ended)
      #expect(try await stay(plain, database).ended == nil)
      #expect(try await sweep(after: 30 * 60 + 59) == 0)
      #expect(try await sweep(after: 30 * 60 + 60) == 1)
      #expect(try await stay(plain, database).ended == start.advanced(by: TopicLog.observationTime))
    }
  }
}
