import Testing

@testable import Reactor

@Suite struct TimerHeapTests {
  @Test func runsInTheOrderOfDeadlines() {
    var heap = TimerHeap()
    var ran: [Int64] = []
    let deadlines: [Int64] = (0..<200).map { ($0 * 7_919) % 101 }
    for deadline in deadlines { _ = heap.add(deadline: deadline) { ran.append(deadline) } }
    #expect(heap.nextDeadline() == 0)
    while let body = heap.takeDue(now: 50) { body() }
    #expect(ran == deadlines.filter { $0 <= 50 }.sorted())
    while let body = heap.takeDue(now: 1_000) { body() }
    #expect(ran == deadlines.sorted())
    #expect(heap.nextDeadline() == nil)
  }

  @Test func equalDeadlinesKeepTheirOrder() {
    var heap = TimerHeap()
    var ran: [Int] = []
    for number in 0..<20 { _ = heap.add(deadline: 5) { ran.append(number) } }
    while let body = heap.takeDue(now: 5) { body() }
    #expect(ran == Array(0..<20))
  }

  @Test func forgetsWhatIsCancelled() {
    var heap = TimerHeap()
    var ran: [Int] = []
    let timers = (0..<500).map { number in heap.add(deadline: Int64(number)) { ran.append(number) } }
    for (number, timer) in timers.enumerated() where number % 50 != 49 { heap.cancel(timer) }
    #expect(heap.count == 10)
    #expect(heap.nextDeadline() == 49)
    while let body = heap.takeDue(now: 1_000) { body() }
    #expect(ran == (0..<10).map { $0 * 50 + 49 })
  }

  @Test func aLoopRunsItsTimersByItsClock() throws {
    var now: Int64 = 1_000
    let loop = try EventLoop(clock: { now })
    var ran: [String] = []
    loop.schedule(after: 10) { ran.append("ten") }
    let cancelled = loop.schedule(after: 5) { ran.append("five") }
    loop.cancel(cancelled)
    loop.turn(patience: 0)
    #expect(ran.isEmpty)
    now = 1_010
    loop.turn()
    #expect(ran == ["ten"])
  }
}
