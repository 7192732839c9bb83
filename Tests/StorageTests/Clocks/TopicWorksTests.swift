import Domain
import TestSupport
import Testing

@testable import Storage

/// Who takes part in a topic at which time, as figures and money are read by it.
@Suite struct TopicWorksTests {
  private func work(_ firm: WorkFirm) async throws -> TopicWork {
    let topic = firm.organisation.topic(.bank)
    return try await firm.database.app.run { session in
      try #require(try TopicWorks.read([topic], calendar: .standard, in: session)[topic])
    }
  }

  @Test func whatIsLeftOfAnAssignmentStaysBehindARunningCover() async throws {
    try await withTestDatabase { database in
      let firm = try await WorkFirm(database)
      let today = LocalDate(inTashkentAt: .now)
      let cover = try await WorkFirm.accountant(
        "cover", of: firm.organisation, database, from: today.advanced(by: -1).description, to: today.advanced(by: 9).description)
      let other = try await WorkFirm.accountant(
        "other", of: firm.organisation, database, from: today.advanced(by: 20).description)
      let (admin, organisation, main) = (firm.admin, firm.organisation.id, firm.accountant)
      let before = try await work(firm).holder(at: .now)
      #expect(before == cover)
      // One topic of the main accountant's goes to somebody else; the four others are an assignment of their own now, made today.
      let pieces = try await database.app.run { session in
        try AccessChange.run(in: session) { () throws -> [AssignmentID] in
          let membership = Membership(id: MembershipID(1), role: .admin, organisation: nil, department: nil)
          let viewer = Viewer(account: admin, reach: Reach([membership], for: Permission(.assignment, .read)))
          let records = try Assignments.list(for: viewer, organisation: organisation, account: main, in: session).items
          let old = try #require(records.first)
          let rest = TopicKind.allCases.filter { $0 != .ttn }
          return try Assignments.hand(over: old, keeping: rest, from: today, today: today, by: admin, in: session)
        }
      }
      #expect(pieces.count == 1)
      let later = Timestamp.now.advanced(by: .seconds(60))
      let after = try await work(firm)
      #expect(after.isAccountant(main, at: later) && after.holder(at: later) == cover)
      // After the cover it is the main accountant again, until somebody's whose assignment begins later.
      #expect(after.holder(at: today.advanced(by: 11).startInTashkent) == main)
      #expect(after.holder(at: today.advanced(by: 21).startInTashkent) == other)
    }
  }

  @Test func rolesCountForTheirOwnTime() async throws {
    try await withTestDatabase { database in
      let firm = try await WorkFirm(database)
      let (accountant, department) = (firm.accountant, firm.organisation.department)
      let (promoted, left) = (tashkent("2026-06-01T00:00"), tashkent("2026-09-01T00:00"))
      try await database.superuser.run { session in
        try session.execute("UPDATE membership SET ended_at = \(promoted) WHERE account_id = \(accountant)")
        try session.execute(
          """
          INSERT INTO membership (account_id, role, department_id, created_at, ended_at)
          VALUES (\(accountant), 'supervisor', \(department), \(promoted), \(left))
          """)
      }
      let work = try await work(firm)
      let (may, june, autumn) = (tashkent("2026-05-10T00:00"), tashkent("2026-06-10T00:00"), tashkent("2026-09-10T00:00"))
      #expect(work.isAccountant(accountant, at: may) && work.holder(at: may) == accountant)
      #expect(work.takesPart(accountant, at: june) && !work.isAccountant(accountant, at: june) && work.holder(at: june) == nil)
      #expect(!work.takesPart(accountant, at: autumn))
    }
  }

  @Test func whoIsEnabledAgainWasNotThereMeanwhile() async throws {
    try await withTestDatabase { database in
      let firm = try await WorkFirm(database)
      let accountant = firm.accountant
      let disabled = tashkent("2026-06-01T00:00")
      for change: SQL in ["disabled_at = \(disabled)", "disabled_at = NULL"] {
        try await database.app.run { try $0.execute("UPDATE account SET \(change) WHERE id = \(accountant)") }
      }
      let work = try await work(firm)
      #expect(work.isAccountant(accountant, at: tashkent("2026-05-10T00:00")))
      #expect(!work.takesPart(accountant, at: tashkent("2026-06-10T00:00")))
      #expect(work.isAccountant(accountant, at: Timestamp.now.advanced(by: .seconds(1))))
      // Nobody writes a gap by hand, or takes one away.
      let error = await databaseError {
        try await database.app.run { try $0.execute("INSERT INTO account_gap VALUES (\(accountant), now(), now())") }
      }
      #expect(error?.kind == .insufficientPrivilege)
    }
  }

  @Test func gapsCutATimeIntoPieces() {
    func at(_ hour: Int64) -> Timestamp { Timestamp(microseconds: hour) }
    func cut(_ from: Int64, _ until: Int64?, _ gaps: [Int64]) -> [String] {
      TopicWorks.spans(from: at(from), until: until.map(at), without: gaps.map(at)).map {
        "\($0.from.microseconds)-\($0.until.map { String($0.microseconds) } ?? "")"
      }
    }
    #expect(cut(0, nil, []) == ["0-"])
    #expect(cut(5, 5, []) == [])
    #expect(cut(0, 9, [2, 4, 6, 7]) == ["0-2", "4-6", "7-9"])
    #expect(cut(3, nil, [2, 4]) == ["4-"])
    #expect(cut(0, 3, [2, 4]) == ["0-2"])
    #expect(cut(0, 2, [2, 4]) == ["0-2"])
    #expect(cut(2, 3, [1, 9]) == [])
  }
}
