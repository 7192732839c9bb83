/// The pool's decisions as a pure machine: an event and the time go in, what has to be done comes out. Knows no thread and no socket.
///
/// Requests are served in the order of their arrival. While Postgres is away, that is after a failed attempt to connect with no other
/// connection left, requests are refused at once, and one slot at a time tries again, ever more slowly.
struct PoolState<Ticket> {
  /// The limits that the machine keeps.
  struct Limits {
    var size: Int
    var queueLimit: Int
    var acquireTimeout: Duration
    var idleCheck: Duration
    var backoff: Backoff
  }

  /// What the shell has to do.
  enum Action {
    /// Make the slot's connection; `connected` or `connectFailed` answers.
    case connect(slot: Int)
    /// Run the request on the slot's connection; `returned` answers.
    case run(slot: Int, Ticket)
    /// See whether the slot's idle connection works; `returned` answers.
    case check(slot: Int)
    /// End the slot's connection and thread; `closed` answers.
    case close(slot: Int)
    /// Tell the request that it will not be served.
    case refuse(Ticket, DatabaseError)
  }

  private enum Slot {
    case empty
    case connecting
    case idle(since: Duration)
    case busy
    case closing
    case ended
  }

  private struct Waiter {
    var id: UInt64
    var ticket: Ticket
    var deadline: Duration
  }

  private struct Outage {
    var failures: Int
    var retryAt: Duration
    var error: DatabaseError
  }

  private let limits: Limits
  private var slots: [Slot]
  /// Idle slots, the one used last at the end: it is used next, and its caches are warm.
  private var idle: [Int] = []
  private var waiters: [Waiter] = []
  private var firstWaiter = 0
  private var outage: Outage?
  /// Whether `close` was called.
  private(set) var isClosed = false

  init(_ limits: Limits) {
    self.limits = limits
    slots = Array(repeating: .empty, count: max(1, limits.size))
  }

  /// Requests that wait for a connection.
  var waiting: Int { waiters.count - firstWaiter }
  /// Connections that exist.
  var connections: Int {
    slots.count {
      switch $0 {
      case .idle, .busy: true
      default: false
      }
    }
  }
  /// Connections that run something.
  var inUse: Int { slots.count { if case .busy = $0 { true } else { false } } }
  /// Whether Postgres is away as far as the pool knows.
  var isAway: Bool { outage != nil && connections == 0 }
  /// Whether every slot has ended after `close`.
  var hasEnded: Bool { slots.allSatisfy { if case .ended = $0 { true } else { false } } }

  /// A request wants a connection.
  mutating func request(_ ticket: Ticket, id: UInt64, now: Duration) -> [Action] {
    guard !isClosed else { return [.refuse(ticket, DatabaseError(.closed, "the pool is closed"))] }
    if waiting == 0, let slot = idle.popLast() {
      slots[slot] = .busy
      return [.run(slot: slot, ticket)]
    }
    if isAway, let outage { return [.refuse(ticket, outage.error)] }
    guard waiting < limits.queueLimit else {
      return [.refuse(ticket, DatabaseError(.poolExhausted, "\(limits.queueLimit) requests wait for a connection already"))]
    }
    waiters.append(Waiter(id: id, ticket: ticket, deadline: now + limits.acquireTimeout))
    return grow()
  }

  /// A waiting request does not want a connection any longer. Returns it, or nil when it does not wait.
  mutating func withdraw(id: UInt64) -> Ticket? {
    guard let index = waiters[firstWaiter...].firstIndex(where: { $0.id == id }) else { return nil }
    return waiters.remove(at: index).ticket
  }

  /// The slot's connection stands.
  mutating func connected(slot: Int, now: Duration) -> [Action] {
    outage = nil
    let actions = release(slot, now: now)
    return actions + grow()
  }

  /// The slot's connection could not be made. `random` in 0…1 spreads the next attempt.
  mutating func connectFailed(slot: Int, _ error: DatabaseError, now: Duration, random: Double) -> [Action] {
    guard !isClosed else { return end(slot) }
    slots[slot] = .empty
    let failures = (outage?.failures ?? 0) + 1
    outage = Outage(failures: failures, retryAt: now + limits.backoff.delay(after: failures, random: random), error: error)
    // With other connections in use the waiters may still be served; without, nobody knows when.
    return connections == 0 ? refuseAll(error) : []
  }

