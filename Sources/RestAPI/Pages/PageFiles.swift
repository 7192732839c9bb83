import Crypto
import Foundation
import HTTPTypes
import Synchronization

/// The files of the built pages, read once each and kept in memory until they change on disk.
final class PageFiles: Sendable {
  /// One file, ready to be sent.
  struct File: Sendable {
    let bytes: [UInt8]
    /// The same, gzipped, when a `.gz` lies beside it.
    let gzipped: [UInt8]?
    let type: String
    /// A strong ETag: what the content hashes to.
    let tag: String
    /// Whether the name carries a hash of the content, so that it never changes.
    let isImmutable: Bool
    fileprivate let stamp: Stamp
  }

  fileprivate struct Stamp: Sendable, Equatable {
    let size: Int
    let modified: Date
    let gzipModified: Date?
  }

  /// A file larger than this isn't a page's; it would only fill the memory.
  static let maximumBytes = 16 << 20

  private let root: String
  private let cache = Mutex<[String: File]>([:])

  /// - Parameter root: the folder; empty: there are no pages.
  init(root: String) {
    self.root =
      root.isEmpty ? "" : URL(filePath: root, directoryHint: .isDirectory).standardizedFileURL.resolvingSymlinksInPath().path
  }

  /// The file at a path of the address, such as `/assets/app-1a2b3c4d.js`; nil when there is none or the path tries to leave the folder.
  ///
  /// - Throws: what reading it threw.
  func file(at path: String) throws -> File? {
    guard !root.isEmpty, let name = Self.safe(path) else { return nil }
    let url = URL(filePath: root).appending(path: name)
    guard url.resolvingSymlinksInPath().path.hasPrefix(root + "/"), let stamp = try Self.stamp(url) else { return nil }
    if let known = cache.withLock({ $0[name] }), known.stamp == stamp { return known }
    let data = try Data(contentsOf: url)
    let zipped = stamp.gzipModified == nil ? nil : try Data(contentsOf: url.appendingPathExtension("gz"))
    let tag = SHA256.hash(data: data).prefix(16).map { String(format: "%02x", $0) }.joined()
    let file = File(
      bytes: Array(data), gzipped: zipped.map(Array.init), type: Self.mediaType(url.pathExtension), tag: "\"\(tag)\"",
      isImmutable: Self.isHashed(url.lastPathComponent), stamp: stamp)
    cache.withLock { $0[name] = file }
    return file
  }

  /// The path without its slash, when each part is a plain name: no dots in front, no way up, nothing that a file system reads differently.
  static func safe(_ path: String) -> String? {
    guard let decoded = path.removingPercentEncoding, decoded.hasPrefix("/"), decoded.utf8.count <= 1000 else { return nil }
    let parts = decoded.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    for part in parts {
      guard !part.isEmpty, !part.hasPrefix("."), !part.hasSuffix(".gz") else { return nil }
      guard part.unicodeScalars.allSatisfy({ $0.value > 0x1F && $0 != "\\" && $0 != "\u{7F}" }) else { return nil }
    }
    return parts.joined(separator: "/")
  }

  private static func stamp(_ url: URL) throws -> Stamp? {
    guard let (size, modified) = try attributes(url), size <= maximumBytes else { return nil }
    return Stamp(size: size, modified: modified, gzipModified: try attributes(url.appendingPathExtension("gz"))?.modified)
  }

  private static func attributes(_ url: URL) throws -> (size: Int, modified: Date)? {
    guard FileManager.default.fileExists(atPath: url.path) else { return nil }
    let attributes = try FileManager.default.attributesOfItem(atPath: url.path)
    guard attributes[.type] as? FileAttributeType == .typeRegular, let size = attributes[.size] as? NSNumber,
      let modified = attributes[.modificationDate] as? Date
    else { return nil }
    return (size.intValue, modified)
  }

  /// `name-2A3B4C5D.js`: eight characters of base32, as the bundler names what may be kept for as long as one likes, or of a hexadecimal sum
  /// (with a digit in it, because `icon-deadbeef` may be a name).
  static func isHashed(_ name: String) -> Bool {
    guard let stem = name.split(separator: ".").first, let dash = stem.lastIndex(of: "-") else { return false }
    let hash = stem[stem.index(after: dash)...]
    guard hash.utf8.count == 8 else { return false }
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    let isBase32 = hash.utf8.allSatisfy {
      (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) || (UInt8(ascii: "2")...UInt8(ascii: "7")).contains($0)
    }
    let isHex = hash.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0) || digits.contains($0) }
    return isBase32 || (isHex && hash.utf8.contains(where: digits.contains))
  }

  static func mediaType(_ fileExtension: String) -> String {
    switch fileExtension.lowercased() {
    case "html": "text/html; charset=utf-8"
    case "js", "mjs": "text/javascript; charset=utf-8"
    case "css": "text/css; charset=utf-8"
    case "json", "map": "application/json; charset=utf-8"
    case "webmanifest": "application/manifest+json; charset=utf-8"
    case "svg": "image/svg+xml"
    case "png": "image/png"
    case "jpg", "jpeg": "image/jpeg"
    case "webp": "image/webp"
    case "gif": "image/gif"
    case "ico": "image/x-icon"
    case "woff2": "font/woff2"
    case "woff": "font/woff"
    case "wasm": "application/wasm"
    case "mp3": "audio/mpeg"
    case "txt": "text/plain; charset=utf-8"
    default: "application/octet-stream"
    }
  }
}
