import Domain

/// Decides a batch: which rows each item makes, or why it is refused. Pure: facts go in, writes and results come out.
///
/// Items are decided in order, each seeing what those before it did. A refused item leaves no trace, so nobody pays for another's mistake.
struct LogPlanner {
  /// For how long a case may be opened again.
  static let reopenLimit = Duration.seconds(24 * 3600)
  /// For how long a case may be rated.
  static let rateLimit = Duration.seconds(14 * 24 * 3600)

  var facts: LogFacts
  private(set) var writes = LogWrites()
  private(set) var results: [LogResult] = []
  private(set) var news: [LogNews] = []
  private(set) var events: [TopicEvent] = []
  /// Keys that this very batch has answered.
  private var answered: [LogFacts.AuthorKey: LogFacts.Answered] = [:]
  /// What this very batch has counted, without its own messages.
  private var unread: [LogFacts.Reader: Int] = [:]

  init(facts: LogFacts) { self.facts = facts }

  /// Decides all of `items`.
  mutating func plan(_ items: [LogItem]) {
    results.reserveCapacity(items.count)
    for (index, item) in items.enumerated() { results.append(decide(item, at: index)) }
  }

  private mutating func decide(_ item: LogItem, at index: Int) -> LogResult {
    if case .expire(let request) = item { return expire(request) }
    guard let topic = facts.topics[item.topic], let access = facts.access[index], access.isAlive,
      access.staff != nil || access.isObserver
    else { return .refused(.notFound) }
    switch item {
    case .expire: return .refused(.notFound)
    case .read(let request):
      guard access.staff != nil else { return .refused(.observersOnlyLook) }
      return read(request, head: topic.summary.head, at: index)
    case .append(let request):
      let fingerprint = request.fingerprint
      let key = LogFacts.AuthorKey(author: request.account, key: request.key)
      if let before = facts.answered[index] ?? answered[key] {
        guard before.fingerprint == fingerprint else { return .refused(.keyIsTaken) }
        return .appended(before.entry, isReplay: true)
      }
      do throws(DomainError) {
        let entry = try append(request, topic, access)
        answered[key] = LogFacts.Answered(entry: entry, fingerprint: fingerprint)
        writes.keys.author.append(request.account)
        writes.keys.key.append(request.key)
        writes.keys.topic.append(request.topic)
        writes.keys.seq.append(entry.seq)
        writes.keys.fingerprint.append(fingerprint)
        return .appended(entry, isReplay: false)
      } catch {
        return .refused(error)
      }
    }
  }

  // MARK: Read marks

  private mutating func read(_ request: ReadRequest, head: Int64, at index: Int) -> LogResult {
    let reader = LogFacts.Reader(topic: request.topic, account: request.account)
    let old = facts.marks[reader] ?? 0
    let new = max(old, min(request.seq, head))
    if new > old { advance(reader, from: old, to: new, at: request.at) }
    let fresh = news.count {
      $0.entry.topic == request.topic && $0.entry.kind == .message && $0.entry.seq > new && $0.entry.author != request.account
    }
    // An earlier read of this batch may have gone further than what the database counted from.
    let counted = new == old ? min(unread[reader] ?? .max, facts.unread[index] ?? 0) : facts.unread[index] ?? 0
    unread[reader] = counted
    let mark = ReadMark(
      topic: request.topic, account: request.account, seq: new, at: request.at,
      unread: min(counted + fresh, TopicLog.maximumUnread), head: head, didMove: new > old)
    if mark.didMove { events.append(.mark(mark)) }
    return .read(mark)
  }

  private mutating func advance(_ reader: LogFacts.Reader, from: Int64, to: Int64, at: Timestamp) {
    facts.marks[reader] = to
    writes.marks[reader] = (to, at)
    writes.advances.topic.append(reader.topic)
    writes.advances.account.append(reader.account)
    writes.advances.from.append(from)
    writes.advances.to.append(to)
    writes.advances.at.append(at)
  }

  // MARK: Rows

  /// What a request becomes once it is allowed.
  struct Draft {
    var staff: Bool
    var caseNumber: Int32
    /// 0: the message is the row itself.
    var message: Int64 = 0
    var version: Int32 = 0
    var reply: Int64 = 0
    var holding = false
    var stars: Int16 = 0
    var meta: EntryMeta?
  }

