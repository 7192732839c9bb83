import Domain
import Foundation
import Migrations
import Storage
import TestSupport
import Testing

@Suite("Migrator")
struct MigratorTests {
  private static let first = Migration(
    version: 1, name: "one", bytes: Array("CREATE TABLE one (n integer); INSERT INTO one VALUES (1)".utf8))
  private static let second = Migration(version: 2, name: "two", bytes: Array("CREATE TABLE two (n integer)".utf8))

  private static func text(_ error: (any Error)?) -> String { error.map { "\($0)" } ?? "no error" }

  private func migrator(_ database: TestDatabase, _ migrations: [Migration]) -> Migrator {
    Migrator(database.configuration(role: "onefin_owner"), migrations: migrations)
  }

  private func tables(_ database: TestDatabase) async throws -> [String] {
    try await database.owner.run {
      try $0.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").map { try $0.decode(at: 0) }
    }
  }

  @Test("Applies what is missing, in order, once, and remembers it")
  func applies() async throws {
    try await withEmptyDatabase { database in
      let before = try migrator(database, [Self.first]).status()
      #expect((before.applied.count, before.pending, before.problem == nil) == (0, [Self.first], true))
      #expect(try migrator(database, [Self.first]).run() == [Self.first])
      #expect(try migrator(database, [Self.first]).run() == [])
      #expect(try migrator(database, [Self.first, Self.second]).run() == [Self.second])
      let after = try migrator(database, [Self.first, Self.second]).status()
      #expect(after.applied.map(\.version) == [1, 2])
      #expect(after.applied.map(\.name) == ["one", "two"])
      #expect(after.applied.map(\.checksum) == [Migrator.checksum(Self.first), Migrator.checksum(Self.second)])
      #expect(after.pending == [])
      #expect(abs(after.applied[0].appliedAt.since(.now).components.seconds) < 60)
      #expect(try await tables(database) == ["one", "schema_migration", "two"])
    }
  }

  @Test("A migration that fails is undone whole, and those before it stay")
  func fails() async throws {
    try await withEmptyDatabase { database in
      let broken = Migration(version: 2, name: "broken", bytes: Array("CREATE TABLE two (n integer); SELECT 1/0;".utf8))
      let error = failure { try migrator(database, [Self.first, broken]).run() }
      #expect(Self.text(error) == "Migration 2 (broken) failed and was rolled back: invalidValue [22012]: division by zero.")
      let left = try await tables(database)
      #expect(left == ["one", "schema_migration"])
      #expect(try migrator(database, [Self.first, Self.second]).run() == [Self.second])
    }
  }

  @Test("A changed migration and a newer database are refused with one sentence, and nothing is done")
  func refuses() async throws {
    try await withEmptyDatabase { database in
      try migrator(database, [Self.first, Self.second]).run()
      let newer = failure { try migrator(database, [Self.first]).run() }
      #expect(Self.text(newer) == "The database has migration 2, this program knows only 1: start the newer program.")
      let changed = Migration(version: 1, name: "one", bytes: Array("CREATE TABLE other (n integer)".utf8))
      let third = Migration(version: 3, name: "three", bytes: Array("CREATE TABLE three (n integer)".utf8))
      let refused = failure { try migrator(database, [changed, Self.second, third]).run() }
      #expect(
        Self.text(refused)
          == "Migration 1 (one) was applied to this database with another text: a landed migration must not be changed.")
      #expect(try migrator(database, [changed, Self.second]).status().problem != nil)
      #expect(try await tables(database) == ["one", "schema_migration", "two"])
    }
  }

  @Test("Starters that come together do not race")
  func race() async throws {
    try await withEmptyDatabase { database in
      let migrations = (1...5).map { Migration(version: $0, name: "m", bytes: Array("CREATE TABLE t\($0) (n integer)".utf8)) }
      let migrator = migrator(database, migrations)
      let applied = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<4 {
          group.addTask {
            // Migrator blocks: on a thread of its own, not on one that all tasks share.
            try await withCheckedThrowingContinuation { continuation in
              Thread.detachNewThread { continuation.resume(with: Result { try migrator.run().count }) }
            }
          }
        }
        return try await group.reduce(0, +)
      }
      #expect(applied == 5)
    }
  }

  @Test("The product's migrations apply as the owner; the app reads what was applied and writes nothing there")
  func product() async throws {
    try await withTestDatabase { database in
      let status = try Migrator(database.configuration(role: "onefin_owner")).status()
      #expect(status.applied.count == Migration.all.count)
      #expect(status.pending == [])
      let versions = try await database.app.run { try $0.value("SELECT count(*) FROM schema_migration", as: Int.self) }
      #expect(versions == Migration.all.count)
      let error = await databaseError { try await database.app.run { try $0.execute("DELETE FROM schema_migration") } }
      #expect(error?.kind == .insufficientPrivilege)
    }
  }
}
