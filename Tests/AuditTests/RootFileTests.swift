import Domain
import Foundation
import Storage
import TestSupport
import Testing

@testable import Audit

@Suite("Files of roots")
struct RootFileTests {
  @Test("What can't be read is a fault, beside the others")
  func unreadable() async throws {
    try await withTemporaryFolder { folder in
      try await withTestDatabase { database in
        let now = Timestamp(microseconds: 1_790_000_000_000_000)
        let made = try await database.app.run {
          try DailyRoots.make(at: now, salt: [UInt8](repeating: 5, count: 16), in: $0)
        }
        let name = RootFile.name(try #require(made).root.day)
        func faults() async throws -> [String] {
          try await database.app.run { try RootFile.faults(in: folder + "/roots", $0).map(\.description) }
        }
        #expect(try await faults() == ["root folder \(folder)/roots: it can't be read"])
        let files = FileManager.default
        try files.createDirectory(atPath: folder + "/roots/root-2001-01-01.json", withIntermediateDirectories: true)
        try "{".write(toFile: folder + "/roots/root-2001-01-02.json", atomically: true, encoding: .utf8)
        try "x".write(toFile: folder + "/roots/notes.txt", atomically: true, encoding: .utf8)
        try RootFile.text(try #require(made)).write(toFile: folder + "/roots/" + name, atomically: true, encoding: .utf8)
        let broken = ["root file root-2001-01-01.json: it can't be read", "root file root-2001-01-02.json: it is no root"]
        #expect(try await faults() == broken)
        try " ".write(toFile: folder + "/roots/" + name, atomically: true, encoding: .utf8)
        #expect(try await faults() == broken + ["root file \(name): it is no root"])
        // A root of the database that means nothing takes none of what else was found away.
        _ = try await database.makeDepartment()
        try RootFile.text(try #require(made)).write(toFile: folder + "/roots/" + name, atomically: true, encoding: .utf8)
        try await database.superuser.run { session in
          try session.execute("SET session_replication_role = replica")
          try session.execute("UPDATE daily_root SET day = 'infinity'")
        }
        let found = try await database.app.run { session in
          try DatabaseAudit.run(now: { now }, outside: { try RootFile.faults(in: folder + "/roots", $0) }, in: session).faults
        }
        #expect(found.map(\.place) == ["department 1", "roots", "ghost ledger", "root files"], "\(found)")
      }
    }
  }
}
