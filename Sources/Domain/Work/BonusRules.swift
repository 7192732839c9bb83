/// By what an accountant's bonus of a month is worked out. Sums are whole soʻm; shares and factors are ten-thousandths, so that nothing is ever
/// rounded but the one line that a factor makes.
public struct BonusRules: Sendable, Hashable {
  /// So much for each of something. The rate of the highest step that is reached holds for all of the month's, not only for those above it.
  public struct CountLine: Sendable, Hashable {
    /// With fewer the line is zero.
    public var minimum: Int
    /// From which number on which rate holds, rising. Below the first one nothing is paid.
    public var steps: [RateStep]

    /// A line.
    public init(minimum: Int = 0, steps: [RateStep]) { (self.minimum, self.steps) = (minimum, steps) }

    /// The rate for so many, zero when the minimum is missed.
    public func rate(for count: Int) -> Int64 {
      count < minimum ? 0 : steps.last { $0.from <= count }?.rate ?? 0
    }
  }

  /// A rate and from which number on it holds.
  public struct RateStep: Sendable, Hashable {
    /// From this number on, it included.
    public var from: Int
    /// Soʻm for each.
    public var rate: Int64

    /// A step.
    public init(from: Int, rate: Int64) { (self.from, self.rate) = (from, rate) }
  }

  /// A factor on the sum of the other lines.
  public struct ShareLine: Sendable, Hashable {
    /// With a smaller share, in ten-thousandths, the line is zero: the factor is one.
    public var minimum: Int
    /// From which share on which factor holds, rising. Below the first one the factor is one.
    public var steps: [FactorStep]

    /// A line.
    public init(minimum: Int = 0, steps: [FactorStep]) { (self.minimum, self.steps) = (minimum, steps) }

    /// The factor in ten-thousandths for `part` of `whole`; one when nothing was measured.
    public func factor(_ part: Int, of whole: Int) -> Int {
      /// The share itself is compared, not its rounding: part / whole ≥ share / 10 000.
      func reaches(_ share: Int) -> Bool { Int128(part) * 10_000 >= Int128(share) * Int128(whole) }
      guard whole > 0, reaches(minimum) else { return Self.one }
      return steps.last { reaches($0.from) }?.factor ?? Self.one
    }

    /// The factor that changes nothing.
    public static let one = 10_000
  }

  /// A factor and from which share on it holds.
  public struct FactorStep: Sendable, Hashable {
    /// From this share on, it included, in ten-thousandths.
    public var from: Int
    /// The factor in ten-thousandths: 12 000 is × 1.2.
    public var factor: Int

    /// A step.
    public init(from: Int, factor: Int) { (self.from, self.factor) = (from, factor) }
  }

  /// For documents processed.
  public var documents: CountLine
  /// For ratings of four or five stars.
  public var positive: CountLine
  /// For ratings of one or two stars; its rates take away.
  public var negative: CountLine
  /// On the sum of those three.
  public var sla: ShareLine
  /// The most that a month pays; nil: no limit.
  public var cap: Int64?

  /// Rules.
  public init(documents: CountLine, positive: CountLine, negative: CountLine, sla: ShareLine, cap: Int64?) {
    (self.documents, self.positive, self.negative, self.sla, self.cap) = (documents, positive, negative, sla, cap)
  }

  /// Nobody gets anything: what holds before the firm has made rules.
  public static let none = BonusRules(
    documents: CountLine(steps: []), positive: CountLine(steps: []), negative: CountLine(steps: []), sla: ShareLine(steps: []),
    cap: nil)

  /// The largest rate and cap, in soʻm.
  public static let maximumSum: Int64 = 1_000_000_000_000
  /// The most steps of a line.
  public static let maximumSteps = 10

  /// What is wrong with the rules, as a word by the field's name; empty when they can be used.
  public var problems: [String: String] {
    var problems: [String: String] = [:]
    func check(_ name: String, _ line: CountLine, _ rates: ClosedRange<Int64>) {
      if !(0...1_000_000).contains(line.minimum)
        || !line.steps.allSatisfy({ (0...1_000_000).contains($0.from) && rates.contains($0.rate) })
      {
        problems[name] = "invalid"
      } else if !Self.isRising(line.steps.map(\.from)) {
        problems[name] = "order"
      }
    }
    check("documents", documents, 0...Self.maximumSum)
    check("positive", positive, 0...Self.maximumSum)
    check("negative", negative, -Self.maximumSum...0)
    let shares = sla.steps.allSatisfy { (0...10_000).contains($0.from) && (0...100_000).contains($0.factor) }
    if !(0...10_000).contains(sla.minimum) || !shares {
      problems["sla"] = "invalid"
    } else if !Self.isRising(sla.steps.map(\.from)) {
      problems["sla"] = "order"
    }
    if let cap, !(0...Self.maximumSum).contains(cap) { problems["cap"] = "invalid" }
    return problems
  }

  private static func isRising(_ numbers: [Int]) -> Bool {
    numbers.count <= maximumSteps && zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }
  }
}
