import Domain
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import ServerKit
import Storage

/// What a stamp's QR code leads to, as answers carry it.
struct VerificationAnswer: Encodable {
  struct Person: Encodable {
    let id: Int64
    let name: String
  }

  /// Whose stamp it is.
  let firm: String
  /// Who uploaded the document.
  let uploader: Person
  /// When it was stamped.
  let at: String
  /// The document's number.
  let document: Int64
}

/// Whether a file is the stamped one.
struct ComparisonAnswer: Encodable {
  /// Byte for byte.
  let same: Bool
}

/// Whether a file of some size can be the stamped one.
struct SizeAnswer: Encodable {
  let possible: Bool
}

/// What anybody may ask who holds a stamped paper: whose stamp it is, and whether a file is that paper.
enum VerificationActions {
  /// Files that are compared at once; those past it are told to come back.
  static let comparisons = 8

  /// Throws: 404 for a token that is none, or nobody's; 429.
  static func find(_ token: String?, _ call: Call) async throws -> StampRecord {
    try call.services.admitVerification(from: call.context.address)
    guard let hash = token.flatMap({ StampToken($0) })?.hash else { throw Problem.notFound }
    guard let stamp = try await call.services.database.run({ try Documents.stamp(tokenHash: hash, in: $0) }) else {
      throw Problem.notFound
    }
    return stamp
  }

  /// Whether a file of `size` bytes can be the stamped one: asked before a file is sent, since whoever sends one that is longer is hung up on.
  ///
  /// Throws: 404, 422 without a size, 429.
  static func isPossible(_ token: String?, _ call: Call) async throws -> Bool {
    let stamp = try await find(token, call)
    guard let size = try call.query("size") else { throw Problem.invalid(["size": "required"]) }
    return size == stamp.size
  }

  /// Compares a request's body, as it comes, with the stamped file. It is read no further than that file is long, and kept nowhere.
  ///
  /// Throws: 404, 429; 503 with too many at once; 408.
  static func compare(_ token: String?, _ call: Call) async throws -> Bool {
    let stamp = try await find(token, call)
    return try await call.services.comparing {
      if let length = call.request.headers[.contentLength].flatMap({ Int64($0) }), length != stamp.size { return false }
      let body = call.request.body
      return try await withThrowingTaskGroup(of: Bool.self) { group in
        group.addTask {
          var hasher = BlobHash.Hasher()
          var received: Int64 = 0
          for try await part in body {
            received += Int64(part.readableBytes)
            guard received <= stamp.size else { return false }
            part.withUnsafeReadableBytes { hasher.update($0) }
          }
          return received == stamp.size && hasher.finalize().bytes == stamp.hash
        }
        group.addTask {
          try await Task.sleep(for: .seconds(120))
          throw Problem(.requestTimeout, "timeout", "The body did not come in time.")
        }
        defer { group.cancelAll() }
        return try await group.next() ?? false
      }
    }
  }
}
