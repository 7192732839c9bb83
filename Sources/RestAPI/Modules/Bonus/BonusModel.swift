import Domain
import Foundation
import Storage

/// Bonus rules, as answers carry them and as they are sent.
struct BonusRulesAnswer: Encodable {
  struct Step: Encodable {
    let from: Int
    let value: Int64
  }

  struct Line: Encodable {
    let minimum: Int
    let steps: [Step]
  }

  let documents: Line
  let positive: Line
  let negative: Line
  /// Shares and factors in ten-thousandths.
  let sla: Line
  let cap: Int64?

  init(_ rules: BonusRules) {
    func counted(_ line: BonusRules.CountLine) -> Line {
      Line(minimum: line.minimum, steps: line.steps.map { Step(from: $0.from, value: $0.rate) })
    }
    documents = counted(rules.documents)
    positive = counted(rules.positive)
    negative = counted(rules.negative)
    sla = Line(minimum: rules.sla.minimum, steps: rules.sla.steps.map { Step(from: $0.from, value: Int64($0.factor)) })
    cap = rules.cap
  }
}

extension BonusRules {
  /// Reads rules as sent: for each line `{"minimum": 0, "steps": [{"from": 0, "value": 4000}]}`, and `cap`.
  init(_ fields: inout Fields) {
    func line(_ name: String) -> (minimum: Int, steps: [(from: Int, value: Int64)]) {
      guard var object = fields.object(name) else { return (0, []) }
      let minimum = Int(object.integer("minimum", 0...1_000_000))
      let steps = object.objects("steps", atMost: BonusRules.maximumSteps) { step in
        (
          from: Int(step.integer("from", 0...1_000_000)),
          value: step.integer("value", -BonusRules.maximumSum...BonusRules.maximumSum)
        )
      }
      if !object.problems.isEmpty { fields.refuse(name, "invalid") }
      return (minimum, steps)
    }
    func counted(_ name: String) -> CountLine {
      let (minimum, steps) = line(name)
      return CountLine(minimum: minimum, steps: steps.map { RateStep(from: $0.from, rate: $0.value) })
    }
    let (documents, positive, negative) = (counted("documents"), counted("positive"), counted("negative"))
    let share = line("sla")
    let cap = fields.has("cap") && !fields.isNull("cap") ? fields.integer("cap", 0...BonusRules.maximumSum) : nil
    self.init(
      documents: documents, positive: positive, negative: negative,
      sla: ShareLine(
        minimum: share.minimum, steps: share.steps.map { FactorStep(from: $0.from, factor: Int(clamping: $0.value)) }), cap: cap)
    for (name, word) in problems { fields.refuse(name, word) }
  }
}

/// A version of the rules, as answers carry it.
struct BonusRuleVersionAnswer: Encodable {
  let version: Int32
  let month: String
  let note: String
  let madeBy: NamedAnswer
  let madeAt: String
  let rules: BonusRulesAnswer

  init(_ version: BonusRuleBook.Version) {
    self.version = version.version
    month = version.month.description
    note = version.note
    madeBy = NamedAnswer(version.madeBy)
    madeAt = version.madeAt.rfc3339
    rules = BonusRulesAnswer(version.rules)
  }
}

/// A bonus, line by line.
struct BonusAnswer: Encodable {
  struct Counted: Encodable {
    let count: Int
    let rate: Int64
    let sum: Int64

    init(_ counted: Bonus.Counted) { (count, rate, sum) = (counted.count, counted.rate, counted.sum) }
  }

  struct Share: Encodable {
    let hits: Int
    let misses: Int
    let share: Int?
    let factor: Int
    let sum: Int64
  }

  let documents: Counted
  let positive: Counted
  let negative: Counted
  let sla: Share
  let uncapped: Int64
  let total: Int64

  init(_ bonus: Bonus, _ figures: Figures) {
    documents = Counted(bonus.documents)
    positive = Counted(bonus.positive)
    negative = Counted(bonus.negative)
    sla = Share(hits: figures.hits, misses: figures.misses, share: figures.slaShare, factor: bonus.factor, sum: bonus.sla)
    (uncapped, total) = (bonus.uncapped, bonus.total)
  }
}

