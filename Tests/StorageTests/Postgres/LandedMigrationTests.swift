import Foundation
import Migrations
import Storage
import Testing

/// What has landed stays as it is: somewhere a database has run it.
@Suite("Landed migrations")
struct LandedMigrationTests {
  /// One line for each migration; the list only grows. V0001 may still change while nothing is deployed: then change its line, here.
  static let landed = [
    "V0001_core 8eb636527abf64527b8a1f15a9c5bf18ad3d55c145de06d50ccb72816d51895d",
    "V0002_documents d4983b8a4acef81fa6c9ba70ed72d4f6d9a6e8e1151863d89c49f14efa449502",
    "V0003_people 8711a4c45c81a2e6bab69585e5157ab9ad359dec8faacca14355b3793e0fcbb6",
    "V0004_clocks 70df501b725471bbd8ec6e37bee9175a0bd214ecb11d4fedd433af1c1779f418",
    "V0005_audit f2040840a9e84c7be9a6bc4b529cb5b731e5b98847698e52afe4de3d49da1cf2",
    "V0006_figures fe1bc493d9b5427e8b492af06bddccfa74585eba02575be89ae045ca847aa3ac",
    "V0007_ghosts 2a01e91ec5af82d4667470fdc892cd02fd4f2d85cf2fdd8832c13c1ec4047088",
  ]

  @Test("Their texts are the ones that landed")
  func checksums() {
    let found = Migration.all.map { "\(Self.fileName($0)) \(Migrator.checksum($0))" }
    #expect(
      found == Self.landed,
      """
      A migration is new or was changed. New: add its line to LandedMigrationTests.landed. Changed: undo it and write a new migration, unless no \
      database in the world has it yet; then replace its line. The lines are now:
      \(found.joined(separator: "\n"))
      """)
  }

  @Test("The list in the program is the folder: numbered in rising order, byte for byte")
  func embedded() throws {
    let folder = URL(filePath: #filePath).appending(path: "../../../../Sources/Migrations/SQL").standardized
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(files == Migration.all.map { Self.fileName($0) + ".sql" }, "each file of the folder needs its line in Migration.all")
    let versions = Migration.all.map(\.version)
    #expect(versions == Set(versions).sorted() && versions.first == 1)
    for migration in Migration.all {
      let file = try Data(contentsOf: folder.appending(path: Self.fileName(migration) + ".sql"))
      #expect(migration.bytes == [UInt8](file), "\(Self.fileName(migration))")
    }
  }

  private static func fileName(_ migration: Migration) -> String {
    let number = String(migration.version)
    return "V" + String(repeating: "0", count: max(0, 4 - number.count)) + number + "_" + migration.name
  }
}
