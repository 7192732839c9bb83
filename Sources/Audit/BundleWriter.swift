public import Crypto
public import Domain
import Foundation

/// Writes a bundle piece by piece: an archive of files with JSON lines, a manifest and its signature. In memory is at most one file of the
/// archive, which is
/// closed at `partSize`; the next one of its kind follows.
public struct BundleWriter {
  /// What a bundle is made of.
  public enum Scope: Sendable, Hashable {
    /// Everything.
    case all
    /// What belongs to one organisation.
    case organisation(OrganisationID)
    /// Rows of the action log.
    case actions
  }

  /// How large a file of the archive gets, about, in bytes.
  static let partSize = 4 << 20

  private let sink: ([UInt8]) throws -> Void
  private let key: Curve25519.Signing.PrivateKey
  private let seconds: Int64
  private var manifest: BundleManifest
  private var kind = ""
  private var part = 0
  private var buffer: [UInt8] = []
  private var count = 0
  private var lines: BundleLines?
  private let encoder: JSONEncoder

  /// Begins one. `sink` gets the archive's bytes in order.
  public init(_ scope: Scope, at: Timestamp, key: Curve25519.Signing.PrivateKey, to sink: @escaping ([UInt8]) throws -> Void) {
    (self.sink, self.key, seconds) = (sink, key, at.microseconds / 1_000_000)
    encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var organisation: Int64?
    let word: String
    switch scope {
    case .all: word = "all"
    case .organisation(let id): (word, organisation) = ("organisation", id.rawValue)
    case .actions: word = "actions"
    }
    manifest = BundleManifest(
      format: BundleManifest.format, scope: word, organisation: organisation, madeAt: at.rfc3339,
      publicKey: Hex.string(key.publicKey.rawRepresentation), members: [])
  }

  /// Adds a line to the files of the kind that was begun. Throws: what the sink throws.
  mutating func add(_ value: some Encodable) throws {
    let json = try encoder.encode(value)
    if buffer.count >= Self.partSize {
      try close()
      part += 1
    }
    if lines == nil { lines = BundleLines(name: name) }
    if let line = lines?.line(Array(json)) { buffer += line }
    count += 1
  }

  /// Files of this kind come now, at least one, be it empty: what is missing is told from what there was none of.
  mutating func begin(_ kind: BundleKind) throws {
    try close()
    (self.kind, part) = (kind.rawValue, 1)
  }

  /// Writes the manifest, its signature and the archive's end. Throws: what the sink throws.
  public mutating func finish() throws {
    try close()
    let text = try manifest.encoded
    try put(text, as: BundleManifest.name)
    try put(Array(try key.signature(for: text)), as: BundleManifest.signatureName)
    try sink(Tar.end)
  }

  private var name: String {
    let number = String(part)
    return "\(kind)/" + String(repeating: "0", count: max(0, 6 - number.utf8.count)) + number + ".jsonl"
  }

  private mutating func close() throws {
    guard !kind.isEmpty, part > 0 else { return }
    let link = lines?.link ?? BundleLines(name: name).link
    manifest.members.append(
      BundleManifest.Member(
        name: name, size: buffer.count, sha256: Hex.string(HashChain.digest(buffer)), lines: count, chain: Hex.string(link)))
    try put(buffer, as: name)
    (buffer, count, lines) = ([], 0, nil)
  }

  private func put(_ bytes: [UInt8], as name: String) throws {
    try sink(Tar.header(name: name, size: bytes.count, seconds: seconds))
    try sink(bytes + [UInt8](repeating: 0, count: Tar.padding(bytes.count)))
  }
}
