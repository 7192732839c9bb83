import ArgumentParser

/// `onefin-cli`: what an operator does that no page does.
@main
struct OneFinCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "onefin-cli", abstract: "1fin's tools for whoever runs it.",
    discussion: "The database is named by ONEFIN_DATABASE, a libpq conninfo string.",
    subcommands: [
      MigrateCommand.self, DemoCommand.self, AdminCommand.self, AuditCommand.self, GhostsCommand.self, BlobsCommand.self,
      ConfigDocsCommand.self,
    ])
}
