import Crypto
import Domain
import Foundation
import ServerKit
import Storage

/// Seals authenticators' secrets with a key of the servers, so that a copy of their table alone opens nothing, and binds each to its account, so
/// that none can be moved to another's row.
enum SecondFactorSeal {
  static func seal(_ secret: [UInt8], of account: AccountID, key: SymmetricKey) throws -> [UInt8] {
    Array(try ChaChaPoly.seal(secret, using: key, authenticating: context(account)).combined)
  }

  /// Throws: when the bytes were sealed for another account or by another key, or were changed.
  static func open(_ sealed: [UInt8], of account: AccountID, key: SymmetricKey) throws -> TOTP {
    TOTP(secret: Array(try ChaChaPoly.open(ChaChaPoly.SealedBox(combined: sealed), using: key, authenticating: context(account))))
  }

  /// The servers' key, in the transaction at hand. Throws: `DatabaseError`.
  static func key(in session: Session) throws -> SymmetricKey {
    var generator = SystemRandomNumberGenerator()
    let candidate = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    return SymmetricKey(data: try ServerKeys.key("second_factor", orElse: candidate, in: session))
  }

  private static func context(_ account: AccountID) -> Data { Data("1fin.second_factor.v1 \(account)".utf8) }
}
