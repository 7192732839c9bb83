import ArgumentParser

/// `demo`: fills an empty database with the demo firm.
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "demo", abstract: "Fill an empty database with the demo firm.")

  @Flag(help: "Only print the demo's sign-ins.")
  var signIns = false

  func run() async throws {
    if signIns {
      print(DemoFirm.signIns, terminator: "")
      return
    }
  }
}
