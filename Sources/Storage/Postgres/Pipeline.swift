internal import CLibPQ

/// Statements that go to Postgres together, in one round trip.
public struct Pipeline {
  enum Step {
    case statement(SQL)
    case begin
    case commit
  }
  fileprivate var steps: [Step] = []

  /// Adds a statement; its rows have the returned number in `PipelineResults`.
  @discardableResult
  public mutating func add(_ sql: SQL) -> Int {
    steps.append(.statement(sql))
    return statements - 1
  }

  /// Adds BEGIN. Whoever uses it directly ends the transaction with `commit` in a later pipeline; an error rolls it back.
  public mutating func begin() { steps.append(.begin) }

  /// Adds COMMIT, which is skipped when a statement before it in the same pipeline fails.
  public mutating func commit() { steps.append(.commit) }

  /// How many statements were added, BEGIN and COMMIT not counted.
  public var statements: Int { steps.count { if case .statement = $0 { true } else { false } } }

  /// Whether nothing was added.
  public var isEmpty: Bool { steps.isEmpty }
}

/// The rows of each statement of a pipeline, in the order in which they were added.
public struct PipelineResults: Sendable {
  fileprivate var results: [Rows] = []

  /// The rows of the statement that `Pipeline.add` gave this number.
  public subscript(statement: Int) -> Rows { results[statement] }

  /// How many statements ran.
  public var count: Int { results.count }
}

extension Session {
  /// Sends the statements that `build` adds in one round trip and returns the rows of each.
  ///
  /// Outside a transaction the statements are one transaction of their own: all or none. The first error ends them; a transaction that a
  /// pipeline began is then rolled back. Throws: the first error, as `DatabaseError` (`.commitOutcomeUnknown` when the connection broke
  /// with a COMMIT on its way); what `build` throws.
  public func pipeline(_ build: (inout Pipeline) throws -> Void) throws -> PipelineResults {
    var pipeline = Pipeline()
    try build(&pipeline)
    return try run(pipeline)
  }

  /// A transaction in two round trips: BEGIN and what `open` adds in the first, what `body` adds and COMMIT in the second.
  ///
  /// `body` gets the rows of the first trip; it may run statements of its own in between. When it throws, the transaction is rolled back.
  /// Throws: `DatabaseError` as `transaction` does; what the closures throw.
  @discardableResult
  public func pipelinedTransaction<T>(
    _ open: (inout Pipeline) throws -> Void, then body: (PipelineResults, inout Pipeline) throws -> T
  ) throws -> T {
    guard depth == 0, !isInTransaction else { throw DatabaseError(.misuse, "a transaction is open already") }
    var opening = Pipeline()
    opening.begin()
    try open(&opening)
    let results = try run(opening)
    depth = 1
    defer { depth = 0 }
    do {
      var closing = Pipeline()
      let value = try body(results, &closing)
      closing.commit()
      _ = try run(closing)
      return value
    } catch {
      rollback()
      throw error
    }
  }

