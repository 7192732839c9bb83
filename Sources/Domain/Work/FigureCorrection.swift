/// What was put right in an accountant's figures of a month because a doubt about it was accepted: so many more of each, or fewer.
///
/// What was measured stays as it is; the bonus is worked out from both together.
public struct FigureCorrection: Sendable, Hashable {
  /// Documents processed.
  public var documents: Int
  /// Ratings of four or five stars.
  public var positive: Int
  /// Ratings of one or two stars.
  public var negative: Int
  /// Waits answered in time.
  public var hits: Int
  /// Waits answered too late, or never.
  public var misses: Int

  /// The most that one correction changes.
  public static let limit = 10_000
  /// Nothing.
  public static let none = FigureCorrection()

  /// A correction.
  public init(documents: Int = 0, positive: Int = 0, negative: Int = 0, hits: Int = 0, misses: Int = 0) {
    (self.documents, self.positive, self.negative, self.hits, self.misses) = (documents, positive, negative, hits, misses)
  }

  /// Both together.
  public static func + (left: Self, right: Self) -> Self {
    FigureCorrection(
      documents: left.documents + right.documents, positive: left.positive + right.positive,
      negative: left.negative + right.negative, hits: left.hits + right.hits, misses: left.misses + right.misses)
  }

  /// Whether it changes nothing but what a line of the bonus is made of.
  public func stays(within line: Bonus.Line) -> Bool {
    var rest = self
    switch line {
    case .documents: rest.documents = 0
    case .positive: rest.positive = 0
    case .negative: rest.negative = 0
    case .sla: (rest.hits, rest.misses) = (0, 0)
    }
    return rest == .none
  }
}

extension Figures {
  /// The figures that the bonus is worked out from. Of ratings, hits and misses there are never fewer than none, whatever was taken away; more
  /// documents can have been withdrawn than processed.
  public func corrected(by correction: FigureCorrection) -> Figures {
    var figures = self
    figures.documents += correction.documents
    figures.hits = max(0, hits + correction.hits)
    figures.misses = max(0, misses + correction.misses)
    figures.change(correction.positive, from: 4, to: 3)
    figures.change(correction.negative, from: 0, to: 1)
    return figures
  }

  /// Adds ratings to the one end of the scale, or takes them from it and then from its neighbour: the bonus knows only both together.
  private mutating func change(_ count: Int, from end: Int, to neighbour: Int) {
    let left = stars[end] + count
    stars[end] = max(0, left)
    if left < 0 { stars[neighbour] = max(0, stars[neighbour] + left) }
  }
}

extension FigureCorrection {
  /// The correction in one line of numbers. There is one text for each value, and it is what closed months are sealed with.
  public var text: String { [documents, positive, negative, hits, misses].map { String($0) }.joined(separator: " ") }

  /// Reads `text` back; nil for anything that it would not have written.
  public init?(text: String) {
    let numbers = text.split(separator: " ").compactMap { Int($0) }
    guard numbers.count == 5 else { return nil }
    self.init(documents: numbers[0], positive: numbers[1], negative: numbers[2], hits: numbers[3], misses: numbers[4])
    guard self.text == text else { return nil }
  }
}
