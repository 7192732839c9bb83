import Domain
import HTTPTypes
import Storage
import TestSupport

@testable import RestAPI

extension AccessWorld {
  /// Pays an accountant something; returns the month, which is this one.
  func newSalary(of account: AccountID) async throws -> Month {
    let month = Month(inTashkentAt: bench.clock.time)
    let admin = person(.admin).account
    try await bench.database.app.run { session in
      let version: Int32 = try session.one(
        "SELECT CAST(coalesce(max(version), 0) AS integer) FROM salary WHERE account_id = \(account)"
      ).decode(at: 0)
      try session.transaction {
        _ = try Salaries.set(1_000_000, of: account, from: month, after: version, by: admin, in: session)
      }
    }
    return month
  }

  /// A doubt of somebody's about a line of this month.
  func newContest(of account: AccountID) async throws -> ContestID {
    try await bench.database.app.run { session in
      try session.one(
        """
        INSERT INTO contest (month, account_id, line, text, sum)
        VALUES (date_trunc('month', now() AT TIME ZONE 'Asia/Tashkent')::date, \(account), 'documents', 'why', 0) RETURNING id
        """
      ).decode(at: 0)
    }
  }
}

extension AccessCase {
  /// Some rules, in JSON without the braces.
  private static let rules = #"""
    "documents":{"minimum":0,"steps":[{"from":0,"value":4000}]},"positive":{"minimum":0,"steps":[]},"negative":{"minimum":0,"steps":[]},"sla":{"minimum":0,"steps":[{"from":9500,"value":12000}]},"cap":null
    """#

  static let figuresCases: [AccessCase] = [
    AccessCase(.get, "/api/v1/figures", own: only(200, 0, 1, 2)) { _, _, _ in ("/api/v1/figures", nil) },
    AccessCase(.get, "/api/v1/figures/rows", own: only(200, 0, 1, 2)) { _, _, _ in ("/api/v1/figures/rows?figure=hits", nil) },
    AccessCase(.get, "/api/v1/figures/export", own: only(200, 0, 1, 2)) { _, _, _ in ("/api/v1/figures/export?format=xlsx", nil)
    },
    AccessCase(.get, "/api/v1/bonus", own: only(200, 0, 2)) { _, _, _ in ("/api/v1/bonus", nil) },
    AccessCase(.get, "/api/v1/bonus/rules", own: only(200, 0)) { _, _, _ in ("/api/v1/bonus/rules", nil) },
    AccessCase(.post, "/api/v1/bonus/rules", own: only(201, 0)) { _, _, _ in
      ("/api/v1/bonus/rules", #"{"version":0,"month":"2030-01",\#(rules)}"#)
    },
    AccessCase(.post, "/api/v1/bonus/preview", own: only(200, 0)) { _, _, _ in
      ("/api/v1/bonus/preview", #"{"month":"2026-10",\#(rules)}"#)
    },
    AccessCase(.get, "/api/v1/salaries", own: only(200, 0)) { _, _, _ in ("/api/v1/salaries", nil) },
    AccessCase(.put, "/api/v1/salaries/{id}", own: only(200, 0), foreign: only(200, 0)) { world, _, own in
      let account = own ? world.person(.accountant).account : world.foreignAccountant.account
      return ("/api/v1/salaries/\(account)", #"{"version":0,"month":"2030-01","amount":5000000}"#)
    },
    AccessCase(.get, "/api/v1/contests", own: only(200, 0, 2)) { _, _, _ in ("/api/v1/contests", nil) },
    AccessCase(.post, "/api/v1/contests", own: only(201, 2)) { world, _, _ in
      let month = try await world.newSalary(of: world.person(.accountant).account)
      return ("/api/v1/contests", #"{"month":"\#(month)","line":"sla","text":"Not mine"}"#)
    },
    AccessCase(.post, "/api/v1/contests/{id}/answer", own: only(201, 0), foreign: only(201, 0)) { world, _, own in
      let contest = try await world.newContest(of: own ? world.person(.accountant).account : world.foreignAccountant.account)
      return ("/api/v1/contests/\(contest)/answer", #"{"accepted":false,"text":"They count later"}"#)
    },
    AccessCase(.get, "/api/v1/months", own: only(200, 0)) { _, _, _ in ("/api/v1/months", nil) },
    AccessCase(.get, "/api/v1/months/{month}", own: only(200, 0)) { _, _, _ in ("/api/v1/months/2026-10", nil) },
    // What stands in the way is told to the admin alone.
    AccessCase(.post, "/api/v1/months/{month}/close", own: only(409, 0)) { _, _, _ in
      ("/api/v1/months/2030-01/close", #"{"bonuses":0,"salaries":0}"#)
    },
    AccessCase(.get, "/api/v1/months/{month}/payroll", own: only(200, 0)) { _, _, _ in
      ("/api/v1/months/2026-10/payroll?format=pdf", nil)
    },
  ]
}
