import Domain
import Logging
import ServerKit
import Storage

/// Finds the sessions of those who come in.
typealias SessionReader = BatchReader<Sessions.Arrival, Sessions.Admission>

extension BatchReader where Question == Sessions.Arrival, Answer == Sessions.Admission {
  /// A reader that uses all connections of the pool.
  convenience init(_ database: Postgres) {
    self.init(database, lanes: database.configuration.poolSize, batchLimit: 64) { try Sessions.admit($0, at: .now, in: $1) }
  }

  /// Decides by the token in a cookie or a header.
  func authenticator(_ logger: Logger) -> SocketAuthenticator {
    { credential, address in
      let text: String =
        switch credential {
        case .cookie(let value): value
        case .bearer(let value): value
        }
      guard let token = SessionToken(text) else { return .refused }
      do {
        let admission = try await self.read(Sessions.Arrival(tokenHash: token.hash, address: address))
        return .admitted(session: admission.session, account: admission.account)
      } catch let error as DomainError where error.code == .notFound {
        return .refused
      } catch let error as DomainError where error.code == .forbidden {
        return .owing
      } catch {
        logger.warning("nobody can be signed in", metadata: ["error": "\(error)"])
        return .unavailable
      }
    }
  }
}
