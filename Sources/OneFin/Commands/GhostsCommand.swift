import ArgumentParser
import Domain
import Foundation
import Storage

/// `ghosts root` and `ghosts verify`: the ledger of ghosts, and what of it left the house.
struct GhostsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ghosts", abstract: "The ledger of who watched whom without being seen.", subcommands: [Root.self, Verify.self])

  struct Root: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "root",
      abstract: "Print the roots of the days that are over, a line each: day, rows, hash. To be mailed or kept elsewhere.")

    @Option(help: "The first day, YYYY-MM-DD; without it yesterday.")
    var from: String?

    func run() throws {
      let today = LocalDate(inTashkentAt: .now)
      guard let first = from.map({ LocalDate($0) }) ?? today.advanced(by: -1) else {
        throw ValidationError("--from must be a day like 2026-11-21.")
      }
      for root in try Self.roots(from: first, today: today, in: Session.open(CommandDatabase.configuration())) {
        print(root.line)
      }
    }

    /// Seals what is due and gives the roots. Throws: `DatabaseError`.
    static func roots(from first: LocalDate, today: LocalDate, in session: Session) throws -> [GhostLedger.Root] {
      _ = try GhostLedger.seal(before: today, in: session)
      return try GhostLedger.roots(from: first, limit: 4_000, in: session)
    }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "verify",
      abstract: "Check the whole ledger, also against roots that were kept elsewhere; ends with status 1 when it is broken.")

    @Option(help: "A file with lines as `ghosts root` prints them and RestAPI writes them.")
    var roots: String?

    func run() throws {
      let kept = try roots.map { try Self.read($0) } ?? []
      let session = try Session.open(CommandDatabase.configuration())
      let fault = try GhostLedger.verify(against: kept, in: session)
      if let fault { print("broken: \(fault)") }
      let head = try GhostLedger.head(in: session)
      print("\(head.seq) rows checked, and \(kept.count) roots that were kept elsewhere; the head is \(Hex.string(head.hash))")
      if fault != nil { throw ExitCode(1) }
    }

    /// The roots in a file. Throws: what the file system says; `ValidationError` for a line that is none.
    static func read(_ path: String) throws -> [GhostLedger.Root] {
      let text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
      return try text.split(whereSeparator: \.isNewline).enumerated().map { number, line in
        guard let root = GhostLedger.Root(line: String(line)) else {
          throw ValidationError("\(path), line \(number + 1) is no root: a day, a number of rows, and 64 hexadecimal digits.")
        }
        return root
      }
    }
  }
}
