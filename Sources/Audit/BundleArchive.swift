import Crypto
import Domain
import Foundation

/// A bundle's file: where its members lie, and that they are those that were signed.
final class BundleArchive {
  struct Member {
    let name: String
    let offset: UInt64
    let size: Int
  }

  private let handle: FileHandle
  /// What the archive has, in its order.
  let members: [Member]
  let manifest: BundleManifest

  /// Reads the archive's list and manifest, and checks the signature and that the members are those of the manifest, in its order.
  ///
  /// Throws: `BundleError` with the reason.
  init(path: String, key: Curve25519.Signing.PublicKey) throws {
    do {
      handle = try FileHandle(forReadingFrom: URL(filePath: path))
    } catch {
      throw BundleError("\(path) can't be read")
    }
    members = try Self.list(handle)
    guard let described = members.first(where: { $0.name == BundleManifest.name }),
      let signed = members.first(where: { $0.name == BundleManifest.signatureName })
    else { throw BundleError("the archive has no \(BundleManifest.name) with its signature: it was cut off, or is no bundle") }
    guard described.size < 256 << 20, signed.size == 64 else { throw BundleError("the signature isn't one") }
    let text = try Self.bytes(of: described, handle)
    let found: BundleManifest
    do {
      found = try JSONDecoder().decode(BundleManifest.self, from: text)
    } catch {
      throw BundleError("\(BundleManifest.name) can't be read")
    }
    guard found.format == BundleManifest.format else {
      throw BundleError("the bundle's format is \(found.format), which this program doesn't know")
    }
    let publicKey = Hex.string(key.rawRepresentation)
    guard key.isValidSignature(try Self.bytes(of: signed, handle), for: text) else {
      throw BundleError(
        found.publicKey == publicKey
          ? "the signature isn't that of \(BundleManifest.name): one of the two was changed"
          : "it was signed by another key, \(found.publicKey)")
    }
    manifest = found
    try compare()
  }

  deinit {
    // Nothing was written; what closing says changes nothing.
    handle.closeFile()
  }

  /// The members stand where the manifest says, no others are there.
  private func compare() throws {
    let there = members.filter { $0.name != BundleManifest.name && $0.name != BundleManifest.signatureName }
    guard members.suffix(2).map(\.name) == [BundleManifest.name, BundleManifest.signatureName] else {
      throw BundleError("something follows the signature in the archive")
    }
    for (index, said) in manifest.members.enumerated() {
      guard index < there.count else { throw BundleError("\(said.name) is missing") }
      guard there[index].name == said.name else {
        let isElsewhere = there.contains { $0.name == said.name }
        throw BundleError(
          isElsewhere ? "\(said.name) stands elsewhere, \(there[index].name) in its place" : "\(said.name) is missing")
      }
    }
    if there.count > manifest.members.count {
      throw BundleError("\(there[manifest.members.count].name) is not in the manifest")
    }
  }

  private static func list(_ handle: FileHandle) throws -> [Member] {
    var (members, offset) = ([Member](), UInt64(0))
    let end = try handle.seekToEnd()
    while true {
      guard offset + UInt64(Tar.block) <= end else {
        throw BundleError("the archive ends \(members.last.map { "after \($0.name)" } ?? "at its beginning"): it was cut off")
      }
      try handle.seek(toOffset: offset)
      let block = Array(try handle.read(upToCount: Tar.block) ?? Data())
      guard let (name, size) = try Tar.read(block) else {
        try handle.seek(toOffset: offset)
        let rest = Array(try handle.read(upToCount: Tar.end.count + 1) ?? Data())
        if rest.count < Tar.end.count { throw BundleError("the archive's end is missing: it was cut off") }
        if rest != Tar.end { throw BundleError("something follows the archive's end") }
        break
      }
      guard !members.contains(where: { $0.name == name }) else { throw BundleError("\(name) is in the archive twice") }
      members.append(Member(name: name, offset: offset + UInt64(Tar.block), size: size))
      let (past, isHuge) = offset.addingReportingOverflow(UInt64(Tar.block + size + Tar.padding(size)))
      guard !isHuge, past <= end else { throw BundleError("the archive ends in the middle of \(name): it was cut off") }
      offset = past
    }
    return members
  }

  private static func bytes(of member: Member, _ handle: FileHandle) throws -> Data {
    try handle.seek(toOffset: member.offset)
    return try handle.read(upToCount: member.size) ?? Data()
  }

  /// Checks a member against the manifest and gives its lines. Returns what is wrong with it, nil: nothing.
  func lines(of said: BundleManifest.Member, _ body: (_ number: Int, _ json: [UInt8]) throws -> Void) throws -> String? {
    guard let member = members.first(where: { $0.name == said.name }) else { return "\(said.name): it is missing" }
    let bytes = Array(try Self.bytes(of: member, handle))
    var (chain, number, fault) = (BundleLines(name: said.name), 0, String?.none)
    for line in bytes.split(separator: 10, omittingEmptySubsequences: false).dropLast(bytes.last == 10 || bytes.isEmpty ? 1 : 0) {
      number += 1
      guard let json = chain.check(line) else {
        fault = "\(said.name), line \(number): it isn't the line that was written"
        break
      }
      try body(number, json)
    }
    if fault == nil, number != said.lines || Hex.string(chain.link) != said.chain {
      fault = "\(said.name): it has \(number) lines and had \(said.lines), or others at its end"
    }
    if fault == nil, bytes.count != said.size || Hex.string(HashChain.digest(bytes)) != said.sha256 {
      fault = "\(said.name): its bytes aren't those that were signed"
    }
    return fault
  }
}
