import Testing

@testable import Storage

@Suite("PoolState")
struct PoolStateTests {
  /// The machine with a clock that is moved by hand; actions as words.
  struct Bench {
    var machine: PoolState<String>
    var now: Duration = .zero
    var ids: UInt64 = 0

    init(size: Int = 2, queue: Int = 3) {
      machine = PoolState(
        .init(
          size: size, queueLimit: queue, acquireTimeout: .seconds(5), idleCheck: .seconds(30),
          backoff: Backoff(first: .milliseconds(100), limit: .seconds(1))))
    }

    mutating func request(_ ticket: String) -> [String] {
      ids += 1
      return words(machine.request(ticket, id: ids, now: now))
    }
    mutating func connected(_ slot: Int) -> [String] { words(machine.connected(slot: slot, now: now)) }
    mutating func failed(_ slot: Int, random: Double = 1) -> [String] {
      words(machine.connectFailed(slot: slot, DatabaseError(.connectionLost, "away"), now: now, random: random))
    }
    mutating func returned(_ slot: Int, alive: Bool = true) -> [String] {
      words(machine.returned(slot: slot, alive: alive, now: now))
    }
    mutating func tick() -> [String] { words(machine.tick(now: now)) }
    mutating func close() -> [String] { words(machine.close()) }

    private func words(_ actions: [PoolState<String>.Action]) -> [String] {
      actions.map { action in
        switch action {
        case .connect(let slot): "connect \(slot)"
        case .run(let slot, let ticket): "run \(slot) \(ticket)"
        case .check(let slot): "check \(slot)"
        case .close(let slot): "close \(slot)"
        case .refuse(let ticket, let error): "refuse \(ticket) \(error.kind)"
        }
      }
    }
  }

  @Test("Connections are made on demand, and the one used last is used next")
  func demand() {
    var bench = Bench()
    #expect(bench.request("a") == ["connect 0"])
    #expect(bench.request("b") == ["connect 1"])
    #expect(bench.request("c") == [])
    #expect(bench.connected(1) == ["run 1 a"])
    #expect(bench.connected(0) == ["run 0 b"])
    #expect(bench.returned(0) == ["run 0 c"])
    #expect(bench.returned(1) == [])
    #expect(bench.returned(0) == [])
    #expect(bench.request("d") == ["run 0 d"])
    #expect((bench.machine.connections, bench.machine.inUse, bench.machine.waiting) == (2, 1, 0))
  }