  /// The slot has done what it was given. `alive`: its connection can be used further.
  mutating func returned(slot: Int, alive: Bool, now: Duration) -> [Action] {
    if alive { return release(slot, now: now) }
    guard !isClosed else { return end(slot) }
    slots[slot] = .empty
    if isAway, let outage { return refuseAll(outage.error) }
    return grow()
  }

  /// Time has passed: refuses who waited too long, tries to reconnect, looks at idle connections.
  mutating func tick(now: Duration) -> [Action] {
    guard !isClosed else { return [] }
    var actions: [Action] = []
    while firstWaiter < waiters.count, waiters[firstWaiter].deadline <= now {
      actions.append(.refuse(waiters[firstWaiter].ticket, DatabaseError(.poolExhausted, "no connection came free in time")))
      dropFirstWaiter()
    }
    if let outage, outage.retryAt <= now, !slots.contains(where: { if case .connecting = $0 { true } else { false } }),
      let slot = slots.firstIndex(where: { if case .empty = $0 { true } else { false } })
    {
      slots[slot] = .connecting
      actions.append(.connect(slot: slot))
    }
    for slot in slots.indices {
      guard case .idle(let since) = slots[slot], since + limits.idleCheck <= now else { continue }
      idle.removeAll { $0 == slot }
      slots[slot] = .busy
      actions.append(.check(slot: slot))
    }
    return actions
  }

  /// When `tick` has to be called next, or nil.
  var nextTick: Duration? {
    guard !isClosed else { return nil }
    var next = firstWaiter < waiters.count ? waiters[firstWaiter].deadline : nil
    if let outage, !slots.contains(where: { if case .connecting = $0 { true } else { false } }) {
      next = min(next ?? outage.retryAt, outage.retryAt)
    }
    for case .idle(let since) in slots { next = min(next ?? since + limits.idleCheck, since + limits.idleCheck) }
    return next
  }

  /// No further requests. Those that wait are refused, those that run come to their end.
  mutating func close() -> [Action] {
    guard !isClosed else { return [] }
    isClosed = true
    idle.removeAll()
    var actions = refuseAll(DatabaseError(.closed, "the pool is closed"))
    for slot in slots.indices {
      switch slots[slot] {
      case .idle, .empty: actions += end(slot)
      case .connecting, .busy, .closing, .ended: break
      }
    }
    return actions
  }

  /// The slot's connection and thread have ended.
  mutating func closed(slot: Int) { slots[slot] = .ended }

  /// Gives the slot to whoever waits, or lays it down.
  private mutating func release(_ slot: Int, now: Duration) -> [Action] {
    guard !isClosed else { return end(slot) }
    guard firstWaiter < waiters.count else {
      slots[slot] = .idle(since: now)
      idle.append(slot)
      return []
    }
    let ticket = waiters[firstWaiter].ticket
    dropFirstWaiter()
    slots[slot] = .busy
    return [.run(slot: slot, ticket)]
  }

  /// Opens connections for those who wait, unless Postgres is away.
  private mutating func grow() -> [Action] {
    guard outage == nil else { return [] }
    var coming = slots.count { if case .connecting = $0 { true } else { false } }
    var actions: [Action] = []
    for slot in slots.indices where coming < waiting {
      guard case .empty = slots[slot] else { continue }
      slots[slot] = .connecting
      coming += 1
      actions.append(.connect(slot: slot))
    }
    return actions
  }

  private mutating func end(_ slot: Int) -> [Action] {
    slots[slot] = .closing
    return [.close(slot: slot)]
  }

  private mutating func refuseAll(_ error: DatabaseError) -> [Action] {
    let refused = waiters[firstWaiter...].map { Action.refuse($0.ticket, error) }
    waiters.removeAll()
    firstWaiter = 0
    return refused
  }

  private mutating func dropFirstWaiter() {
    firstWaiter += 1
    // The array is moved only now and then, so that a queue costs the same however long it is.
    if firstWaiter >= 64, firstWaiter * 2 >= waiters.count {
      waiters.removeFirst(firstWaiter)
      firstWaiter = 0
    } else if firstWaiter == waiters.count {
      waiters.removeAll(keepingCapacity: true)
      firstWaiter = 0
    }
  }
}