  private mutating func append(
    _ request: LogRequest, _ topic: LogFacts.Topic, _ access: LogFacts.Access
  ) throws(DomainError) -> LogEntry {
    let draft = try check(request, topic, access)
    let seq = topic.summary.head + 1
    let meta = draft.meta.map { $0.encoded(salt: HashChain.metaSalt(from: request.salt)) } ?? ""
    let bodyHash = request.action.body.map { HashChain.bodyHash(salt: request.salt, body: $0) }
    var row = HashChain.Row(
      topic: request.topic, seq: seq, at: request.at, author: request.account, kind: request.action.kind, staff: draft.staff,
      holding: draft.holding, caseNumber: draft.caseNumber, message: draft.message, version: draft.version, reply: draft.reply,
      stars: draft.stars, meta: meta, bodyHash: bodyHash)
    if row.kind == .message { (row.message, row.version) = (seq, 1) }
    let body = request.action.body.map { (text: $0, salt: request.salt) }
    return add(row, meta: draft.meta, body: body, by: request.session, to: topic)
  }

  /// Chains a row that was allowed to its topic.
  mutating func add(
    _ row: HashChain.Row, meta: EntryMeta?, body: (text: String, salt: [UInt8])?, by session: SessionID?,
    to topic: LogFacts.Topic
  ) -> LogEntry {
    let prev = topic.headHash ?? HashChain.origin(of: row.topic)
    let hash = HashChain.hash(row, after: prev)
    let entry = LogEntry(
      topic: row.topic, seq: row.seq, kind: row.kind, at: row.at, author: row.author, staff: row.staff,
      caseNumber: row.caseNumber,
      message: row.message, version: row.version, reply: row.reply, holding: row.holding, stars: row.stars,
      meta: row.meta, body: body?.text, hiding: .none, hash: hash)
    write(row, prev: prev, hash: hash)
    if let meta { write(meta, of: entry) }
    writes.note(entry, session: session, organisation: topic.summary.organisation)
    if let body {
      writes.bodies.topic.append(entry.topic)
      writes.bodies.seq.append(entry.seq)
      writes.bodies.salt.append(body.salt)
      writes.bodies.body.append(body.text)
    }
    apply(entry, to: topic)
    return entry
  }

  private mutating func write(_ row: HashChain.Row, prev: [UInt8], hash: [UInt8]) {
    if !row.meta.isEmpty { writes.entries.metas[writes.entries.seq.count] = row.meta }
    writes.entries.topic.append(row.topic)
    writes.entries.seq.append(row.seq)
    writes.entries.kind.append(row.kind)
    writes.entries.at.append(row.at)
    writes.entries.author.append(row.author)
    writes.entries.staff.append(row.staff)
    writes.entries.caseNumber.append(row.caseNumber)
    writes.entries.message.append(row.message)
    writes.entries.version.append(row.version)
    writes.entries.reply.append(row.reply)
    writes.entries.holding.append(row.holding)
    writes.entries.stars.append(row.stars)
    writes.entries.bodyHash.append(row.bodyHash)
    writes.entries.prevHash.append(prev)
    writes.entries.hash.append(hash)
  }

  private mutating func write(_ meta: EntryMeta, of entry: LogEntry) {
    switch meta {
    case .documents(let documents):
      for document in documents {
        facts.documents[document.document]?.message = entry.seq
        writes.documents.document.append(document.document)
        writes.documents.message.append(entry.seq)
      }
    case .close, .left, .resume: break
    case .mark(let document, let state):
      guard let author = entry.author else { return }
      facts.documents[document]?.state = state
      writes.documentMarks.topic.append(entry.topic)
      writes.documentMarks.seq.append(entry.seq)
      writes.documentMarks.document.append(document)
      writes.documentMarks.state.append(state.rawValue)
      writes.documentMarks.author.append(author)
      writes.documentMarks.at.append(entry.at)
    }
  }

