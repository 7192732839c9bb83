public import Domain

/// What somebody wants to append to a topic's log.
public enum LogAction: Sendable, Hashable {
  /// A message. `reply` is the `seq` of the message that it answers, 0 for none; `holding` marks a staff message as no answer yet. `documents` are
  /// the author's own uploads into this topic that no message has yet, each once, at most `maximumDocuments`; with any the body may be empty.
  case send(body: String, reply: Int64, holding: Bool, documents: [DocumentID] = [])
  /// A new text of an own message.
  case edit(message: Int64, body: String)
  /// Takes an own message back.
  case delete(message: Int64)
  /// Blacks a message out: admin or supervisor, with a reason.
  case redact(message: Int64, reason: String)
  /// Notes that a message is being erased: inside the transaction that confirms the erasure, and by whoever confirms it.
  case erase(message: Int64)
  /// Closes the open case. Not while a client waits for an answer.
  case close
  /// Closes the open case although a client waits: no answer is needed.
  case dismiss
  /// Stops the clock of a waiting client: `wanted` says what is needed from that client.
  case pause(wanted: String)
  /// Ends a pause: staff, or a client who rejects it and says why.
  case resume(reason: String?)
  /// Opens the newest case again.
  case reopen
  /// Rates a closed case: 1 to 5 stars, with a comment or without.
  case rate(caseNumber: Int32, stars: Int16, comment: String?)
  /// The next state of the work on a client's document. `reason` is what a client writes who sends it back.
  case mark(document: DocumentID, state: DocumentState, reason: String?)

  /// The longest body, in Unicode scalars.
  public static let maximumBody = 16_000
  /// The longest reason or comment, in Unicode scalars.
  public static let maximumComment = 500
  /// The most documents of one message.
  public static let maximumDocuments = 10

  /// What kind of row it makes.
  public var kind: EntryKind {
    switch self {
    case .send: .message
    case .edit: .edit
    case .delete: .delete
    case .redact: .redact
    case .erase: .erase
    case .close, .dismiss: .close
    case .pause: .pause
    case .resume: .resume
    case .reopen: .reopen
    case .rate: .rate
    case .mark: .documentState
    }
  }

  /// The message that it is about and that must be there already, 0 for none.
  var target: Int64 {
    switch self {
    case .edit(let message, _), .delete(let message), .redact(let message, _), .erase(let message): message
    case .send, .close, .dismiss, .pause, .resume, .reopen, .rate, .mark: 0
    }
  }

  /// The documents that must be there already.
  var documents: [DocumentID] {
    switch self {
    case .send(_, _, _, let documents): documents
    case .mark(let document, _, _): [document]
    case .edit, .delete, .redact, .erase, .close, .dismiss, .pause, .resume, .reopen, .rate: []
    }
  }

  /// What one must be allowed to do; the rest hangs on the state of the topic.
  var permission: Permission {
    switch self {
    case .send: Permission(.message, .write)
    case .edit: Permission(.message, .update)
    case .delete: Permission(.message, .delete)
    case .redact: Permission(.message, .redact)
    case .erase: Permission(.erasure, .confirm)
    case .close, .dismiss: Permission(.topicCase, .close)
    case .pause, .resume(nil): Permission(.topicCase, .pause)
    case .resume: Permission(.topicCase, .reject)
    case .reopen: Permission(.topicCase, .reopen)
    case .rate: Permission(.topicCase, .rate)
    case .mark(_, .returned, _): Permission(.document, .sendBack)
    case .mark: Permission(.document, .process)
    }
  }

  /// Whether its text is short enough, in Unicode scalars; four bytes each are the most that UTF-8 needs.
  var fits: Bool {
    guard let body else { return true }
    let limit = kind == .message || kind == .edit ? Self.maximumBody : Self.maximumComment
    let bytes = body.utf8.count
    return bytes <= limit || bytes <= limit * 4 && body.unicodeScalars.count <= limit
  }

  /// The text that goes into `topic_body`, nil for none.
  var body: String? {
    switch self {
    case .send(let body, _, _, _), .edit(_, let body): body
    case .redact(_, let reason): reason
    case .rate(_, _, let comment): comment
    case .mark(_, _, let reason), .resume(let reason): reason
    case .pause(let wanted): wanted
    case .delete, .erase, .close, .dismiss, .reopen: nil
    }
  }
}
