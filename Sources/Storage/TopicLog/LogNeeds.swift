import Domain

/// What a batch has to look up: most batches are messages only and need little.
struct LogNeeds {
  /// Places of the items that have a key.
  private(set) var keyItems: [Int64] = []
  private(set) var authors: [AccountID] = []
  private(set) var keys: [Key] = []
  /// Messages that something is about.
  private(set) var targetTopics: [TopicID] = []
  private(set) var targets: [Int64] = []
  /// Documents that are to be sent or marked.
  private(set) var documents: Set<DocumentID> = []
  /// Cases that are to be rated.
  private(set) var caseTopics: [TopicID] = []
  private(set) var caseNumbers: [Int32] = []
  /// Topics whose newest message must be known: where something else than a message happens, which brings its own.
  private(set) var lines: Set<TopicID> = []
  /// Topics in which a pause is to begin or to end.
  private(set) var paused: Set<TopicID> = []
  /// Topics in which a message is to be taken back: that may move a wait.
  private(set) var shrinking: Set<TopicID> = []
  /// The messages that are to be taken back, whatever their topic.
  private(set) var shrunk: [Int64] = []
  /// Topics whose case is to end by itself.
  private(set) var quiet: Set<TopicID> = []
  /// Topics in which a case is to be opened again.
  private(set) var reopened: Set<TopicID> = []
  /// Places of the items that move marks.
  private(set) var readItems: [Int64] = []
  private(set) var reads: [ReadRequest] = []

  init(_ items: [LogItem]) {
    for (index, item) in items.enumerated() {
      switch item {
      case .read(let request):
        readItems.append(Int64(index))
        reads.append(request)
      case .append(let request): add(request, at: index)
      case .expire(let request):
        lines.insert(request.topic)
        if case .silence = request.cause { quiet.insert(request.topic) }
      }
    }
  }

  private mutating func add(_ request: LogRequest, at index: Int) {
    keyItems.append(Int64(index))
    authors.append(request.account)
    keys.append(request.key)
    var target = request.action.target
    switch request.action {
    case .send(_, let reply, _, let documents):
      target = reply
      if !documents.isEmpty { self.documents.formUnion(documents) }
    case .mark(let document, _, _):
      documents.insert(document)
      lines.insert(request.topic)
    case .rate(let number, _, _):
      caseTopics.append(request.topic)
      caseNumbers.append(number)
      lines.insert(request.topic)
    case .reopen:
      lines.insert(request.topic)
      reopened.insert(request.topic)
    case .pause, .resume:
      lines.insert(request.topic)
      paused.insert(request.topic)
    case .delete(let message):
      lines.insert(request.topic)
      shrinking.insert(request.topic)
      shrunk.append(message)
    case .edit, .redact, .erase, .close, .dismiss: lines.insert(request.topic)
    }
    if target > 0 {
      targetTopics.append(request.topic)
      targets.append(target)
    }
  }
}
