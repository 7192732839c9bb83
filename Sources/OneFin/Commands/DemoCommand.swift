import ArgumentParser
import Domain
import Storage

/// `demo`: fills an empty database with the demo firm.
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "Fill an empty database with the demo firm.",
    discussion: "Its documents go in later, through the servers: run it again with --documents once they are up.")

  @Flag(help: "Only print the demo's sign-ins.")
  var signIns = false

  @Option(help: ArgumentHelp("Only hand in the demo's documents, unless there are documents already.", valueName: "address"))
  var documents: String?

  func run() async throws {
    if signIns {
      print(DemoFirm.signIns, terminator: "")
    } else if let documents {
      let database = Postgres(try CommandDatabase.configuration())
      if try await !database.run({ try DemoRunner.isDone(in: $0) }) {
        var runner = DemoRunner(database: database, door: DemoDoor(address: documents))
        try await runner.run(DemoErrand.all)
      }
      await database.close()
    } else {
      try DemoSeeder(now: .now).run(in: CommandDatabase.session())
    }
  }
}
