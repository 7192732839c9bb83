import Domain

extension LogPlanner {
  /// A pause that begins or ends: staff who are assigned begin one while a client waits and end it, a client rejects it.
  func checkPause(
    _ request: LogRequest, _ topic: LogFacts.Topic, _ access: LogFacts.Access, staff: Bool
  ) throws(DomainError) -> Draft {
    let current = topic.summary.current?.number ?? 0
    guard case .resume(let reason) = request.action else {
      guard isAllowed(request, topic, access) else {
        throw DomainError(.forbidden, "Only the assigned accountant or an admin who takes part stops the clock.")
      }
      guard topic.caseOpen, topic.summary.waitingSince != nil else {
        throw DomainError(.conflict, "No client waits for an answer.")
      }
      guard !facts.paused.contains(request.topic) else { throw DomainError(.conflict, "The clock stands still already.") }
      return Draft(staff: staff, caseNumber: current)
    }
    // Whoever gives no reason ends it, and only the client's side has something to reject.
    guard isAllowed(request, topic, access), staff == (reason == nil) else {
      throw DomainError(.forbidden, "Staff who are assigned end a pause, and a client rejects it with a reason.")
    }
    guard facts.paused.contains(request.topic) else { throw DomainError(.conflict, "The clock does not stand still.") }
    return Draft(staff: staff, caseNumber: current, meta: .resume(staff ? .ended : .rejected))
  }
}

extension LogPlanner {
  /// Notes a row where the clock is known, because something is taken back or reopened in this batch.
  mutating func note(_ entry: LogEntry, opensCase: Bool) {
    guard facts.clocks[entry.topic] != nil else { return }
    if opensCase { facts.clocks[entry.topic]?.events.removeAll() }
    if let event = WorkEvent(entry) { facts.clocks[entry.topic]?.events.append(event) }
  }

  /// Since when a client waits after a row that counts backwards: a message that was taken back, a case that goes on. The fold says it: an answer that
  /// was taken back is none; a question that was is waited for no more, unless its target was used up by then.
  func restored(_ topic: TopicID, else known: Timestamp?) -> Timestamp? {
    guard let clock = facts.clocks[topic] else { return known }
    return clock.waitingSince
  }
}

extension LogPlanner {
  /// Closes a case in nobody's name: one without a word for long, unless somebody may have spoken or closed it since it was found, or one of a
  /// company that leaves.
  mutating func expire(_ request: ExpiryRequest) -> LogResult {
    guard let topic = facts.topics[request.topic], let current = topic.summary.current, topic.caseOpen
    else { return .refused(DomainError(.conflict, "The case is closed.")) }
    var meta: EntryMeta?
    switch request.cause {
    case .silence(let since):
      guard let word = facts.words[request.topic], word <= since else {
        return .refused(DomainError(.conflict, "Somebody has spoken."))
      }
    case .companyLeft: meta = .left
    }
    // What the system says of a close is no secret, and has no salt.
    let row = HashChain.Row(
      topic: request.topic, seq: topic.summary.head + 1, at: request.at, author: nil, kind: .close, staff: true, holding: false,
      caseNumber: current.number, message: 0, version: 0, reply: 0, stars: 0, meta: meta?.encoded(salt: []) ?? "", bodyHash: nil)
    return .appended(add(row, meta: meta, body: nil, by: nil, to: topic), isReplay: false)
  }
}
