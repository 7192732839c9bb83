import Domain
import Hummingbird
import Storage

/// `/api/v1/bonus`, `/api/v1/salaries`, `/api/v1/contests` and `/api/v1/months`: what is paid for the figures.
enum BonusRoutes {
  static func add(to table: inout RouteTable) {
    bonuses(&table)
    months(&table)
    table.needs(.salary, .read, .get, "/api/v1/salaries") { call in
      try .json(ListAnswer(try await BonusActions.salaries(try call.call.month(), call).map(SalaryAnswer.init)))
    }
    table.needs(.salary, .update, .put, "/api/v1/salaries/{id}") { call in
      var fields = try await call.call.fields()
      let version = Int32(fields.integer("version", 0...Int64(Int32.max)))
      let month = fields.month("month", or: Month(inTashkentAt: call.services.clock()))
      let amount = fields.integer("amount", 0...BonusRules.maximumSum)
      try fields.finish()
      return try .json(
        SalaryAnswer(try await BonusActions.set(amount, of: try call.call.id(), from: month, after: version, call)))
    }
    table.needs(.bonus, .read, .get, "/api/v1/contests") { call in
      try .json(ListAnswer(try await BonusActions.contests(try call.call.month(), call).map(ContestAnswer.init)))
    }
    table.needs(.contest, .create, .post, "/api/v1/contests") { call in
      var fields = try await call.call.fields()
      let month = fields.month("month", or: Month(inTashkentAt: call.services.clock()))
      let line = fields.choice("line", of: Bonus.Line.self, or: .documents)
      let text = fields.text("text", 3...1000)
      try fields.finish()
      return try .json(ContestAnswer(try await BonusActions.contest(line, in: month, text: text, call)), status: .created)
    }
    table.needs(.contest, .answer, .post, "/api/v1/contests/{id}/answer") { call in
      var fields = try await call.call.fields()
      let isAccepted = fields.optionalFlag("accepted")
      if isAccepted == nil { fields.refuse("accepted", "required") }
      let text = fields.text("text", 3...1000)
      let correction = fields.correction("correction")
      if correction != nil, isAccepted != true { fields.refuse("correction", "invalid") }
      try fields.finish()
      return try .json(
        ContestAnswer(
          try await BonusActions.answer(
            try call.call.id(), isAccepted: isAccepted ?? false, text: text, correction: correction, call)),
        status: .created)
    }
  }

  private static func bonuses(_ table: inout RouteTable) {
    table.needs(.bonus, .read, .get, "/api/v1/bonus") { call in
      try .json(try await BonusActions.bonuses(try call.call.month(), call))
    }
    table.needs(.bonusRule, .read, .get, "/api/v1/bonus/rules") { call in
      try .json(ListAnswer(try await BonusActions.rules(call).map(BonusRuleVersionAnswer.init)))
    }
    table.needs(.bonusRule, .create, .post, "/api/v1/bonus/rules") { call in
      var fields = try await call.call.fields()
      let version = Int32(fields.integer("version", 0...Int64(Int32.max)))
      let month = fields.month("month", or: Month(inTashkentAt: call.services.clock()))
      let note = fields.optionalText("note", 0...200) ?? ""
      let rules = BonusRules(&fields)
      try fields.finish()
      let added = try await BonusActions.add(rules, from: month, note: note, after: version, call)
      return try .json(BonusRuleVersionAnswer(added), status: .created)
    }
    table.needs(.bonusRule, .create, .post, "/api/v1/bonus/preview") { call in
      var fields = try await call.call.fields()
      let month = fields.month("month", or: Month(inTashkentAt: call.services.clock()))
      let rules = BonusRules(&fields)
      try fields.finish()
      return try .json(try await BonusActions.preview(month, rules, call))
    }
  }

  private static func months(_ table: inout RouteTable) {
    table.needs(.month, .read, .get, "/api/v1/months") { call in
      try .json(ListAnswer(try await MonthActions.list(call)))
    }
    table.needs(.month, .read, .get, "/api/v1/months/{month}") { call in
      try .json(try await MonthActions.look(try call.call.monthInPath(), call))
    }
    table.needs(.month, .close, .post, "/api/v1/months/{month}/close") { call in
      var fields = try await call.call.fields()
      let bonuses = fields.integer("bonuses", 0...Int64.max)
      let salaries = fields.integer("salaries", 0...Int64.max)
      try fields.finish()
      let month = try call.call.monthInPath()
      return try .json(try await MonthActions.close(month, bonuses: bonuses, salaries: salaries, call), status: .created)
    }
    table.needs(.month, .export, .get, "/api/v1/months/{month}/payroll") { call in
      try await FiguresExport.payroll(try call.call.monthInPath(), format: try .init(call.call), call)
    }
  }
}

extension Fields {
  /// What is put right: `{"documents": 2}`, at least one number that isn't 0; nil when it is absent or null.
  mutating func correction(_ name: String) -> FigureCorrection? {
    guard has(name), !isNull(name) else { return nil }
    let limit = Int64(FigureCorrection.limit)
    let numbers = integers(name, by: ["documents", "positive", "negative", "hits", "misses"], -limit...limit)
    func number(_ word: String) -> Int { Int(numbers[word] ?? 0) }
    let correction = FigureCorrection(
      documents: number("documents"), positive: number("positive"), negative: number("negative"), hits: number("hits"),
      misses: number("misses"))
    if correction == .none { refuse(name, "invalid") }
    return correction
  }

  /// A month, as YYYY-MM.
  mutating func month(_ name: String, or fallback: Month) -> Month {
    guard let text = optionalText(name, 7...7) else {
      refuse(name, "required")
      return fallback
    }
    guard let month = Month(text) else {
      refuse(name, "invalid")
      return fallback
    }
    return month
  }
}
