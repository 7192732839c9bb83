/// A refusal that a client sees: a stable code, a sentence for people, and whether the same request may succeed later.
///
/// Codes never change their meaning; causes go to the log, not here.
public struct DomainError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The stable words of docs/protocol.md and of the REST problems.
  public enum Code: String, Sendable, CaseIterable {
    /// A field is missing, of the wrong type or out of range.
    case malformed
    /// No such verb.
    case unknownVerb = "unknown_verb"
    /// Nobody is signed in, or the session has ended.
    case unauthenticated
    /// Wrong login or password.
    case invalidCredentials = "invalid_credentials"
    /// No such thing, or not for this person: the two answer alike.
    case notFound = "not_found"
    /// The person sees it but may not do this.
    case forbidden
    /// The key was used for another request, or the thing is in another state than this needs.
    case conflict
    /// The case is closed: no edit, no delete.
    case caseClosed = "case_closed"
    /// A client waits for an answer: say that none is needed, or answer.
    case clientWaits = "client_waits"
    /// The time for it has passed.
    case tooLate = "too_late"
    /// Longer than allowed.
    case tooLarge = "too_large"
    /// Too many requests.
    case throttled
    /// The database is away or the server is full.
    case unavailable
  }

  /// The stable code.
  public var code: Code
  /// One English sentence; pages translate by the code.
  public var message: String

  /// A refusal.
  public init(_ code: Code, _ message: String) { (self.code, self.message) = (code, message) }

  /// Whether the same request, with the same key, may be repeated.
  public var isTemporary: Bool { code == .unavailable || code == .throttled }

  /// Foreign and missing things answer with this one value, so that they cannot be told apart.
  public static let notFound = DomainError(.notFound, "There is no such thing, or it is not for you.")

  /// Postgres is away or a queue is full.
  public static let unavailable = DomainError(.unavailable, "The service is away for a moment; try again.")

  /// `code: message`, for logs.
  public var description: String { "\(code.rawValue): \(message)" }
}
