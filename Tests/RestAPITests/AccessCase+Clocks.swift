import Domain
import HTTPTypes
import Storage
import TestSupport

@testable import RestAPI

extension AccessCase {
  static let clockCases: [AccessCase] = [
    AccessCase(.get, "/api/v1/notifications", own: all(200)) { _, _, _ in ("/api/v1/notifications", nil) },
    // Another's line is passed over like one that doesn't exist.
    AccessCase(.post, "/api/v1/notifications/read", own: all(200), foreign: all(200)) { world, caller, own in
      let account = own ? caller.account : world.foreignClient.account
      let id = try await world.bench.database.app.transaction { try Notifications.add(to: account, kind: "test.told", in: $0) }
      return ("/api/v1/notifications/read", #"{"ids":[\#(id)]}"#)
    },
  ]
}