  private func check(
    _ request: LogRequest, _ topic: LogFacts.Topic, _ access: LogFacts.Access
  ) throws(DomainError) -> Draft {
    guard request.action.fits else { throw .tooLong }
    let current = topic.summary.current?.number ?? 0
    if case .redact(let message, _) = request.action {
      guard isAllowed(request, topic, access) else {
        throw DomainError(.forbidden, "Only an admin or the department's supervisor redacts.")
      }
      guard let target = facts.targets[.init(topic: request.topic, seq: message)] else { throw .notFound }
      guard !target.isRedacted else { throw DomainError(.conflict, "The message has been redacted.") }
      return Draft(staff: true, caseNumber: current, message: message, version: target.version + 1)
    }
    if case .erase(let message) = request.action {
      guard isAllowed(request, topic, access) else {
        throw DomainError(.forbidden, "Only a second admin or the department's supervisor confirms an erasure.")
      }
      guard let target = facts.targets[.init(topic: request.topic, seq: message)] else { throw .notFound }
      guard !target.isErased else { throw DomainError(.conflict, "The message has been erased.") }
      return Draft(staff: true, caseNumber: current, message: message, version: target.version + 1)
    }
    guard let staff = access.staff else { throw .observersOnlyLook }
    switch request.action {
    case .send(_, let reply, let holding, let documents):
      guard isAllowed(request, topic, access) else { throw .observersOnlyLook }
      guard staff || !holding else { throw DomainError(.forbidden, "Only staff mark a message as holding.") }
      if reply != 0, facts.targets[.init(topic: request.topic, seq: reply)] == nil { throw .notFound }
      let meta = documents.isEmpty ? nil : EntryMeta.documents(try check(documents, of: request, staff: staff))
      return Draft(
        staff: staff, caseNumber: topic.caseOpen ? current : current + 1, reply: reply, holding: holding, meta: meta)
    case .edit(let message, _), .delete(let message):
      guard let target = facts.targets[.init(topic: request.topic, seq: message)] else { throw .notFound }
      guard isAllowed(request, topic, access, own: target.author == request.account) else {
        throw DomainError(.forbidden, "Only the author edits or deletes a message.")
      }
      guard topic.caseOpen, target.caseNumber == current else { throw DomainError(.caseClosed, "The message's case is closed.") }
      guard !target.isGone else { throw DomainError(.conflict, "The message has been taken back or redacted.") }
      guard request.action.kind == .delete || target.version < TopicLog.maximumVersions else { throw .tooManyVersions }
      return Draft(staff: staff, caseNumber: current, message: message, version: target.version + 1)
    case .close, .dismiss:
      guard isAllowed(request, topic, access) else {
        throw DomainError(.forbidden, "Only the assigned accountant or an admin who takes part closes a case.")
      }
      guard topic.caseOpen else { throw DomainError(.conflict, "No case is open.") }
      let waits = topic.summary.waitingSince != nil
      guard !waits || request.action == .dismiss else {
        throw DomainError(.clientWaits, "A client waits for an answer: say that none is needed, or answer.")
      }
      return Draft(staff: staff, caseNumber: current, meta: .close(noAnswer: waits))
    case .pause, .resume: return try checkPause(request, topic, access, staff: staff)
    case .reopen:
      guard isAllowed(request, topic, access) else {
        throw DomainError(.forbidden, "Only a client, the assigned accountant or an admin who takes part opens a case again.")
      }
      guard let record = facts.cases[.init(topic: request.topic, number: current)], let closedAt = record.closedAt else {
        throw DomainError(.conflict, "There is no closed case to open again.")
      }
      guard record.stars == nil else { throw DomainError(.conflict, "The case has been rated.") }
      guard request.at.since(closedAt) <= Self.reopenLimit else {
        throw DomainError(.tooLate, "A case opens again within 24 hours.")
      }
      return Draft(staff: staff, caseNumber: current)
    case .rate(let number, let stars, _):
      guard !staff, isAllowed(request, topic, access) else { throw DomainError(.forbidden, "Only clients rate.") }
      guard let record = facts.cases[.init(topic: request.topic, number: number)] else { throw .notFound }
      guard let closedAt = record.closedAt else { throw DomainError(.conflict, "The case is open.") }
      guard record.stars == nil else { throw DomainError(.conflict, "The case has been rated.") }
      guard request.at.since(closedAt) <= Self.rateLimit else { throw DomainError(.tooLate, "A case is rated within 14 days.") }
      return Draft(staff: staff, caseNumber: number, stars: stars)
    case .mark(let document, let state, _): return try check(document, becomes: state, request, topic, access, staff: staff)
    case .redact, .erase: throw .notFound
    }
  }

  /// What the permission table says, as the topic and the people are now.
  func isAllowed(
    _ request: LogRequest, _ topic: LogFacts.Topic, _ access: LogFacts.Access, own: Bool = false
  ) -> Bool {
    let permission = request.action.permission
    let place = ObjectPlace(
      organisation: topic.summary.organisation, department: access.department, assigned: access.staff == true, own: own)
    return allows(access.memberships, permission.resource, permission.action, on: place)
  }

  // MARK: What a row does to its topic

