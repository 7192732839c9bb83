import Domain
import Logging
import Reactor
import ServerKit
import Storage
import TestSupport
import Testing
import WebSocketServer

@testable import ChatServer

/// A whole chat server on a free port of loopback.
struct LiveServer {
  let application: ChatApplication
  let port: UInt16

  static func start(_ database: TestDatabase, loops: Int = 2, environment: [String: String] = [:]) throws -> LiveServer {
    let defaults = [
      "ONEFIN_DATABASE": database.conninfo(role: "onefin_app"), "CHAT_LISTEN": "127.0.0.1:0", "CHAT_UPSTREAM": "",
      "CHAT_LOOPS": String(loops), "CHAT_ALLOWED_ORIGINS": "https://chat.example.uz",
    ]
    let reader = ConfigurationReader(environment: defaults.merging(environment) { $1 })
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    var options = ChatApplication.Options()
    options.socketLimits.requestBurst = 100_000
    let application = try ChatApplication(try ChatConfiguration(reader), options: options, logger: logger)
    guard case .v4(_, let port) = application.address.kind else { throw LiveClient.Ended() }
    return LiveServer(application: application, port: port)
  }
}

extension TestDatabase {
  /// Signs somebody in; the token goes into the request.
  func makeToken(_ account: AccountID) async throws -> (token: SessionToken, session: SessionID) {
    let token = SessionToken()
    return (token, try await makeSession(account, tokenHash: token.hash))
  }
}
