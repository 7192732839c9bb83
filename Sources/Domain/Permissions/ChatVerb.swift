/// What a client may ask on the chat's socket, and what each verb asks of whoever uses it. The decoder knows no other verbs, so that none is
/// without a rule.
public enum ChatVerb: String, CaseIterable, Sendable {
  /// Appends a message.
  case send
  /// Moves the read mark.
  case read
  /// Says that one types.
  case typing
  /// The list of topics.
  case inbox
  /// Opens a topic.
  case subscribe
  /// Leaves it.
  case unsubscribe
  /// A page of a topic's log.
  case history
  /// The rows of one message.
  case versions
  /// Changes an own message.
  case edit
  /// Takes an own message back.
  case delete
  /// Hides anybody's message.
  case redact
  /// Closes the case.
  case close
  /// Stops the clock of a waiting client.
  case pause
  /// Ends that, or rejects it.
  case resume
  /// Opens it again.
  case reopen
  /// Rates it.
  case rate
  /// Takes a document up, finishes it, or sends it back.
  case mark
  /// Watches a topic without trace.
  case observe
  /// Ends the watch.
  case unobserve
  /// Asks whether anybody is there.
  case ping

  /// In which position somebody has to be besides having the permission.
  public enum Position: String, Sendable {
    /// Signed in; nothing is asked.
    case anybody
    /// Takes part in the topic: a client of its organisation, or staff who are assigned to it today.
    case participant = "takes part"
    /// Takes part in it, or watches it inside an observation of one's own session.
    case reader = "takes part, or watches inside an observation"
    /// Does not take part in it, and may watch it.
    case observer = "takes no part"
  }

  /// Which permissions it asks for: one of them is needed.
  public var permissions: [Permission] {
    switch self {
    case .send: [Permission(.message, .write)]
    case .read, .typing: [Permission(.message, .read)]
    case .inbox: [Permission(.topic, .read)]
    case .subscribe, .history, .versions: [Permission(.message, .read), Permission(.observation, .create)]
    case .edit: [Permission(.message, .update)]
    case .delete: [Permission(.message, .delete)]
    case .redact: [Permission(.message, .redact)]
    case .close: [Permission(.topicCase, .close)]
    case .pause: [Permission(.topicCase, .pause)]
    case .resume: [Permission(.topicCase, .pause), Permission(.topicCase, .reject)]
    case .reopen: [Permission(.topicCase, .reopen)]
    case .rate: [Permission(.topicCase, .rate)]
    case .mark: [Permission(.document, .process), Permission(.document, .sendBack)]
    case .observe: [Permission(.observation, .create)]
    case .unsubscribe, .unobserve, .ping: []
    }
  }

  /// In which position.
  public var position: Position {
    switch self {
    case .inbox, .unsubscribe, .redact, .unobserve, .ping: .anybody
    case .subscribe, .history, .versions: .reader
    case .observe: .observer
    case .send, .read, .typing, .edit, .delete, .close, .pause, .resume, .reopen, .rate, .mark: .participant
    }
  }
}

extension ChatVerb {
  /// The verbs as Markdown, one line each.
  public static func markdown() -> String {
    var lines = ["| verb | one of | and |", "|---|---|---|"]
    for verb in allCases {
      let permissions = verb.permissions.map { "`\($0)`" }.joined(separator: ", ")
      let position = verb.position == .anybody ? "–" : verb.position.rawValue
      lines.append("| `\(verb.rawValue)` | \(permissions.isEmpty ? "–" : permissions) | \(position) |")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
