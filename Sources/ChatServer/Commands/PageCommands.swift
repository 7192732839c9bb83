import Domain
import Storage

/// `history` and `versions`: pages of the log, straight from Postgres.
extension Hub {
  func look(_ page: PageRequest, id: Int64?, _ socket: HubSocket) {
    guard mayRead(socket) else { return send(Answer.refusal(id, .unavailable), socket) }
    socket.reads += 1
    let ticket = SocketTicket(socket: socket.id, id: id, stamp: socket.stamp)
    let (account, session, at) = (socket.account, socket.identity.session, clock.now())
    read(
      { database in
        switch page {
        case .history(let topic, let before, let after, let limit):
          try TopicLog.history(
            topic: topic, account: account, session: session, before: before, after: after, limit: limit, at: at, in: database)
        case .versions(let topic, let message):
          try TopicLog.versions(topic: topic, account: account, session: session, message: message, at: at, in: database)
        }
      }, { .page(ticket, page, $0) })
  }

  func answer(_ ticket: SocketTicket, _ request: PageRequest, _ result: Result<LogPage, DomainError>) {
    guard let socket = sockets[ticket.socket] else { return }
    socket.reads -= 1
    // Access changed while the page was being read: what was read may be too much.
    guard ticket.stamp == socket.stamp else { return look(request, id: ticket.id, socket) }
    switch result {
    case .failure(let error): refuse(ticket.id, error, socket)
    case .success(let page) where page.until.map { $0 <= clock.now() } ?? false:
      refuse(ticket.id, .needsObservation, socket)
    case .success(let page):
      let frame = Answer.ok(ticket.id, capacity: 256 + page.entries.count * 400) { json in
        json.openObject()
        json.name("topic")
        switch request {
        case .history(let topic, _, _, _): json.value(topic.rawValue)
        case .versions(let topic, let message):
          json.value(topic.rawValue)
          json.name("message")
          json.value(message)
        }
        json.name("entries")
        json.entries(page.entries, for: EntryReader(page.rights))
        json.name("more")
        json.value(page.hasMore)
        json.name("people")
        json.people(page.people)
        json.closeObject()
      }
      send(frame, socket)
    }
  }
}
