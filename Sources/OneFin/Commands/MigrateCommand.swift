import ArgumentParser
import Migrations
import Storage

/// `migrate`: brings the database to this program's shape. ONEFIN_DATABASE must sign in as the owner.
struct MigrateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate", abstract: "Bring the database to this program's shape, as its owner.")

  func run() throws {
    let applied = try Migrator(CommandDatabase.configuration()).run()
    for migration in applied { print("applied \(migration.version) \(migration.name)") }
  }
}
