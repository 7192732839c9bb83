import Domain

extension LogPlanner {
  /// What a message's row says of its documents: the author's own, uploaded into this topic from this side, and in no message yet. Whatever is
  /// another's or elsewhere is not there.
  func check(
    _ documents: [DocumentID], of request: LogRequest, staff: Bool
  ) throws(DomainError) -> [EntryDocument] {
    var entries: [EntryDocument] = []
    for document in documents {
      guard let found = facts.documents[document], found.topic == request.topic, found.uploader == request.account else {
        throw .notFound
      }
      guard found.message == 0 else { throw DomainError(.conflict, "A document belongs to another message.") }
      // A client's upload is not stamped: nobody who has changed sides meanwhile sends it as staff.
      guard found.staff == staff else { throw DomainError(.conflict, "A document was uploaded from the other side.") }
      entries.append(found.entry)
    }
    return entries
  }

  /// The next step of the work on a client's document.
  func check(
    _ document: DocumentID, becomes state: DocumentState, _ request: LogRequest, _ topic: LogFacts.Topic,
    _ access: LogFacts.Access, staff: Bool
  ) throws(DomainError) -> Draft {
    guard let found = facts.documents[document], found.topic == request.topic, found.message > 0,
      let target = facts.targets[.init(topic: request.topic, seq: found.message)]
    else { throw .notFound }
    guard isAllowed(request, topic, access), staff == (state != .returned) else {
      throw DomainError(.forbidden, "Staff who are assigned process a document, and a client sends it back.")
    }
    guard !found.staff else { throw DomainError(.forbidden, "Only documents of clients are worked on.") }
    guard !target.isGone else { throw DomainError(.conflict, "The message has been taken back or redacted.") }
    guard found.state.next(staff: staff) == state else {
      throw DomainError(.conflict, "The document is in another state: \(found.state.rawValue).")
    }
    return Draft(
      staff: staff, caseNumber: target.caseNumber, message: found.message, meta: .mark(document, state))
  }
}
