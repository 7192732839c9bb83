extension ResponseTimes {
  /// `count sum median ninetieth`, a dash for what there is none of.
  fileprivate var words: [String] {
    [String(count), String(sum), median.map { String($0) } ?? "-", ninetieth.map { String($0) } ?? "-"]
  }

  fileprivate init?(_ words: ArraySlice<Substring>) {
    let words = Array(words)
    guard words.count == 4, let count = Int(words[0]), let sum = Int64(words[1]) else { return nil }
    self.init(count: count, sum: sum, median: Int64(words[2]), ninetieth: Int64(words[3]))
  }
}

extension Figures {
  /// The figures in one line of numbers. There is one text for each value, and it is what closed months are sealed with.
  public var text: String {
    let counts = [hits, misses, documents] + stars + [dismissed, dismissedLate]
    return (responses.words + first.words + counts.map { String($0) }).joined(separator: " ")
  }

  /// Reads `text` back; nil for anything that it would not have written.
  public init?(text: String) {
    let words = text.split(separator: " ")
    guard words.count == 18, let responses = ResponseTimes(words[0..<4]), let first = ResponseTimes(words[4..<8]) else {
      return nil
    }
    let counts = words[8...].compactMap { Int($0) }
    guard counts.count == 10 else { return nil }
    self.init()
    (self.responses, self.first) = (responses, first)
    (hits, misses, documents, stars, dismissed, dismissedLate) =
      (counts[0], counts[1], counts[2], Array(counts[3..<8]), counts[8], counts[9])
    guard self.text == text else { return nil }
  }
}

extension Bonus {
  /// The bonus in one line of numbers: count, rate and sum of each counted line, factor, its sum, what they make together, what is paid.
  public var text: String {
    let counted = [documents, positive, negative].flatMap { [Int64($0.count), $0.rate, $0.sum] }
    return (counted + [Int64(factor), sla, uncapped, total]).map { String($0) }.joined(separator: " ")
  }

  /// Reads `text` back, as it was paid, whatever the rules say; nil for anything that it would not have written.
  public init?(text: String) {
    let numbers = text.split(separator: " ").compactMap { Int64($0) }
    guard numbers.count == 13 else { return nil }
    func counted(_ index: Int) -> Counted {
      Counted(count: Int(numbers[index]), rate: numbers[index + 1], sum: numbers[index + 2])
    }
    (documents, positive, negative) = (counted(0), counted(3), counted(6))
    (factor, sla, uncapped, total) = (Int(numbers[9]), numbers[10], numbers[11], numbers[12])
    guard self.text == text else { return nil }
  }
}
