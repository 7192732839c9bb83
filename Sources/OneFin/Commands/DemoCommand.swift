import ArgumentParser
import Domain

/// `demo`: fills an empty database with the demo firm.
struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "demo", abstract: "Fill an empty database with the demo firm.")

  @Flag(help: "Only print the demo's sign-ins.")
  var signIns = false

  func run() throws {
    if signIns {
      print(DemoFirm.signIns, terminator: "")
    } else {
      try DemoSeeder(now: .now).run(in: CommandDatabase.session())
    }
  }
}
