/// How far the work on a client's document has come. The words are on the wire, in the log and in the database.
public enum DocumentState: String, CaseIterable, Sendable, Hashable {
  /// Nobody has begun with it.
  case received
  /// Somebody of the staff works on it.
  case inWork
  /// The work is done.
  case processed
  /// The client has sent the work back: it counts for nothing until it is processed again.
  case returned

  /// What it may become, by whose hand: staff take it up and finish it, the client sends it back.
  public func next(staff: Bool) -> DocumentState? {
    switch (self, staff) {
    case (.received, true), (.returned, true): .inWork
    case (.inWork, true): .processed
    case (.processed, false): .returned
    case (.processed, true), (.received, false), (.inWork, false), (.returned, false): nil
    }
  }
}