  @Test("Those who wait are served in their order, and a newcomer does not pass them")
  func order() {
    var bench = Bench(size: 1, queue: 100)
    _ = bench.request("first")
    _ = bench.connected(0)
    for number in 0..<100 { #expect(bench.request("\(number)") == []) }
    for number in 0..<100 { #expect(bench.returned(0) == ["run 0 \(number)"]) }
    #expect(bench.returned(0) == [])
  }

  @Test("A full queue refuses at once, with a temporary error")
  func full() {
    var bench = Bench(size: 1, queue: 2)
    #expect(bench.request("a") == ["connect 0"])
    #expect(bench.request("b") == [])
    #expect(bench.request("c") == ["refuse c poolExhausted"])
    #expect(DatabaseError(.poolExhausted, "").isTemporary)
    #expect(bench.connected(0) == ["run 0 a"])
    #expect(bench.request("d") == [])
    #expect(bench.request("e") == ["refuse e poolExhausted"])
  }

  @Test("Who waits too long is refused, not earlier")
  func deadline() {
    var bench = Bench(size: 1)
    _ = bench.request("a")
    _ = bench.connected(0)
    _ = bench.request("b")
    bench.now += .seconds(2)
    _ = bench.request("c")
    #expect(bench.machine.nextTick == .seconds(5))
    bench.now = .seconds(5) - .nanoseconds(1)
    #expect(bench.tick() == [])
    bench.now = .seconds(5)
    #expect(bench.tick() == ["refuse b poolExhausted"])
    #expect(bench.machine.nextTick == .seconds(7))
    #expect(bench.returned(0) == ["run 0 c"])
    #expect(bench.machine.nextTick == nil)
  }

  @Test("A withdrawn request leaves the queue, once")
  func withdraw() {
    var bench = Bench(size: 1)
    _ = bench.request("a")
    _ = bench.connected(0)
    _ = bench.request("b")
    _ = bench.request("c")
    #expect(bench.machine.withdraw(id: 2) == "b")
    #expect(bench.machine.withdraw(id: 2) == nil)
    #expect(bench.machine.withdraw(id: 1) == nil)
    #expect(bench.returned(0) == ["run 0 c"])
  }

  @Test("While Postgres is away requests fail at once, and one slot at a time tries again, ever more slowly")
  func outage() {
    var bench = Bench()
    _ = bench.request("a")
    _ = bench.request("b")
    #expect(bench.failed(0) == ["refuse a connectionLost", "refuse b connectionLost"])
    #expect(bench.failed(1) == [])
    #expect(bench.machine.isAway)
    #expect(bench.request("c") == ["refuse c connectionLost"])
    // The second failure in a row: 200 ms.
    #expect(bench.machine.nextTick == .milliseconds(200))
    bench.now = .milliseconds(199)
    #expect(bench.tick() == [])
    bench.now = .milliseconds(200)
    #expect(bench.tick() == ["connect 0"])
    #expect(bench.tick() == [], "one attempt at a time")
    #expect(bench.machine.nextTick == nil)
    #expect(bench.request("d") == ["refuse d connectionLost"])
    #expect(bench.failed(0) == [])
    #expect(bench.machine.nextTick == .milliseconds(600))
    bench.now = .milliseconds(600)
    #expect(bench.tick() == ["connect 0"])
    #expect(bench.connected(0) == [])
    #expect(!bench.machine.isAway)
    #expect(bench.request("e") == ["run 0 e"])
    #expect(bench.request("f") == ["connect 1"])
  }

  @Test("One more connection that cannot be made does not refuse those whom the others will serve")
  func partialOutage() {
    var bench = Bench()
    _ = bench.request("a")
    _ = bench.connected(0)
    #expect(bench.request("b") == ["connect 1"])
    #expect(bench.failed(1) == [])
    #expect(!bench.machine.isAway)
    #expect(bench.request("c") == [], "no further attempt before its time")
    #expect(bench.returned(0) == ["run 0 b"])
    #expect(bench.returned(0, alive: false) == ["refuse c connectionLost"], "now no connection is left")
    #expect(bench.machine.isAway)
  }

  @Test("A broken connection is replaced as soon as somebody waits")
  func broken() {
    var bench = Bench(size: 1)
    _ = bench.request("a")
    _ = bench.connected(0)
    _ = bench.request("b")
    #expect(bench.returned(0, alive: false) == ["connect 0"])
    #expect(bench.connected(0) == ["run 0 b"])
    #expect(bench.returned(0, alive: false) == [])
    #expect(bench.request("c") == ["connect 0"])
  }

  @Test("Idle connections are looked at, and are not given away meanwhile")
  func idleCheck() {
    var bench = Bench(size: 1)
    _ = bench.request("a")
    _ = bench.connected(0)
    bench.now = .seconds(1)
    _ = bench.returned(0)
    #expect(bench.machine.nextTick == .seconds(31))
    bench.now = .seconds(31)
    #expect(bench.tick() == ["check 0"])
    #expect(bench.request("b") == [])
    #expect(bench.returned(0) == ["run 0 b"])
  }

  @Test("Closing refuses who waits, lets the running end, and ends every slot")
  func close() {
    var bench = Bench(size: 3)
    _ = bench.request("a")
    _ = bench.connected(0)
    _ = bench.request("b")
    _ = bench.connected(1)
    _ = bench.returned(1)
    _ = bench.request("c")
    _ = bench.request("d")
    #expect(bench.close() == ["refuse d closed"])
    #expect(bench.close() == [])
    #expect(bench.request("e") == ["refuse e closed"])
    #expect(bench.returned(0) == ["close 0"])
    #expect(bench.returned(1, alive: false) == ["close 1"])
    #expect(bench.failed(2) == ["close 2"])
    for slot in 0..<3 {
      #expect(!bench.machine.hasEnded)
      bench.machine.closed(slot: slot)
    }
    #expect(bench.machine.hasEnded)
  }

  @Test("Whatever happens, each request is answered once and no slot does two things")
  func random() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<200 {
      var bench = Bench(size: Int.random(in: 1...4, using: &generator), queue: 5)
      var busy: Set<Int> = []
      var connecting: Set<Int> = []
      var open: Set<String> = []
      func note(_ actions: [String]) {
        for action in actions {
          let words = action.split(separator: " ").map(String.init)
          switch words[0] {
          case "connect": #expect(connecting.insert(Int(words[1]) ?? -1).inserted && !busy.contains(Int(words[1]) ?? -1))
          case "run":
            #expect(busy.insert(Int(words[1]) ?? -1).inserted)
            #expect(open.remove(words[2]) != nil)
          case "check": #expect(busy.insert(Int(words[1]) ?? -1).inserted)
          case "refuse": #expect(open.remove(words[1]) != nil)
          default: break
          }
        }
      }
      for step in 0..<200 {
        bench.now += .milliseconds(Int.random(in: 0...400, using: &generator))
        switch Int.random(in: 0..<6, using: &generator) {
        case 0, 1:
          open.insert("r\(step)")
          note(bench.request("r\(step)"))
        case 2: if let slot = busy.popFirst() { note(bench.returned(slot, alive: Int.random(in: 0..<4, using: &generator) > 0)) }
        case 3: if let slot = connecting.popFirst() { note(bench.connected(slot)) }
        case 4: if let slot = connecting.popFirst() { note(bench.failed(slot, random: 0.5)) }
        default: note(bench.tick())
        }
        #expect(bench.machine.waiting == open.count)
        #expect(bench.machine.inUse == busy.count)
        if let next = bench.machine.nextTick, next <= bench.now { note(bench.tick()) }
        if let next = bench.machine.nextTick { #expect(next > bench.now, "ticking again at once would spin") }
      }
    }
  }
}

@Suite("Backoff")
struct BackoffTests {
  @Test("Doubles up to the limit; chance takes at most half")
  func doubles() {
    let backoff = Backoff(first: .milliseconds(100), limit: .seconds(1))
    #expect((1...6).map { backoff.delay(after: $0, random: 1) } == [100, 200, 400, 800, 1000, 1000].map { .milliseconds($0) })
    #expect((1...6).map { backoff.delay(after: $0, random: 0) } == [50, 100, 200, 400, 500, 500].map { .milliseconds($0) })
    #expect(backoff.delay(after: 10_000, random: 1) == .seconds(1))
  }
}
