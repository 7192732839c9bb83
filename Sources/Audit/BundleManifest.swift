import Domain
import Foundation

/// What a bundle has: the last but one file of the archive, `manifest.json`, over whose bytes the signature goes.
struct BundleManifest: Codable, Equatable {
  /// One file of the archive.
  struct Member: Codable, Equatable {
    var name: String
    var size: Int
    var sha256: String
    /// How many lines; 0 for what has none.
    var lines: Int
    /// The last line's link (see `BundleLines`).
    var chain: String
  }

  static let format = "1fin.bundle.v1"
  static let name = "manifest.json"
  static let signatureName = "manifest.sig"

  var format: String
  /// What it was made of: `all`, `organisation` or `actions`.
  var scope: String
  /// Which organisation, for that scope.
  var organisation: Int64?
  /// When it was made, RFC 3339.
  var madeAt: String
  /// The key that goes with the signature, hexadecimal.
  var publicKey: String
  var members: [Member]

  var encoded: [UInt8] {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
      return Array(try encoder.encode(self))
    }
  }
}

/// The lines of a bundle's files: JSON objects whose last field `h` chains them, `h = SHA-256(h of the line before ‖ the line without h)`,
/// beginning with the
/// SHA-256 of the file's name. So a line that was changed, added or taken out is found itself, and not only its file.
struct BundleLines {
  private static let start = Array(#","h":""#.utf8)
  private static let end = Array("\"}".utf8)
  private(set) var link: [UInt8]

  init(name: String) { link = HashChain.digest(Array(name.utf8)) }

  /// The line of a JSON object, with its end.
  mutating func line(_ body: [UInt8]) -> [UInt8] {
    link = HashChain.digest(link + body)
    return body.dropLast() + Self.start + Array(Hex.string(link).utf8) + Self.end + [10]
  }

  /// The JSON object of a line, without its end; nil when it isn't the line that was written after those before it.
  mutating func check(_ line: some BidirectionalCollection<UInt8>) -> [UInt8]? {
    let tail = Self.start.count + 64 + Self.end.count
    guard line.count > tail else { return nil }
    let body = Array(line.dropLast(tail)) + [UInt8(ascii: "}")]
    let next = HashChain.digest(link + body)
    guard line.suffix(tail).elementsEqual(Self.start + Array(Hex.string(next).utf8) + Self.end) else { return nil }
    link = next
    return body
  }
}
