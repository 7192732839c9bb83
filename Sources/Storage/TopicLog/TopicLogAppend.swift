import Domain

extension TopicLog {
  /// Appends a batch in one transaction of its own and returns what became of each item, in order.
  ///
  /// The topics are locked in the order of their ids. Refusals (`LogResult.refused`) cost nobody else anything. When Postgres itself refuses the
  /// batch, each item is tried alone, so that one bad row costs only itself; it is then `unavailable`. The same becomes of the rest when the
  /// connection breaks meanwhile; `failures` says why, and what had been committed by then is in the batch.
  ///
  /// Throws: `DatabaseError` when nothing was committed because Postgres is away, and `.commitOutcomeUnknown` when nobody knows; repeating the
  /// batch with the same keys is safe in both cases.
  /// `memory` spares it asking again who may write; whoever appends all the time keeps one for its connection.
  public static func append(_ items: [LogItem], remembering memory: inout AccessMemory, in session: Session) throws -> LogBatch {
    do {
      return try appendKnowingKeys(items, &memory, in: session)
    } catch let error as DatabaseError {
      guard !error.isTemporary, error.kind != .closed, session.isAlive else { throw error }
      guard items.count > 1 else { return LogBatch(failed: error) }
    }
    var batch = LogBatch(results: [], events: [])
    for (index, item) in items.enumerated() {
      guard session.isAlive else {
        batch.results.append(.refused(.unavailable))
        continue
      }
      do {
        let one = try appendKnowingKeys([item], &memory, in: session)
        batch.results += one.results
        batch.events += one.events
      } catch {
        // What was committed before stays committed and must be told, so nothing is thrown any more.
        batch.results.append(.refused(.unavailable))
        batch.failures.append(LogFailure(index: index, error: error))
      }
    }
    return batch
  }

  /// The same without a memory.
  public static func append(_ items: [LogItem], in session: Session) throws -> LogBatch {
    var memory = AccessMemory()
    return try append(items, remembering: &memory, in: session)
  }

  /// The same inside the caller's transaction: for the seeder and for actions that post into a topic. The caller must not hold locks of
  /// topics with higher ids. Throws: `DatabaseError`.
  public static func appendInTransaction(_ items: [LogItem], in session: Session) throws -> LogBatch {
    var lookups = Lookups(items)
    var memory = AccessMemory()
    let answers = try session.pipeline { gather(items, &lookups, into: &$0) }
    var planner = LogPlanner(facts: try facts(items, lookups, answers, &memory, in: session))
    planner.plan(items)
    _ = try session.pipeline { write(planner, into: &$0) }
    return LogBatch(results: planner.results, events: planner.events)
  }

  /// The same key may come twice at the same moment, by two nodes and for two topics, so that no common row lock orders them. Then the index
  /// lets one through; by that time it is committed, and whoever lost finds its answer on the second try.
  private static func appendKnowingKeys(_ items: [LogItem], _ memory: inout AccessMemory, in session: Session) throws -> LogBatch
  {
    do {
      return try session.retryingConflicts { try appendOnce(items, &memory, in: session) }
    } catch let error as DatabaseError {
      guard error.constraint == "send_key_pkey" else { throw error }
      return try session.retryingConflicts { try appendOnce(items, &memory, in: session) }
    }
  }

  /// BEGIN and the look-ups in one round trip, the writes and COMMIT in another.
  private static func appendOnce(_ items: [LogItem], _ memory: inout AccessMemory, in session: Session) throws -> LogBatch {
    while true {
      var lookups = Lookups(items)
      for (index, item) in items.enumerated() { lookups.remembered[index] = memory.entry(for: item, at: .now) }
      do {
        return try session.pipelinedTransaction {
          gather(items, &lookups, into: &$0)
        } then: { answers, pipeline in
          var planner = LogPlanner(facts: try facts(items, lookups, answers, &memory, in: session))
          planner.plan(items)
          write(planner, into: &pipeline)
          return LogBatch(results: planner.results, events: planner.events)
        }
      } catch is StaleMemory {
        // Each time some of it is gone, so that this ends.
      }
    }
  }
}
