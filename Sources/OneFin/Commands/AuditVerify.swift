import ArgumentParser
import Audit
import Domain
import Foundation
import ObjectStorage
import ServerKit
import Storage

extension AuditCommand {
  /// `audit verify`: a bundle, or the database.
  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "verify", abstract: "Check a bundle, or the whole database; ends with status 1 when something is broken.",
      discussion: """
        With BUNDLE and --key: the bundle, without any database. Else the database that ONEFIN_DATABASE names: every topic's chain and bodies, what is \
        read off them, the action log and the daily roots.
        """)

    @Argument(help: "The bundle's file; without it the database is checked.")
    var bundle: String?
    @Option(help: "The file with the public key, in PEM, that the bundle must be signed by.")
    var key: String?
    @Flag(help: "Check the database.")
    var database = false
    @Option(
      help: "The folder with the daily roots' files, as they left the house: the database must have those roots and no others.")
    var roots: String?
    @Flag(help: "Read every file in BLOB_STORE too, and compare it with its hash.")
    var files = false

    func validate() throws {
      if bundle != nil {
        guard key != nil else { throw ValidationError("Which key must the bundle be signed by? Say --key FILE.") }
        guard !database, !files, roots == nil else {
          throw ValidationError("Check the bundle or the database, not both at once.")
        }
      } else if key != nil {
        throw ValidationError("Which bundle? A key is for a bundle.")
      }
    }

    func run() async throws {
      if let bundle, let key {
        let report = try Self.verify(bundle: bundle, key: key)
        for fault in report.faults { print("broken: \(fault)") }
        for part in report.unchecked { print("not checked: \(part)") }
        let counts = report.counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        print("made \(report.madeAt) of \(report.scope): \(counts); \(report.faults.count) broken")
        if !report.faults.isEmpty { throw ExitCode(1) }
        return
      }
      let report = try Self.verify(roots: roots, in: CommandDatabase.session())
      for fault in report.faults { print("broken: \(fault)") }
      var isWell = report.faults.isEmpty
      print(
        """
        \(report.topics) topics with \(report.entries) rows, \(report.actions) actions and \(report.roots) roots checked, \
        \(report.faults.count) broken
        """)
      if files { isWell = try await Self.verifyFiles() && isWell }
      if !isWell { throw ExitCode(1) }
    }

    /// Checks a bundle. Throws: `Sentence` with the reason when it is refused.
    static func verify(bundle: String, key: String) throws -> BundleVerifier.Report {
      do {
        return try BundleVerifier.verify(path: bundle, key: try SigningKey.publicKey(pem: try text(of: key)))
      } catch let error as BundleError {
        throw Sentence(description: "\(error).")
      }
    }

    /// Checks the database, and the files of its roots. Throws: `DatabaseError`.
    static func verify(roots: String? = nil, in session: Session) throws -> AuditReport {
      try DatabaseAudit.run(
        now: { .now }, outside: { session in try roots.map { try RootFile.faults(in: $0, session) } ?? [] }, in: session)
    }

    private static func verifyFiles() async throws -> Bool {
      let store = try BlobConfiguration(ConfigurationReader()).open()
      let database = Postgres(try CommandDatabase.configuration())
      let result = try await BlobCheck(store: store, database: database, isQuick: false).run { print("broken: file \($0)") }
      await store.close()
      await database.close()
      print(result)
      return result.isWell
    }
  }

  /// The text of a small file. Throws: `Sentence`.
  static func text(of path: String) throws -> String {
    do {
      return try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw Sentence(description: "\(path) can't be read.")
    }
  }
}
