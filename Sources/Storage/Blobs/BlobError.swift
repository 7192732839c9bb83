public import Domain

/// What goes wrong between us and a blob store, told apart in this one place. Its description holds no secret.
public struct BlobError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What happened, as far as a caller may want to react to it.
  public enum Kind: String, Sendable, CaseIterable {
    /// There is no blob of that hash.
    case missing
    /// The bytes that are kept aren't those of their hash.
    case damaged
    /// The file that was to be kept can't be read, or isn't what was said of it.
    case source
    /// There is no room left.
    case full
    /// The store is away or too slow.
    case unavailable
    /// The store doesn't let us: wrong keys, rights or settings.
    case refused
    /// The task was cancelled.
    case cancelled
  }

  /// What happened.
  public var kind: Kind
  /// One sentence.
  public var message: String

  /// An error.
  public init(_ kind: Kind, _ message: String) { (self.kind, self.message) = (kind, message) }

  /// Whether the same thing may work later with nothing changed here.
  public var isTemporary: Bool { kind == .full || kind == .unavailable }

  /// What a client is told when nothing better is known: `unavailable` when the store can't be used, nil for what is an error of ours.
  public var domainError: DomainError? { isTemporary || kind == .refused ? .unavailable : nil }

  /// `kind: message`.
  public var description: String { "\(kind.rawValue): \(message)" }
}
