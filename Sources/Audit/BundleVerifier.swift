public import Crypto
import Domain
import Foundation

/// Checks a bundle without any database: the signature, every file, every line, and then what the lines say: the topics' chains, bodies,
/// files, the roots, the
/// action log.
public enum BundleVerifier {
  /// What was found in a bundle that is whole and signed by the right key.
  public struct Report: Sendable, Hashable {
    /// `all`, `organisation` or `actions`.
    public var scope: String
    /// When it was made, RFC 3339.
    public var madeAt: String
    /// How many lines of each kind there are.
    public var counts: [String: Int] = [:]
    /// Everything that is wrong, each with its place.
    public var faults: [String] = []
    /// What a bundle of a part can't show, in words; empty when everything was checked.
    public var unchecked: [String] = []
  }

  /// Checks a bundle. Throws: `BundleError` with the reason when it is refused altogether: cut off, put together anew, signed by another
  /// key.
  public static func verify(path: String, key: Curve25519.Signing.PublicKey) throws -> Report {
    let archive = try BundleArchive(path: path, key: key)
    var report = Report(scope: archive.manifest.scope, madeAt: archive.manifest.madeAt)
    var checks = BundleChecks(isWhole: archive.manifest.scope == "all", hasLogs: archive.manifest.scope != "actions")
    for member in archive.manifest.members {
      guard let kind = BundleKind(rawValue: String(member.name.prefix { $0 != "/" })) else {
        report.faults.append("\(member.name): this program doesn't know what it is")
        continue
      }
      let fault = try archive.lines(of: member) { number, json in
        report.counts[kind.rawValue, default: 0] += 1
        do {
          try checks.take(kind, Data(json))
        } catch is DecodingError {
          checks.faults.append("\(member.name), line \(number): it can't be read")
        }
      }
      if let fault { report.faults.append(fault) }
    }
    checks.finish()
    report.faults += checks.faults
    report.unchecked = checks.unchecked
    return report
  }
}
