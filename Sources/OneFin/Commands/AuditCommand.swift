import ArgumentParser
import Domain
import Storage

/// `audit verify`: whether every topic's log still is what was written.
struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "Check what can't be changed unseen.", subcommands: [Verify.self])

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "verify", abstract: "Check the hash chain of every topic; ends with status 1 when one is broken.")

    @Option(help: "A libpq conninfo string; without it ONEFIN_DATABASE.")
    var database: String?

    func run() throws {
      var configuration = try CommandDatabase.configuration()
      if let database { configuration.conninfo = database }
      let (topics, faults) = try Self.verify(in: Session.open(configuration))
      for fault in faults { print("broken: \(fault)") }
      print("\(topics) topics checked, \(faults.count) broken")
      if !faults.isEmpty { throw ExitCode(1) }
    }

    /// Walks every topic; gives how many there are and the first fault of each broken one. Throws: `DatabaseError`.
    static func verify(in session: Session) throws -> (topics: Int, faults: [ChainFault]) {
      let topics = try session.rows("SELECT id FROM topic ORDER BY id").map { try $0["id", as: TopicID.self] }
      return (topics.count, try topics.compactMap { try TopicLog.verifyChain(topic: $0, in: session) })
    }
  }
}
