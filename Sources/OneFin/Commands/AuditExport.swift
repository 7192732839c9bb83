import ArgumentParser
import Audit
import Crypto
import Domain
import Foundation
import Storage

extension AuditCommand {
  /// `audit export`: one signed archive.
  struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "export", abstract: "Write everything, or what belongs to one organisation, into one signed archive.",
      discussion: """
        Messages with every version, the hashes of files, reads, ghosts' stays, the action log, the daily roots. Hidden texts are in it: it is for the firm. \
        `audit verify` checks it anywhere, without the database. docs/audit.md tells the format.
        """)

    @Option(help: "The number of an organisation; without it everything.")
    var organisation: Int64?
    @Option(help: "The file with the private key that signs, in PEM (`audit key` makes one).")
    var key: String
    @Option(help: "The archive's file; it must not be there yet.")
    var out: String

    func run() async throws {
      let key: Curve25519.Signing.PrivateKey
      do {
        key = try SigningKey.privateKey(pem: try AuditCommand.text(of: self.key))
      } catch let error as BundleError {
        throw Sentence(description: "\(self.key): \(error).")
      }
      let session = try CommandDatabase.session()
      try Self.export(organisation.map { OrganisationID($0) }, key: key, to: out, in: session)
      print("wrote \(out)")
    }

    /// Writes the archive; a file that isn't whole isn't left behind. It is in the action log before its first byte. Throws: `Sentence`,
    /// `DatabaseError`.
    static func export(
      _ organisation: OrganisationID?, key: Curve25519.Signing.PrivateKey, to path: String, in session: Session
    ) throws {
      // Only its owner reads it: there is everything in it.
      let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else { throw Sentence(description: "\(path) can't be made: \(String(cString: strerror(errno))).") }
      let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      do {
        try ActionLog.append(
          "audit.export", by: ActionLog.Actor(account: nil, session: nil, address: ""), organisation: organisation,
          detail: ["key": .text(Hex.string(key.publicKey.rawRepresentation))], in: session)
        try BundleExport.write(organisation, at: .now, key: key, in: session) { try file.write(contentsOf: Data($0)) }
        try file.synchronize()
        try file.close()
      } catch {
        unlink(path)
        if let error = error as? BundleError { throw Sentence(description: "\(error).") }
        throw error
      }
    }
  }

  /// `audit key`: a new pair.
  struct Key: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "key", abstract: "Make a pair of keys for bundles: FILE, which is secret, and FILE.pub.")

    @Argument(help: "Where the private key goes; it must not be there yet.")
    var file: String

    func run() throws {
      let key = Curve25519.Signing.PrivateKey()
      try Self.put(SigningKey.pem(key), at: file, mode: 0o600)
      try Self.put(SigningKey.pem(key.publicKey), at: file + ".pub", mode: 0o644)
      print("wrote \(file) and \(file).pub; the public key is \(Hex.string(key.publicKey.rawRepresentation))")
    }

    private static func put(_ text: String, at path: String, mode: mode_t) throws {
      let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
      guard descriptor >= 0 else { throw Sentence(description: "\(path) can't be made: \(String(cString: strerror(errno))).") }
      let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      try file.write(contentsOf: Data(text.utf8))
      try file.close()
    }
  }
}
