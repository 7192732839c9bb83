import Dispatch
import Domain
import TestSupport
import Testing

@testable import Storage

/// What is remembered of topics' newest rows: never anything else than what would be read.
@Suite struct PageMemoryTests {
  private static func rows(
    _ topic: Int64, hash: UInt8 = 1, after first: Int64 = 0, bytes: Int = 1000, hiding: Hiding = .none
  ) -> LogRows {
    let entry = LogEntry(
      topic: TopicID(topic), seq: 9, kind: .message, at: .now, author: AccountID(1), staff: false, caseNumber: 1, message: 9,
      version: 1, reply: 0, holding: false, stars: 0, meta: "", body: String(repeating: "b", count: bytes), hiding: hiding,
      hash: [hash])
    return LogRows([entry], after: first, headHash: [hash])
  }

  @Test func takesNoMoreThanItsBytesAndKeepsWhatIsAskedFor() {
    let weight = Self.rows(0).weight
    let memory = PageMemory(bytes: 10 * weight)
    for topic in 1...1000 as ClosedRange<Int64> {
      memory.remember(Self.rows(topic), of: TopicID(topic), since: 0)
      #expect(memory.bytes <= 10 * weight)
      // The first one is asked for again and again.
      #expect(memory.rows(of: [TopicID(1)])[0] != nil)
    }
    let known = memory.rows(of: (1...1000).map { TopicID(Int64($0)) }).enumerated().filter { $0.element != nil }.map {
      $0.offset + 1
    }
    #expect(known.count >= 5 && known.contains(1) && known.contains(1000))
    memory.drop(TopicID(1000))
    #expect(memory.rows(of: [TopicID(1000)]).allSatisfy { $0 == nil })
    for topic in 1...1000 as ClosedRange<Int64> { memory.drop(TopicID(topic)) }
    #expect(memory.bytes == 0)
  }

  @Test func keepsTheLongerOfTwoPagesOfOneState() {
    let memory = PageMemory()
    func first() -> Int64? { memory.rows(of: [TopicID(1)]).first.flatMap { $0?.first } }
    memory.remember(Self.rows(1, after: 5), of: TopicID(1), since: 0)
    memory.remember(Self.rows(1, after: 7), of: TopicID(1), since: 0)
    #expect(first() == 5)
    memory.remember(Self.rows(1, after: 2), of: TopicID(1), since: 0)
    #expect(first() == 2)
    memory.remember(Self.rows(1, hash: 2, after: 8), of: TopicID(1), since: 0)
    #expect(first() == 8)
    let nothing = PageMemory(bytes: 0)
    nothing.remember(Self.rows(1), of: TopicID(1), since: 0)
    #expect(nothing.rows(of: [TopicID(1)]).allSatisfy { $0 == nil } && nothing.bytes == 0)
  }

  @Test func takesNothingThatMayBeFromBeforeAnErasure() {
    let memory = PageMemory()
    memory.remember(Self.rows(1), of: TopicID(1), since: memory.erasures)
    let before = memory.erasures
    memory.erase(TopicID(1))
    #expect(memory.bytes == 0)
    memory.remember(Self.rows(1), of: TopicID(1), since: before)
    memory.remember(Self.rows(2), of: TopicID(2), since: before)
    #expect(memory.bytes == 0)
    memory.remember(Self.rows(1), of: TopicID(1), since: memory.erasures)
    #expect(memory.rows(of: [TopicID(1)])[0] != nil)
  }

