/// The shell around `PoolState`: threads, connections and the clock. Threads hold it, so it lives until the last of them has ended.
final class PoolCore: Sendable {
  let configuration: PostgresConfiguration
  private let monitor: Monitor<State>
  private let onEvent: (@Sendable (PoolEvent) -> Void)?

  private struct State {
    var machine: PoolState<PoolJob>
    var workers: [Int: PoolWorker] = [:]
    /// When the keeper looks next by itself; nil: it sleeps until it is woken.
    var keeperWakes: Duration?
    var isKeeperRunning = false
    var ending: [@Sendable () -> Void] = []
  }

  init(_ configuration: PostgresConfiguration, onEvent: (@Sendable (PoolEvent) -> Void)?) {
    self.configuration = configuration
    self.onEvent = onEvent
    monitor = Monitor(
      State(
        machine: PoolState(
          .init(
            size: configuration.poolSize, queueLimit: configuration.queueLimit, acquireTimeout: configuration.acquireTimeout,
            idleCheck: configuration.idleCheck, backoff: configuration.backoff))))
  }

  func submit(_ job: PoolJob) {
    event { $0.request(job, id: job.id, now: $1) }
    // Cancelled between the two: the cancellation did not find it in the queue.
    if job.isCancelled { withdraw(job) }
  }

  func cancel(_ job: PoolJob) {
    if job.cancel() {
      // Sending blocks; at most one such thread per connection is under way.
      OwnThread.start { job.sendCancellation() }
    } else {
      withdraw(job)
    }
  }

  func connected(_ slot: Int) {
    event { $0.connected(slot: slot, now: $1) }
    onEvent?(.connected)
  }

  func connectFailed(_ slot: Int, _ error: DatabaseError) {
    event { $0.connectFailed(slot: slot, error, now: $1, random: .random(in: 0...1)) }
    onEvent?(.connectFailed(error))
  }

  func returned(_ slot: Int, alive: Bool) {
    event { $0.returned(slot: slot, alive: alive, now: $1) }
    if !alive { onEvent?(.lost) }
  }

  /// Refuses further requests; `ended` is called when the last connection has ended.
  func close(_ ended: (@Sendable () -> Void)? = nil) {
    if let ended { monitor.withLock { $0.ending.append(ended) } }
    event { machine, _ in machine.close() }
    tellEnd()
  }

  func closed(_ slot: Int) {
    event { machine, _ in
      machine.closed(slot: slot)
      return []
    }
    tellEnd()
  }

  var status: PoolStatus {
    monitor.withLock {
      PoolStatus(
        connections: $0.machine.connections, inUse: $0.machine.inUse, waiting: $0.machine.waiting, isAway: $0.machine.isAway)
    }
  }

  private func withdraw(_ job: PoolJob) {
    monitor.withLock { $0.machine.withdraw(id: job.id) }?.refuse(CancellationError())
  }

  private func tellEnd() {
    let ended = monitor.withLock { state in
      guard state.machine.hasEnded else { return [@Sendable () -> Void]() }
      defer { state.ending = [] }
      return state.ending
    }
    for tell in ended { tell() }
  }

  /// Lets the machine see an event, wakes the keeper when it has to look earlier than it meant to, and does what the machine says.
  private func event(_ body: (inout PoolState<PoolJob>, Duration) -> [PoolState<PoolJob>.Action]) {
    let now = MonotonicTime.now
    var mustStartKeeper = false
    var mustWakeKeeper = false
    let actions = monitor.withLock { state in
      let actions = body(&state.machine, now)
      guard let next = state.machine.nextTick else {
        mustWakeKeeper = state.isKeeperRunning && state.machine.isClosed
        return actions
      }
      mustStartKeeper = !state.isKeeperRunning
      state.isKeeperRunning = true
      mustWakeKeeper = !mustStartKeeper && next < state.keeperWakes ?? .seconds(Int64.max)
      return actions
    }
    if mustStartKeeper { OwnThread.start { self.keep() } }
    if mustWakeKeeper { monitor.change { $0.keeperWakes = .zero } }
    for action in actions { perform(action) }
  }

  /// The keeper's thread: ticks the machine when it wants to be ticked, until the pool is closed.
  private func keep() {
    while true {
      let deadline = monitor.withLock { state in
        state.keeperWakes = state.machine.nextTick
        return state.keeperWakes
      }
      let isClosed = monitor.wait(until: deadline) { state -> Bool? in
        if state.machine.isClosed { return true }
        return state.keeperWakes == .zero ? false : nil
      }
      if isClosed == true { return }
      let actions = monitor.withLock { $0.machine.tick(now: MonotonicTime.now) }
      for action in actions { perform(action) }
    }
  }

  private func perform(_ action: PoolState<PoolJob>.Action) {
    switch action {
    case .connect(let slot): worker(slot).give(.connect)
    case .run(let slot, let job): worker(slot).give(.run(job))
    case .check(let slot): worker(slot).give(.check)
    case .close(let slot):
      if let worker = monitor.withLock({ $0.workers[slot] }) { worker.give(.end) } else { closed(slot) }
    case .refuse(let job, let error): job.refuse(error)
    }
  }

  private func worker(_ slot: Int) -> PoolWorker {
    monitor.withLock { state in
      if let worker = state.workers[slot] { return worker }
      let worker = PoolWorker(slot: slot)
      state.workers[slot] = worker
      worker.start(self)
      return worker
    }
  }
}

/// The thread of one slot: owns the connection, does one thing at a time.
final class PoolWorker: Sendable {
  enum Command {
    case connect
    case run(PoolJob)
    case check
    case end
  }

  private let slot: Int
  private let mailbox = Monitor<Command?>(nil)

  init(slot: Int) { self.slot = slot }

  /// The machine gives a slot one thing at a time, so the mailbox is empty.
  func give(_ command: Command) { mailbox.change { $0 = command } }

  func start(_ core: PoolCore) { OwnThread.start { self.work(core) } }

  private func work(_ core: PoolCore) {
    var session: Session?
    while true {
      let command = mailbox.wait { box in
        defer { box = nil }
        return box
      }
      switch command {
      case .connect:
        do {
          session = try Session.open(core.configuration)
          core.connected(slot)
        } catch {
          core.connectFailed(slot, error)
        }
      case .run(let job):
        let answer = run(job, &session, core)
        let alive = session?.isAlive ?? false
        if !alive { session = nil }
        core.returned(slot, alive: alive)
        answer()
      case .check:
        var alive = false
        do {
          try session?.ping()
          alive = session?.isAlive ?? false
        } catch {
          // The connection is given up below, which is all there is to do.
          alive = false
        }
        if !alive { session = nil }
        core.returned(slot, alive: alive)
      case .end, nil:
        session = nil
        core.closed(slot)
        return
      }
    }
  }

  /// Runs the job. A connection that broke while it was idle is made anew first, so that a restart of Postgres fails no request.
  private func run(_ job: PoolJob, _ session: inout Session?, _ core: PoolCore) -> @Sendable () -> Void {
    if session?.connection.noticeHangUp() ?? true {
      session = nil
      do {
        session = try Session.open(core.configuration)
      } catch {
        let error = error
        return { job.refuse(error) }
      }
    }
    guard let session else { return { job.refuse(DatabaseError(.connectionLost, "there is no connection")) } }
    return job.run(session)
  }
}
