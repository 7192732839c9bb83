import Domain
import TestSupport
import Testing

@testable import Storage

/// What an accepted doubt puts right: in the month itself while it is open, in the next one after that, and never in what was closed.
@Suite struct CorrectionTests {
  private let month = Month(inTashkentAt: tashkent("2026-10-10T00:00"))
  /// 1 000 a document from 10 on, nothing below; doubled from 50 % on.
  private static let rules = BonusRules(
    documents: .init(minimum: 10, steps: [.init(from: 0, rate: 1000)]), positive: .init(steps: [.init(from: 0, rate: 5000)]),
    negative: .init(steps: [.init(from: 0, rate: -7000)]), sla: .init(steps: [.init(from: 5000, factor: 20_000)]), cap: nil)

  private func figures() -> Figures {
    var figures = Figures()
    (figures.documents, figures.hits, figures.misses, figures.stars) = (9, 4, 6, [1, 0, 0, 1, 1])
    return figures
  }

  /// The month's pay as closing would write it now.
  private func pay(_ firm: WorkFirm, _ month: Month, _ figures: Figures) async throws -> MonthPay {
    let account = firm.accountant
    return try await firm.database.app.run { session in
      let corrections = try Corrections.counting(in: month, session: session)
      let rules = try BonusRuleBook.version(for: month, in: session)?.rules ?? .none
      return MonthPay(
        account: account, salary: 0, figures: figures, corrections: corrections[account] ?? .init(), rules: rules)
    }
  }

  private func close(_ firm: WorkFirm, _ month: Month, _ figures: Figures) async throws {
    let pay = try await pay(firm, month, figures)
    let admin = firm.admin
    try await firm.database.app.transaction { session in
      try MonthBook.lock(in: session)
      _ = try MonthBook.close(
        month, work: MonthWork(waits: [], documents: [], ratings: []), pays: [pay],
        rules: try BonusRuleBook.version(for: month, in: session), calendar: .standard, by: admin,
        at: tashkent("2026-12-20T10:00"), in: session)
    }
  }

