import Domain
import Storage
import Synchronization
import TestSupport
import Testing

@Suite("Sealing the action log")
struct ActionSealTests {
  /// How many writers are at work.
  private final class Running: Sendable {
    let count = Atomic(4)
  }

  private static let nobody = ActionLog.Actor(account: nil, session: nil, address: "10.0.0.1")

  /// The chain as it stands: places, rows, hashes, each link recomputed. Throws: `DatabaseError`.
  private func chain(_ session: Session) throws -> [Int64] {
    var (prev, ids) = (ActionChain.origin, [Int64]())
    for row in try session.rows(
      """
      SELECT s.seq, l.id, l.at, l.account_id, l.session_id, l.organisation_id, l.action, l.address, l.detail::text AS detail, s.hash
        FROM action_seal s JOIN action_log l ON l.id = s.log_id ORDER BY s.seq
      """)
    {
      let link = ActionChain.Row(
        seq: try row["seq"], id: try row["id"], at: try row["at"], account: try row["account_id"], session: try row["session_id"],
        organisation: try row["organisation_id"], action: try row["action"], address: try row["address"],
        detail: try row["detail"])
      prev = ActionChain.hash(link, after: prev)
      #expect(link.seq == Int64(ids.count + 1))
      #expect(try row["hash", as: [UInt8].self] == prev)
      ids.append(link.id)
    }
    let head = try session.one("SELECT seq, hash FROM action_head")
    #expect(try head["seq", as: Int64.self] == Int64(ids.count))
    #expect(try head["hash", as: [UInt8]?.self] == (ids.isEmpty ? nil : prev))
    return ids
  }

  @Test("A row that is committed late is sealed late, and none is skipped")
  func late() async throws {
    try await withTestDatabase { database in
      let slow = try Session.open(database.app.configuration)
      try slow.transaction {
        try ActionLog.append("session.start", by: Self.nobody, in: slow)
        try interfere(database)
      }
      try await database.app.run { session in
        try ActionSeal.sealAll(in: session)
        // The slow one has the lower id and comes second.
        #expect(try chain(session) == [2, 1])
        #expect(try session.value("SELECT count(*) FROM action_unsealed", as: Int64.self) == 0)
      }
    }
  }

  /// Another writer's row, committed and sealed while the first one's transaction is open.
  private func interfere(_ database: TestDatabase) throws {
    let quick = try Session.open(database.app.configuration)
    try ActionLog.append("session.end", by: Self.nobody, in: quick)
    #expect(try ActionSeal.seal(in: quick) == 1)
  }

  @Test("Many writers and several sealers: every row once, in one chain")
  func many() async throws {
    try await withTestDatabase { database in
      let running = Running()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for writer in 0..<4 {
          group.addTask {
            let session = try Session.open(database.app.configuration)
            for number in 0..<100 {
              try session.transaction {
                for _ in 0...(number % 3) {
                  try ActionLog.append(
                    "session.start", by: Self.nobody, detail: ["n": .number(Int64(writer * 1000 + number))], in: session)
                }
              }
            }
            running.count.subtract(1, ordering: .sequentiallyConsistent)
          }
        }
        for _ in 0..<2 {
          group.addTask {
            let session = try Session.open(database.app.configuration)
            while running.count.load(ordering: .sequentiallyConsistent) > 0 { try ActionSeal.seal(in: session) }
          }
        }
        try await group.waitForAll()
      }
      try await database.app.run { session in
        try ActionSeal.sealAll(in: session)
        let ids = try chain(session)
        #expect(Set(ids).count == ids.count)
        #expect(try session.value("SELECT count(*) FROM action_log", as: Int64.self) == Int64(ids.count))
      }
    }
  }

  @Test("A sealer that dies half-way leaves the chain whole, and the next one goes on")
  func crash() async throws {
    try await withTestDatabase { database in
      try await database.app.run { session in
        for _ in 0..<5 { try ActionLog.append("session.start", by: Self.nobody, in: session) }
      }
      let dying = try Session.open(database.app.configuration)
      let killer = try Session.open(database.superuser.configuration)
      let error = databaseError {
        try dying.transaction {
          try ActionSeal.seal(in: dying)
          // Somebody else leaves at once instead of waiting for it.
          let other = try Session.open(database.app.configuration)
          #expect(try ActionSeal.seal(in: other) == 0)
          try killer.execute("SELECT pg_terminate_backend(\(dying.processID))")
        }
      }
      #expect(error != nil)
      try await database.app.run { session in
        #expect(try session.value("SELECT count(*) FROM action_seal", as: Int64.self) == 0)
        try ActionSeal.sealAll(in: session)
        #expect(try chain(session) == [1, 2, 3, 4, 5])
      }
    }
  }

  @Test("Whoever needs every committed row sealed waits for the sealer that is at it")
  func waiting() async throws {
    try await withTestDatabase { database in
      try await database.app.run { session in
        for _ in 0..<3 { try ActionLog.append("session.start", by: Self.nobody, in: session) }
      }
      let busy = try Session.open(database.app.configuration)
      try busy.execute("BEGIN")
      _ = try busy.row("SELECT seq FROM action_head FOR UPDATE")
      // Nobody waits who only helps.
      try await database.app.run { try ActionSeal.sealAll(in: $0) }
      let left = try await database.app.run { try ActionSeal.state(in: $0).waiting }
      #expect(left == 3)
      async let sealed = database.app.run { session in
        try ActionSeal.sealCommitted(in: session)
        return try ActionSeal.state(in: session)
      }
      // It waits for the lock, and goes on when that is let go of.
      var isBlocked = false
      while !isBlocked {
        isBlocked =
          try await database.superuser.run {
            try $0.value(
              """
              SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
                                AND query LIKE '%action_head FOR UPDATE%')
              """, as: Bool.self)
          } ?? false
      }
      try busy.execute("COMMIT")
      let state = try await sealed
      #expect(state.seq == 3 && state.waiting == 0)
    }
  }

  @Test("Neither links nor the queue can be changed past the sealing")
  func guards() async throws {
    try await withTestDatabase { database in
      try await database.app.run { session in
        try ActionLog.append("session.start", by: Self.nobody, in: session)
        try ActionSeal.sealAll(in: session)
        try ActionLog.append("session.end", by: Self.nobody, in: session)
      }
      let attempts: [SQL] = [
        "DELETE FROM action_unsealed", "INSERT INTO action_unsealed VALUES (1)", "UPDATE action_unsealed SET log_id = 9",
        "TRUNCATE action_unsealed", "UPDATE action_seal SET seq = 9", "DELETE FROM action_seal",
        "UPDATE action_head SET seq = 0, hash = NULL",
        "DELETE FROM action_head", "TRUNCATE action_seal",
      ]
      for attempt in attempts {
        let error = await databaseError { try await database.app.run { try $0.execute(attempt) } }
        #expect(error?.kind == .insufficientPrivilege, "\(attempt.statement)")
      }
    }
  }
}
