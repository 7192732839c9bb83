import Domain
import TestSupport
import Testing

@testable import Storage

/// Closing a month: once, whole, and for ever.
@Suite struct MonthBookTests {
  private let month = Month(inTashkentAt: tashkent("2026-10-10T00:00"))
  private static let rules = BonusRules(
    documents: .init(steps: [.init(from: 0, rate: 4000)]), positive: .init(steps: [.init(from: 0, rate: 20_000)]),
    negative: .init(steps: []), sla: .init(steps: [.init(from: 5000, factor: 12_000)]), cap: nil)

  private func work(_ firm: WorkFirm) async throws {
    var log = WorkLog(firm.database, firm.organisation.topic(.bank))
    let question = try await log.append(1, "2026-10-05T10:00", by: firm.client)
    let paper = try await log.document(firm.organisation.id, by: firm.client, message: question, content: 1)
    try await log.append(1, "2026-10-05T10:20", by: firm.accountant, staff: true)
    try await log.mark(paper, .processed, "2026-10-05T10:22", by: firm.accountant)
    try await log.append(7, "2026-10-06T10:00", by: firm.accountant, staff: true)
    try await log.append(9, "2026-10-06T11:00", by: firm.client, stars: 5)
  }

  private func close(_ firm: WorkFirm, _ month: Month) async throws -> [UInt8] {
    try await firm.database.app.transaction { session in
      let loaded = try MonthLoader(month, calendar: .standard, in: session).load()
      let version = try BonusRuleBook.version(for: month, in: session)
      let salaries = try Salaries.amounts(for: month, in: session)
      let corrections = try Corrections.counting(in: month, session: session)
      let pays = loaded.work.figures { $0.account }.map { account, figures in
        MonthPay(
          account: account, salary: salaries[account] ?? 0, figures: figures, corrections: corrections[account] ?? .init(),
          rules: version?.rules ?? .none)
      }
      let hash = try MonthBook.close(
        month, work: loaded.work, pays: pays, rules: version, calendar: .standard, by: firm.admin,
        at: tashkent("2026-11-20T10:00"),
        in: session)
      try ActionLog.append(
        "month.close", by: ActionLog.Actor(account: firm.admin, session: nil, address: "::1"),
        detail: ["month": .text(month.description), "hash": .text(Hex.string(hash))], in: session)
      return hash
    }
  }

  @Test func rulesAndSalariesHaveVersionsByMonth() async throws {
    try await withTestDatabase { database in
      let firm = try await WorkFirm(database)
      let (admin, accountant, month) = (firm.admin, firm.accountant, month)
      try await database.app.transaction { session in
        #expect(try BonusRuleBook.version(for: month, in: session) == nil)
        var later = Self.rules
        later.cap = 1
        let first = try BonusRuleBook.add(Self.rules, from: month, note: "first", after: 0, by: admin, in: session)
        let second = try BonusRuleBook.add(later, from: month.next, note: "", after: 1, by: admin, in: session)
        let unseen = try BonusRuleBook.add(later, from: month.next, note: "", after: 1, by: admin, in: session)
        #expect(first && second && !unseen)
        #expect(try BonusRuleBook.version(for: month.previous, in: session) == nil)
        #expect(try BonusRuleBook.version(for: month, in: session)?.rules == Self.rules)
        #expect(try BonusRuleBook.version(for: month.next, in: session)?.rules == later)
        #expect(try BonusRuleBook.list(in: session).map(\.version) == [2, 1])
        let set = try Salaries.set(5_000_000, of: accountant, from: month, after: 0, by: admin, in: session)
        let again = try Salaries.set(6_000_000, of: accountant, from: month.next, after: 1, by: admin, in: session)
        let stale = try Salaries.set(7_000_000, of: accountant, from: month, after: 0, by: admin, in: session)
        #expect(set && again && !stale)
        #expect(try Salaries.amounts(for: month, in: session) == [accountant: 5_000_000])
        #expect(try Salaries.amounts(for: month.next, in: session) == [accountant: 6_000_000])
        #expect(try Salaries.amounts(for: month.previous, in: session).isEmpty)
        #expect(try Salaries.list(for: month, in: session).map(\.amount) == [5_000_000])
      }
    }
  }

