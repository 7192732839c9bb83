import Domain
import ServerKit
import Testing

private let start = Timestamp(microseconds: 1_800_000_000_000_000)
private func key(_ account: Int64?, _ place: String) -> RefusedSignIn {
  RefusedSignIn(account: account.map { AccountID($0) }, place: place)
}

@Suite struct RefusalTallyTests {
  @Test func oneRowAMinuteAndNothingUncounted() {
    var tally = RefusalTally<RefusedSignIn>()
    let mine = key(1, "6.6.6.6")
    #expect(tally.note(mine, at: start)?.count == 1)
    for second in 1..<60 { #expect(tally.note(mine, at: start.advanced(by: .seconds(second))) == nil) }
    #expect(tally.note(key(2, "6.6.6.6"), at: start)?.count == 1)
    #expect(tally.note(mine, at: start.advanced(by: .seconds(60)))?.count == 60)
    _ = tally.note(mine, at: start.advanced(by: .seconds(61)))
    #expect(tally.due(at: start.advanced(by: .seconds(119))).isEmpty)
    #expect(tally.due(at: start.advanced(by: .seconds(120))).map(\.count) == [1])
    #expect(tally.due(at: start.advanced(by: .seconds(900))).isEmpty)
  }

  private func access(_ account: Int64, _ what: String) -> RefusedAccess {
    RefusedAccess(account: AccountID(account), session: SessionID(1), address: "6.6.6.6", what: what, code: "not_found")
  }

  @Test func whoeverProbesOnAndOnMakesNobodyNameless() {
    var tally = RefusalTally<RefusedAccess>()
    var (prober, other, probes) = (0, 0, 0)
    func count(_ row: RefusalTally<RefusedAccess>.Row?) {
      guard let row else { return }
      if row.key?.account == AccountID(1) { prober += row.count }
      if row.key?.account == AccountID(2) { other += row.count }
    }
    var (now, rows) = (start, 0)
    for second in 0..<600 {
      for address in 0..<20 {
        let row = tally.note(access(1, "GET /\(second)/\(address)"), at: now)
        rows += row == nil ? 0 : 1
        probes += 1
        count(row)
      }
      // Another one's single try is told at once, whatever the first does.
      if second % 60 == 30 {
        let row = tally.note(access(2, "GET /\(second)"), at: now)
        #expect(row?.key?.what == "GET /\(second)")
        count(row)
      }
      now = now.advanced(by: .seconds(1))
      if second % 60 == 59 {
        for row in tally.due(at: now) {
          #expect(row.key != nil)
          rows += 1
          count(row)
        }
      }
    }
    #expect(prober == probes && other == 10)
    #expect(rows <= 30 + 30 + 10 + 10)
  }

  @Test func aFloodFromEverywhereStaysSmallAndIsCounted() {
    var tally = RefusalTally<RefusedSignIn>(limit: 200)
    var (rows, counted) = (0, 0)
    var now = start
    for second in 0..<600 {
      for place in 0..<50 {
        if let row = tally.note(key(nil, "place \(second) \(place)"), at: now) {
          rows += 1
          counted += row.count
        }
      }
      now = now.advanced(by: .seconds(1))
      if second % 60 == 59 {
        let due = tally.due(at: now)
        rows += due.count
        counted += due.map(\.count).reduce(0, +)
      }
    }
    #expect(counted == 600 * 50)
    #expect(rows <= 100 + 200 + 10)
  }
}
