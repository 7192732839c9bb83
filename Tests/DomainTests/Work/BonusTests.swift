import Domain
import Testing

/// Each sentence about the bonus by name, then random rules against sums made in another way.
@Suite struct BonusTests {
  private let rules = BonusRules(
    documents: .init(steps: [.init(from: 0, rate: 4000)]), positive: .init(steps: [.init(from: 0, rate: 20_000)]),
    negative: .init(steps: [.init(from: 0, rate: -30_000)]), sla: .init(steps: [.init(from: 9500, factor: 12_000)]), cap: nil)

  private func figures(documents: Int = 0, positive: Int = 0, negative: Int = 0, hits: Int = 0, misses: Int = 0) -> Figures {
    var figures = Figures()
    figures.documents = documents
    figures.stars = [negative, 0, 0, 0, positive]
    (figures.hits, figures.misses) = (hits, misses)
    return figures
  }

  @Test func theDesignsExample() {
    let bonus = Bonus(of: figures(documents: 412, positive: 36, hits: 962, misses: 38), by: rules)
    #expect(bonus.documents.sum == 1_648_000 && bonus.positive.sum == 720_000 && bonus.negative.sum == 0)
    #expect(bonus.factor == 12_000 && bonus.sla == 473_600 && bonus.total == 2_841_600)
  }

  @Test func thresholdsAreMetByTheShareItselfAndNotByItsRounding() {
    // 94.996 % would be shown as 95.00 %.
    #expect(Bonus(of: figures(documents: 1, hits: 94_996, misses: 5004), by: rules).factor == 10_000)
    #expect(Bonus(of: figures(documents: 1, hits: 95_000, misses: 5000), by: rules).factor == 12_000)
    #expect(Bonus(of: figures(documents: 1, hits: 19, misses: 1), by: rules).factor == 12_000)
    #expect(Bonus(of: figures(documents: 1), by: rules).factor == 10_000)
  }

  @Test func aStepHoldsForTheWholeMonth() {
    var rules = rules
    rules.documents.steps = [.init(from: 0, rate: 1000), .init(from: 100, rate: 2000)]
    #expect(Bonus(of: figures(documents: 99), by: rules).total == 99_000)
    #expect(Bonus(of: figures(documents: 100), by: rules).total == 200_000)
  }

  @Test func aMissedMinimumZeroesItsLine() {
    var rules = rules
    rules.documents.minimum = 300
    rules.sla.minimum = 9900
    let bonus = Bonus(of: figures(documents: 299, positive: 1, hits: 98, misses: 2), by: rules)
    #expect(bonus.documents.sum == 0 && bonus.documents.count == 299 && bonus.documents.rate == 0)
    #expect(bonus.positive.sum == 20_000 && bonus.sla == 0 && bonus.total == 20_000)
    #expect(Bonus(of: figures(documents: 300), by: rules).documents.sum == 1_200_000)
  }

  @Test func theCapComesLast() {
    var rules = rules
    rules.cap = 100_000
    let bonus = Bonus(of: figures(documents: 25, hits: 1), by: rules)
    #expect(bonus.sla == 20_000 && bonus.uncapped == 120_000 && bonus.total == 100_000)
  }

  @Test func halvesGoUpToTheSoum() {
    var rules = BonusRules.none
    rules.documents.steps = [.init(from: 0, rate: 5)]
    rules.sla.steps = [.init(from: 0, factor: 11_000)]
    #expect(Bonus(of: figures(documents: 1, hits: 1), by: rules).sla == 1)
    #expect(Bonus(of: figures(documents: 3, hits: 1), by: rules).sla == 2)
    rules.sla.steps = [.init(from: 0, factor: 9000)]
    #expect(Bonus(of: figures(documents: 1, hits: 1), by: rules).sla == 0)
    #expect(Bonus(of: figures(documents: 3, hits: 1), by: rules).sla == -1)
    rules.sla.steps = [.init(from: 0, factor: 10_999)]
    #expect(Bonus(of: figures(documents: 1, hits: 1), by: rules).sla == 0)
  }

  @Test func nobodyOwesABonus() {
    let bonus = Bonus(of: figures(documents: 1, negative: 3), by: rules)
    #expect(bonus.negative.sum == -90_000 && bonus.uncapped == 0 && bonus.total == 0)
    #expect(Bonus(of: figures(documents: -2), by: rules).total == 0)
  }

