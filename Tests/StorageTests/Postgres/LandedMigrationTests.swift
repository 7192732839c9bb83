import Foundation
import Migrations
import Storage
import Testing

/// What has landed stays as it is: somewhere a database has run it.
@Suite("Landed migrations")
struct LandedMigrationTests {
  /// One line for each migration; the list only grows. V0001 may still change while nothing is deployed: then change its line, here.
  static let landed = [
    "V0001_core 5016b0b25372bbcc65e69c28cc22aa3c1a6f283149025d1084e74712426562ea",
    "V0002_documents 97afc8999600ae0ed8c5784849b01ade876c759dbc28c55893dfba11584a1b21",
    "V0003_people 8711a4c45c81a2e6bab69585e5157ab9ad359dec8faacca14355b3793e0fcbb6",
    "V0004_clocks a0c554fb6f08ebd5c1f67a624f41bc79cdff164f26232b9950980cb4aea074bc",
    "V0005_audit 8aa40df2276351a645e27acd40de837753bc4aa4d31f99931f1c7c22972f4037",
    "V0006_figures acffea1098094282431f7bad913e010b79a4649dccb33f0c6056d6a53009b93d",
    "V0007_ghosts 29d7b11ec0647d31c5332ef79e4e2384957f19b37ac48ce9760188bbe2a5ecf3",
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
