public import Domain

/// Work that is done by whoever leases it, once.
///
/// A lease ends by itself, so that the work of a worker that was killed is taken up by another one. What a worker writes about its
/// job it writes in
/// the transaction in which it ends the lease, and only if the lease is still its own: a worker that was slow writes nothing.
public enum Jobs {
  /// The NOTIFY channel on which workers are woken. Nothing depends on it: they also look by themselves.
  public static let wakeChannel = "onefin_jobs"

  /// How often a job is tried before it has failed.
  public static let attempts = 3

  /// How long a job waits after an attempt that failed: ten seconds, then a minute.
  public static func pause(after attempt: Int) -> Duration { attempt <= 1 ? .seconds(10) : .seconds(60) }

  /// Wakes workers, after the commit that added a job. Outside a transaction: inside one, NOTIFY makes commits wait for each other.
  ///
  /// - Throws: `DatabaseError`.
  public static func wake(in session: Session) throws { try session.notify(wakeChannel) }

  /// Takes the job that has waited longest, or one whose lease has run out, and nobody else's at this moment. Nil when there is
  /// none.
  ///
  /// - Parameters:
  ///   - worker: who takes it, for whoever looks at the table.
  ///   - time: how long the lease lasts unless it is extended.
  /// - Throws: `DatabaseError`.
  public static func lease(by worker: String, for time: Duration, in session: Session) throws -> Job? {
    // An attempt can be given back and its number come again: the lease has a name of its own.
    let holder = "\(worker) \(Key.random())"
    let row = try session.row(
      """
      UPDATE job SET state = 'leased', attempts = attempts + 1, worker = \(holder), error = NULL,
                     leased_until = clock_timestamp() + \(time.milliseconds) * interval '1 millisecond'
       WHERE id = (SELECT id FROM job
                    WHERE attempts < \(attempts) AND kind = ANY (\(Job.Kind.allCases.map(\.rawValue)))
                      AND (state = 'waiting' AND run_at <= clock_timestamp() OR state = 'leased' AND leased_until < clock_timestamp())
                    ORDER BY run_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
       RETURNING id, kind, document_id, attempts
      """)
    guard let row else { return nil }
    guard let kind = Job.Kind(rawValue: try row.decode(at: 1)) else {
      throw DatabaseError(.decoding, "a job of a kind that was not asked for")
    }
    return Job(
      id: try row.decode(at: 0), kind: kind, document: try row.decode(at: 2),
      attempt: Int(try row.decode(at: 3, as: Int32.self)), worker: holder)
  }

  /// Makes a lease last so long from now on. False when it isn't the worker's any more: then the work is somebody else's.
  ///
  /// - Throws: `DatabaseError`.
  public static func extend(_ job: Job, for time: Duration, in session: Session) throws -> Bool {
    try session.execute(
      """
      UPDATE job SET leased_until = clock_timestamp() + \(time.milliseconds) * interval '1 millisecond' WHERE \(isHeld(job))
      """) == 1
  }

  /// Ends a job that is done, in the transaction of what came of it. False when the lease isn't the worker's any more: then roll
  /// back.
  ///
  /// - Parameter output: the blob that came of a sample; it has a row in `blob`.
  /// - Throws: `DatabaseError`.
  public static func finish(_ job: Job, output: BlobHash? = nil, in session: Session) throws -> Bool {
    try session.execute(
      """
      UPDATE job SET state = 'done', finished_at = clock_timestamp(), leased_until = NULL, output = \(output?.bytes) WHERE \(isHeld(job))
      """) == 1
  }

  /// What became of a job that could not be done this time.
  public enum Failure: Sendable, Hashable {
    /// It is tried again later.
    case again
    /// It was tried often enough.
    case final
    /// The lease isn't the worker's any more.
    case lost
  }

  /// Ends an attempt that failed. - Parameter error: why, for whoever runs the servers; cut to 2000 characters. Throws:
  /// `DatabaseError`.
  public static func fail(_ job: Job, error: String, in session: Session) throws -> Failure {
    let text = String(error.unicodeScalars.filter { $0 != "\0" }.prefix(1000).map(Character.init))
    let pause = pause(after: job.attempt)
    guard job.attempt < attempts else {
      let changed = try session.execute(
        """
        UPDATE job SET state = 'failed', finished_at = clock_timestamp(), leased_until = NULL, error = \(text) WHERE \(isHeld(job))
        """)
      return changed == 1 ? .final : .lost
    }
    let changed = try session.execute(
      """
      UPDATE job SET state = 'waiting', leased_until = NULL, error = \(text),
                     run_at = clock_timestamp() + \(pause.milliseconds) * interval '1 millisecond'
       WHERE \(isHeld(job))
      """)
    return changed == 1 ? .again : .lost
  }

  /// Gives a lease back untried: the worker stops, or the servers around it are away. False when it wasn't its own any more.
  ///
  /// - Parameter pause: how long the job waits.
  /// - Throws: `DatabaseError`.
  @discardableResult
  public static func giveBack(_ job: Job, for pause: Duration, in session: Session) throws -> Bool {
    try session.execute(
      """
      UPDATE job SET state = 'waiting', attempts = attempts - 1, leased_until = NULL,
                     run_at = clock_timestamp() + \(pause.milliseconds) * interval '1 millisecond'
       WHERE \(isHeld(job))
      """) == 1
  }

  /// Ends a job whose last attempt's worker vanished, and gives it; nil when there is none. Call it in the transaction that tells
  /// of it.
  ///
  /// - Throws: `DatabaseError`.
  public static func abandon(in session: Session) throws -> Job? {
    let row = try session.row(
      """
      UPDATE job SET state = 'failed', finished_at = clock_timestamp(), leased_until = NULL, error = 'its worker vanished'
       WHERE id = (SELECT id FROM job WHERE attempts >= \(attempts) AND state = 'leased' AND leased_until < clock_timestamp()
                    ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
       RETURNING id, kind, document_id, attempts, worker
      """)
    guard let row, let kind = Job.Kind(rawValue: try row.decode(at: 1)) else { return nil }
    return Job(
      id: try row.decode(at: 0), kind: kind, document: try row.decode(at: 2),
      attempt: Int(try row.decode(at: 3, as: Int32.self)), worker: try row.decode(at: 4))
  }

  /// Whether the lease is the one that `job` was given.
  private static func isHeld(_ job: Job) -> SQL {
    "id = \(job.id) AND state = 'leased' AND worker = \(job.worker)"
  }
}