  @Test func rulesThatCannotBeUsedAreNamed() {
    #expect(rules.problems.isEmpty && BonusRules.none.problems.isEmpty)
    var rules = rules
    rules.documents.steps = [.init(from: 10, rate: 1), .init(from: 10, rate: 2)]
    rules.positive.steps = [.init(from: 0, rate: -1)]
    rules.negative.steps = [.init(from: 0, rate: 1)]
    rules.sla.steps = [.init(from: 10_001, factor: 1)]
    rules.cap = -1
    #expect(
      rules.problems == ["documents": "order", "positive": "invalid", "negative": "invalid", "sla": "invalid", "cap": "invalid"])
  }

  @Test(arguments: 0..<20) func agreesWithSumsMadeOtherwise(seed: UInt64) {
    var random = WorkRandom(seed)
    for _ in 0..<200 {
      var rules = BonusRules.none
      func steps(_ sign: Int64) -> [BonusRules.RateStep] {
        Set((0..<random.number(4)).map { _ in random.number(40) }).sorted()
          .map { BonusRules.RateStep(from: $0, rate: sign * Int64(random.number(5000))) }
      }
      rules.documents = .init(minimum: random.number(20), steps: steps(1))
      rules.positive = .init(minimum: random.number(5), steps: steps(1))
      rules.negative = .init(steps: steps(-1))
      rules.sla.minimum = random.number(3) * 4000
      rules.sla.steps = Set((0..<random.number(4)).map { _ in random.number(101) * 100 }).sorted()
        .map { BonusRules.FactorStep(from: $0, factor: random.number(30_000)) }
      rules.cap = random.chance(50) ? Int64(random.number(200_000)) : nil
      let figures = figures(
        documents: random.number(60) - 5, positive: random.number(40), negative: random.number(10), hits: random.number(50),
        misses: random.number(10))
      #expect(Bonus(of: figures, by: rules).total == Self.byHand(figures, rules))
    }
  }

  /// Adds the rate once for each, looks for the step from the top, and rounds in words: down, and one more from half on.
  private static func byHand(_ figures: Figures, _ rules: BonusRules) -> Int64 {
    func line(_ count: Int, _ line: BonusRules.CountLine) -> Int64 {
      guard count >= line.minimum else { return 0 }
      for step in line.steps.reversed() where count >= step.from {
        var sum: Int64 = 0
        for _ in 0..<count { sum += step.rate }
        return sum
      }
      return 0
    }
    let base =
      line(figures.documents, rules.documents) + line(figures.positive, rules.positive) + line(figures.negative, rules.negative)
    var factor: Int64 = 10_000
    let whole = figures.hits + figures.misses
    let share = whole == 0 ? -1 : figures.hits * 1_000_000 / whole
    // All thresholds here are whole percents or multiples of 40 %, so a millionth rounded down crosses none of them.
    if share >= rules.sla.minimum * 100, whole > 0 {
      for step in rules.sla.steps where figures.hits * 10_000 >= step.from * whole { factor = Int64(step.factor) }
    }
    let product = base * factor
    var soum = product / 10_000
    var rest = product % 10_000
    if rest < 0 { (soum, rest) = (soum - 1, rest + 10_000) }
    if rest * 2 >= 10_000 { soum += 1 }
    return min(max(0, soum), rules.cap ?? .max)
  }
}

/// Rules and calendars as the text that months are sealed with.
@Suite struct BonusTextTests {
  @Test func rulesAreReadBack() {
    let rules = BonusRules(
      documents: .init(minimum: 10, steps: [.init(from: 0, rate: 4000), .init(from: 300, rate: 5000)]),
      positive: .init(steps: [.init(from: 0, rate: 20_000)]), negative: .init(steps: [.init(from: 0, rate: -30_000)]),
      sla: .init(minimum: 9000, steps: [.init(from: 9500, factor: 12_000)]), cap: 5_000_000)
    #expect(
      rules.text == "documents 10 0:4000 300:5000\npositive 0 0:20000\nnegative 0 0:-30000\nsla 9000 9500:12000\ncap 5000000")
    #expect(BonusRules(text: rules.text) == rules)
    #expect(BonusRules(text: BonusRules.none.text) == BonusRules.none)
    for text in [
      "", "documents 0", rules.text + "\n", rules.text.replacing("0:20000", with: "0:-20000"),
      rules.text.replacing("10 ", with: "010 "),
    ] {
      #expect(BonusRules(text: text) == nil, "\(text)")
    }
  }

  @Test func calendarsHaveOneText() throws {
    let calendar = WorkCalendar(
      weekly: WorkCalendar.standard.weekly,
      exceptions: [
        try #require(LocalDate("2026-12-08")): [],
        try #require(LocalDate("2026-11-28")): [try #require(WorkShift("10:00-12:00"))],
      ])
    #expect(
      calendar.text == """
        1 09:00-13:00 14:00-18:00
        2 09:00-13:00 14:00-18:00
        3 09:00-13:00 14:00-18:00
        4 09:00-13:00 14:00-18:00
        5 09:00-13:00 14:00-18:00
        6
        7
        2026-11-28 10:00-12:00
        2026-12-08
        """)
  }
}

extension BonusTextTests {
  @Test func figuresAndBonusesAreReadBack() {
    var figures = Figures()
    #expect(Figures(text: figures.text) == figures)
    figures.responses = ResponseTimes([5, 7, 9])
    (figures.hits, figures.misses, figures.documents, figures.stars) = (3, 1, -2, [1, 2, 3, 4, 5])
    (figures.dismissed, figures.dismissedLate) = (6, 2)
    #expect(figures.text == "3 21 7 9 0 0 - - 3 1 -2 1 2 3 4 5 6 2")
    #expect(Figures(text: figures.text) == figures)
    #expect(Figures(text: figures.text + " 1") == nil && Figures(text: "0" + figures.text) == nil && Figures(text: "") == nil)
    let bonus = Bonus(of: figures, by: .none)
    #expect(Bonus(text: bonus.text) == bonus && Bonus(text: "1 2") == nil && Bonus(text: "+" + bonus.text) == nil)
  }
}
