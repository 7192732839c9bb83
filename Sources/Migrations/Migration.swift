/// One step from one shape of the database to the next. A landed one is never changed; docs/architecture.md says how to add one.
public struct Migration: Sendable, Hashable {
  /// Its number, from 1 on and rising.
  public let version: Int
  /// The words after the number in its file's name.
  public let name: String
  /// The bytes of its file, UTF-8.
  public let bytes: [UInt8]

  /// A migration that is not in the list, for tests of the migrator.
  public init(version: Int, name: String, bytes: [UInt8]) { (self.version, self.name, self.bytes) = (version, name, bytes) }

  /// The statements.
  public var sql: String { String(decoding: bytes, as: UTF8.self) }

  /// All of them in ascending order: one line for each file of the folder SQL, which is embedded into the program. A test holds the two equal.
  public static let all: [Migration] = [
    Migration(version: 1, name: "core", bytes: PackageResources.V0001_core_sql),
    Migration(version: 2, name: "documents", bytes: PackageResources.V0002_documents_sql),
    Migration(version: 3, name: "people", bytes: PackageResources.V0003_people_sql),
    Migration(version: 4, name: "clocks", bytes: PackageResources.V0004_clocks_sql),
    Migration(version: 5, name: "audit", bytes: PackageResources.V0005_audit_sql),
    Migration(version: 6, name: "figures", bytes: PackageResources.V0006_figures_sql),
    Migration(version: 7, name: "ghosts", bytes: PackageResources.V0007_ghosts_sql),
  ]
}