  /// A doubt that is accepted with this correction.
  @discardableResult
  private func accept(
    _ correction: FigureCorrection?, _ line: Bonus.Line, _ firm: WorkFirm, _ month: Month, isAccepted: Bool = true
  ) async throws -> Contests.Record {
    let (accountant, admin) = (firm.accountant, firm.admin)
    return try await firm.database.app.transaction { session in
      let id = try #require(
        try Contests.add(line, of: accountant, in: month, text: "Something is missing", sum: 0, session: session))
      let isAnswered = try Contests.answer(
        id, isAccepted: isAccepted, text: "So it is", correction: correction, by: admin, in: session)
      #expect(isAnswered)
      return try #require(try Contests.find(id, in: session))
    }
  }

  private func run(_ body: @escaping @Sendable (WorkFirm) async throws -> Void) async throws {
    let month = month
    try await withTestDatabase { database in
      let firm = try await WorkFirm(database)
      let admin = firm.admin
      try await database.app.transaction { session in
        _ = try BonusRuleBook.add(Self.rules, from: month, note: "", after: 0, by: admin, in: session)
      }
      try await body(firm)
    }
  }

  @Test func anOpenMonthIsPaidByWhatWasPutRight() async throws {
    try await run { firm in
      let month = month
      // 2 × 5 000 − 7 000; nine documents are below the minimum, and 4 of 10 below the threshold.
      #expect(try await pay(firm, month, figures()).paid == 3000)
      let documents = try await accept(.init(documents: 2), .documents, firm, month)
      #expect(
        documents.answer?.correction == .init(documents: 2) && documents.answer?.counts == month && documents.answer?.sum == 0)
      #expect(try await pay(firm, month, figures()).paid == 14_000)
      // A miss that was none: 5 of 10.
      try await accept(.init(hits: 1, misses: -1), .sla, firm, month)
      try await accept(.init(negative: -1), .negative, firm, month)
      let right = try await pay(firm, month, figures())
      #expect(right.figures == figures() && right.correction == .init(documents: 2, negative: -1, hits: 1, misses: -1))
      #expect(right.paid == 42_000 && right.carried == 0 && right.bonus.documents.count == 11)
      // It stays with its month.
      #expect(try await pay(firm, month.next, figures()).correction == .none)
      try await close(firm, month, figures())
      try await firm.database.app.run { session in
        let closed = try #require(try MonthBook.find(month, in: session))
        let isIntact = try MonthBook.isIntact(closed, in: session)
        let pays = try MonthBook.pays(of: month, in: session)
        #expect(isIntact && pays == [right])
      }
    }
  }

  @Test func aClosedMonthIsPutRightInTheNextOneByItsOwnRules() async throws {
    try await run { firm in
      let (month, admin) = (month, firm.admin)
      try await close(firm, month, figures())
      let before = try await firm.database.app.run { try MonthBook.pays(of: month, in: $0) }
      // Whatever the next month's rules say.
      var dear = Self.rules
      dear.documents = .init(steps: [.init(from: 0, rate: 999_999)])
      let later = dear
      try await firm.database.app.transaction { session in
        _ = try BonusRuleBook.add(later, from: month.next, note: "", after: 1, by: admin, in: session)
      }
      let first = try await accept(.init(documents: 1), .documents, firm, month)
      #expect(first.answer?.counts == month.next && first.answer?.sum == 10_000)
      // The second one goes on from the first: 11 documents, and 5 of 10 in time.
      let second = try await accept(.init(documents: 1), .documents, firm, month)
      let third = try await accept(.init(hits: 1, misses: -1), .sla, firm, month)
      #expect(second.answer?.sum == 1000 && third.answer?.sum == 14_000)
      let next = try await pay(firm, month.next, Figures())
      #expect(next.correction == .none && next.carried == 25_000 && next.paid == 25_000)
      let after = try await firm.database.app.run { try MonthBook.pays(of: month, in: $0) }
      #expect(after == before)
      let listed = try await firm.database.app.run { session in
        (try Contests.list(for: month, in: session).count, try Contests.list(for: month.next, in: session).map(\.month))
      }
      #expect(listed.0 == 3 && listed.1 == [month, month, month])

      try await close(firm, month.next, Figures())
      try await firm.database.app.run { session in
        for closed in try MonthBook.closed(in: session) {
          let isIntact = try MonthBook.isIntact(closed, in: session)
          #expect(isIntact, "\(closed.month)")
        }
        let paid = try MonthBook.pays(of: month.next, in: session).map(\.paid)
        #expect(paid == [25_000])
      }
      // Two closings later nothing of it can be doubted any more.
      let late = await failure { try await self.accept(nil, .documents, firm, month) }
      #expect((late as? DatabaseError)?.kind == .insufficientPrivilege)
      #expect(try await pay(firm, month.next.next, Figures()).paid == 0)
    }
  }

  @Test func nobodyPaysBackMoreThanTheBonus() async throws {
    try await run { firm in
      try await close(firm, month, figures())
      let taken = try await accept(.init(positive: -2), .positive, firm, month)
      #expect(taken.answer?.sum == -3000)
      let next = try await pay(firm, month.next, Figures())
      #expect(next.carried == -3000 && next.paid == 0 && next.rest == -3000)
      // Before it is closed nothing is left over, and afterwards it is taken from the month after it.
      let third = month.next.next
      #expect(try await pay(firm, third, rated(1)).paid == 5000)
      try await close(firm, month.next, Figures())
      let later = try await pay(firm, third, rated(1))
      #expect(later.carried == 0 && later.brought == -3000 && later.paid == 2000 && later.rest == 0)
      try await close(firm, third, rated(1))
      #expect(try await pay(firm, third.next, rated(1)).paid == 5000)
    }
  }

  /// So many documents and nothing else.
  private func processed(_ count: Int) -> Figures {
    var figures = Figures()
    figures.documents = count
    return figures
  }

  /// So many ratings of five stars, at 5 000 each.
  private func rated(_ count: Int) -> Figures {
    var figures = Figures()
    figures.stars[4] = count
    return figures
  }

  /// The example of docs/figures.md.
  @Test func whatAMonthCouldNotTakeBackIsNotPaidByALaterDoubt() async throws {
    try await run { firm in
      let (may, june, july, admin) = (month, month.next, month.next.next, firm.admin)
      var plain = Self.rules
      plain.documents = .init(steps: [.init(from: 0, rate: 1000)])
      let rules = plain
      try await firm.database.app.transaction { session in
        _ = try BonusRuleBook.add(rules, from: may, note: "", after: 1, by: admin, in: session)
      }
      try await close(firm, may, processed(10))
      // None of them was one.
      let taken = try await accept(.init(documents: -10), .documents, firm, may)
      #expect(taken.answer?.sum == -10_000)
      let poor = try await pay(firm, june, processed(3))
      #expect(poor.bonus.total == 3000 && poor.carried == -10_000 && poor.paid == 0 && poor.rest == -7000)
      try await close(firm, june, processed(3))
      // With five more June would still have paid nothing, and left less to be taken back.
      let given = try await accept(.init(documents: 5), .documents, firm, june)
      #expect(given.answer?.sum == 5000)
      let even = try await pay(firm, july, processed(4))
      #expect(even.carried == 5000 && even.brought == -7000 && even.paid == 2000 && even.rest == 0)
      try await close(firm, july, processed(4))
      try await firm.database.app.run { session in
        for closed in try MonthBook.closed(in: session) {
          let isIntact = try MonthBook.isIntact(closed, in: session)
          #expect(isIntact, "\(closed.month)")
        }
        let pays = try [may, june, july].flatMap { try MonthBook.pays(of: $0, in: session) }
        #expect(pays.map(\.paid) == [10_000, 0, 2000] && pays.last == even)
      }
    }
  }

  @Test("All months together pay what all bonuses come to as they were put right, and never less than nothing", arguments: 0..<6)
  func nothingIsLostOrCountedTwice(seed: UInt64) async throws {
    try await withTestDatabase { database in
      let firm = try await WorkFirm(database)
      let admin = firm.admin
      var random = SeededRandom(seed)
      // The second implementation knows no sums and no rests: it works every month out anew, and pays what hasn't been paid yet.
      var months: [(figures: Figures, correction: FigureCorrection, rules: BonusRules)] = []
      var paid: Int64 = 0
      for number in 0..<7 {
        let month = (0..<number).reduce(month) { month, _ in month.next }
        let rules = Self.rules(&random)
        try await database.app.transaction { session in
          _ = try BonusRuleBook.add(rules, from: month, note: "", after: Int32(number), by: admin, in: session)
        }
        months.append((Self.figures(&random), .none, rules))
        for index in [number - 1, number] where index >= 0 {
          let doubted = index == number ? month : month.previous
          for _ in 0..<Int.random(in: 0...3, using: &random) {
            let (line, correction) = Self.correction(&random)
            try await accept(correction, line, firm, doubted)
            months[index].correction = months[index].correction + correction
          }
        }
        let earned = months.reduce(Int64(0)) { $0 + Bonus(of: $1.figures.corrected(by: $1.correction), by: $1.rules).total }
        let expected = max(0, earned - paid)
        let pay = try await pay(firm, month, months[number].figures)
        #expect(pay.paid == expected && pay.rest == min(0, earned - paid), "month \(number): \(pay)")
        try await close(firm, month, months[number].figures)
        paid += expected
      }
      let sum: Int64 = try await database.app.run { try $0.one("SELECT sum(bonus)::bigint FROM month_pay").decode(at: 0) }
      #expect(sum == paid)
    }
  }

  private static func rules(_ random: inout SeededRandom) -> BonusRules {
    BonusRules(
      documents: .init(minimum: 3, steps: [.init(from: 0, rate: 1000)]), positive: .init(steps: [.init(from: 0, rate: 5000)]),
      negative: .init(steps: [.init(from: 0, rate: -7000)]), sla: .init(steps: [.init(from: 5000, factor: 15_000)]),
      cap: Bool.random(using: &random) ? nil : Int64.random(in: 5000...40_000, using: &random))
  }

  private static func figures(_ random: inout SeededRandom) -> Figures {
    var figures = Figures()
    figures.documents = Int.random(in: -2...9, using: &random)
    (figures.hits, figures.misses) = (Int.random(in: 0...5, using: &random), Int.random(in: 0...5, using: &random))
    figures.stars = (0..<5).map { _ in Int.random(in: 0...3, using: &random) }
    return figures
  }

  private static func correction(_ random: inout SeededRandom) -> (Bonus.Line, FigureCorrection) {
    // Mostly something is taken away, so that months can't take it all back.
    let count = Int.random(in: 1...5, using: &random) * (Int.random(in: 0..<3, using: &random) == 0 ? 1 : -1)
    return switch Int.random(in: 0..<4, using: &random) {
    case 0: (.documents, .init(documents: count))
    case 1: (.positive, .init(positive: count))
    case 2: (.negative, .init(negative: -count))
    default: (.sla, .init(hits: count, misses: -count))
    }
  }

  @Test func onlyAnAcceptedDoubtPutsItsOwnLineRight() async throws {
    try await run { firm in
      let month = month
      for (correction, line, isAccepted) in [
        (FigureCorrection(documents: 1), Bonus.Line.sla, true), (.init(hits: 1), .documents, true), (.none, .documents, true),
        (.init(documents: 1), .documents, false), (.init(documents: 1, hits: 1), .documents, true),
      ] {
        let refused = await failure { try await self.accept(correction, line, firm, month, isAccepted: isAccepted) }
        #expect((refused as? DatabaseError)?.kind == .misuse, "\(correction)")
      }
      let doubts = try await firm.database.app.run { try Contests.list(for: month, in: $0) }
      #expect(doubts.isEmpty)
    }
  }

  @Test func doubtsOfBothMonthsWaitForTheirAnswer() async throws {
    try await run { firm in
      let (month, accountant) = (month, firm.accountant)
      try await close(firm, month, figures())
      try await firm.database.app.transaction { session in
        _ = try Contests.add(.sla, of: accountant, in: month, text: "Not mine", sum: 0, session: session)
        _ = try Contests.add(.sla, of: accountant, in: month.next, text: "Nor this", sum: 0, session: session)
        let waiting = try [month, month.next].map { try Contests.waiting(until: $0, in: session) }
        #expect(waiting == [1, 2])
        let listed = try [month, month.next, month.next.next].map { try Contests.list(for: $0, in: session).count }
        #expect(listed == [1, 2, 1])
      }
    }
  }
}