  @Test("A look that an erasure overtakes leaves nothing behind of what was erased")
  func aLookThatIsOvertaken() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      let (topic, memory, admin, supervisor) = (world.topic, PageMemory(), world.admin, world.supervisor)
      let message = try await database.append(world.request(world.client, .send(body: "a secret", reply: 0, holding: false))).seq
      let signedIn = try await database.makeSession(supervisor)
      let look = TopicLook(topic: topic, account: world.client, session: nil)
      let (erased, ring) = AsyncStream.makeStream(of: Void.self)
      let isLocked = DispatchSemaphore(value: 0)
      // Its snapshot is older than the erasure.
      async let looked = database.app.transaction(isolation: .repeatableRead) { session in
        _ = try session.row("SELECT 1")
        let other = try Session.open(database.configuration())
        try AccessChange.run(in: other) {
          let erasure = try Erasures.request(message, in: topic, reason: "sud qarori", by: admin, other)
          try Erasures.confirm(erasure, by: supervisor, session: signedIn, at: .now, in: other)
        }
        ring.finish()
        isLocked.wait()
        return try TopicLog.states([look], at: .now, memory: memory, in: session)[0].get().entries.map(\.body)
      }
      for await _ in erased {}
      // The word of the erasure comes while it is still reading.
      try await database.superuser.transaction { session in
        try session.execute("LOCK TABLE read_mark IN ACCESS EXCLUSIVE MODE")
        isLocked.signal()
        try session.untilSomebodyWaits()
        memory.erase(topic)
      }
      #expect(try await looked == ["a secret"])
      #expect(memory.bytes == 0)
      let later = try await database.app.run {
        try TopicLog.states([look], at: .now, memory: memory, in: $0)[0].get().entries.map(\.body)
      }
      #expect(later == [nil, nil])
    }
  }

  @Test func makesEachRenderingOnce() {
    for (rows, isAlike) in [(Self.rows(1), true), (Self.rows(1, hiding: .deleted), false)] {
      var made: [Int] = []
      for reader in [3, 1, 3, 1, 1] {
        let bytes = rows.rendering(for: reader) { entries in
          made.append(reader)
          return [UInt8(reader), UInt8(entries.count)]
        }
        #expect(bytes == [isAlike ? 3 : UInt8(reader), 1])
      }
      #expect(made == (isAlike ? [3] : [3, 1]))
    }
  }

  @Test("Whatever happened before, an answer with a memory is the one without", arguments: 0..<6)
  func isNeverSeen(seed: UInt64) async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      var random = SeededRandom(seed)
      let memory = PageMemory()
      let (topic, writers) = (world.topic, [world.client, world.secondClient, world.accountant])
      let watching = try await database.makeSession(world.supervisor)
      _ = try await database.app.run {
        try TopicLog.observe(topic: topic, account: world.supervisor, session: watching, reason: "look", at: .now, in: $0)
      }
      let epoch = try await database.state(topic, world.client).epoch
      for step in 0..<40 {
        let items: [LogItem] = (0..<Int.random(in: 0...9, using: &random)).map { _ in
          let (who, message) = (writers[Int.random(in: 0..<3, using: &random)], Int64.random(in: 1...120, using: &random))
          switch Int.random(in: 0..<10, using: &random) {
          case 0: return .append(world.request(who, .edit(message: message, body: "new \(step)")))
          case 1: return .append(world.request(who, .delete(message: message)))
          default: return world.message(who, "\(step) " + String(repeating: "x", count: Int.random(in: 0...300, using: &random)))
          }
        }
        _ = try await database.append(items)
        if step == 25 {
          try await database.superuser.run {
            try $0.execute("UPDATE assignment SET ended_at = now() WHERE account_id = \(world.accountant)")
            try $0.execute("UPDATE topic SET access = access + 1 WHERE id = \(topic)")
          }
        }
        let looks = (0..<5).map { _ in
          let isWatching = Int.random(in: 0..<5, using: &random) == 0
          let after: Int64? = Bool.random(using: &random) ? Int64.random(in: 0...160, using: &random) : nil
          return TopicLook(
            topic: topic, account: isWatching ? world.supervisor : writers[Int.random(in: 0..<3, using: &random)],
            session: isWatching ? watching : nil, epoch: after == nil ? nil : epoch, after: after)
        }
        let (with, without) = try await database.app.run { session in
          (try TopicLog.states(looks, at: .now, memory: memory, in: session), try TopicLog.states(looks, at: .now, in: session))
        }
        for (one, other) in zip(with, without) {
          let plain = one.map { state in
            var state = state
            state.rows = nil
            return state
          }
          #expect("\(plain)" == "\(other)", "step \(step)")
          if case .success(let state) = one, let rows = state.rows {
            #expect(rows.entries.map(\.hash) == state.entries.map(\.hash))
          }
        }
      }
      #expect(memory.bytes > 0)
    }
  }

  @Test("What is remembered is not read again until the topic has another newest row; then nothing old is believed")
  func isAskedNoMore() async throws {
    try await withTestDatabase { database in
      let world = try await LogWorld.make(database)
      let (topic, memory) = (world.topic, PageMemory())
      let batch = try await database.append((1...60).map { world.message(world.client, "\($0)") })
      #expect(batch.results.count == 60)
      func look(after: Int64? = nil) async throws -> [String?] {
        let epoch: Key? = after == nil ? nil : try await database.state(topic, world.client).epoch
        let look = TopicLook(topic: topic, account: world.client, session: nil, epoch: epoch, after: after)
        return try await database.app.run {
          try TopicLog.states([look], at: .now, memory: memory, in: $0)[0].get().entries.map(\.body)
        }
      }
      let first = try await look()
      let (newest, fifty) = ((56...60).map { "\($0)" }, (11...60).map { "\($0)" })
      #expect(first == fifty)
      // Behind everybody's back, so that it shows what was read.
      try await database.superuser.run { session in
        try session.execute("BEGIN")
        try session.execute("SET LOCAL session_replication_role = replica")
        try session.execute("UPDATE topic_body SET body = 'changed' WHERE topic_id = \(topic)")
        try session.execute("COMMIT")
      }
      #expect(try await look() == first)
      #expect(try await look(after: 55) == newest)
      #expect(try await look(after: 10) == first)
      // It reaches less far back than this.
      #expect(try await look(after: 9) == Array(repeating: "changed", count: 51))
      _ = try await database.append([world.message(world.client, "61")])
      #expect(try await look(after: 58) == ["changed", "changed", "61"])
      memory.drop(topic)
      #expect(try await look(after: 58) == ["changed", "changed", "61"])
    }
  }
}
