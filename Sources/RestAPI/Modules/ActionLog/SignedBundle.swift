import Audit
import Crypto
import Domain
import Foundation
import HTTPTypes
import Hummingbird
import ServerKit
import Storage

/// Signed archives as answers. One is made in a file, so that its size costs no memory, and sent from there.
enum SignedBundle {
  /// What an archive's answer says of itself.
  static func headers(name: String) -> HTTPFields {
    [
      .contentType: "application/x-tar", .contentDisposition: Disposition.header(isInline: false, name: name),
      .cacheControl: "no-store",
    ]
  }

  /// The key that signs, from its file. Throws: 409 when there is none: then nothing is signed.
  static func key(_ call: SignedCall) throws -> Curve25519.Signing.PrivateKey {
    let path = call.services.configuration.auditKey
    guard !path.isEmpty else { throw Problem(.conflict, "conflict", "No key is configured that could sign (REST_AUDIT_KEY).") }
    return try SigningKey.privateKey(pem: try String(contentsOfFile: path, encoding: .utf8))
  }

  /// The archive that `write` gives to its sink, piece by piece. The answer's head goes out before: when `write` fails, the answer ends without its end.
  static func body(
    _ call: SignedCall, _ write: @escaping @Sendable (Session, @escaping ([UInt8]) throws -> Void) throws -> Void
  ) async throws -> ResponseBody {
    let (file, database) = (try await ExportFile.scratch(call.services.uploads), call.services.database)
    return ExportFile.body(of: file) {
      try await database.run { session in
        let handle = try file.create()
        try write(session) { try handle.write(contentsOf: Data($0)) }
        try handle.close()
      }
    }
  }
}
