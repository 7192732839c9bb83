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
    "V0003_people bb974772233187cbc0eb5de2b046900348e312992b617479bc5431bc246c8509",
    "V0004_clocks 18e0db166b1ba0e9e947566a1a170727b71456b4f3fbcd921fb2fc57842acd9a",
    "V0005_audit f2040840a9e84c7be9a6bc4b529cb5b731e5b98847698e52afe4de3d49da1cf2",
    "V0006_figures 740d329535cb336e09924733fdcedb8724b30a0ee9b3d43105f5b222e0d9d565",
    "V0007_ghosts 5bafe828e88f00f7b84112b0638b794eda7beb0ac7fa92cd56517949012af881",
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
