/// A bonus as it is worked out: each line with what it was made of, so that it can be written out as `412 × 4 000`.
public struct Bonus: Sendable, Hashable {
  /// What a line is for. The words are in the database and in addresses.
  public enum Line: String, Sendable, Hashable, CaseIterable {
    /// Documents processed.
    case documents
    /// Ratings of four or five stars.
    case positive
    /// Ratings of one or two stars.
    case negative
    /// Waits answered in time.
    case sla
  }

  /// A count, its rate and what they make.
  public struct Counted: Sendable, Hashable {
    /// How many.
    public let count: Int
    /// Soʻm for each; zero when the minimum was missed.
    public let rate: Int64
    /// The product, soʻm.
    public let sum: Int64

    init(count: Int, rate: Int64, sum: Int64) { (self.count, self.rate, self.sum) = (count, rate, sum) }
  }

  /// Documents processed.
  public let documents: Counted
  /// Ratings of four or five stars.
  public let positive: Counted
  /// Ratings of one or two stars.
  public let negative: Counted
  /// The factor that the share of hits brings, in ten-thousandths.
  public let factor: Int
  /// What the factor adds to the three lines before it (or takes away), soʻm, half of one rounded up.
  public let sla: Int64
  /// What the lines make together, at least nothing.
  public let uncapped: Int64
  /// What is paid: `uncapped`, at most the cap.
  public let total: Int64

  /// Works a month's figures out by rules that have no `problems`.
  public init(of figures: Figures, by rules: BonusRules) {
    func counted(_ count: Int, _ line: BonusRules.CountLine) -> Counted {
      // More withdrawn than processed makes less than nothing of a month.
      let rate = line.rate(for: count)
      return Counted(count: count, rate: rate, sum: Self.clamped(Int128(count) * Int128(rate)))
    }
    documents = counted(figures.documents, rules.documents)
    positive = counted(figures.positive, rules.positive)
    negative = counted(figures.negative, rules.negative)
    factor = rules.sla.factor(figures.hits, of: figures.hits + figures.misses)
    let base = Int128(documents.sum) + Int128(positive.sum) + Int128(negative.sum)
    let extra = Self.halfUp(base * Int128(factor - BonusRules.ShareLine.one), by: Int128(BonusRules.ShareLine.one))
    sla = Self.clamped(extra)
    uncapped = Self.clamped(max(0, base + extra))
    total = min(uncapped, rules.cap ?? .max)
  }

  /// The sum of a line, soʻm.
  public func sum(of line: Line) -> Int64 {
    switch line {
    case .documents: documents.sum
    case .positive: positive.sum
    case .negative: negative.sum
    case .sla: sla
    }
  }

  /// A quotient rounded to the nearest whole number, halves towards plus infinity.
  static func halfUp(_ value: Int128, by divisor: Int128) -> Int128 {
    let (quotient, remainder) = (2 * value + divisor).quotientAndRemainder(dividingBy: 2 * divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }

  private static func clamped(_ value: Int128) -> Int64 { Int64(clamping: value) }
}