  @Test func whoHasLeftIsPaidNothingMore() async throws {
    try await withTestDatabase { database in
      let firm = try await WorkFirm(database)
      let (admin, accountant, month) = (firm.admin, firm.accountant, month)
      let other = try await WorkFirm.accountant("other", of: firm.organisation, database)
      try await database.app.transaction { session in
        _ = try Salaries.set(5_000_000, of: accountant, from: month, after: 0, by: admin, in: session)
        try session.execute("UPDATE membership SET ended_at = \(month.start.advanced(by: .seconds(86_400)))")
        // The month in which somebody leaves is the last one that is paid.
        #expect(try Salaries.amounts(for: month, in: session) == [accountant: 5_000_000])
        #expect(try Salaries.amounts(for: month.next, in: session).isEmpty)
        // Whoever has a salary stays in the list, so that it can be taken back; whoever never had one leaves it.
        let list = try Salaries.list(for: month.next, in: session)
        #expect(list.map(\.account.id) == [accountant] && list.map(\.amount) == [5_000_000] && other != accountant)
        let isSet = try Salaries.set(0, of: accountant, from: month, after: 1, by: admin, in: session)
        #expect(isSet)
        #expect(try Salaries.amounts(for: month, in: session) == [accountant: 0])
      }
    }
  }

  @Test func aClosedMonthIsFrozenAndSealed() async throws {
    try await withTestDatabase { database in
      let firm = try await WorkFirm(database)
      let (admin, accountant, month) = (firm.admin, firm.accountant, month)
      try await work(firm)
      try await database.app.transaction { session in
        _ = try BonusRuleBook.add(Self.rules, from: month, note: "", after: 0, by: admin, in: session)
        _ = try Salaries.set(5_000_000, of: accountant, from: month, after: 0, by: admin, in: session)
      }
      let before = try await firm.load(month).work
      let hash = try await close(firm, month)
      try await database.app.run { session in
        let closed = try #require(try MonthBook.find(month, in: session))
        #expect(closed.hash == hash && closed.ruleVersion == 1 && closed.closedBy == admin)
        #expect(try MonthBook.work(of: month, in: session) == before)
        let pay = try #require(try MonthBook.pays(of: month, in: session).first)
        // 4 000 + 20 000, × 1.2.
        #expect(pay.account == accountant && pay.salary == 5_000_000 && pay.bonus.total == 28_800)
        #expect(try MonthBook.isIntact(closed, in: session))
        #expect(try MonthBook.closed(in: session).map(\.month) == [month])
      }
    }
  }

  @Test func aClosedMonthTakesNothingMore() async throws {
    try await withTestDatabase { database in
      let firm = try await WorkFirm(database)
      let (admin, accountant, month) = (firm.admin, firm.accountant, month)
      try await work(firm)
      _ = try await close(firm, month)
      let again = await failure { _ = try await self.close(firm, month) }
      #expect((again as? DatabaseError)?.kind == .insufficientPrivilege)
      let earlier = await failure { _ = try await self.close(firm, month.previous) }
      #expect((earlier as? DatabaseError)?.kind == .insufficientPrivilege)
      let rules = await failure {
        _ = try await database.app.transaction {
          try BonusRuleBook.add(.none, from: month, note: "", after: 0, by: admin, in: $0)
        }
      }
      #expect((rules as? DatabaseError)?.kind == .insufficientPrivilege)
      let salary = await failure {
        _ = try await database.app.transaction {
          try Salaries.set(1, of: accountant, from: month, after: 0, by: admin, in: $0)
        }
      }
      #expect((salary as? DatabaseError)?.kind == .insufficientPrivilege)
      for table: SQL in ["month_close", "month_pay", "month_wait", "month_document", "month_rating"] {
        let change = await failure { try await database.owner.run { _ = try $0.execute("DELETE FROM \(table)") } }
        #expect((change as? DatabaseError)?.kind == .insufficientPrivilege)
      }
      // The next month is still open.
      #expect(try await firm.load(month.next).work.waits.isEmpty)
    }
  }

