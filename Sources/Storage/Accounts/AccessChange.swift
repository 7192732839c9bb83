public import Domain

/// What every change of "who may do what" has in common, so that no server goes on with an answer from before it.
///
/// A revocation takes the account's row lock (which orders it among other changes of the same account), raises `topic.access` of every topic
/// that the account takes part in or watches, in the order of their ids and under their row locks, makes the change, and writes an outbox row: all in
/// one transaction. An append, which holds the topic's row lock too, therefore comes either wholly before it or sees it.
public enum AccessChange {
  /// Runs a change in one transaction, again when it met another, and wakes the outbox's readers after the commit.
  ///
  /// - Throws: what `body` throws; `DatabaseError`.
  public static func run<Value>(
    isolation: Isolation = .readCommitted, in session: Session, _ body: () throws -> Value
  ) throws -> Value {
    let value = try session.retryingConflicts { try session.transaction(isolation: isolation) { try body() } }
    do {
      try Outbox.wake(in: session)
    } catch {
      // It is committed, and whoever reads the outbox also looks by itself: failing now would say that it did not happen.
    }
    return value
  }

  /// Takes the account's row lock until the transaction ends. False when there is no such account.
  ///
  /// - Throws: `DatabaseError`.
  public static func lock(_ account: AccountID, in session: Session) throws -> Bool {
    // Not FOR UPDATE: that would wait for every foreign key that the appender is just checking, and deadlock with it.
    try session.row("SELECT id FROM account WHERE id = \(account) FOR NO KEY UPDATE") != nil
  }

  /// The topics that an account takes part in or watches right now, by id.
  ///
  /// - Throws: `DatabaseError`.
  public static func topics(of account: AccountID, in session: Session) throws -> [TopicID] {
    let rows = try session.rows(
      """
      SELECT topic_id FROM topic_participant WHERE account_id = \(account)
      UNION
      SELECT topic_id FROM observation WHERE account_id = \(account) AND ended_at IS NULL AND ends_at > now()
      ORDER BY topic_id
      """)
    return try rows.map { row in try row["topic_id"] }
  }

  /// The topics in which an account's name stands: those that it takes part in and those that it ever wrote in, by id. Not those that it only
  /// watches: nobody may see by a refresh that somebody watches.
  ///
  /// - Throws: `DatabaseError`.
  public static func topics(showing account: AccountID, in session: Session) throws -> [TopicID] {
    let rows = try session.rows(
      """
      SELECT topic_id FROM topic_participant WHERE account_id = \(account)
      UNION
      SELECT topic_id FROM send_key WHERE author_id = \(account)
      ORDER BY topic_id
      """)
    return try rows.map { row in try row["topic_id"] }
  }

  /// Whose lists topics stand in: their participants, the admins, and the supervisors of their department, by id.
  ///
  /// - Throws: `DatabaseError`.
  public static func accounts(seeing topics: [TopicID], in session: Session) throws -> [AccountID] {
    let rows = try session.rows(
      """
      SELECT account_id FROM topic_participant WHERE topic_id = ANY (\(topics))
      UNION
      SELECT account_id FROM topic_observer WHERE topic_id = ANY (\(topics))
      ORDER BY account_id
      """)
    return try rows.map { row in try row["account_id"] }
  }

  /// Raises `access` of topics under their row locks, taken in the order of their ids.
  ///
  /// - Throws: `DatabaseError`.
  public static func raise(_ topics: [TopicID], in session: Session) throws {
    guard !topics.isEmpty else { return }
    try session.execute(
      """
      WITH locked AS (SELECT id FROM topic WHERE id = ANY (\(topics)) ORDER BY id FOR UPDATE)
      UPDATE topic SET access = access + 1 FROM locked WHERE topic.id = locked.id
      """)
  }

  /// Tells the chat servers whose access changed, and where.
  ///
  /// - Throws: `DatabaseError`.
  public static func publish(accounts: [AccountID], topics: [TopicID], in session: Session) throws {
    try Outbox.publish(
      channel: "access", payload: "{\"accounts\":\(list(accounts.map(\.rawValue))),\"topics\":\(list(topics.map(\.rawValue)))}",
      in: session)
  }

  /// Tells the chat servers which sessions have ended.
  ///
  /// - Throws: `DatabaseError`.
  public static func publish(ended sessions: [SessionID], in session: Session) throws {
    guard !sessions.isEmpty else { return }
    try Outbox.publish(channel: "session", payload: "{\"sessions\":\(list(sessions.map(\.rawValue)))}", in: session)
  }

  private static func list(_ numbers: [Int64]) -> String { "[" + numbers.map(String.init).joined(separator: ",") + "]" }
}
