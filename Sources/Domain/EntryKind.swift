/// What a row of a topic's log says. The numbers are in the database and in the hash chain: none is ever reused.
public enum EntryKind: Int16, CaseIterable, Sendable {
  /// A new message.
  case message = 1
  /// A new text of a message.
  case edit
  /// The author took a message back.
  case delete
  /// Admin or supervisor blacked a message out.
  case redact
  /// A reaction set or taken back.
  case react
  /// A message pinned or unpinned.
  case pin
  /// The case was closed.
  case close
  /// The case was opened again.
  case reopen
  /// The client rated the case.
  case rate
  /// A document changed its state.
  case documentState
  /// Staff wait for something from the client, and say what.
  case pause
  /// A pause was ended, by staff or by a client who rejects it.
  case resume
  /// A message's texts and files were erased for good, by two people, because the law demands it.
  case erase = 13

  /// The word on the wire.
  public var slug: String {
    switch self {
    case .message: "message"
    case .edit: "edit"
    case .delete: "delete"
    case .redact: "redact"
    case .react: "react"
    case .pin: "pin"
    case .close: "close"
    case .reopen: "reopen"
    case .rate: "rate"
    case .documentState: "document"
    case .pause: "pause"
    case .resume: "resume"
    case .erase: "erase"
    }
  }
}