  @Test func theSealTellsOfEveryChange() async throws {
    try await withTestDatabase { database in
      let firm = try await WorkFirm(database)
      let (admin, month) = (firm.admin, month)
      try await work(firm)
      try await database.app.transaction { session in
        _ = try BonusRuleBook.add(Self.rules, from: month, note: "", after: 0, by: admin, in: session)
      }
      _ = try await close(firm, month)
      let tampering: [SQL] = [
        "UPDATE month_wait SET elapsed = elapsed - 1", "UPDATE month_wait SET credited = \(admin)", "DELETE FROM month_wait",
        "UPDATE month_document SET count = -1", "DELETE FROM month_document", "UPDATE month_rating SET stars = 4",
        "UPDATE month_pay SET salary = salary + 1", "DELETE FROM month_pay",
        "UPDATE bonus_rule SET rules = replace(rules, '4000', '5000')", "UPDATE month_close SET calendar = calendar || ' '",
        "UPDATE month_close SET closed_at = closed_at - interval '1 day'",
        "UPDATE month_close SET closed_by = \(firm.accountant)",
        "UPDATE month_close SET rule_version = NULL",
      ]
      for statement in tampering {
        let (isIntact, faults) = try await database.superuser.run { session in
          try session.execute("BEGIN")
          try session.execute("SET LOCAL session_replication_role = replica")
          try session.execute(statement)
          let closed = try #require(try MonthBook.find(month, in: session))
          let found = (try MonthBook.isIntact(closed, in: session), try DatabaseAudit.months(in: session).faults)
          try session.execute("ROLLBACK")
          return found
        }
        #expect(!isIntact && Set(faults.map(\.place)) == ["month \(month)"], "\(statement.statement): \(faults)")
      }
      let stillIntact = try await database.app.run { session in
        try MonthBook.isIntact(try #require(try MonthBook.find(month, in: session)), in: session)
      }
      #expect(stillIntact)
      let faults = try await database.app.run { try DatabaseAudit.months(in: $0).faults }
      #expect(faults.isEmpty)
    }
  }

  /// Whoever owns the database makes the seal anew, or lets the month be gone with everything of it.
  @Test func theActionLogHoldsTheSeal() async throws {
    try await withTestDatabase { database in
      let firm = try await WorkFirm(database)
      let month = month
      try await work(firm)
      _ = try await close(firm, month)
      let found = try await database.superuser.run { session in
        try session.execute("SET session_replication_role = replica")
        try session.execute("UPDATE month_pay SET salary = salary + 1000000")
        let closed = try #require(try MonthBook.find(month, in: session))
        let hash = try MonthBook.sealed(closed, in: session)
        try session.execute("UPDATE month_close SET hash = \(hash)")
        let isIntact = try MonthBook.isIntact(try #require(try MonthBook.find(month, in: session)), in: session)
        #expect(isIntact)
        let resealed = try DatabaseAudit.months(in: session).faults
        for table: SQL in ["month_wait", "month_document", "month_rating", "month_pay", "month_close"] {
          try session.execute("DELETE FROM \(table)")
        }
        let gone = try DatabaseAudit.months(in: session).faults
        try session.execute("RESET session_replication_role")
        return [resealed, gone].map { $0.map(\.description) }
      }
      #expect(
        found == [
          [
            "month \(month): the pay of account \(firm.accountant) doesn't follow from its salary",
            "month \(month): it isn't the one that was closed, by the action log",
          ],
          ["month \(month): it is gone, and the action log says that it was closed"],
        ])
      // A month that nobody closed.
      try await database.superuser.run { session in
        try session.execute(
          """
          INSERT INTO month_close (month, closed_by, closed_at, calendar, hash)
          VALUES (\(month.next.firstDay), \(firm.admin), now(), '', sha256('x'))
          """)
      }
      let slipped = try await database.app.run { try DatabaseAudit.months(in: $0).faults }.map(\.description)
      #expect(slipped.contains("month \(month.next): the action log doesn't say that it was closed"), "\(slipped)")
    }
  }

  /// Seal and log made anew, by somebody who owns the database: the sums still have to follow from what stands beside them.
  @Test func whatAMonthPaidFollowsFromItsRows() async throws {
    try await withTestDatabase { database in
      let firm = try await WorkFirm(database)
      let (admin, accountant, month) = (firm.admin, firm.accountant, month)
      try await work(firm)
      try await database.app.transaction { session in
        _ = try BonusRuleBook.add(Self.rules, from: month, note: "", after: 0, by: admin, in: session)
        _ = try Salaries.set(5_000_000, of: accountant, from: month, after: 0, by: admin, in: session)
      }
      _ = try await close(firm, month)
      try await database.superuser.run { _ = try $0.execute("UPDATE membership SET created_at = '2020-01-01'") }
      let whose = "the pay of account \(accountant) doesn't follow from its"
      // The last two lines of `detail` are what corrections of the month before come to, and its rest.
      let tampering: [(SQL, [String])] = [
        ("UPDATE month_close SET closed_at = closed_at", []),
        ("UPDATE month_pay SET salary = salary + 1", ["\(whose) salary"]),
        (
          "UPDATE month_pay SET bonus = bonus - 800, detail = regexp_replace(detail, '0$', '-800')",
          ["\(whose) rest of the month before"]
        ),
        (
          "UPDATE month_pay SET bonus = bonus + 900, detail = regexp_replace(detail, E'0\\n0$', E'900\\n0')",
          ["\(whose) corrections of the month before"]
        ),
        ("DELETE FROM month_pay", ["account \(accountant) has figures or corrections in it, and no pay"]),
        // As when an admin with a figure became an accountant after the closing.
        ("WITH late AS (UPDATE membership SET created_at = '2026-12-01') DELETE FROM month_pay", []),
        ("UPDATE month_rating SET stars = 1", ["\(whose) rows"]), ("DELETE FROM month_wait", ["\(whose) rows"]),
        ("UPDATE bonus_rule SET rules = replace(rules, '4000', '5000')", ["\(whose) rules"]),
      ]
      for (statement, expected) in tampering {
        let found = try await database.superuser.run { session in
          try session.execute("BEGIN")
          try session.execute("SET LOCAL session_replication_role = replica")
          try session.execute(statement)
          let hash = try MonthBook.sealed(try #require(try MonthBook.find(month, in: session)), in: session)
          try session.execute("UPDATE month_close SET hash = \(hash)")
          try session.execute(
            "UPDATE action_log SET detail = detail || jsonb_build_object('hash', encode(\(hash)::bytea, 'hex')) WHERE action = 'month.close'"
          )
          let found = try DatabaseAudit.months(in: session).faults.map(\.description)
          try session.execute("ROLLBACK")
          return found
        }
        let faults = expected.map { "month \(month): \($0)" }
        #expect(found == faults, "\(statement.statement)")
      }
    }
  }

  @Test func whatAClosedMonthPaidIsNotPaidAgain() async throws {
    try await withTestDatabase { database in
      let firm = try await WorkFirm(database)
      var log = WorkLog(database, firm.organisation.topic(.bank))
      try await log.append(1, "2026-10-05T10:00", by: firm.client)
      let answer = try await log.append(1, "2026-10-05T10:20", by: firm.accountant, staff: true)
      _ = try await close(firm, month)
      // The answer is taken back afterwards, so the wait goes on and ends again.
      try await log.append(3, "2026-11-05T10:00", by: firm.accountant, staff: true, message: answer)
      try await log.append(1, "2026-11-05T10:05", by: firm.accountant, staff: true)
      #expect(try await firm.load(month.next).work.waits.isEmpty)
    }
  }

  /// A paid answer stands: whoever deletes it later doesn't join two waits into one that was paid, so that a miss is gone.
  @Test func aPaidAnswerThatIsDeletedHidesNoLaterMiss() async throws {
    try await withTestDatabase { database in
      let firm = try await WorkFirm(database)
      var log = WorkLog(database, firm.organisation.topic(.bank))
      try await log.append(1, "2026-10-05T10:00", by: firm.client)
      let answer = try await log.append(1, "2026-10-05T10:20", by: firm.accountant, staff: true)
      _ = try await close(firm, month)
      let second = try await log.append(1, "2026-11-05T10:00", by: firm.client)
      try await log.append(1, "2026-11-05T12:00", by: firm.accountant, staff: true)
      try await log.append(3, "2026-11-05T12:05", by: firm.accountant, staff: true, message: answer)
      let loaded = try await firm.load(month.next)
      let waits = loaded.work.waits.map(\.wait)
      #expect(waits.map(\.startSeq) == [second] && waits.map(\.isMiss) == [true] && waits.map(\.isFirst) == [false])
      // What was paid isn't even read again.
      #expect(loaded.events == 3)
    }
  }

  @Test func aLineIsContestedOnceAtATimeAndAnsweredOnce() async throws {
    try await withTestDatabase { database in
      let firm = try await WorkFirm(database)
      let (admin, accountant, month) = (firm.admin, firm.accountant, month)
      try await database.app.transaction { session in
        let id = try #require(
          try Contests.add(.documents, of: accountant, in: month, text: "Two are missing", sum: 4000, session: session))
        let twice = try Contests.add(.documents, of: accountant, in: month, text: "Again", sum: 4000, session: session)
        #expect(twice == nil)
        let other = try Contests.add(.sla, of: accountant, in: month, text: "Not mine", sum: 0, session: session)
        #expect(other != nil)
        let answered = try Contests.answer(id, isAccepted: false, text: "They count in November", by: admin, in: session)
        let again = try Contests.answer(id, isAccepted: true, text: "Changed my mind", by: admin, in: session)
        #expect(answered && !again)
        let list = try Contests.list(for: month, of: accountant, in: session)
        #expect(list.map(\.line) == [.documents, .sla])
        #expect(list[0].answer?.isAccepted == false && list[0].answer?.by.id == admin && list[1].answer == nil)
        #expect(try Contests.list(for: month, of: admin, in: session).isEmpty)
        let anew = try Contests.add(.documents, of: accountant, in: month, text: "Look again", sum: 4000, session: session)
        #expect(anew != nil)
      }
    }
  }

  @Test func casesThatCanStillBeRatedAreCounted() async throws {
    try await withTestDatabase { database in
      let firm = try await WorkFirm(database)
      let month = month
      var log = WorkLog(database, firm.organisation.topic(.bank))
      try await log.append(1, "2026-10-29T10:00", by: firm.client)
      try await log.append(7, "2026-10-30T10:00", by: firm.accountant, staff: true)
      for (now, count) in [("2026-11-05T10:00", 1), ("2026-11-13T10:01", 0)] {
        let rateable = try await database.app.run { try MonthBook.rateable(month, at: tashkent(now), in: $0) }
        #expect(rateable == count)
      }
      let first = try await database.app.run { try MonthBook.firstMonth(in: $0) }
      #expect(first == month)
    }
  }
}