  private mutating func apply(_ entry: LogEntry, to old: LogFacts.Topic) {
    var topic = old
    topic.summary.head = entry.seq
    topic.headHash = entry.hash
    if !facts.clocks.isEmpty { note(entry, opensCase: entry.kind == .message && !old.caseOpen) }
    let place = LogFacts.Case(topic: entry.topic, number: entry.caseNumber)
    switch entry.kind {
    case .message:
      if !topic.caseOpen {
        facts.cases[place] = LogFacts.CaseRecord(openedSeq: entry.seq, openedAt: entry.at)
        writes.cases.insert(place)
        topic.caseOpen = true
        topic.summary.current = CaseSummary(number: entry.caseNumber, openedAt: entry.at)
      }
      if !entry.staff { topic.summary.waitingSince = topic.summary.waitingSince ?? entry.at }
      if entry.staff && !entry.holding { topic.summary.waitingSince = nil }
      if !facts.paused.isEmpty && !entry.staff && entry.author != nil { facts.paused.remove(entry.topic) }
      topic.summary.last = LastLine(seq: entry.seq, author: entry.author, at: entry.at, text: entry.body)
      if case .documents(let documents) = EntryMeta(decoding: entry.meta) { topic.summary.last?.documents = documents.count }
      facts.targets[.init(topic: entry.topic, seq: entry.seq)] =
        LogFacts.Target(author: entry.author, caseNumber: entry.caseNumber, version: 1, isGone: false)
      if let author = entry.author {
        let reader = LogFacts.Reader(topic: entry.topic, account: author)
        if facts.marks[reader] ?? 0 == entry.seq - 1 { advance(reader, from: entry.seq - 1, to: entry.seq, at: entry.at) }
      }
    case .edit, .delete, .redact, .erase:
      let message = LogFacts.Message(topic: entry.topic, seq: entry.message)
      facts.targets[message]?.version = entry.version
      if entry.kind != .edit { facts.targets[message]?.isGone = true }
      if entry.kind == .delete { topic.summary.waitingSince = restored(entry.topic, else: topic.summary.waitingSince) }
      if entry.kind == .redact || entry.kind == .erase { facts.targets[message]?.isRedacted = true }
      if entry.kind == .erase { facts.targets[message]?.isErased = true }
      if topic.summary.last?.seq == entry.message { Self.apply(entry, to: &topic.summary.last) }
    case .close:
      facts.cases[place]?.closedSeq = entry.seq
      facts.cases[place]?.closedAt = entry.at
      facts.cases[place]?.closedBy = entry.author
      facts.cases[place]?.waitedSince = topic.summary.waitingSince
      topic.caseOpen = false
      topic.summary.waitingSince = nil
      facts.paused.remove(entry.topic)
    case .reopen:
      facts.cases[place]?.closedSeq = nil
      facts.cases[place]?.closedAt = nil
      facts.cases[place]?.closedBy = nil
      topic.summary.waitingSince = restored(entry.topic, else: facts.cases[place]?.waitedSince)
      topic.caseOpen = true
    case .rate:
      facts.cases[place]?.ratedSeq = entry.seq
      facts.cases[place]?.ratedAt = entry.at
      facts.cases[place]?.ratedBy = entry.author
      facts.cases[place]?.stars = entry.stars
    case .pause, .resume:
      if entry.kind == .pause { facts.paused.insert(entry.topic) } else { facts.paused.remove(entry.topic) }
      writes.pauses.topic.append(entry.topic)
      writes.pauses.seq.append(entry.seq)
      writes.pauses.kind.append(entry.kind)
      writes.pauses.at.append(entry.at)
    case .react, .pin, .documentState: break
    }
    if !facts.words.isEmpty, [.message, .reopen, .pause, .resume].contains(entry.kind) { facts.words[entry.topic] = entry.at }
    if [.close, .reopen, .rate].contains(entry.kind) {
      writes.cases.insert(place)
      if topic.summary.current?.number == place.number {
        topic.summary.current = facts.cases[place]?.summary(number: place.number)
      }
    }
    facts.topics[entry.topic] = topic
    writes.topics.insert(entry.topic)
    let row = LogNews(entry: entry, summary: topic.summary)
    news.append(row)
    events.append(.row(row))
  }

  private static func apply(_ entry: LogEntry, to line: inout LastLine?) {
    guard var last = line else { return }
    switch entry.kind {
    case .edit:
      last.isEdited = true
      last.text = entry.body.map(LastLine.cut)
    case .delete:
      last.isDeleted = true
      if !entry.staff { last.hiding = max(last.hiding, .deleted) }
    case .erase: (last.hiding, last.text) = (.erased, nil)
    default: last.hiding = max(last.hiding, .redacted)
    }
    line = last
  }
}

extension DomainError {
  /// A ghost writes, or moves a mark.
  static let observersOnlyLook = DomainError(.forbidden, "Only those who take part in the topic do this.")
  /// A text of more characters than it may have.
  static let tooLong = DomainError(
    .tooLarge, "A message has at most \(LogAction.maximumBody) characters, a reason or comment \(LogAction.maximumComment).")
  /// One more edit of a message that has been changed very often.
  static let tooManyVersions = DomainError(
    .conflict, "The message has been changed \(TopicLog.maximumVersions - 1) times and cannot be changed again: write a new one.")
  /// The key stands for another request.
  static let keyIsTaken = DomainError(.conflict, "The key was used for another request.")
}
