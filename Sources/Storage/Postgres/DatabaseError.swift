public import Domain

/// Whatever goes wrong between us and Postgres, told apart in this one place.
///
/// Its description holds no values of rows and no secret, so it may be logged; `detail` may hold values and must not be.
public struct DatabaseError: Error, Sendable, CustomStringConvertible {
  /// What happened, as far as a caller may want to react to it.
  public enum Kind: Hashable, Sendable {
    /// A row with this key exists (23505).
    case uniqueViolation(constraint: String)
    /// The row referred to does not exist, or is still referred to (23503).
    case foreignKeyViolation(constraint: String)
    /// A CHECK refused the row (23514).
    case checkViolation(constraint: String)
    /// NULL where none may be (23502).
    case notNullViolation(column: String)
    /// An exclusion constraint refused the row (23P01).
    case exclusionViolation(constraint: String)
    /// The transaction must be run again (40001).
    case serializationFailure
    /// The transaction was chosen to end a deadlock and must be run again (40P01).
    case deadlock
    /// The role may not do this, or the table is append-only (42501).
    case insufficientPrivilege
    /// The statement was cancelled because its task was (57014).
    case cancelled
    /// The statement ran longer than `statementTimeout` (57014).
    case statementTimeout
    /// A lock did not come free within `lockTimeout` (55P03).
    case lockTimeout
    /// A value of the wrong form or out of range (class 22).
    case invalidValue
    /// The connection could not be made or broke (class 08, 57P0x, …). What ran outside a transaction's COMMIT did not happen,
    /// unless it was a single writing statement of its own.
    case connectionLost
    /// The connection broke during COMMIT: the transaction may or may not have happened.
    case commitOutcomeUnknown
    /// Postgres is out of memory, disk, connections or locks (class 53).
    case outOfResources
    /// Every connection is in use and the queue is full, or the wait took too long.
    case poolExhausted
    /// The pool has been closed.
    case closed
    /// A result was not what the program expected: a missing column, another type, NULL.
    case decoding
    /// The program used Storage wrongly.
    case misuse
    /// Anything else; `sqlState` says what.
    case other
  }

  /// What happened.
  public var kind: Kind
  /// Postgres' five characters; empty when the error is not from Postgres.
  public var sqlState: String { details.sqlState }
  /// One sentence, without values of rows.
  public var message: String { details.message }
  /// Postgres' detail, which may hold values of rows: never log it.
  public var detail: String { details.detail }
  /// The table that Postgres names, or "".
  public var table: String { details.table }
  /// The column that Postgres names, or "".
  public var column: String { details.column }

  /// Whether the same thing may work later with nothing changed: Postgres is away, full or in conflict with another transaction.
  ///
  /// After `.commitOutcomeUnknown` only what is idempotent may be repeated.
  public var isTemporary: Bool {
    switch kind {
    case .serializationFailure, .deadlock, .lockTimeout, .connectionLost, .commitOutcomeUnknown, .outOfResources, .poolExhausted:
      true
    default: false
    }
  }

  /// Whether it says something of what is stored: a value that can't be read, a row that isn't there; and not of the way to it.
  var isOfRows: Bool {
    switch kind {
    case .decoding, .invalidValue, .other: true
    default: false
    }
  }

  /// Whether a transaction that ended so can simply be run again.
  public var isRetryable: Bool { kind == .serializationFailure || kind == .deadlock }

  /// The name of the constraint, or of the trigger that gives one, that refused a row; nil when Postgres names none. Triggers of ours that refuse what a
  /// caller may want to tell apart from everything else that may not be done have a name of their own (`month_open`).
  public var constraint: String? { details.constraint.isEmpty ? nil : details.constraint }

  /// What a client is told when nothing better is known: `unavailable` for what is temporary, nil for what is an error of ours.
  public var domainError: DomainError? { isTemporary || kind == .closed || kind == .statementTimeout ? .unavailable : nil }

  /// `kind [sqlstate]: message`.
  public var description: String { sqlState.isEmpty ? "\(kind): \(message)" : "\(kind) [\(sqlState)]: \(message)" }

  /// Kept apart, so that the error is two words.
  private final class Details: Sendable {
    let sqlState, message, detail, table, column, constraint: String
    init(sqlState: String, message: String, detail: String, table: String, column: String, constraint: String) {
      (self.sqlState, self.message, self.detail, self.table, self.column) = (sqlState, message, detail, table, column)
      self.constraint = constraint
    }
  }
  private let details: Details

  /// An error that did not come from Postgres.
  public init(_ kind: Kind, _ message: String) { self.init(kind, sqlState: "", message: message) }

  init(
    _ kind: Kind, sqlState: String, message: String, detail: String = "", table: String = "", column: String = "",
    constraint: String = ""
  ) {
    self.kind = kind
    details = Details(
      sqlState: sqlState, message: message, detail: detail, table: table, column: column, constraint: constraint)
  }

  /// The one place in which a SQLSTATE gets its meaning.
  static func kind(sqlState: String, constraint: String, column: String, wasCancelled: Bool) -> Kind {
    switch sqlState {
    case "23505": .uniqueViolation(constraint: constraint)
    case "23503", "23001": .foreignKeyViolation(constraint: constraint)
    case "23514": .checkViolation(constraint: constraint)
    case "23502": .notNullViolation(column: column)
    case "23P01": .exclusionViolation(constraint: constraint)
    case "40001": .serializationFailure
    case "40P01": .deadlock
    case "42501": .insufficientPrivilege
    case "57014": wasCancelled ? .cancelled : .statementTimeout
    case "55P03": .lockTimeout
    // Shutting down, crashed, starting up, database dropped, idle too long: the connection is gone or must be made anew.
    case "57P01", "57P02", "57P03", "57P04", "57P05", "25P03": .connectionLost
    default:
      switch sqlState.prefix(2) {
      case "08": .connectionLost
      case "22": .invalidValue
      case "53", "58": .outOfResources
      default: .other
      }
    }
  }
}
