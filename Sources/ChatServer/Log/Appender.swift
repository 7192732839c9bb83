import Domain
import Logging
import Storage

/// Commits what loops want appended: a connection and a thread of its own, everything that waits in one transaction.
///
/// Answers come only after the commit. While Postgres is away whatever comes is refused at once as `unavailable`, and the connection is tried
/// again with growing pauses.
final class Appender: Sendable {
  /// The most items of one transaction.
  static let batchLimit = 512

  private struct State {
    var waiting: [AppendWork] = []
    /// Their size in bytes, more or less.
    var waitingBytes = 0
    /// Not before an attempt to connect has failed: what comes while the server starts may wait for that.
    var isAway = false
    var isStopping = false
    /// Whether a batch is between its first look at the database and its answers.
    var isCommitting = false
    /// What waits for the end of that.
    var afterBatch: [@Sendable () -> Void] = []
  }

  private let state = Monitor(State())
  private let configuration: PostgresConfiguration
  private let queueLimit: Int
  private let byteLimit: Int
  private let hubs: Int
  private let logger: Logger
  private let metrics: ChatMetrics

  /// An appender that serves `hubs` loops; at most `queueLimit` items wait, of `byteLimit` bytes together.
  init(
    _ configuration: PostgresConfiguration, hubs: Int, queueLimit: Int, byteLimit: Int = 64 << 20, logger: Logger,
    metrics: ChatMetrics
  ) {
    (self.configuration, self.hubs, self.queueLimit, self.byteLimit) = (configuration, hubs, queueLimit, byteLimit)
    (self.logger, self.metrics) = (logger, metrics)
  }

  /// Whether Postgres cannot be written to at this moment.
  var isAway: Bool { state.withLock(\.isAway) }

  /// Takes something to commit; false when the queue is full, Postgres is away or the server stops: then nothing will come of it. To be followed by
  /// `begin` soon: what came in one tick of a loop belongs into one transaction.
  func submit(_ work: AppendWork) -> Bool {
    state.withLock { state in
      guard !state.isAway, !state.isStopping, state.waiting.count < queueLimit else { return false }
      let size = work.size
      guard state.waitingBytes + size <= byteLimit else { return false }
      state.waitingBytes += size
      state.waiting.append(work)
      return true
    }
  }

  /// Has what was taken committed.
  func begin() { state.signal() }

  /// Runs `body` once whatever can be read from the database now has been told: after the batch that is being committed, or at once when none is.
  ///
  /// Whoever reads rows elsewhere than here must not be faster with them than the answer to who sent them. `body` must not block.
  func afterBatch(_ body: @escaping @Sendable () -> Void) {
    let isWaiting = state.withLock { state in
      if state.isCommitting { state.afterBatch.append(body) }
      return state.isCommitting
    }
    if !isWaiting { body() }
  }

  private func endBatch() {
    let bodies = state.withLock { state in
      defer { (state.isCommitting, state.afterBatch) = (false, []) }
      return state.afterBatch
    }
    for body in bodies { body() }
  }

  /// Commits what waits and takes no more.
  func stop() {
    state.withLock { $0.isStopping = true }
    state.signal()
  }

  /// The thread's work, until `stop`.
  func run(_ listener: any AppendListener) {
    var session: Session?
    var failures = 0
    var doubtful: Set<TopicID> = []
    var memory = AccessMemory()
    while true {
      if session?.isAlive != true {
        session = connect()
        guard session != nil else {
          failures += 1
          let pause = configuration.backoff.delay(after: failures, random: .random(in: 0...1))
          refuse(listener)
          if state.wait(milliseconds: max(10, pause.wholeMilliseconds), { $0.isStopping ? true : nil }) != nil { return }
          continue
        }
        failures = 0
        state.withLock { $0.isAway = false }
        if !doubtful.isEmpty { listener.doubtful(doubtful.sorted()) }
        doubtful = []
      }
      guard let session, let work = take() else { return }
      do {
        let batch = try TopicLog.append(work.map(\.item), remembering: &memory, in: session)
        for failure in batch.failures {
          let item = work[failure.index].item
          logger.error("an item was not committed", metadata: ["error": "\(failure.error)", "topic": "\(item.topic)"])
          if (failure.error as? DatabaseError)?.kind == .commitOutcomeUnknown { doubtful.insert(item.topic) }
        }
        if !session.isAlive { state.withLock { $0.isAway = true } }
        publish(work, batch, listener)
      } catch {
        logger.error("a batch was not committed", metadata: ["error": "\(error)", "items": "\(work.count)"])
        if (error as? DatabaseError)?.kind == .commitOutcomeUnknown { doubtful.formUnion(work.map(\.item.topic)) }
        if !session.isAlive { state.withLock { $0.isAway = true } }
        answer(work, Array(repeating: .refused(.unavailable), count: work.count), [], listener)
      }
      endBatch()
    }
  }

  private func connect() -> Session? {
    do {
      return try Session.open(configuration)
    } catch {
      logger.warning("the appender has no connection", metadata: ["error": "\(error)"])
      return nil
    }
  }

  /// Waits for work; nil when the server stops and nothing is left.
  private func take() -> [AppendWork]? {
    state.wait { (state) -> [AppendWork]?? in
      guard !state.waiting.isEmpty else { return state.isStopping ? .some(nil) : nil }
      state.isCommitting = true
      if state.waiting.count <= Self.batchLimit {
        defer { (state.waiting, state.waitingBytes) = ([], 0) }
        return state.waiting
      }
      let batch = Array(state.waiting.prefix(Self.batchLimit))
      state.waiting.removeFirst(Self.batchLimit)
      state.waitingBytes -= batch.reduce(0) { $0 + $1.size }
      return batch
    } ?? nil
  }

  private func refuse(_ listener: any AppendListener) {
    let work = state.withLock { state in
      state.isAway = true
      defer { (state.waiting, state.waitingBytes) = ([], 0) }
      return state.waiting
    }
    if !work.isEmpty { answer(work, Array(repeating: .refused(.unavailable), count: work.count), [], listener) }
  }

  private func publish(_ work: [AppendWork], _ batch: LogBatch, _ listener: any AppendListener) {
    metrics.committed(rows: batch.news.count)
    answer(work, batch.results, batch.events, listener)
  }

  private func answer(_ work: [AppendWork], _ results: [LogResult], _ events: [TopicEvent], _ listener: any AppendListener) {
    var answers = [[AppendAnswer]](repeating: [], count: hubs)
    for (work, result) in zip(work, results) {
      answers[work.hub].append(AppendAnswer(socket: work.socket, id: work.id, result: result))
    }
    listener.committed(CommittedBatch(answers: answers, events: events))
  }
}

extension Duration {
  /// Whole milliseconds, cut off.
  var wholeMilliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
