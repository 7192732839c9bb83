import ArgumentParser

/// `audit`: whether everything still is what was written, here and in what was taken out of the house.
struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "Check what can't be changed unseen, and take it out of the house.",
    subcommands: [Verify.self, Export.self, Key.self])
}
