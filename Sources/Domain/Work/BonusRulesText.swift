extension BonusRules {
  /// The rules as text, one line for each: `documents 0 0:4000 300:5000` (the minimum, then from:rate), `cap 5000000` or `cap -`. There is one text
  /// for each value, and it is what closed months are sealed with.
  public var text: String {
    func line(_ name: String, _ minimum: Int, _ steps: [(Int, Int64)]) -> String {
      ([name, String(minimum)] + steps.map { "\($0.0):\($0.1)" }).joined(separator: " ")
    }
    return [
      line("documents", documents.minimum, documents.steps.map { ($0.from, $0.rate) }),
      line("positive", positive.minimum, positive.steps.map { ($0.from, $0.rate) }),
      line("negative", negative.minimum, negative.steps.map { ($0.from, $0.rate) }),
      line("sla", sla.minimum, sla.steps.map { ($0.from, Int64($0.factor)) }),
      "cap " + (cap.map { String($0) } ?? "-"),
    ].joined(separator: "\n")
  }

  /// Reads `text` back; nil for anything that it would not have written, and for rules with `problems`.
  public init?(text: String) {
    var lines: [Substring: (minimum: Int, steps: [(from: Int, value: Int64)])] = [:]
    var cap: Int64?
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count >= 2 else { return nil }
      if words[0] == "cap" {
        cap = Int64(words[1])
        continue
      }
      guard let minimum = Int(words[1]) else { return nil }
      var steps: [(Int, Int64)] = []
      for word in words.dropFirst(2) {
        let parts = word.split(separator: ":")
        guard parts.count == 2, let from = Int(parts[0]), let value = Int64(parts[1]) else { return nil }
        steps.append((from, value))
      }
      lines[words[0]] = (minimum, steps)
    }
    guard let documents = lines["documents"], let positive = lines["positive"], let negative = lines["negative"],
      let sla = lines["sla"]
    else { return nil }
    func counted(_ line: (minimum: Int, steps: [(from: Int, value: Int64)])) -> CountLine {
      CountLine(minimum: line.minimum, steps: line.steps.map { RateStep(from: $0.from, rate: $0.value) })
    }
    self.init(
      documents: counted(documents), positive: counted(positive), negative: counted(negative),
      sla: ShareLine(minimum: sla.minimum, steps: sla.steps.map { FactorStep(from: $0.from, factor: Int($0.value)) }), cap: cap)
    guard self.text == text, problems.isEmpty else { return nil }
  }
}

extension WorkCalendar {
  /// The calendar as text: a line for each weekday, Monday first, then one for each exception by date. There is one text for each value.
  public var text: String {
    func line(_ name: String, _ shifts: [WorkShift]) -> String { ([name] + shifts.map(\.text)).joined(separator: " ") }
    let days = weekly.enumerated().map { line(String($0.offset + 1), $0.element) }
    return (days + exceptions.sorted { $0.key < $1.key }.map { line($0.key.description, $0.value) }).joined(separator: "\n")
  }
}
