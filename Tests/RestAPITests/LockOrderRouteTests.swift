import Domain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Storage
import TestSupport
import Testing

@testable import RestAPI

/// Two requests that lock the same things do so in one order. Nothing is run again here, as it is elsewhere, so that a deadlock would be an answer.
@Suite(.timeLimit(.minutes(10))) struct LockOrderRouteTests {
  private static func run(_ body: @escaping @Sendable (RestBench) async throws -> Void) async throws {
    try await withTestDatabase { database in
      var configuration = database.configuration()
      configuration.transactionAttempts = 1
      let (pool, clock) = (Postgres(configuration), HandClock())
      let services = try RestBench.services(pool, clock: clock)
      try await RestServer.application(services).test(.router) { client in
        try await body(RestBench(database: database, services: services, clock: clock, client: client))
      }
      await pool.close()
    }
  }

  @Test func closingAMonthAndWhatItRefuses() async throws {
    try await Self.run { bench in
      let firm = try await WorkFirm(bench.database)
      let admin = try await bench.signedIn(firm.admin)
      let month = Month(inTashkentAt: bench.clock.time).previous.previous
      let superuser = bench.database.superuser
      let (steps, sink) = AsyncStream.makeStream(of: Int64.self)
      // Somebody else holds the months, until the closing and then a salary of the same admin wait in line.
      async let held: Void = superuser.transaction { session in
        try MonthBook.lock(in: session)
        let waiting: SQL = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        for count in 0...2 as ClosedRange<Int64> {
          while try session.one(waiting).decode(at: 0, as: Int64.self) < count {
            _ = try session.execute("SELECT pg_stat_clear_snapshot()")
          }
          sink.yield(count)
        }
        sink.finish()
      }
      let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
        for await step in steps {
          if step == 0 {
            group.addTask { try await admin.send(.post, "/api/v1/months/\(month)/close", #"{"bonuses":0,"salaries":0}"#) }
          } else if step == 1 {
            let body = #"{"version":0,"month":"\#(month)","amount":5000000}"#
            group.addTask { try await admin.send(.put, "/api/v1/salaries/\(firm.accountant)", body) }
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      try await held
      // A month without rules isn't closed; nor is anything unavailable.
      let told = answers.map { $0.code ?? "\($0.status)" }.sorted()
      #expect(told == ["200", "no_rules"], "\(answers.map(\.text))")
    }
  }

  @Test func adminsWhoEndEachOther() async throws {
    try await Self.run { bench in
      for round in 0..<6 {
        // Each ends another one, in a ring.
        var admins: [(person: Signed, membership: MembershipID)] = []
        for number in 0..<3 {
          let account = try await bench.account("admin-\(round)-\(number)")
          let membership = try await bench.database.makeMembership(account, role: "admin")
          admins.append((try await bench.signedIn(account), membership))
        }
        let ring = admins.indices.map { (admins[$0].person, admins[($0 + 1) % admins.count].membership) }
        let codes = try await withThrowingTaskGroup(of: Int.self) { group in
          for (person, membership) in ring {
            group.addTask { try await person.send(.delete, "/api/v1/memberships/\(membership)").status }
          }
          return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        // Whoever came too late is no admin any more; somebody always is.
        let isTold = codes.contains(204) && Set(codes).isSubset(of: [204, 401, 403, 404, 409])
        #expect(isTold, "\(codes)")
      }
    }
  }
}