/// A doubt about a line, as answers carry it.
struct ContestAnswer: Encodable {
  struct Answered: Encodable {
    let accepted: Bool
    let text: String
    let by: NamedAnswer
    let at: String
    let correction: Correction?
  }

  /// What is put right, so many more of each.
  struct Correction: Encodable {
    let documents: Int
    let positive: Int
    let negative: Int
    let hits: Int
    let misses: Int
    /// The month in which it counts.
    let month: String
    /// What it pays there for a month that was closed before, soʻm; 0 when the figures themselves pay.
    let sum: Int64

    init(_ figures: FigureCorrection, month: Month, sum: Int64) {
      (documents, positive, negative) = (figures.documents, figures.positive, figures.negative)
      (hits, misses, self.month, self.sum) = (figures.hits, figures.misses, month.description, sum)
    }
  }

  let id: Int64
  let month: String
  let account: NamedAnswer
  let line: String
  let text: String
  let sum: Int64
  let at: String
  let answer: Answered?

  init(_ record: Contests.Record) {
    id = record.id.rawValue
    month = record.month.description
    account = NamedAnswer(record.account)
    line = record.line.rawValue
    text = record.text
    sum = record.sum
    at = record.at.rfc3339
    answer = record.answer.map { answer in
      Answered(
        accepted: answer.isAccepted, text: answer.text, by: NamedAnswer(answer.by), at: answer.at.rfc3339,
        correction: answer.correction.flatMap { figures in
          answer.counts.map { Correction(figures, month: $0, sum: answer.sum) }
        })
    }
  }
}

/// The bonuses of a month.
struct BonusesAnswer: Encodable {
  struct Item: Encodable {
    let account: NamedAnswer
    /// What was measured.
    let figures: FiguresAnswer
    /// Worked out from that and from what accepted doubts put right.
    let bonus: BonusAnswer
    /// What doubts about the month before come to that were accepted after it was closed, soʻm.
    let carried: Int64
    /// What the month before could not take back, soʻm: 0 or less.
    let brought: Int64
    /// The bonus with both, at least nothing.
    let paid: Int64
    /// What this month can't take back and carries into the next one: 0 or less.
    let rest: Int64
    /// Only for whoever may see salaries.
    let salary: Int64?
    let contests: [ContestAnswer]
  }

  let month: String
  /// `open` or `closed`.
  let state: String
  /// Whether doubts about the month are still taken: as long as the month after it is open.
  let contestable: Bool
  /// The rules that hold for the month; null: there are none.
  let rules: BonusRuleVersionAnswer?
  let items: [Item]
}

/// What other rules would pay for a month.
struct BonusPreviewAnswer: Encodable {
  struct Item: Encodable {
    let account: NamedAnswer
    let now: BonusAnswer
    let proposed: BonusAnswer
  }

  let month: String
  let items: [Item]
  let now: Int64
  let proposed: Int64
}

/// A salary, as answers carry it.
struct SalaryAnswer: Encodable {
  let account: NamedAnswer
  let department: Int64
  let version: Int32
  let month: String?
  let amount: Int64

  init(_ record: Salaries.Record) {
    account = NamedAnswer(record.account)
    department = record.department.rawValue
    version = record.version
    month = record.month?.description
    amount = record.amount
  }
}

/// A month and its closing, as answers carry it.
struct MonthAnswer: Encodable {
  /// What stands in the way of closing it, or what is to be known before; `count` of them.
  struct Blocker: Encodable {
    let blocker: String
    let count: Int
  }

  let month: String
  let state: String
  let closedBy: NamedAnswer?
  let closedAt: String?
  /// What a closed month is sealed with.
  let hash: String?
  let blockers: [Blocker]
  /// What is open and stays so: it doesn't stand in the way.
  let notices: [Blocker]
  let accountants: Int
  let salaries: Int64
  let bonuses: Int64
  let rules: Int32?
  let waits: Int
  let documents: Int
  let ratings: Int
}