  /// Sends and reads a finished pipeline.
  private func run(_ pipeline: Pipeline) throws(DatabaseError) -> PipelineResults {
    guard !pipeline.isEmpty else { return PipelineResults() }
    try connection.checkUsable()
    try checkNotCancelled()
    guard PQenterPipelineMode(connection.raw) == 1 else { throw connection.sendFailure() }
    var unnamed: [(sql: SQL, name: String)] = []
    var replies: [Reply] = []
    var failure: DatabaseError?
    var results = PipelineResults()
    do throws(DatabaseError) {
      for step in pipeline.steps { try send(step, &replies, &unnamed) }
      guard PQpipelineSync(connection.raw) == 1 else { throw connection.sendFailure() }
    } catch {
      // Half a pipeline cannot be taken back; without its end nothing of it is committed, except that COMMIT may have been sent.
      connection.condemn()
      throw pipeline.hasCommit ? outcome(ofCommit: error) : error
    }
    var prepared: [(sql: SQL, name: String)] = []
    for reply in replies {
      do throws(DatabaseError) {
        let result = try connection.nextOfPipeline()
        switch reply {
        case .prepared(let index): prepared.append(unnamed[index])
        case .rows: results.results.append(Rows(storage: result))
        case .begun: break
        case .committed:
          guard result.commandTag == "COMMIT" else {
            throw DatabaseError(.misuse, "COMMIT ended a failed transaction: \(result.commandTag)")
          }
        }
      } catch {
        if failure == nil { failure = error }
        if case .rows = reply, error.sqlState == "0A000" || error.sqlState == "26000" { forget(pipeline) }
      }
    }
    connection.endPipeline()
    if let failure {
      for statement in prepared where isAlive { keepOrCondemn(statement) }
      if depth == 0 { rollback() }
      throw pipeline.hasCommit && failure.kind == .connectionLost ? outcome(ofCommit: failure) : failure
    }
    for statement in prepared { keepOrCondemn(statement) }
    return results
  }

  /// What each answer of a pipeline belongs to.
  private enum Reply {
    case prepared(Int)
    case rows
    case begun
    case committed
  }

  private func send(
    _ step: Pipeline.Step, _ replies: inout [Reply], _ unnamed: inout [(sql: SQL, name: String)]
  ) throws(DatabaseError) {
    let sql: SQL
    let reply: Reply
    switch step {
    case .statement(let statement): (sql, reply) = (statement, .rows)
    case .begin: (sql, reply) = ("BEGIN", .begun)
    case .commit: (sql, reply) = ("COMMIT", .committed)
    }
    let name: String
    if let known = cache.name(of: sql) ?? unnamed.first(where: { $0.sql.hasShape(of: sql) })?.name {
      name = known
    } else {
      name = cache.newName()
      try connection.sendPrepare(sql, name: name)
      replies.append(.prepared(unnamed.count))
      unnamed.append((sql, name))
    }
    try connection.send(name, sql)
    replies.append(reply)
  }

  private func forget(_ pipeline: Pipeline) {
    for case .statement(let sql) in pipeline.steps { cache.remove(sql) }
  }

  /// After a pipeline is read, a statement that cannot be deallocated means that the connection has broken: the rows are good all the same.
  private func keepOrCondemn(_ statement: (sql: SQL, name: String)) {
    do {
      try keep(statement.sql, name: statement.name)
    } catch  where !isInTransaction || !isAlive {
      connection.condemn()
    } catch {
      // In a failed transaction DEALLOCATE is refused: the name stays prepared, unused, until the connection ends.
    }
  }
}

extension Pipeline {
  fileprivate var hasCommit: Bool { steps.contains { if case .commit = $0 { true } else { false } } }
}

extension SQL {
  /// Whether the same prepared statement serves both.
  fileprivate func hasShape(of other: SQL) -> Bool {
    text == other.text && parameters.elementsEqual(other.parameters) { $0.type == $1.type }
  }
}

extension Connection {
  /// The answer to the next statement of the pipeline.
  fileprivate func nextOfPipeline() throws(DatabaseError) -> ResultStorage {
    let result = try nextResult()
    if result != nil {
      // Each answer is followed by a nil; a broken connection repeats itself instead.
      while isAlive, let more = PQgetResult(raw) { PQclear(more) }
    }
    return try checked(result)
  }

  /// Reads the end of the pipeline and returns to one statement at a time.
  fileprivate func endPipeline() {
    do throws(DatabaseError) {
      while isAlive, let result = try nextResult() {
        let isEnd = PQresultStatus(result) == PGRES_PIPELINE_SYNC
        PQclear(result)
        if isEnd { break }
      }
    } catch {
      // Postgres fell silent after it had answered everything: the answers count, and the connection is given up already.
      return
    }
    if isAlive, PQexitPipelineMode(raw) != 1 { condemn() }
  }
}
