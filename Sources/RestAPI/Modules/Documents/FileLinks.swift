import Crypto
import Domain
import Foundation
import ServerKit
import Storage
import Synchronization

/// Signs addresses of files: for one file, one session and a few minutes. The key lies in the database, so that every server knows the others'.
final class FileLinks: Sendable {
  /// How long an address works.
  static let life: Duration = .seconds(300)

  /// What an address is for.
  struct Target: Sendable, Hashable {
    let document: DocumentID
    let rendition: DocumentRendition
    let session: SessionID
    /// Seconds since 1970; from then on it works no more.
    let expires: Int64

    fileprivate var text: Data { Data("1fin.file.v1\n\(document)\n\(rendition.rawValue)\n\(session)\n\(expires)".utf8) }
  }

  private let database: Postgres
  private let known = Mutex<SymmetricKey?>(nil)
  /// An address and what it was used for.
  private struct Use: Hashable {
    let signature: String
    let handing: Documents.Handing
  }

  /// Uses of addresses that were written down, and until when the addresses work.
  private let used = Mutex<[Use: Int64]>([:])

  init(database: Postgres) { self.database = database }

  /// The signature of a target, base64url.
  func sign(_ target: Target) async throws -> String {
    Base64URL.string(Array(HMAC<SHA256>.authenticationCode(for: target.text, using: try await key())))
  }

  /// Whether a signature is that of the target; takes the same time whatever is wrong with it.
  func isValid(_ signature: String, of target: Target) async throws -> Bool {
    guard let bytes = Base64URL.bytes(signature) else { return false }
    return HMAC<SHA256>.isValidAuthenticationCode(bytes, authenticating: target.text, using: try await key())
  }

  /// Remembers that the use of an address was written down.
  func note(_ signature: String, _ handing: Documents.Handing, of target: Target, at now: Timestamp) {
    let seconds = now.microseconds / 1_000_000
    used.withLock { used in
      if used.count >= Self.remembered { used = used.filter { $0.value > seconds } }
      if used.count < Self.remembered { used[Use(signature: signature, handing: handing)] = target.expires }
    }
  }

  /// Whether this use of an address was written down by this server: its further parts are the same look.
  func isNoted(_ signature: String, _ handing: Documents.Handing) -> Bool {
    used.withLock { $0[Use(signature: signature, handing: handing)] != nil }
  }

  /// How many used addresses are remembered; the parts of others are written down one by one.
  private static let remembered = 10_000

  private func key() async throws -> SymmetricKey {
    if let key = known.withLock({ $0 }) { return key }
    var generator = SystemRandomNumberGenerator()
    let candidate = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    let bytes = try await database.transaction { try ServerKeys.key("files", orElse: candidate, in: $0) }
    let key = SymmetricKey(data: bytes)
    known.withLock { $0 = key }
    return key
  }
}
