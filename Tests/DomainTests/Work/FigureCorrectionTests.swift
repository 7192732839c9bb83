import Domain
import Testing

/// What is put right changes the bonus as if it had been measured so.
@Suite struct FigureCorrectionTests {
  private func figures(_ documents: Int, _ stars: [Int], _ hits: Int, _ misses: Int) -> Figures {
    var figures = Figures()
    (figures.documents, figures.stars, figures.hits, figures.misses) = (documents, stars, hits, misses)
    return figures
  }

  @Test func eachCountChangesByItself() {
    let measured = figures(5, [2, 1, 4, 1, 3], 8, 2)
    let correction = FigureCorrection(documents: -6, positive: 2, negative: -1, hits: 1, misses: -1)
    let corrected = measured.corrected(by: correction)
    #expect(corrected.documents == -1 && corrected.positive == 6 && corrected.negative == 2)
    #expect(corrected.hits == 9 && corrected.misses == 1 && corrected.stars[2] == 4)
    #expect(measured.corrected(by: .none) == measured)
    #expect(corrected.responses == measured.responses && corrected.dismissed == measured.dismissed)
  }

  @Test func ratingsAreTakenFromBothStarsAndNeverBelowNone() {
    let measured = figures(0, [1, 2, 0, 2, 1], 0, 1)
    #expect(measured.corrected(by: .init(positive: -2)).stars == [1, 2, 0, 1, 0])
    #expect(measured.corrected(by: .init(positive: -9, negative: -2)).stars == [0, 1, 0, 0, 0])
    #expect(measured.corrected(by: .init(hits: -1, misses: -2)).slaShare == nil)
  }

  @Test func aCorrectionIsOfOneLine() {
    let all = FigureCorrection(documents: 1, positive: 1, negative: 1, hits: 1, misses: 1)
    for line in Bonus.Line.allCases {
      #expect(!all.stays(within: line) && FigureCorrection.none.stays(within: line))
      #expect(FigureCorrection(documents: 1).stays(within: line) == (line == .documents))
      #expect(FigureCorrection(hits: 1, misses: -1).stays(within: line) == (line == .sla))
    }
  }

  @Test func itIsReadBack() {
    let correction = FigureCorrection(documents: 2, negative: -1, hits: 1) + FigureCorrection(hits: -3, misses: 4)
    #expect(correction.text == "2 0 -1 -2 4" && FigureCorrection(text: correction.text) == correction)
    for text in ["", "1 2 3 4", "1 2 3 4 5 6", "+1 0 0 0 0", "1 0 0 0 x"] {
      #expect(FigureCorrection(text: text) == nil, "\(text)")
    }
  }

  @Test(arguments: 0..<10) func measuredSoOrPutRightPaysTheSame(seed: UInt64) {
    var random = WorkRandom(seed)
    let rules = BonusRules(
      documents: .init(minimum: 5, steps: [.init(from: 0, rate: 1000), .init(from: 20, rate: 1500)]),
      positive: .init(steps: [.init(from: 2, rate: 700)]), negative: .init(steps: [.init(from: 0, rate: -300)]),
      sla: .init(minimum: 2000, steps: [.init(from: 5000, factor: 12_345)]), cap: 30_000)
    for _ in 0..<100 {
      let (before, after) = ((0..<5).map { _ in random.number(30) }, (0..<5).map { _ in random.number(30) })
      let measured = figures(before[0], [before[2], 0, 0, 0, before[1]], before[3], before[4])
      let meant = figures(after[0], [after[2], 0, 0, 0, after[1]], after[3], after[4])
      let change = zip(after, before).map { $0 - $1 }
      let correction = FigureCorrection(
        documents: change[0], positive: change[1], negative: change[2], hits: change[3], misses: change[4])
      #expect(Bonus(of: measured.corrected(by: correction), by: rules) == Bonus(of: meant, by: rules))
    }
  }
}
