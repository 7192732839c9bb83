import Domain
import HTTPTypes
import ServerKit
import Storage
import TestSupport

@testable import RestAPI

extension AccessWorld {
  /// Makes the daily root, so that there is one to prove things by.
  func rooted() async throws {
    let now = bench.services.clock()
    try await bench.database.app.run { _ = try DailyRoots.make(at: now, salt: [UInt8](repeating: 1, count: 16), in: $0) }
  }
}

extension AccessCase {
  /// Who may see the action log, the roots, and what proves a topic. Whoever takes no part reads inside an observation.
  static let auditCases: [AccessCase] = [
    AccessCase(.get, "/api/v1/actions", own: only(200, 0)) { _, _, _ in ("/api/v1/actions", nil) },
    AccessCase(.get, "/api/v1/actions/names", own: only(200, 0)) { _, _, _ in ("/api/v1/actions/names", nil) },
    AccessCase(.get, "/api/v1/actions/export", own: only(200, 0)) { _, _, _ in ("/api/v1/actions/export?format=csv", nil) },
    AccessCase(.get, "/api/v1/integrity", own: only(200, 0)) { _, _, _ in ("/api/v1/integrity", nil) },
    AccessCase(.post, "/api/v1/integrity/checks", own: only(202, 0)) { world, _, _ in
      // Nobody works in this test: what somebody asked for before doesn't wait for ever.
      world.bench.services.auditWish.clear()
      return ("/api/v1/integrity/checks", "{}")
    },
    AccessCase(.get, "/api/v1/integrity/roots", own: all(200)) { _, _, _ in ("/api/v1/integrity/roots", nil) },
    AccessCase(
      .get, "/api/v1/integrity/topics/{id}/proof", own: only(200, 0, 1, 2, 3), foreign: only(404, 0, 1, 2, 3)
    ) { world, caller, own in
      try await world.rooted()
      if own { try await world.observed(by: caller) }
      return ("/api/v1/integrity/topics/\((own ? world.here : world.there).topic(.bank))/proof", nil)
    },
    AccessCase(
      .get, "/api/v1/integrity/topics/{id}/rows", own: only(200, 0, 1, 2, 3), foreign: only(404, 0, 1, 2, 3)
    ) { world, caller, own in
      if own { try await world.observed(by: caller) }
      return ("/api/v1/integrity/topics/\((own ? world.here : world.there).topic(.bank))/rows", nil)
    },
  ]
}
